//! Paths of a repository as reports show them.

use skillgate_contract::{callback::FileNote, text};

/// Characters of a path that are shown.
const SHOWN_PATH: usize = 500;

/// A path as valid UTF-8 on one line, at most 500 characters long.
#[must_use]
pub(crate) fn shown(path: &[u8]) -> String {
    text::line(&String::from_utf8_lossy(path), SHOWN_PATH)
}

/// A note on the file at this path.
#[must_use]
pub(crate) fn note(path: &[u8], reason: impl Into<String>) -> FileNote {
    FileNote::new(shown(path), reason)
}
