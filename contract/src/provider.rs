//! The list of providers: the tools that scan a skill.
//!
//! `providers!` is called once, below. A further provider is one further entry there: enum, order,
//! count, names on the wire, the schema and every text that lists the names follow from it.

use crate::json::FromJson;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What is fixed about a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderSpec {
    /// The name in URLs, payloads, keys and rows: lower-case ASCII letters. No name is the beginning
    /// of another, and none is `overall`, which the badges use.
    pub name: &'static str,
    /// The name as pages show it.
    pub label: &'static str,
    /// What the tool looks for: a phrase for pages, without a full stop.
    pub looks_for: &'static str,
    /// The absolute URL of the tool's own repository or site.
    pub home: &'static str,
    /// How much of the git history a scan covers; decides the depth of the clone.
    pub covers: History,
    /// Which files of a commit the tool gets to read.
    pub reads: Reads,
    /// Whether a scan also says what the scanner learns by itself about the files of the commit while it
    /// prepares them, whatever the tool: the findings `skillgate.evasion.binary-code`,
    /// `skillgate.evasion.source-encoding` and `skillgate.coverage.packed-code`, and, as gaps of the
    /// coverage, compiled code, archives that stay shut and Git LFS pointers that an interpreter or an agent would load. True for
    /// one provider only: otherwise a skill would have each twice. `skillgate.evasion.suppression` and
    /// `skillgate.evasion.ignore-file` do not depend on it: each provider reports what addresses its own
    /// tool.
    pub reports_evasion: bool,
}

/// How much of the git history a scan covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// The files of one commit; a clone of depth 1 suffices.
    OneCommit,
    /// The files of the commit, and every blob and commit message that leads to it.
    WholeHistory,
}

/// Which files of a commit a tool gets to read, and in what shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Every text, in each language as which it can be read; code inside of other files (blocks of
    /// Markdown, cells of notebooks, scripts of pages) once more by itself.
    AllText,
    /// JavaScript, TypeScript and templates, and the blocks of Markdown that hold such code.
    NodeCode,
    /// Every file undivided, binary files with their bytes.
    AllBytes,
}

