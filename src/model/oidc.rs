//! Tokens of GitHub Actions: whose are trusted, and the keys that verify them.

/// The workflow whose tokens authenticate a callback. Each claim must equal the value here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedWorkflow {
    /// `GITHUB_OIDC_ISSUER`, without a slash at the end.
    pub issuer: String,
    /// `GITHUB_OIDC_REPOSITORY_ID`: a name may pass to somebody else, the id does not.
    pub repository_id: String,
    /// `GITHUB_OIDC_WORKFLOW_REF`: `owner/repo/.github/workflows/github-scan.yml@refs/heads/main`.
    pub workflow_ref: String,
    /// `GITHUB_OIDC_REF`: `refs/heads/main`.
    pub git_ref: String,
}

/// A public key of RSA, as its owner publishes it (RFC 7518, section 6.3.1): base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RsaKey {
    /// The modulus `n` in base64url.
    pub n: String,
    /// The exponent `e` in base64url.
    pub e: String,
}
