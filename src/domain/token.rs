//! The token that a job of GitHub Actions shows in place of a signature: a JSON Web Token (RFC 7519),
//! signed by GitHub.
//!
//! What it must say is compared whole with what is configured. `sub` is never looked at: its form
//! is the repository owner's to change.

use crate::{config::TrustedWorkflow, ports::RsaKey};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use skillgate_contract::{
    Millis,
    json::{self, Members},
};

/// How far the issuer's clock may be off, in milliseconds.
const LEEWAY_MS: i64 = Millis::MINUTE;
/// The longest name of a key.
const MAX_KEY_ID: usize = 200;
/// More keys than any issuer has at once.
const MAX_KEYS: usize = 100;

/// Why a token is not believed, for the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts, or a part is not what it must be.
    #[error("malformed token")]
    Malformed,
    /// Another algorithm than RS256, or extensions that must be understood.
    #[error("token of another algorithm")]
    Algorithm,
    /// A claim is missing, or not the configured one.
    #[error("wrong {0} in the token")]
    Claim(&'static str),
    /// It is over, or has not begun.
    #[error("token out of its time")]
    Time,
    /// No key of the issuer has signed it.
    #[error("wrong signature of the token")]
    Signature,
}

/// A token that is well formed and says what it must; whether its issuer has signed it is still to
/// be seen.
#[derive(Debug, PartialEq, Eq)]
pub struct UnprovenToken<'a> {
    /// Which of the issuer's keys has signed it, by its own word.
    pub key_id: String,
    /// What is signed.
    pub signed: &'a [u8],
    /// The signature.
    pub signature: Vec<u8>,
}

/// Reads a token and compares what it claims.
///
/// # Errors
/// [`TokenError`].
pub fn read<'a>(
    token: &'a str,
    trusted: &TrustedWorkflow,
    audience: &str,
    now: Millis,
) -> Result<UnprovenToken<'a>, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    let decoded = |part: &str| Base64UrlUnpadded::decode_vec(part).ok();
    let members =
        |part: &str| -> Option<Members> { json::parse(std::str::from_utf8(&decoded(part)?).ok()?) };
    let mut header = members(header).ok_or(TokenError::Malformed)?;
    let mut claims = members(claims).ok_or(TokenError::Malformed)?;
    let signature = decoded(signature).ok_or(TokenError::Malformed)?;

    let algorithm: Option<String> = header.take("alg");
    if algorithm.as_deref() != Some("RS256") || header.take::<serde_json::Value>("crit").is_some() {
        return Err(TokenError::Algorithm);
    }
    let key_id = header
        .take("kid")
        .filter(|id: &String| (1..=MAX_KEY_ID).contains(&id.len()))
        .ok_or(TokenError::Malformed)?;

    for (name, expected) in [
        ("iss", trusted.issuer.as_str()),
        ("aud", audience),
        ("repository_id", &trusted.repository_id),
        ("job_workflow_ref", &trusted.workflow_ref),
        ("ref", &trusted.git_ref),
    ] {
        if claims.take::<String>(name).as_deref() != Some(expected) {
            return Err(TokenError::Claim(name));
        }
    }
    let mut time = |name| {
        let seconds: i64 = claims.take(name).ok_or(TokenError::Claim(name))?;
        Ok(Millis(seconds.saturating_mul(1_000)))
    };
    let (end, begin, issued) = (time("exp")?, time("nbf")?, time("iat")?);
    let latest = now.plus(LEEWAY_MS);
    if end.plus(LEEWAY_MS) <= now || begin > latest || issued > latest {
        return Err(TokenError::Time);
    }
    Ok(UnprovenToken { key_id, signed: signed.as_bytes(), signature })
}

/// The public keys of an issuer, as they were at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet {
    /// When they were fetched.
    pub fetched_at: Millis,
    keys: Vec<(String, RsaKey)>,
}

/// As it stands in KV.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeptSet<'a> {
    fetched_at: i64,
    keys: Vec<KeptKey<'a>>,
}

#[derive(Serialize)]
struct KeptKey<'a> {
    kty: &'a str,
    kid: &'a str,
    n: &'a str,
    e: &'a str,
}

impl KeySet {
    /// Reads a JSON Web Key Set (RFC 7517), leaving out the keys that sign no RS256. `None` where it
    /// is none, or has no such key.
    #[must_use]
    pub fn read(text: &str, fetched_at: Millis) -> Option<Self> {
        let mut set: Members = json::parse(text)?;
        let keys: Vec<Members> = set.take("keys")?;
        let keys: Vec<_> = keys.into_iter().take(MAX_KEYS).filter_map(rs256_key).collect();
        if keys.is_empty() { None } else { Some(Self { fetched_at, keys }) }
    }

    /// Reads what [`Self::kept`] wrote.
    #[must_use]
    pub fn read_kept(text: &str) -> Option<Self> {
        let fetched_at = json::parse::<Members>(text)?.take("fetchedAt")?;
        Self::read(text, Millis(fetched_at))
    }

    /// The keys with their time, to be kept.
    #[must_use]
    pub fn kept(&self) -> String {
        let keys = self.keys.iter();
        let keys = keys.map(|(kid, key)| KeptKey { kty: "RSA", kid, n: &key.n, e: &key.e });
        let set = KeptSet { fetched_at: self.fetched_at.0, keys: keys.collect() };
        serde_json::to_string(&set).unwrap_or_default()
    }

    /// The key of a name.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<&RsaKey> {
        self.keys.iter().find(|(kid, _)| kid == id).map(|(_, key)| key)
    }
}

fn rs256_key(mut key: Members) -> Option<(String, RsaKey)> {
    let mut is = |name: &str, expected: &str, must: bool| {
        key.take::<String>(name).map_or(!must, |value| value == expected)
    };
    if !(is("kty", "RSA", true) && is("alg", "RS256", false) && is("use", "sig", false)) {
        return None;
    }
    Some((key.take("kid")?, RsaKey { n: key.take("n")?, e: key.take("e")? }))
}
