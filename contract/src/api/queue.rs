//! The queue that scanners pull from: what waits, and who works on it.

use crate::{
    CommitSha, Millis, Provider, RepoUrl, ScanId, SkillName, SkillPath,
    json::Members,
    object::{FieldError, FieldReader, JsonObject},
    scan_request::{CallbackSecret, ScanRequest},
    text,
};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use std::{fmt, str::FromStr};

/// The most scans that one answer lists.
pub const MAX_PENDING: u32 = 50;
/// How long a claim holds without a sign of life, in milliseconds.
pub const CLAIM_MS: i64 = 15 * Millis::MINUTE;

/// The name under which a scanner claims scans: 1 to 100 characters, none of them hidden.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Claimant(String);

/// The text cannot be a claimant's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100 visible characters")]
pub struct ClaimantError;

impl Claimant {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Claimant {
    type Err = ClaimantError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let ok = (1..=100).contains(&s.chars().count())
            && s.trim() == s
            && !s.chars().any(text::is_hidden_or_control);
        if ok { Ok(Self(s.to_owned())) } else { Err(ClaimantError) }
    }
}

impl TryFrom<String> for Claimant {
    type Error = ClaimantError;

    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<Claimant> for String {
    fn from(name: Claimant) -> Self {
        name.0
    }
}

impl fmt::Display for Claimant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A scan that waits for a scanner.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PendingScan {
    /// The scan's id.
    pub id: ScanId,
    /// The skill's full name.
    pub skill_name: SkillName,
    /// The repository to clone.
    pub repo_url: RepoUrl,
    /// The folder of the skill, in a repository of many.
    pub skill_path: Option<SkillPath>,
    /// Which tool to run.
    pub provider: Provider,
    /// The commit to scan; null means the repository's HEAD.
    pub commit_sha: Option<CommitSha>,
    /// Where to report. The scanner compares it with its own configured origins.
    pub callback_url: String,
    /// When it was last sent or claimed; null where it never was, and `attempt` is then 0.
    pub dispatched_at: Option<Millis>,
    /// The sends and claims so far; a claim's answer has the one to report with.
    pub attempt: u32,
}

impl Members for PendingScan {
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let Self {
            id,
            skill_name,
            repo_url,
            skill_path,
            provider,
            commit_sha,
            callback_url,
            dispatched_at,
            attempt,
        } = self;
        to.serialize_field("id", id)?;
        to.serialize_field("skillName", skill_name)?;
        to.serialize_field("repoUrl", repo_url)?;
        to.serialize_field("skillPath", skill_path)?;
        to.serialize_field("provider", provider)?;
        to.serialize_field("commitSha", commit_sha)?;
        to.serialize_field("callbackUrl", callback_url)?;
        to.serialize_field("dispatchedAt", dispatched_at)?;
        to.serialize_field("attempt", attempt)
    }
}

impl Serialize for PendingScan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object(serializer)
    }
}

/// The answer of `GET /api/v1/internal/pending-sast-scans`: scans that may be claimed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PendingAnswer {
    /// At most [`MAX_PENDING`], in turns of the source owners; first scans of a commit before re-scans.
    pub scans: Vec<PendingScan>,
}

/// What a scanner says to claim a scan, to keep it, or to hand it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClaimRequest {
    /// The id of the scan that is meant.
    pub scan_id: ScanId,
    /// The name of the scanner that asks: only the holder of a claim keeps it or hands it back.
    pub claimed_by: Claimant,
}

impl ClaimRequest {
    /// The fields of the request; each may stand in the body once.
    pub const KNOWN_FIELDS: &'static [&'static str] = &["scanId", "claimedBy"];

    /// Reads a request's body.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        let mut r = FieldReader::new(object);
        let scan_id = r.required("scanId");
        let claimed_by = r.required("claimedBy");
        let request = (|| Some(Self { scan_id: scan_id?, claimed_by: claimed_by? }))();
        r.finish(request)
    }
}

