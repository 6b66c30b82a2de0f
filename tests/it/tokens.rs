//! The issuer of tokens: real RSA keys, made here, and tokens that they sign.

use base64ct::{Base64UrlUnpadded, Encoding};
use rsa::{
    BoxedUint, Generate, PrivateKey, PublicKey,
    pkcs1v15::{Signature, SigningKey, VerifyingKey},
    sha2::Sha256,
    signature::{SignatureEncoding, Signer, Verifier},
    traits::PublicKeyParts,
};
use serde_json::{Value as Json, json};
use skillgate_contract::oidc;
use skillgate_worker::ports::{CryptoError, RsaKey};
use std::sync::OnceLock;

pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";
pub(crate) const REPOSITORY_ID: &str = "4711";
pub(crate) const WORKFLOW_REF: &str =
    "owner/scans/.github/workflows/github-scan.yml@refs/heads/main";
pub(crate) const REF: &str = "refs/heads/main";
pub(crate) const KID: &str = "key-1";

pub(crate) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// What WebCrypto does in the worker.
pub(crate) fn verify(key: &RsaKey, signed: &[u8], signature: &[u8]) -> Result<bool, CryptoError> {
    let number = |text: &str| {
        let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|e| CryptoError(e.to_string()))?;
        Ok(BoxedUint::from_be_slice_vartime(&bytes))
    };
    let key = PublicKey::new(number(&key.n)?, number(&key.e)?)
        .map_err(|error| CryptoError(error.to_string()))?;
    let Ok(signature) = Signature::try_from(signature) else { return Ok(false) };
    Ok(VerifyingKey::<Sha256>::new(key).verify(signed, &signature).is_ok())
}

/// One of two key pairs that are made once for all tests: the issuer's own, and a stranger's or the
/// next one.
pub(crate) fn pair(at: usize) -> &'static PrivateKey {
    static PAIRS: [OnceLock<PrivateKey>; 2] = [OnceLock::new(), OnceLock::new()];
    PAIRS[at].get_or_init(PrivateKey::generate)
}

/// A key as its owner publishes it.
pub(crate) fn jwk(at: usize, kid: &str) -> Json {
    let key = pair(at);
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
        "n": base64url(&key.n_bytes()), "e": base64url(&key.e_bytes()), "x5t": "ignored"})
}

pub(crate) fn header() -> Json {
    json!({"typ": "JWT", "alg": "RS256", "kid": KID, "x5t": KID})
}

/// The claims of an honest job that reports this body at this time.
pub(crate) fn claims(now: i64, body: &[u8]) -> Json {
    let now = now / 1_000;
    json!({
        "iss": ISSUER, "aud": oidc::audience("https://skills.example", body),
        "sub": "repo:owner/scans:ref:refs/heads/main", "repository": "owner/scans",
        "repository_id": REPOSITORY_ID, "job_workflow_ref": WORKFLOW_REF, "ref": REF,
        "nbf": now - 300, "iat": now, "exp": now + 300, "jti": "c5f4a6f5", "run_attempt": "1",
    })
}

/// The token of an honest job.
pub(crate) fn token(now: i64, body: &[u8]) -> String {
    sign(0, &header(), &claims(now, body))
}

/// Signs whatever stands in header and claims.
pub(crate) fn sign(at: usize, header: &Json, claims: &Json) -> String {
    let part = |json: &Json| base64url(json.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = SigningKey::<Sha256>::new(pair(at).clone()).sign(signed.as_bytes());
    format!("{signed}.{}", base64url(&signature.to_bytes()))
}
