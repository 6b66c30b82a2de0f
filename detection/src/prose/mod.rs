//! Reads what the prose of a skill tells an agent to do, in several languages of people.
//!
//! A word of prose has an honest reading nearly always: "do not tell the user" stands in texts on prices, on tone, on
//! keys. So words alone decide nothing here. A text is split into passages (`markdown`, `fields`) and sentences
//! (`token`); small lexicons, kept as data in `data/prose/`, say what a word may do in a sentence (`lexicon`); the
//! grammar of the sentence says what it does: who is told, what is the object, what is negated, quoted or only reported
//! (`marks`). Two of these facts, tied in one sentence or in sentences that adjoin, make a chain (`correlate`).
//!
//! Splitting takes time linear in the text. Reading a sentence takes time quadratic in its phrases, of which it has a
//! bounded number, and [`Limits::work`] bounds the sum over the text. Nothing recurses: an encoded text in a hidden place
//! is decoded once.

mod blob;
mod class;
mod compared;
mod concealment;
mod correlate;
mod covert;
mod fields;
mod fold;
mod grammar;
mod harm;
mod hidden;
mod inline;
mod language;
mod lexicon;
mod markdown;
mod marks;
mod mention;
mod object;
mod shown;
mod standing;
mod token;
mod yaml;

use crate::{Chain, Limits};

pub use mention::{Manner, Mention, mentions};
pub use shown::{Shown, shown};

/// How much of one file's prose is read: work for 1 MiB of text whose sentences do not end, eight times over.
pub const LIMITS: Limits = Limits {
    commands: 0,
    depth: 0,
    work: 16 << 20,
    exhausted: false,
    too_deep: false,
    value_bytes: 0,
};

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Markdown with front matter, comments and HTML.
    Markdown,
    /// Plain text: paragraphs with blank lines between them.
    Text,
    /// Descriptions in JSON, with or without comments.
    Json,
    /// Descriptions in TOML.
    Toml,
    /// Descriptions in YAML.
    Yaml,
    /// Comments and descriptions in JavaScript and TypeScript.
    JavaScript,
    /// Comments, docstrings and descriptions in Python.
    Python,
    /// Comments of shell scripts.
    Shell,
}

/// Where a passage stands: who sees it, and who is spoken to there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the open text.
    Open,
    /// In a row of a table.
    Row,
    /// In a block of code.
    Code,
    /// In a comment of Markdown or HTML, which a rendered page does not show.
    Comment,
    /// In an element that its style hides, or in the text that stands for a picture.
    Unseen,
    /// In characters that no program shows.
    Invisible,
    /// In an encoded text of a hidden place.
    Encoded,
    /// In a description, which an agent reads before it chooses a tool or a skill.
    Description,
    /// In a comment of code.
    CodeComment,
    /// In a text that a program writes into a file of an agent's memory.
    Memory,
}

impl Place {
    /// Whether people who read the rendered text do not see it.
    const fn is_hidden(self) -> bool {
        matches!(self, Self::Comment | Self::Unseen | Self::Invisible | Self::Encoded)
    }
}

/// A paragraph, a list, a comment or a value: what is read as one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Passage {
    /// The characters without markup, each with its line in the source. A line end is the end of a sentence.
    chars: Vec<(char, u32)>,
    place: Place,
    /// It is shown, not said: a list of patterns, a sample of an attack.
    shown: bool,
    /// Whether it is an order's content, should the passage before it be such an order.
    content: bool,
}

impl Passage {
    fn of_text(text: &str, first_line: u32, place: Place) -> Self {
        let mut line = first_line;
        let mut chars = Vec::with_capacity(text.len());
        for c in text.chars() {
            chars.push((if c == '\n' { ' ' } else { c }, line));
            if c == '\n' {
                line = line.saturating_add(1);
            }
        }
        Self { chars, place, shown: false, content: false }
    }
}

/// The chains in a text, at its lines; in the order of the text. Work is taken from `limits`, which say where it did not
/// suffice.
#[must_use]
pub fn chains(form: Form, source: &str, limits: &mut Limits) -> Vec<Chain> {
    let mut passages = match form {
        Form::Markdown => markdown::passages(source),
        Form::Text => markdown::paragraphs(source),
        Form::Yaml => yaml::passages(source, yaml::Keys::Descriptions, 0),
        Form::Json | Form::Toml | Form::JavaScript | Form::Python | Form::Shell => {
            fields::code(form, source)
        }
    };
    passages.extend(hidden::tag_messages(source));
    let decoded = blob::decoded(&passages, limits);
    passages.extend(decoded);
    let mut chains = correlate::chains(&passages, limits);
    if matches!(form, Form::JavaScript | Form::Python | Form::Shell) {
        chains.extend(standing::written_hook(source));
    }
    chains
}

#[cfg(test)]
mod tests;
