//! `POST /scan`: what the worker asks of a scanner.

use crate::{
    CommitSha, Provider, RepoUrl, ScanId, SkillName, SkillPath,
    object::{FieldError, FieldReader, JsonObject},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The fields of a scan request; each may stand in the body once.
pub const KNOWN_FIELDS: &[&str] = &[
    "repoUrl",
    "skillName",
    "provider",
    "callbackUrl",
    "callbackSecret",
    "commitSha",
    "scanId",
    "attempt",
    "skillPath",
];

/// The largest scan request that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// One scan to run, and where to report it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanRequest {
    /// The repository to clone.
    pub repo_url: RepoUrl,
    /// The skill's full name.
    pub skill_name: SkillName,
    /// Which tool to run.
    pub provider: Provider,
    /// Where to report. The scanner compares it with its own configured origins.
    pub callback_url: String,
    /// What to sign the report with.
    pub callback_secret: CallbackSecret,
    /// The commit to scan; without it, the repository's HEAD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<CommitSha>,
    /// Which scan this is; without it, the one active scan of skill and provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_id: Option<ScanId>,
    /// Which dispatch of the scan this is, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The folder of the skill, in a repository of many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill_path: Option<SkillPath>,
}

/// The key of one scan's callback. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallbackSecret(String);

impl CallbackSecret {
    /// The secret, to make a key of.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The secret is empty or absurdly long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 512 characters")]
pub struct CallbackSecretError;

impl std::str::FromStr for CallbackSecret {
    type Err = CallbackSecretError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if (1..=512).contains(&s.len()) { Ok(Self(s.to_owned())) } else { Err(CallbackSecretError) }
    }
}

impl TryFrom<String> for CallbackSecret {
    type Error = CallbackSecretError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<CallbackSecret> for String {
    fn from(secret: CallbackSecret) -> Self {
        secret.0
    }
}

impl fmt::Debug for CallbackSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallbackSecret([redacted])")
    }
}

impl ScanRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        let mut r = FieldReader::new(object);
        let repo_url = r.required("repoUrl");
        let skill_name = r.required("skillName");
        let provider = r.required("provider");
        let callback_url: Option<String> = r.required("callbackUrl");
        if callback_url.as_ref().is_some_and(|url| !is_plain_url(url)) {
            r.fault("/callbackUrl", "must be an http or https URL of at most 2000 characters");
        }
        let callback_secret = r.required("callbackSecret");
        let commit_sha = r.optional("commitSha");
        let scan_id = r.optional("scanId");
        let attempt: Option<u32> = r.json("attempt", "a positive integer");
        if attempt == Some(0) {
            r.fault("/attempt", "must be a positive integer");
        }
        let skill_path = r.optional("skillPath");
        let request = (|| {
            Some(Self {
                repo_url: repo_url?,
                skill_name: skill_name?,
                provider: provider?,
                callback_url: callback_url?,
                callback_secret: callback_secret?,
                commit_sha,
                scan_id,
                attempt,
                skill_path,
            })
        })();
        r.finish(request)
    }
}

pub(crate) fn is_plain_url(url: &str) -> bool {
    url.len() <= 2_000
        && (url.starts_with("https://") || url.starts_with("http://"))
        && url.chars().all(|c| c.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_is_read() {
        let body = br#"{"repoUrl":"https://github.com/o/r","skillName":"o/r/t","provider":"njsscan",
            "callbackUrl":"https://skills.example/api/v1/webhooks/scan-results","callbackSecret":"s3cret",
            "commitSha":"0123456789012345678901234567890123456789","scanId":"abc","attempt":2,"skillPath":"skills/t"}"#;
        let request = ScanRequest::read(JsonObject::parse(body, KNOWN_FIELDS).unwrap()).unwrap();
        assert!(!format!("{request:?}").contains("s3cret"));
        let sent = serde_json::to_vec(&request).unwrap();
        assert_eq!(
            ScanRequest::read(JsonObject::parse(&sent, KNOWN_FIELDS).unwrap()).unwrap(),
            request
        );
    }

    #[test]
    fn every_missing_field_is_named() {
        let errors =
            ScanRequest::read(JsonObject::parse(b"{}", KNOWN_FIELDS).unwrap()).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            ["/repoUrl", "/skillName", "/provider", "/callbackUrl", "/callbackSecret"]
        );
    }
}
