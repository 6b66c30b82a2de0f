//! A tool's matches and complaints in one form.

use super::severity::{Grade, Level};

/// What a tool printed, read whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ToolOutput {
    /// The tool's own version.
    pub version: String,
    /// Every match, canaries and planted positives among them.
    pub hits: Vec<Hit>,
    /// Everything the tool complained of.
    pub faults: Vec<Fault>,
}

/// One match, at its place in the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The rule's id.
    pub rule: String,
    /// The file's name in the copy's one folder.
    pub name: String,
    /// First line in the copy.
    pub line: u32,
    /// Last line in the copy.
    pub end_line: u32,
    /// First column, counted from 1.
    pub col: u32,
    /// The column behind the last one.
    pub end_col: u32,
    /// A chain in a string of a program or a setting, where nothing says that it is run.
    pub loose: bool,
    /// The rule's sentence.
    pub message: String,
    /// The rule's severity.
    pub level: Level,
    /// `metadata.category`.
    pub category: String,
    /// `metadata.confidence`.
    pub confidence: Grade,
    /// `metadata.likelihood`.
    pub likelihood: Grade,
    /// The facts that together are the match; empty where it is one place.
    pub steps: Vec<Step>,
}

/// One fact of a chain, at its place in the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The fact's name on the wire.
    pub fact: &'static str,
    /// The line in the copy.
    pub line: u32,
}

/// One complaint of a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// What kind, in the tool's own word.
    pub kind: String,
    /// The file in the copy, where it is about one.
    pub name: Option<String>,
    /// The rule, where it is about one.
    pub rule: Option<String>,
    /// What the tool said.
    pub message: String,
}

/// The output cannot be believed, because it cannot be read whole.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Nothing at all was printed.
    #[error("it printed nothing")]
    Empty,
    /// No JSON, or not the JSON of this tool, or half of it.
    #[error("its output is not whole: {0}")]
    Json(#[from] serde_json::Error),
    /// A number that must be there is not.
    #[error("its output lacks {0}")]
    Lacks(&'static str),
}

/// The last segment of a path that a tool printed: in a copy of one folder, the file's name.
pub(crate) fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// Refuses output without any content.
pub(crate) fn not_empty(bytes: &[u8]) -> Result<&[u8], ParseError> {
    if bytes.iter().all(u8::is_ascii_whitespace) { Err(ParseError::Empty) } else { Ok(bytes) }
}
