//! The callback: what a scanner reports about one scan.
//!
//! [`Callback`] is what both sides work with. The scanner serialises it once per attempt with a
//! fresh time ([`Callback::to_json`]); the worker reads it from a verified body
//! ([`Callback::read`]), naming every field that is wrong.

use crate::{
    CommitSha, Millis, RepoUrl, ScanStatus, Verdict,
    json::FromJson,
    object::{FieldError, JsonObject},
    part::{self, Nested, Part},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

mod engine;
mod fields;
mod file_kind;
mod wire;

pub use engine::Engine;
#[cfg(feature = "schema")]
pub use fields::CallbackBody;
pub use fields::{Callback, KNOWN_FIELDS, ScanResult};

/// The path that takes callbacks, on every platform.
pub const CALLBACK_PATH: &str = "/api/v1/webhooks/scan-results";

/// Longest text in any field beside the findings.
const MAX_TEXT: usize = 2_000;
/// Why a list ends before its end.
const TOO_LONG: &str = "the list is too long to be sent whole";
/// Longest list of files in the coverage that travels.
pub const MAX_COVERAGE_FILES: usize = 200;
/// Bytes of JSON of both lists of files in the coverage, as they are kept. With 512 KiB of findings and 128 KiB of what
/// runs by itself a row stays below the 1,000,000 bytes of D1, and a callback below the 1 MiB that the worker reads.
pub const MAX_COVERAGE_BYTES: usize = 256 * 1024;
/// No scan finds more; a larger count is a mistake of the sender.
const MAX_COUNT: u32 = 10_000_000;

/// What a callback reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A scanner took the scan up, or still works on it.
    Started,
    /// The tool ran to its end; what it found and read.
    Result(Box<ScanResult>),
    /// The clone, the tool or the rules failed; nothing was learnt.
    Failed {
        /// Why it failed, for people; at most 2000 characters.
        error: String,
    },
}

/// What a tool proved to have read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Everything that can hold code was read. Without it there is no PASS.
    pub complete: bool,
    /// Files that the tool read.
    #[serde(default)]
    pub files_scanned: u64,
    /// Code that no parser could take whole, read by the text rules alone.
    #[serde(default)]
    pub text_rules_only: Vec<FileNote>,
    /// What nothing could read.
    #[serde(default)]
    pub unscanned: Vec<FileNote>,
}

/// A file, and why it is mentioned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileNote {
    /// The path in the repository.
    pub file: String,
    /// Why it is mentioned, for people; at most 2000 characters.
    pub reason: String,
    /// By the sender's word no gap, whatever the name says: a link to nothing, kinds of files that
    /// its tool does not read. Absent means false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub informational: bool,
}

/// The program that scanned, with the versions of it and of its rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tool {
    /// The name of the program; at most 100 characters.
    #[serde(default)]
    pub name: String,
    /// The version that the program gives of itself; at most 100 characters.
    #[serde(default)]
    pub version: String,
    /// The version of the rules that it ran.
    #[serde(default)]
    pub rules: String,
    /// Which of its programs read the files, where it has two. An unknown word is read as absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
}

impl FromJson for Coverage {
    fn from_json(value: Value) -> Option<Self> {
        part::plain(value)
    }
}

impl FromJson for Tool {
    fn from_json(value: Value) -> Option<Self> {
        part::plain(value)
    }
}

impl Nested for Coverage {
    fn read(part: &mut Part<'_>) -> Option<Self> {
        let complete = part.required("complete", "true or false");
        let files_scanned = part.optional("filesScanned", "a non-negative integer");
        let text_rules_only = part.list("textRulesOnly");
        let unscanned = part.list("unscanned");
        Some(Self { complete: complete?, files_scanned, text_rules_only, unscanned })
    }
}

impl Nested for FileNote {
    fn read(part: &mut Part<'_>) -> Option<Self> {
        let file = part.required("file", "a string");
        let reason = part.required("reason", "a string");
        let informational = part.optional("informational", "true or false");
        Some(Self { file: file?, reason: reason?, informational })
    }
}

impl Nested for Tool {
    fn read(part: &mut Part<'_>) -> Option<Self> {
        let engine: Option<String> = part.optional("engine", "a string or null");
        let mut text = |name| part.optional(name, "a string");
        Some(Self {
            name: text("name"),
            version: text("version"),
            rules: text("rules"),
            engine: engine.as_deref().and_then(Engine::of_word),
        })
    }
}

impl Coverage {
    /// Whether it proves that everything was read that can hold code: it says so, and no file that
    /// it lists as not read contradicts it.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        self.complete && !self.unscanned.iter().any(FileNote::is_gap)
    }
}

impl FileNote {
    /// A file, or a place in parentheses, and why it is mentioned.
    pub fn new(file: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { file: file.into(), reason: reason.into(), informational: false }
    }

    /// The same, as no gap.
    #[must_use]
    pub fn informational(self) -> Self {
        Self { informational: true, ..self }
    }

