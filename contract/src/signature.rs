//! The signature of a callback: made by a scanner, checked by the worker.
//!
//! HMAC-SHA256 over the raw body, as GitHub signs its webhooks. Each attempt of a scan has a key of
//! its own, derived from the master secret, the scan's id and the attempt. A self-hosted scanner holds
//! nothing with which the result of another scan, or of a later attempt, could be forged. The time
//! stands inside the signed body.

use crate::{Millis, ScanId};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-webhook-signature";
/// How far the signed time may lie from the receiver's, in either direction.
pub const TOLERANCE_MS: i64 = 5 * Millis::MINUTE;
/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What a secret must have at least that the worker and its scanners share, in characters.
pub const MIN_SECRET_CHARS: usize = 16;
const SCAN_KEY_CONTEXT: &str = "skillgate-scan:";

/// A key that signs callbacks. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct SigningKey(Vec<u8>);

/// A secret must not be empty: an empty key would verify anybody's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty")]
pub struct EmptySecret;

impl SigningKey {
    /// The key of a secret, byte for byte.
    ///
    /// # Errors
    /// [`EmptySecret`], where there is not one byte.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, EmptySecret> {
        let secret = secret.into();
        if secret.is_empty() { Err(EmptySecret) } else { Ok(Self(secret)) }
    }

    /// `callbackSecret`: 64 lower-case hex characters, hex of HMAC-SHA256(this key,
    /// `skillgate-scan:` + scan id + `:` + attempt).
    #[must_use]
    pub fn scan_secret(&self, scan: &ScanId, attempt: u32) -> String {
        self.derived(&format!("{scan}:{attempt}"))
    }

    /// The key of one attempt of a scan: the characters of [`Self::scan_secret`] as they stand.
    #[must_use]
    pub fn scan_key(&self, scan: &ScanId, attempt: u32) -> Self {
        Self(self.scan_secret(scan, attempt).into_bytes())
    }

    /// The key that earlier releases gave out for all attempts of a scan: the hex characters of
    /// HMAC-SHA256(this key, `skillgate-scan:` + scan id).
    #[must_use]
    pub fn old_scan_key(&self, scan: &ScanId) -> Self {
        Self(self.derived(scan.as_str()).into_bytes())
    }

    fn derived(&self, subject: &str) -> String {
        hex::encode(self.mac(&[SCAN_KEY_CONTEXT.as_bytes(), subject.as_bytes()]))
    }

    /// The header's value for a body: `sha256=` and 64 lower-case hex digits.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        format!("sha256={}", hex::encode(self.mac(&[body])))
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.hasher();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length; no input reaches this")]
    fn hasher(&self) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC keys have no wrong length")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

/// Why a callback is not believed. All of these are answered with one and the same 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The request has no signature header.
    #[error("no signature")]
    Missing,
    /// Not one known scheme followed by exactly 64 hex digits.
    #[error("malformed signature")]
    Malformed,
    /// No key signed this body.
    #[error("wrong signature")]
    Wrong,
    /// The signed time is missing or no integer.
    #[error("no usable timestamp")]
    Timestamp,
    /// More than five minutes ago.
    #[error("timestamp too old")]
    TooOld,
    /// More than five minutes ahead.
    #[error("timestamp in the future")]
    InFuture,
}

/// Checks a signature header over a raw body against several keys (one secret per rotation step,
/// and the scan's own key under each). Every key is tried, in constant time each, so timing does
/// not tell which one held.
///
/// # Errors
/// [`SignatureError`], for the log only.
pub fn verify(
    keys: &[SigningKey],
    header: Option<&str>,
    body: &[u8],
) -> Result<(), SignatureError> {
    let signature = decode_header(header.ok_or(SignatureError::Missing)?)?;
    let mut matched = false;
    for key in keys {
        let mut mac = key.hasher();
        mac.update(body);
        matched |= mac.verify_slice(&signature).is_ok();
    }
    if matched { Ok(()) } else { Err(SignatureError::Wrong) }
}

/// `sha256=`, `hmac-sha256=` or nothing, then exactly 64 hex digits of either case. Two headers
/// arrive joined by a comma and are refused with everything else.
fn decode_header(header: &str) -> Result<[u8; 32], SignatureError> {
    let digits = header
        .strip_prefix("sha256=")
        .or_else(|| header.strip_prefix("hmac-sha256="))
        .unwrap_or(header);
    let mut signature = [0; 32];
    hex::decode_to_slice(digits, &mut signature).map_err(|_| SignatureError::Malformed)?;
    Ok(signature)
}

/// Checks the time inside a body whose signature holds, from the raw text of its JSON field.
///
/// # Errors
/// [`SignatureError::Timestamp`], `TooOld` or `InFuture`.
pub fn check_timestamp(raw: Option<&str>, now: Millis) -> Result<Millis, SignatureError> {
    let signed: i64 = raw.and_then(|text| text.parse().ok()).ok_or(SignatureError::Timestamp)?;
    let age = i128::from(now.0) - i128::from(signed);
    if age > i128::from(TOLERANCE_MS) {
        Err(SignatureError::TooOld)
    } else if age < -i128::from(TOLERANCE_MS) {
        Err(SignatureError::InFuture)
    } else {
        Ok(Millis(signed))
    }
}

