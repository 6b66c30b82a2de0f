//! What admins ask about the blocklist and the audit log.

use super::ThreatSeverity;
use crate::{
    CommitSha, Millis, RepoUrl, SkillName,
    json::StoredJson,
    object::{FieldError, FieldReader, JsonObject},
    text,
};
use serde::Serialize;

/// Unicode scalar values in the kind of a threat.
const MAX_THREAT_CHARS: usize = 100;
/// Unicode scalar values in a reason.
const MAX_REASON_CHARS: usize = 500;
/// URLs of evidence in one request.
const MAX_URLS: usize = 10;
/// Bytes of one URL.
const MAX_URL_BYTES: usize = 500;

/// The body of `POST /api/v1/admin/blocklist`: an entry that blocks at once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct AddEntry {
    /// The skill's full name.
    pub skill_name: SkillName,
    /// The repository that it is about; without one, the name is blocked wherever it comes from.
    pub source_url: Option<RepoUrl>,
    /// What kind of threat.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Line<100>"))]
    pub threat_type: String,
    /// How bad the threat is.
    pub severity: ThreatSeverity,
    /// One sentence, for people.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Line<500>"))]
    pub reason: String,
    /// Absolute URLs, each once.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::WebUrls>"))]
    pub evidence_urls: Vec<String>,
}

impl AddEntry {
    /// The fields of the request; each may stand in the body once.
    pub const KNOWN_FIELDS: &'static [&'static str] =
        &["skillName", "sourceUrl", "threatType", "severity", "reason", "evidenceUrls"];

    /// Reads a request's body.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        let mut r = FieldReader::new(object);
        let skill_name = r.required("skillName");
        let source_url = r.optional("sourceUrl");
        let threat_type = required_line(&mut r, "threatType", MAX_THREAT_CHARS);
        let severity = r.required("severity");
        let reason = required_line(&mut r, "reason", MAX_REASON_CHARS);
        let evidence_urls = read_urls(&mut r);
        let request = (|| {
            Some(Self {
                skill_name: skill_name?,
                source_url,
                threat_type: threat_type?,
                severity: severity?,
                reason: reason?,
                evidence_urls,
            })
        })();
        r.finish(request)
    }
}

/// The body of `DELETE /api/v1/admin/blocklist/{id}`: why an entry is lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename_all = "camelCase"))]
pub struct LiftEntry {
    /// Why the entry is lifted: one line of at most 500 characters.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Line<500>"))]
    pub reason: String,
    /// The `version` of the entry that the admin has judged; with it, an entry that got more
    /// evidence meanwhile is not lifted.
    pub version: Option<String>,
}

impl LiftEntry {
    /// The fields of the request; each may stand in the body once.
    pub const KNOWN_FIELDS: &'static [&'static str] = &["reason", "version"];

    /// Reads a request's body.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn read(object: JsonObject<'_>) -> Result<Self, Vec<FieldError>> {
        let mut r = FieldReader::new(object);
        let reason = required_line(&mut r, "reason", MAX_REASON_CHARS);
        let version = r.json("version", "a string");
        let request = reason.map(|reason| Self { reason, version });
        r.finish(request)
    }
}

/// A line of text that must be there, with nothing in it that acts on its reader.
fn required_line(r: &mut FieldReader<'_>, name: &str, max: usize) -> Option<String> {
    let line: String = r.required_json(name, "a string")?;
    let line = line.trim();
    let fits = !line.is_empty()
        && line.chars().count() <= max
        && !line.chars().any(text::is_hidden_or_control);
    if !fits {
        let fault = format_args!("must be one line of 1 to {max} characters, none of control");
        r.fault(format!("/{name}"), fault);
    }
    fits.then(|| line.to_owned())
}

fn read_urls(r: &mut FieldReader<'_>) -> Vec<String> {
    let urls = r.strings("evidenceUrls", "a list of http or https URLs").unwrap_or_default();
    if urls.len() > MAX_URLS {
        r.fault("/evidenceUrls", format_args!("must hold at most {MAX_URLS} URLs"));
    }
    let mut each_once: Vec<String> = Vec::new();
    for (index, url) in urls.into_iter().take(MAX_URLS).enumerate() {
        if !is_web_url(&url) {
            let fault =
                format_args!("must be an http or https URL of at most {MAX_URL_BYTES} characters");
            r.fault(format!("/evidenceUrls/{index}"), fault);
        } else if !each_once.contains(&url) {
            each_once.push(url);
        }
    }
    each_once
}

/// A scheme of the web, a host without a user before it, and nothing but the characters of URLs.
fn is_web_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    url.len() <= MAX_URL_BYTES
        && host.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'[')
        && !host.contains('@')
        && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}