/// The answer to a claim that succeeded (200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClaimAnswer {
    /// Always true; a refusal is a problem document.
    pub ok: bool,
    /// The scan, now the caller's own.
    pub scan: ClaimedScan,
}

/// A scan that the caller has claimed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClaimedScan {
    /// The scan. Its attempt is the one to report with.
    #[serde(flatten)]
    pub scan: PendingScan,
    /// What to sign the report with.
    pub callback_secret: CallbackSecret,
}

impl Members for ClaimedScan {
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error> {
        let Self { scan, callback_secret } = self;
        scan.members(to)?;
        to.serialize_field("callbackSecret", callback_secret)
    }
}

impl Serialize for ClaimedScan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object(serializer)
    }
}

impl From<ClaimedScan> for ScanRequest {
    fn from(claimed: ClaimedScan) -> Self {
        let scan = claimed.scan;
        Self {
            repo_url: scan.repo_url,
            skill_name: scan.skill_name,
            provider: scan.provider,
            callback_url: scan.callback_url,
            callback_secret: claimed.callback_secret,
            commit_sha: scan.commit_sha,
            scan_id: Some(scan.id),
            attempt: Some(scan.attempt),
            skill_path: scan.skill_path,
        }
    }
}

/// The answer to a heartbeat that extended a claim (200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HeartbeatAnswer {
    /// Always true; a refusal is a problem document.
    pub ok: bool,
    /// Without another sign of life, the scan is free for others from then on.
    pub expires_at: Millis,
}

/// The answer to a release that ended a claim (200).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseAnswer {
    /// Always true; a refusal is a problem document.
    pub ok: bool,
}

/// Why a scan cannot be claimed, kept or handed back (409): `reason` in the problem document,
/// beside `ok: false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimRefusal {
    /// Another scanner works on it and was heard of in the last 15 minutes.
    #[error("another scanner has claimed this scan")]
    AlreadyClaimed,
    /// It has ended, or another scan has taken its place.
    #[error("this scan is over")]
    Finished,
    /// The caller has no claim on it.
    #[error("this scan is not claimed by you")]
    NotYours,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_scan_reads_back_and_shows_no_secret() {
        let json = r#"{"ok":true,"scan":{"id":"s1","skillName":"o/t","repoUrl":"https://github.com/o/r","skillPath":null,
            "provider":"semgrep","commitSha":null,"callbackUrl":"https://skills.example/api/v1/webhooks/scan-results",
            "dispatchedAt":"2026-02-02T00:00:00.000Z","attempt":2,"callbackSecret":"s3cret"}}"#;
        let answer: ClaimAnswer = serde_json::from_str(json).unwrap();
        assert_eq!(answer.scan.scan.dispatched_at, Some(Millis(1_769_990_400_000)));
        assert!(!format!("{answer:?}").contains("s3cret"));
        let again = serde_json::to_string(&answer).unwrap();
        assert_eq!(serde_json::from_str::<ClaimAnswer>(&again).unwrap(), answer);
        let request = ScanRequest::from(answer.scan);
        assert_eq!((request.attempt, request.callback_secret.expose()), (Some(2), "s3cret"));
    }

    #[test]
    fn claimants_have_names_that_can_be_shown() {
        for good in ["vps-1", "a", "host 1/4711", "ü"] {
            assert_eq!(good.parse::<Claimant>().unwrap().as_str(), good);
        }
        for bad in ["", " ", " a", "a\n", "a\u{202e}b", &"x".repeat(101)] {
            assert_eq!(bad.parse::<Claimant>(), Err(ClaimantError), "{bad:?}");
        }
        let fields = |body: &[u8]| {
            let object = JsonObject::parse(body, ClaimRequest::KNOWN_FIELDS).unwrap();
            ClaimRequest::read(object).unwrap_err().into_iter().map(|e| e.pointer).collect()
        };
        let both: Vec<String> = fields(b"{}");
        assert_eq!(both, ["/scanId", "/claimedBy"]);
    }
}