/// Compares two secrets without telling by time where they differ.
#[must_use]
pub fn secrets_match(expected: &str, given: &str) -> bool {
    // Comparing MACs under one key makes the time independent of content and of both lengths.
    let key = SigningKey(SCAN_KEY_CONTEXT.as_bytes().to_vec());
    let mut mac = key.hasher();
    mac.update(given.as_bytes());
    !expected.is_empty() && mac.verify_slice(&key.mac(&[expected.as_bytes()])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(secret: &str) -> SigningKey {
        SigningKey::new(secret).unwrap()
    }

    #[test]
    fn published_vectors_hold() {
        for line in include_str!("../testdata/hmac-vectors.tsv").lines() {
            if line.starts_with('#') || line.is_empty() {
                continue;
            }
            let mut columns = line.split('\t');
            let (secret, body, expected) =
                (columns.next().unwrap(), columns.next().unwrap(), columns.next().unwrap());
            assert_eq!(key(secret).sign(body.as_bytes()), expected, "{line}");
            assert_eq!(verify(&[key(secret)], Some(expected), body.as_bytes()), Ok(()));
        }
    }

    #[test]
    fn a_scan_key_is_the_hex_text_itself() {
        let scan: ScanId = "scan-1".parse().unwrap();
        let secret = key("master").scan_secret(&scan, 1);
        assert_eq!(secret.len(), 64);
        assert_eq!(key(&secret).sign(b"x"), key("master").scan_key(&scan, 1).sign(b"x"));
        let other: ScanId = "scan-2".parse().unwrap();
        assert_ne!(secret, key("master").scan_secret(&other, 1));
    }

    #[test]
    fn g41_a_scan_key_is_of_one_attempt_and_hashes_what_the_contract_says() {
        let scan: ScanId = "scan-1".parse().unwrap();
        let of = |attempt| key("master").scan_secret(&scan, attempt);
        assert_eq!(key("master").sign(b"skillgate-scan:scan-1:12"), format!("sha256={}", of(12)));
        assert_ne!(of(1), of(2));
        let old = hex::encode(key("master").mac(&[b"skillgate-scan:scan-1"]));
        assert_eq!(key("master").old_scan_key(&scan).sign(b"x"), key(&old).sign(b"x"));
    }

    #[test]
    fn g03_only_one_scheme_and_sixty_four_digits_are_a_signature() {
        let (k, body) = ([key("s")], b"body");
        let good = k[0].sign(body);
        let digits = good.strip_prefix("sha256=").unwrap();
        for ok in [
            good.clone(),
            format!("hmac-sha256={digits}"),
            digits.to_owned(),
            format!("sha256={}", digits.to_uppercase()),
        ] {
            assert_eq!(verify(&k, Some(&ok), body), Ok(()), "{ok}");
        }
        for bad in [
            String::new(),
            "sha256=".into(),
            format!("sha1={digits}"),
            format!("SHA256={digits}"),
            format!("sha256={}", digits.get(..63).unwrap()),
            format!("sha256={digits}0"),
            format!("{good}, {good}"),
            format!("sha256=sha256={digits}"),
            format!(" {good}"),
            format!("sha256={}zz", digits.get(..62).unwrap()),
        ] {
            assert_eq!(verify(&k, Some(&bad), body), Err(SignatureError::Malformed), "{bad}");
        }
        assert_eq!(verify(&k, None, body), Err(SignatureError::Missing));
        assert_eq!(verify(&k, Some(&good), b"other"), Err(SignatureError::Wrong));
        assert_eq!(verify(&[], Some(&good), body), Err(SignatureError::Wrong));
        assert_eq!(verify(&[key("t"), key("s")], Some(&good), body), Ok(()));
        assert!(SigningKey::new("").is_err());
        assert_eq!(format!("{:?}", k[0]), "SigningKey([redacted])");
    }

    #[test]
    fn g16_five_minutes_either_way() {
        let now = Millis(1_769_990_400_000);
        let at = |ms: i64| check_timestamp(Some(&(now.0 + ms).to_string()), now);
        assert!(at(-299_000).is_ok() && at(299_000).is_ok() && at(300_000).is_ok());
        assert_eq!(at(-301_000), Err(SignatureError::TooOld));
        assert_eq!(at(301_000), Err(SignatureError::InFuture));
        assert_eq!(check_timestamp(Some(&i64::MIN.to_string()), now), Err(SignatureError::TooOld));
        assert_eq!(
            check_timestamp(Some(&i64::MAX.to_string()), now),
            Err(SignatureError::InFuture)
        );
        for bad in ["\"1769990400000\"", "1e400", "NaN", "1769990400000.0", "", "true", "[]"] {
            assert_eq!(check_timestamp(Some(bad), now), Err(SignatureError::Timestamp), "{bad}");
        }
        assert_eq!(check_timestamp(None, now), Err(SignatureError::Timestamp));
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(secrets_match("abc", "abc"));
        for (a, b) in [("abc", "abd"), ("abc", "ab"), ("abc", ""), ("", "")] {
            assert!(!secrets_match(a, b));
        }
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_and_nothing_else(
            secret in ".{1,40}", body in proptest::collection::vec(any::<u8>(), 0..200), flip in any::<usize>(),
        ) {
            let k = [key(&secret)];
            let header = k[0].sign(&body);
            prop_assert_eq!(verify(&k, Some(&header), &body), Ok(()));
            let mut forged = header.into_bytes();
            let at = 7 + flip % 64;
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            let forged = String::from_utf8(forged).unwrap();
            prop_assert_eq!(verify(&k, Some(&forged), &body), Err(SignatureError::Wrong));
        }

        #[test]
        fn no_header_panics(header in any::<String>(), raw in any::<String>(), now in any::<i64>()) {
            let _ = verify(&[key("s")], Some(&header), b"");
            let _ = check_timestamp(Some(&raw), Millis(now));
        }
    }
}
