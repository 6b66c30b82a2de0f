//! Tokens as GitHub signs them, by keys that are made here.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use rsa::{
    PrivateKey,
    pkcs1v15::SigningKey,
    sha2::Sha256,
    signature::{SignatureEncoding as _, Signer as _},
    traits::PublicKeyParts as _,
};
use serde_json::{Value, json};

const KEY_ID: &str = "key-1";

/// What an issuer with this one key shows.
pub(crate) fn key_set(key: &PrivateKey) -> Value {
    json!({"keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
        "n": base64url(&key.n_bytes()), "e": base64url(&key.e_bytes()),
    }]})
}

/// A token that says this, signed.
pub(crate) fn signed(key: &PrivateKey, claims: &Value) -> String {
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": KEY_ID});
    let part = |json: &Value| base64url(json.to_string().as_bytes());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = SigningKey::<Sha256>::new(key.clone()).sign(signed.as_bytes());
    format!("{signed}.{}", base64url(&signature.to_bytes()))
}

fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