    /// Of a list of what was not read: whether code may have been missed.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        !self.informational && file_kind::can_hold_code(&self.file)
    }

    /// Bytes that this takes of [`MAX_COVERAGE_BYTES`]: its JSON, and the comma behind it.
    #[must_use]
    pub fn json_bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len().saturating_add(1))
    }

    /// The last line of a list that had no room for so many more.
    #[must_use]
    pub fn more(more: u64) -> Self {
        Self::new(format!("({more} more)"), TOO_LONG)
    }

    /// How many files a list stands for, where its last line may be of [`FileNote::more`].
    #[must_use]
    pub fn in_all(notes: &[Self]) -> u64 {
        // A file may be named so too; its reason is another.
        let rest = notes.last().filter(|last| last.reason == TOO_LONG);
        let rest = rest.and_then(|last| last.file.strip_prefix('(')?.strip_suffix(" more)"));
        let rest = rest.and_then(|rest| rest.parse::<u32>().ok());
        let listed = u64::try_from(notes.len()).unwrap_or(0);
        rest.map_or(listed, |rest| listed - 1 + u64::from(rest))
    }
}

impl ScanResult {
    /// What the worker makes of a result: FAIL by the counts; PASS only with proof that everything
    /// was read (`accept_unproven` takes a sender without coverage at its word); else INCOMPLETE.
    #[must_use]
    pub fn conclude(&self, accept_unproven: bool) -> ScanStatus {
        let proven = self.coverage.as_ref().map_or(accept_unproven, Coverage::is_proof);
        match self.counts.verdict() {
            Verdict::Fail => ScanStatus::Fail,
            Verdict::Pass if self.claimed == Some(ScanStatus::Incomplete) => ScanStatus::Incomplete,
            Verdict::Pass if proven => ScanStatus::Pass,
            Verdict::Pass => ScanStatus::Incomplete,
        }
    }

    /// In what the sender's own conclusion differs from the one its counts lead to, for the log.
    #[must_use]
    pub fn disagreement(&self) -> Option<String> {
        let (verdict, score) = (self.counts.verdict(), self.counts.score());
        let other_verdict = self.claimed_verdict.filter(|v| *v != verdict);
        let other_score = self.claimed_score.filter(|s| *s != score);
        let (fails, other_status) = (verdict == Verdict::Fail, self.claimed);
        let other_status = other_status.filter(|status| (*status == ScanStatus::Fail) != fails);
        (other_verdict.is_some() || other_score.is_some() || other_status.is_some()).then(|| {
            format!(
                "sender says {} {}/{}, the counts say {}/{score}",
                self.claimed.map_or("-", ScanStatus::as_str),
                self.claimed_verdict.map_or("-", Verdict::as_str),
                self.claimed_score.map_or_else(|| "-".to_owned(), |s| s.to_string()),
                verdict.as_str(),
            )
        })
    }
}

impl Callback {
    /// Whether a scan of this repository is meant, by all that is said of it.
    #[must_use]
    pub fn is_of(&self, repo: &RepoUrl) -> bool {
        self.repo_url.as_ref().is_none_or(|url| url == repo)
            && repo.has_names(self.repo_owner.as_deref(), self.repo_name.as_deref())
    }

    /// The event's name on the wire.
    #[must_use]
    pub const fn event_name(&self) -> &'static str {
        match self.event {
            Event::Started => "started",
            Event::Result(_) => "result",
            Event::Failed { .. } => "failed",
        }
    }

    /// The commit that this callback speaks of.
    #[must_use]
    pub fn commit(&self) -> Option<&CommitSha> {
        match &self.event {
            Event::Result(result) => Some(&result.commit_sha),
            Event::Started | Event::Failed { .. } => self.commit_sha.as_ref(),
        }
    }

    /// The body to sign and send at `now`.
    #[must_use]
    pub fn to_json(&self, now: Millis) -> Vec<u8> {
        serde_json::to_vec(&wire::Body { callback: self, now: Some(now) }).unwrap_or_default()
    }

    /// What is the same in every repeat of this callback: all of it but the time, the delivery id,
    /// the duration and the host. As 64 hex digits of SHA-256.
    #[must_use]
    pub fn content_digest(&self) -> String {
        let same = wire::Body { callback: self, now: None };
        let json = serde_json::to_vec(&same).unwrap_or_default();
        hex::encode(Sha256::digest(json))
    }

    /// Whether a stored digest is of this same report: by its content, or by what an earlier worker read of it. One
    /// knew no engines, and one before it neither chains nor what runs by itself either. A scanner may send again, over
    /// an upgrade, what was taken before it.
    #[must_use]
    pub fn is_repeat_of(&self, digest: &str) -> bool {
        if self.content_digest() == digest {
            return true;
        }
        let without_engine = self.without_engine();
        without_engine.content_digest() == digest
            || without_engine.without_chains().content_digest() == digest
    }

    fn without_engine(&self) -> Self {
        let mut before = self.clone();
        let result = match &mut before.event {
            Event::Result(result) => result.tool.as_mut(),
            Event::Started | Event::Failed { .. } => None,
        };
        for tool in before.tool.as_mut().into_iter().chain(result) {
            tool.engine = None;
        }
        before
    }

    fn without_chains(mut self) -> Self {
        if let Event::Result(result) = &mut self.event {
            result.auto_run = None;
            result.auto_run_truncated = false;
            for finding in &mut result.findings {
                finding.chain = Vec::new();
            }
        }
        self
    }

    /// Reads a body whose signature holds.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        wire::read(object)
    }
}

#[cfg(test)]
mod tests;
