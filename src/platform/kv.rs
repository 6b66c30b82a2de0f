//! The copy: Workers KV.

use super::{
    costs::{Cost, Costs},
    js::{self, Thrown},
};
use crate::ports::{Cache, CacheError};
use wasm_bindgen::JsValue;

/// A KV binding.
#[derive(Debug)]
pub(crate) struct Kv(pub(super) js::Namespace, pub(super) Costs);

impl From<Thrown> for CacheError {
    fn from(Thrown(why): Thrown) -> Self {
        Self(why)
    }
}

impl Cache for Kv {
    async fn get(&self, key: &str) -> Result<Option<String>, CacheError> {
        self.1.add(Cost::Gets, 1);
        Ok(js::settled(self.0.get(key)).await?.as_string())
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds fit 53 bits for ages")]
    async fn put(
        &self,
        key: &str,
        value: String,
        ttl_seconds: Option<u64>,
    ) -> Result<(), CacheError> {
        self.1.add(Cost::Puts, 1);
        let ttl = ttl_seconds.map_or(JsValue::UNDEFINED, |s| JsValue::from_f64(s as f64));
        let options = js::object(&[("expirationTtl", ttl)])?;
        js::settled(self.0.put(key, &value, &options)).await?;
        Ok(())
    }
}
