//! The token that a job of GitHub Actions shows in place of a signature: a JSON Web Token (RFC 7519),
//! signed by GitHub.
//!
//! What it must say is compared whole with what is configured. `sub` is never looked at: its form
//! is the repository owner's to change.

use crate::model::{RsaKey, TrustedWorkflow};
use skillgate_contract::{
    Millis,
    json::{self, JsonMembers},
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
    /// The bytes under the signature: header and payload as sent.
    pub signed: &'a [u8],
    /// The signature bytes, decoded from base64url.
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
    let mut header = members(header).ok_or(TokenError::Malformed)?;
    let mut claims = members(claims).ok_or(TokenError::Malformed)?;
    let signature = base64url(signature).ok_or(TokenError::Malformed)?;

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

fn members(part: &str) -> Option<JsonMembers> {
    json::parse(&String::from_utf8(base64url(part)?).ok()?)
}

/// Decodes base64url without padding (RFC 4648, section 5); nothing that is not the one way to write
/// its bytes. The crate's decoder, with the encoder that it checks itself by, is 3 KB of wasm.
fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut pending, mut count) = (0_u32, 0);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        pending = pending << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push(u8::try_from(pending >> count).ok()?);
            pending &= (1 << count) - 1;
        }
    }
    // A digit that begins no byte, or bits behind the last one.
    (count < 6 && pending == 0).then_some(decoded)
}

/// The public keys of an issuer, as they were at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet {
    /// When they were fetched.
    pub fetched_at: Millis,
    keys: Vec<(String, RsaKey)>,
}

impl KeySet {
    /// Reads a JSON Web Key Set (RFC 7517), leaving out the keys that sign no RS256. `None` where it
    /// is none, or has no such key.
    #[must_use]
    pub fn read(text: &str, fetched_at: Millis) -> Option<Self> {
        let mut set: JsonMembers = json::parse(text)?;
        let keys: Vec<JsonMembers> = set.take("keys")?;
        let keys: Vec<_> = keys.into_iter().take(MAX_KEYS).filter_map(rs256_key).collect();
        if keys.is_empty() { None } else { Some(Self { fetched_at, keys }) }
    }

    /// What is kept of an issuer's answer: its time, and all of it.
    #[must_use]
    pub fn to_keep(answer: &str, fetched_at: Millis) -> String {
        format!("{} {answer}", fetched_at.0)
    }

    /// Reads what [`Self::to_keep`] made.
    #[must_use]
    pub fn read_kept(text: &str) -> Option<Self> {
        let (fetched_at, answer) = text.split_once(' ')?;
        Self::read(answer, Millis(fetched_at.parse().ok()?))
    }

    /// The key of a name.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<RsaKey> {
        self.keys.iter().find(|(kid, _)| kid == id).map(|(_, key)| key.clone())
    }
}

fn rs256_key(mut key: JsonMembers) -> Option<(String, RsaKey)> {
    let mut is = |name: &str, expected: &str, must: bool| {
        key.take::<String>(name).map_or(!must, |value| value == expected)
    };
    if !(is("kty", "RSA", true) && is("alg", "RS256", false) && is("use", "sig", false)) {
        return None;
    }
    Some((key.take("kid")?, RsaKey { n: key.take("n")?, e: key.take("e")? }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn base64url_is_decoded_as_the_crate_does(
            bytes in proptest::collection::vec(any::<u8>(), 0..40), text in "[A-Za-z0-9_+/=-]{0,12}", any in any::<String>(),
        ) {
            let encoded = Base64UrlUnpadded::encode_string(&bytes);
            prop_assert_eq!(base64url(&encoded), Some(bytes));
            for text in [text, any] {
                prop_assert_eq!(base64url(&text), Base64UrlUnpadded::decode_vec(&text).ok());
            }
        }

        #[test]
        fn no_token_or_key_set_panics(
            token in any::<String>(), parts in proptest::collection::vec(any::<String>(), 3), set in any::<String>(), now in any::<i64>(),
        ) {
            let trusted = TrustedWorkflow {
                issuer: String::new(), repository_id: String::new(), workflow_ref: String::new(), git_ref: String::new(),
            };
            let encoded: Vec<_> = parts.iter().map(|part| Base64UrlUnpadded::encode_string(part.as_bytes())).collect();
            for token in [token, encoded.join(".")] {
                prop_assert!(read(&token, &trusted, "", Millis(now)).is_err());
            }
            let _ = KeySet::read(&set, Millis(now));
            let _ = KeySet::read_kept(&set);
        }
    }
}
