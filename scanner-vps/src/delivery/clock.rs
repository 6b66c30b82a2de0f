//! Time and chance, as inputs.

use skillgate_contract::Millis;
use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Tells the time; tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Millis + Send + Sync>);

impl Clock {
    /// The machine's own clock. One that stands before 1970 reads as 1970.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        })
    }

    /// A clock that asks this function.
    pub fn new(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Millis {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// 32 hex digits that no other call returns. Unique, not secret: it names requests and deliveries.
#[must_use]
pub fn unique_id() -> String {
    // The standard library seeds each `RandomState` from the system's randomness.
    format!("{:016x}{:016x}", random_word(), random_word())
}

/// Any byte, to spread waits with.
#[must_use]
pub fn chance() -> u8 {
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
