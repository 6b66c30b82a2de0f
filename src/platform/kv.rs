//! The copy: Workers KV.

use crate::ports::{Cache, CacheError};
use worker::kv::{KvError, KvStore};

/// A KV binding.
pub(crate) struct Kv(pub(super) KvStore);

impl std::fmt::Debug for Kv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kv")
    }
}

fn failed(error: KvError) -> CacheError {
    CacheError(error.to_string())
}

impl Cache for Kv {
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        self.0.get(key).text().await.map_err(failed)
    }

    async fn put(
        &self,
        key: &str,
        value: String,
        ttl_seconds: Option<u64>,
    ) -> Result<(), CacheError> {
        let mut put = self.0.put(key, value).map_err(failed)?;
        if let Some(seconds) = ttl_seconds {
            put = put.expiration_ttl(seconds);
        }
        put.execute().await.map_err(failed)
    }
}
