//! Random numbers: for identifiers and for jitter, which are not fit for a secret, and for a secret.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io,
};
use tokio_rustls::rustls::crypto::ring;

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

/// 32 hex digits that nobody can guess.
///
/// # Errors
/// The system gives no random bytes.
pub fn secret() -> io::Result<String> {
    let mut bytes = [0; 16];
    ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| io::Error::other("the system gives no random bytes"))?;
    Ok(hex::encode(bytes))
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
