//! What is known of a piece of data before anything runs: its text, and where it comes from.

use crate::{Step, host::Host};

/// Stands in a text for what is not known before it runs.
pub(crate) const UNKNOWN: char = '\u{fffc}';

/// Where data comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Served by a host.
    Fetched(Host),
    /// Decoded from what was fetched.
    FetchedDecoded(Host),
    /// Decoded from a literal.
    Decoded,
    /// Read from a file of keys.
    Secret,
    /// Read from a file of tokens, which programs send in headers to the service that gave them.
    Token,
    /// The names and values of the whole environment.
    Environment,
    /// What an interactive shell answers.
    Shell,
    /// The output of a command that a host gave.
    Obeyed,
    /// Read from a socket that leads to a host.
    Received(Host),
    /// One variable of the environment that is known to hold a key.
    Variable,
}

impl Source {
    /// Whether it is a fact against the program by itself, whatever host is in it.
    fn weighs(&self) -> bool {
        match self {
            Self::Secret
            | Self::Token
            | Self::Environment
            | Self::Decoded
            | Self::Shell
            | Self::Obeyed => true,
            Self::Fetched(_) | Self::FetchedDecoded(_) | Self::Received(_) | Self::Variable => {
                false
            }
        }
    }
}

/// A source, and the step that a chain shows for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) source: Source,
    pub(crate) step: Step,
}

/// A piece of data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Value {
    /// Its text; [`UNKNOWN`] stands for each part that is not known.
    pub(crate) text: String,
    pub(crate) origins: Vec<Origin>,
    /// The origins say where a part of the text comes from; another part is written out.
    pub(crate) partial: bool,
}

/// Origins of a value: of each source, one is enough for a chain.
const MAX_ORIGINS: usize = 8;

impl Value {
    pub(crate) fn literal(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(crate) fn unknown() -> Self {
        Self::literal(UNKNOWN)
    }

    pub(crate) fn from(source: Source, step: Step) -> Self {
        Self { text: UNKNOWN.into(), origins: vec![Origin { source, step }], partial: false }
    }

    /// Whether its whole text is known, and there is some.
    pub(crate) fn is_literal(&self) -> bool {
        !self.text.is_empty() && !self.text.contains(UNKNOWN)
    }

    /// Adds data behind it, up to `most` bytes.
    pub(crate) fn append(&mut self, other: &Self, most: usize) {
        let written = |text: &str| text.contains(|c: char| c != UNKNOWN && !c.is_whitespace());
        let mixed = match (self.origins.is_empty(), other.origins.is_empty()) {
            (true, false) => written(&self.text),
            (false, true) => written(&other.text),
            _ => false,
        };
        self.partial |= other.partial || mixed;
        if self.text.len() + other.text.len() <= most {
            self.text.push_str(&other.text);
        } else if !self.text.ends_with(UNKNOWN) {
            self.text.push(UNKNOWN);
        }
        for origin in &other.origins {
            self.add(origin);
        }
    }

    /// Adds an origin. Where there is no room, a source that is new takes the place of one that is there twice, or else
    /// of one that says less: decoys must not hide it.
    fn add(&mut self, origin: &Origin) {
        if self.origins.contains(origin) {
            return;
        }
        if self.origins.len() < MAX_ORIGINS {
            return self.origins.push(origin.clone());
        }
        let count =
            |source: &Source| self.origins.iter().filter(|known| known.source == *source).count();
        if count(&origin.source) > 0 {
            return;
        }
        let place = self.origins.iter().rposition(|known| count(&known.source) > 1).or_else(|| {
            let weighs = origin.source.weighs();
            self.origins.iter().rposition(|known| weighs && !known.source.weighs())
        });
        if let Some(slot) = place.and_then(|at| self.origins.get_mut(at)) {
            *slot = origin.clone();
        }
    }

    /// Another text of the same origin.
    pub(crate) fn with_text(&self, text: impl Into<String>) -> Self {
        Self { text: text.into(), origins: self.origins.clone(), partial: self.partial }
    }

    /// The same data, with its text forgotten where `forgets`.
    pub(crate) fn changed_if(&self, forgets: bool) -> Self {
        if forgets { self.changed() } else { self.clone() }
    }

    /// The same data after a program has changed its text in a way that is not known.
    pub(crate) fn changed(&self) -> Self {
        self.with_text(UNKNOWN)
    }
}
