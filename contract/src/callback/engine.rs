//! Which of a tool's two programs read the files.

use serde::{Deserialize, Serialize};

/// The program that matched the rules. Absent where a tool has only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// semgrep's native program, started without Python.
    Native,
    /// The tool's own command line.
    Python,
}

impl Engine {
    /// Every engine.
    const ALL: [Self; 2] = [Self::Native, Self::Python];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Python => "python",
        }
    }

    /// The engine of a word. An unknown one, of a newer scanner, is none: it decides nothing, and no verdict must be
    /// lost over it.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.as_str() == word)
    }
}
