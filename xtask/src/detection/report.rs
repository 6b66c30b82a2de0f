//! The result of one scan, as `skillgate-scanner scan --format json` prints it.

use serde_json::Value;
use skillgate_contract::{Counts, Severity};

/// Stands in a message before the places of matches that count with this one.
const ALSO: &str = " The same in ";

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Everything was read, and nothing fails.
    Pass,
    /// Nothing fails, and not everything was read.
    Incomplete,
    /// A critical finding, or a score below 50.
    Fail,
}

/// One finding, or a match that counts with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The rule.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// Path in the repository.
    pub file: String,
}

/// A finding with what its message says of other places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The finding itself.
    pub finding: Match,
    /// Matches of the same rule beyond a cap, which count with it.
    pub repeats: Vec<Match>,
    /// Its message without the repeats.
    pub message: String,
}

/// One scan's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of the whole repository.
    pub status: Status,
    /// Of the whole repository.
    pub counts: Counts,
    /// Findings, the worst first.
    pub found: Vec<Found>,
    /// Whether findings or places were left out.
    pub truncated: bool,
    /// Files that were not read and should have been.
    pub unread: Vec<String>,
    /// Version of the rule pack.
    pub rules: String,
    /// Version of the tool.
    pub tool: String,
    /// What the scan lasted, in milliseconds.
    pub duration_ms: u64,
}

impl Report {
    /// Reads the printed list of one provider; nothing where it holds no result.
    #[must_use]
    pub fn parse(json: &[u8]) -> Option<Self> {
        let list: Value = serde_json::from_slice(json).ok()?;
        let result = list.get(0)?;
        let count = |name: &str| u32::try_from(result.get(name)?.as_u64()?).ok();
        let counts = Counts {
            critical: count("criticalCount")?,
            high: count("highCount")?,
            medium: count("mediumCount")?,
            low: count("lowCount")?,
        };
        let status = match result.get("status")?.as_str()? {
            "PASS" => Status::Pass,
            "FAIL" => Status::Fail,
            "INCOMPLETE" => Status::Incomplete,
            _ => return None,
        };
        let mut truncated = result.get("findingsTruncated")?.as_bool()?;
        let mut found = Vec::new();
        for finding in result.get("findings")?.as_array()? {
            let (one, all) = read_finding(finding)?;
            truncated |= !all;
            found.push(one);
        }
        let notes = result.pointer("/coverage/unscanned")?.as_array()?.iter();
        let unread = notes
            .filter(|note| note.get("informational").and_then(Value::as_bool) != Some(true))
            .map(|note| Some(note.get("file")?.as_str()?.to_owned()))
            .collect::<Option<_>>()?;
        let tool = |name: &str| Some(result.get("tool")?.get(name)?.as_str()?.to_owned());
        Some(Self {
            status,
            counts,
            found,
            truncated,
            unread,
            rules: tool("rules").unwrap_or_default(),
            tool: tool("version").unwrap_or_default(),
            duration_ms: result.get("durationMs").and_then(Value::as_u64).unwrap_or_default(),
        })
    }
}

/// A finding, and whether its message names every repeat.
fn read_finding(finding: &Value) -> Option<(Found, bool)> {
    let text = |name: &str| finding.get(name)?.as_str().map(str::to_owned);
    let own = Match {
        rule: text("rule")?,
        severity: text("severity")?.parse().ok()?,
        file: text("file")?,
    };
    let message = text("message")?;
    let Some((said, places)) = message.split_once(ALSO) else {
        return Some((Found { finding: own, repeats: Vec::new(), message }, true));
    };
    let (number, named) = places.split_once(": ").unwrap_or((places, ""));
    let wanted: usize = number.split(' ').next()?.parse().ok()?;
    let named = named.trim_end_matches('.').split(", ").filter(|place| !place.is_empty());
    let repeats: Vec<_> =
        named.map(|place| Match { file: without_line(place).to_owned(), ..own.clone() }).collect();
    let all = repeats.len() == wanted;
    Some((Found { finding: own, repeats, message: said.to_owned() }, all))
}

/// The file of `file:line`.
fn without_line(place: &str) -> &str {
    match place.rsplit_once(':') {
        Some((file, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => file,
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn printed(message: &str) -> Vec<u8> {
        let finding =
            json!({"rule": "r", "severity": "medium", "file": "a/x.sh", "message": message});
        json!([{
            "status": "INCOMPLETE", "criticalCount": 0, "highCount": 0, "mediumCount": 1, "lowCount": 0,
            "findings": [finding], "findingsTruncated": false, "durationMs": 12,
            "tool": {"version": "1.2.3", "rules": "4.5"},
            "coverage": {"complete": false, "unscanned": [
                {"file": "a/lib.so", "reason": "binary"},
                {"file": "a/b.png", "reason": "a picture", "informational": true},
            ]},
        }])
        .to_string()
        .into_bytes()
    }

    #[test]
    fn repeats_are_read_from_the_message() {
        let report =
            Report::parse(&printed("Bad. The same in 2 more places: a/x.sh:3, b/y.md.")).unwrap();
        let files: Vec<_> = report.found[0].repeats.iter().map(|r| r.file.as_str()).collect();
        assert_eq!(files, ["a/x.sh", "b/y.md"]);
        assert_eq!(report.found[0].message, "Bad.");
        assert_eq!((report.truncated, report.status), (false, Status::Incomplete));
        assert_eq!(report.unread, ["a/lib.so"]);
    }

    #[test]
    fn places_that_a_message_has_no_room_for_make_the_report_a_truncated_one() {
        let message = "Bad. The same in 9 more places: a/x.sh:3, and 8 that are not named here.";
        assert!(Report::parse(&printed(message)).unwrap().truncated);
        assert!(Report::parse(&printed("Bad. The same in 1 more place.")).unwrap().truncated);
    }

    #[test]
    fn a_failed_scan_is_no_report() {
        assert_eq!(Report::parse(b"[{\"event\": \"failed\", \"error\": \"no\"}]"), None);
        assert_eq!(Report::parse(b""), None);
    }
}
