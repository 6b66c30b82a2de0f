//! The random part of canaries: the lines of our own that prove that a tool read a file to its end.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A mark that no repository can hold: 64 bits of the system's randomness. Its letters are no
/// hexadecimal digits, which detectors would take for a key behind a word such as `token`.
#[must_use]
pub fn mark() -> String {
    // The standard library seeds `RandomState` from the system.
    let word = RandomState::new().build_hasher().finish();
    let halves = word.to_le_bytes().into_iter().flat_map(|byte| [byte & 15, byte >> 4]);
    halves.map(|half| char::from(b'g' + half)).chain(['-']).collect()
}