/// An entry as admins see it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AdminEntry {
    /// The entry's own id.
    pub id: String,
    /// `proposed`, `active` or `withdrawn`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::EntryState"))]
    pub state: &'static str,
    /// The skill's full name.
    pub skill_name: SkillName,
    /// The repository that the entry is about; null blocks the name wherever it comes from.
    pub source_url: Option<RepoUrl>,
    /// `external-sast` for automatic entries.
    pub threat_type: String,
    /// How bad the threat is.
    pub severity: ThreatSeverity,
    /// What the public list says.
    pub reason: String,
    /// What an admin gave as the reason; null where none did.
    pub stated_reason: Option<String>,
    /// Provider to scan id, commit and number of criticals.
    pub evidence: StoredJson,
    /// Absolute URLs of evidence, for people.
    pub evidence_urls: Vec<String>,
    /// Who made the entry: `external-scan` or `admin`.
    pub discovered_by: String,
    /// When it was made.
    pub discovered_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
    /// The commit that was scanned.
    pub commit_sha: Option<CommitSha>,
    /// The report page's path.
    pub report_url: Option<String>,
    /// A later scan of another commit found it clean, or one of the same commit by a tool that had found
    /// something there: an admin should look again.
    pub review: bool,
    /// The commit that this later scan was of.
    pub clean_commit_sha: Option<CommitSha>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Millis>,
    /// Why it was withdrawn.
    pub withdrawn_reason: Option<String>,
    /// Names this state of the entry, for [`LiftEntry`].
    pub version: String,
}

/// The answer of `GET /api/v1/admin/blocklist`: one page of entries.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EntriesAnswer {
    /// Newest first, in every state.
    pub entries: Vec<AdminEntry>,
    /// Where the next page starts; null behind the last one.
    pub next_cursor: Option<String>,
}

/// One line of the audit log.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Grows with every event.
    pub id: i64,
    /// When it happened.
    pub at: Millis,
    /// `admin`, `scanner` or `worker`.
    pub actor: String,
    /// The name of what happened, such as `scan.created`.
    pub action: String,
    /// The skill's full name.
    pub skill_name: Option<String>,
    /// The id of the scan that it is about; null where it is about none.
    pub scan_id: Option<String>,
    /// The facts, as they were written down.
    pub detail: StoredJson,
}

/// The answer of `GET /api/v1/admin/audit-events`: one page of the audit log.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EventsAnswer {
    /// The events of this page, newest first.
    pub events: Vec<AuditEvent>,
    /// Where the next page starts; null behind the last one.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(body: &str) -> Result<AddEntry, Vec<String>> {
        let object = JsonObject::parse(body.as_bytes(), AddEntry::KNOWN_FIELDS).unwrap();
        AddEntry::read(object)
            .map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn an_entry_by_hand_needs_a_name_a_kind_a_severity_and_a_reason() {
        assert_eq!(add("{}").unwrap_err(), ["/skillName", "/threatType", "/severity", "/reason"]);
        let least = r#"{"skillName": "o/t", "threatType": "malware", "severity": "high", "reason": " steals keys "}"#;
        let entry = add(least).unwrap();
        assert_eq!((entry.reason.as_str(), entry.source_url), ("steals keys", None));
        let wrong = r#"{"skillName": "o//t", "sourceUrl": "ssh://x", "threatType": "", "severity": "mild",
            "reason": "two\nlines", "evidenceUrls": "x"}"#;
        assert_eq!(
            add(wrong).unwrap_err(),
            ["/skillName", "/sourceUrl", "/threatType", "/severity", "/reason", "/evidenceUrls"]
        );
    }

    #[test]
    fn evidence_is_a_short_list_of_web_addresses() {
        for good in ["https://a.example/x?y=%20#z", "http://127.0.0.1:80", "https://[::1]/"] {
            assert!(is_web_url(good), "{good}");
        }
        let long = format!("https://a.example/{}", "x".repeat(500));
        for bad in [
            "",
            "https://",
            "https:///x",
            "ftp://a.example",
            "javascript:alert(1)",
            "https://user@a.example/",
            "https://a.example/ x",
            "https://a.example/\u{202e}",
            "https://a.example/\"",
            long.as_str(),
        ] {
            assert!(!is_web_url(bad), "{bad}");
        }
    }

    #[test]
    fn a_lift_has_a_reason() {
        for bad in ["{}", r#"{"reason": "  "}"#, r#"{"reason": 7}"#, r#"{"reason": "a\u0007"}"#] {
            let object = JsonObject::parse(bad.as_bytes(), LiftEntry::KNOWN_FIELDS).unwrap();
            let errors = LiftEntry::read(object).unwrap_err();
            assert_eq!(errors[0].pointer, "/reason", "{bad}");
        }
    }
}
