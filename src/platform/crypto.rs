//! Signatures by RSA: WebCrypto, which the runtime has, instead of 50 KB of our own.

use super::js::{self, Thrown};
use crate::ports::{CryptoError, RsaKey};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};

/// The name of RS256 without its digest.
const ALGORITHM: &str = "RSASSA-PKCS1-v1_5";

impl From<Thrown> for CryptoError {
    fn from(Thrown(why): Thrown) -> Self {
        Self(why)
    }
}

/// Whether a signature by RS256 holds.
pub(super) async fn verify_rs256(
    key: &RsaKey,
    signed: &[u8],
    signature: &[u8],
) -> Result<bool, CryptoError> {
    let crypto = js::property(&js_sys::global(), "crypto")?;
    let subtle: js::Subtle = js::property(&crypto, "subtle")?.unchecked_into();
    let jwk = js::object(&[
        ("kty", "RSA".into()),
        ("n", key.n.as_str().into()),
        ("e", key.e.as_str().into()),
    ])?;
    let algorithm = js::object(&[("name", ALGORITHM.into()), ("hash", "SHA-256".into())])?;
    let uses = Array::of1(&JsValue::from("verify"));
    let key = js::settled(subtle.import_key("jwk", &jwk, &algorithm, false, &uses)).await?;
    let (signature, signed) = (Uint8Array::from(signature), Uint8Array::from(signed));
    let holds = js::settled(subtle.verify(ALGORITHM, &key, &signature, &signed)).await?;
    Ok(holds.is_truthy())
}
