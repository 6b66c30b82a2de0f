//! Random numbers for identifiers and for jitter. None of them is fit for a secret.

use std::hash::{BuildHasher, Hasher, RandomState};

/// 32 hex digits that no other call returns. Unique, not secret: it names requests and deliveries.
#[must_use]
pub fn unique_id() -> String {
    // The standard library seeds each `RandomState` from the system's randomness.
    format!("{:016x}{:016x}", random_word(), random_word())
}

/// A random byte, the jitter source of every backoff in this crate.
#[must_use]
pub fn jitter() -> u8 {
    let [byte, ..] = random_word().to_le_bytes();
    byte
}

fn random_word() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_ids_are_the_same() {
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| unique_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 32));
    }
}
