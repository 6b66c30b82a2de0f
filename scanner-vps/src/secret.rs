//! A secret value that cannot be printed by accident.

use std::fmt;

/// A secret text. `Debug` prints `[redacted]` in its place, and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text. The caller has checked its length and characters.
    pub(crate) const fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for a comparison or for the header that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}
