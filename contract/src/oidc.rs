//! A callback without a shared secret: a job of GitHub Actions shows the token that GitHub's own
//! OpenID provider has signed for it (`permissions: id-token: write`).
//!
//! The job asks for a token whose audience names the receiver *and* the digest of the body, so a
//! token holds for that one body alone: seen by somebody else, it can only repeat what was said.
//! It travels as `authorization: Bearer <token>` with the callback, in place of the signature.
//!
//! <https://docs.github.com/en/actions/reference/security/oidc>

use sha2::{Digest, Sha256};

/// Who signs the tokens of GitHub's own Actions, and below what its keys are.
pub const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// Behind the issuer: its public keys, as a JSON Web Key Set (RFC 7517).
pub const KEYS_PATH: &str = "/.well-known/jwks";
/// The header that carries the token.
pub const TOKEN_HEADER: &str = "authorization";
/// The longest token that is read, in bytes; GitHub's have about 2,000.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The audience of the token for one body: `{PLATFORM_URL}#sha256:{64 hex}`. In the query of the
/// request for the token it must be percent-encoded.
#[must_use]
pub fn audience(platform_url: &str, body: &[u8]) -> String {
    format!("{platform_url}#sha256:{}", hex::encode(Sha256::digest(body)))
}

/// The value of [`TOKEN_HEADER`].
#[must_use]
pub fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The token in the value of [`TOKEN_HEADER`]; `None` where it holds none, or none of a size that
/// is read.
#[must_use]
pub fn token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let is_token = scheme.eq_ignore_ascii_case("bearer")
        && !token.is_empty()
        && token.len() <= MAX_TOKEN_BYTES
        && token.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    is_token.then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audience_names_receiver_and_body() {
        assert_eq!(
            audience("https://skills.example", b"Hello, World!"),
            "https://skills.example#sha256:dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f"
        );
    }

    #[test]
    fn a_token_comes_out_of_its_header_as_it_went_in() {
        assert_eq!(token(&bearer("a.b.c")), Some("a.b.c"));
        assert_eq!(token("bearer x"), Some("x"));
        for bad in
            ["", "Bearer", "Bearer ", "Basic x", "Bearer a b", "Bearer a, Bearer b", "Bearer ä"]
        {
            assert_eq!(token(bad), None, "{bad}");
        }
        assert_eq!(token(&bearer(&"x".repeat(MAX_TOKEN_BYTES + 1))), None);
    }
}