/// Makes the enum and all that follows from the list of its entries. An entry may have one
/// `#[cfg(…)]` behind its documentation.
macro_rules! providers {
    ($(
        $(#[doc = $doc:literal])+
        $(#[cfg($cfg:meta)])?
        $variant:ident = $name:literal { $($spec:tt)* }
    )+) => {
        /// A tool that scans a skill; lower case wherever its name is written.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Provider {
            $(
                $(#[doc = $doc])+
                $(#[cfg($cfg)])?
                #[serde(rename = $name)]
                $variant,
            )+
        }

        impl Provider {
            /// How many providers there are.
            pub const COUNT: usize = [$($(#[cfg($cfg)])? Self::$variant),+].len();

            /// Every provider, in the order in which answers and pages list them.
            pub const ALL: [Self; Self::COUNT] = [$($(#[cfg($cfg)])? Self::$variant),+];

            /// The name of each, in this order.
            pub const NAMES: [&'static str; Self::COUNT] = [$($(#[cfg($cfg)])? $name),+];

            /// What is fixed about this provider.
            #[must_use]
            pub const fn spec(self) -> &'static ProviderSpec {
                match self {
                    $(
                        $(#[cfg($cfg)])?
                        Self::$variant => const { &ProviderSpec { name: $name, $($spec)* } },
                    )+
                }
            }
        }
    };
}

providers! {
    /// semgrep with the bundled rule pack.
    Semgrep = "semgrep" {
        label: "semgrep",
        looks_for: "Malice in code, scripts and instructions",
        home: "https://github.com/semgrep/semgrep",
        covers: History::OneCommit,
        reads: Reads::AllText,
        reports_evasion: true,
    }
    /// njsscan, for Node.js code and templates.
    Njsscan = "njsscan" {
        label: "njsscan",
        looks_for: "Weaknesses of Node.js code and templates",
        home: "https://github.com/ajinabraham/njsscan",
        covers: History::OneCommit,
        reads: Reads::NodeCode,
        reports_evasion: false,
    }
    /// trufflehog, for secrets in files and in the git history.
    Trufflehog = "trufflehog" {
        label: "trufflehog",
        looks_for: "Secrets in files and in the git history",
        home: "https://github.com/trufflesecurity/trufflehog",
        covers: History::WholeHistory,
        reads: Reads::AllBytes,
        reports_evasion: false,
    }
    /// A tool that does not exist. Only the CI test that runs the product with one provider more
    /// turns its feature on; no release does.
    #[cfg(feature = "fourth-provider")]
    Stub = "stubscan" {
        label: "stubscan",
        looks_for: "Nothing: it stands in for a tool that is still to come",
        home: "https://stubscan.example/",
        covers: History::OneCommit,
        reads: Reads::AllText,
        reports_evasion: false,
    }
}

impl Provider {
    /// The name in URLs, payloads, keys and rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.spec().name
    }

    /// Every name, in order, separated by commas but for the last, before which `last` stands:
    /// `names(" and ")`.
    #[must_use]
    pub fn names(last: &str) -> String {
        let mut names = String::new();
        for (index, provider) in Self::ALL.into_iter().enumerate() {
            match index {
                0 => {}
                _ if index + 1 == Self::COUNT => names.push_str(last),
                _ => names.push_str(", "),
            }
            names.push_str(provider.as_str());
        }
        names
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is no provider's name. Its message lists the names, and does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", Provider::names(", "))]
pub struct UnknownProvider;

impl FromJson for Provider {
    fn from_json(value: serde_json::Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|p| p.as_str() == s).ok_or(UnknownProvider)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_read_back_and_is_the_one_on_the_wire() {
        assert_eq!(Provider::ALL.len(), Provider::COUNT);
        for provider in Provider::ALL {
            let name = provider.as_str();
            assert_eq!(name.parse(), Ok(provider));
            assert_eq!(provider.to_string(), name);
            assert_eq!(serde_json::to_string(&provider).unwrap(), format!("\"{name}\""));
            assert_eq!(serde_json::from_str::<Provider>(&format!("\"{name}\"")).unwrap(), provider);
            assert_eq!(Provider::from_json(name.into()), Some(provider));
        }
        for other in ["", "Semgrep", "semgrep ", "overall"] {
            assert_eq!(other.parse::<Provider>(), Err(UnknownProvider), "{other}");
        }
    }

    #[test]
    fn names_are_plain_and_none_is_the_beginning_of_another() {
        for provider in Provider::ALL {
            let name = provider.as_str();
            assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
            assert_ne!(name, "overall");
            let begun = Provider::ALL.into_iter().filter(|other| other.as_str().starts_with(name));
            assert_eq!(begun.count(), 1, "{name}");
        }
    }

    #[test]
    fn what_is_fixed_about_a_provider_is_filled_in() {
        for provider in Provider::ALL {
            let spec = provider.spec();
            assert!(!spec.label.is_empty() && !spec.looks_for.is_empty(), "{provider}");
            assert!(!spec.looks_for.ends_with('.'), "{provider}");
            assert!(spec.home.starts_with("https://"), "{provider}");
        }
        let evasion = Provider::ALL.into_iter().filter(|p| p.spec().reports_evasion);
        assert_eq!(evasion.count(), 1);
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_list() {
        let names: Vec<_> = Provider::ALL.iter().map(|provider| provider.as_str()).collect();
        assert_eq!(UnknownProvider.to_string(), format!("must be one of {}", names.join(", ")));
        let (last, others) = names.split_last().unwrap();
        assert_eq!(Provider::names(" or "), format!("{} or {last}", others.join(", ")));
    }
}
