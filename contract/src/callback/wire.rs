//! The callback's JSON, both ways.

use super::{
    Callback, Coverage, Event, FileNote, MAX_COUNT, MAX_COVERAGE_BYTES, MAX_COVERAGE_FILES,
    MAX_TEXT, ScanResult, Tool,
};
use crate::{
    CommitSha, Counts, Finding, Millis, Provider, RepoUrl, ScanStatus, Severity, Verdict,
    cap_findings,
    object::{FieldError, Object, Reader},
    text,
};
use serde::Serialize;
use std::str::FromStr;

/// The fields of a callback; each may stand in the body once. All others are ignored.
pub const KNOWN_FIELDS: &[&str] = &[
    "timestamp",
    "scanId",
    "event",
    "provider",
    "skillName",
    "repoUrl",
    "repoOwner",
    "repoName",
    "commitSha",
    "status",
    "verdict",
    "score",
    "criticalCount",
    "highCount",
    "mediumCount",
    "lowCount",
    "findings",
    "findingsTruncated",
    "coverage",
    "tool",
    "workerHost",
    "durationMs",
    "deliveryId",
    "attempt",
    "isolation",
    "githubRunId",
    "githubRunUrl",
    "error",
];

/// A callback as it is sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outgoing<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
    #[serde(flatten)]
    subject: Subject<'a>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    result: Option<Outcome<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a Tool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subject<'a> {
    event: &'static str,
    provider: Provider,
    #[serde(skip_serializing_if = "Option::is_none")]
    scan_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skill_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_sha: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker_host: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    isolation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    github_run_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    github_run_url: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    status: ScanStatus,
    verdict: Verdict,
    score: u32,
    #[serde(flatten)]
    counts: Counts,
    findings: &'a [Finding],
    findings_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<&'a Coverage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

impl<'a> Outgoing<'a> {
    pub(super) fn new(callback: &'a Callback, now: Option<Millis>) -> Self {
        let repo = callback.repo_url.as_ref();
        Self {
            timestamp: now.map(|t| t.0),
            subject: Subject {
                event: callback.event_name(),
                provider: callback.provider,
                scan_id: callback.scan_id.as_ref().map(crate::ScanId::as_str),
                skill_name: callback.skill_name.as_ref().map(crate::SkillName::as_str),
                repo_url: repo.map(ToString::to_string),
                repo_owner: repo.map(RepoUrl::owner),
                repo_name: repo.map(RepoUrl::repo),
                commit_sha: callback.commit().map(CommitSha::as_str),
                attempt: callback.attempt,
                delivery_id: callback.delivery_id.as_deref(),
                worker_host: callback.worker_host.as_deref(),
                isolation: callback.isolation.as_deref(),
                github_run_id: callback.github_run_id.as_deref(),
                github_run_url: callback.github_run_url.as_deref(),
            },
            result: match &callback.event {
                Event::Result(result) => Some(Outcome::new(result)),
                Event::Started | Event::Failed { .. } => None,
            },
            tool: match &callback.event {
                Event::Started => None,
                Event::Result(result) => result.tool.as_ref(),
                Event::Failed { .. } => callback.tool.as_ref(),
            },
            error: match &callback.event {
                Event::Started => None,
                Event::Result(result) => result.error.as_deref(),
                Event::Failed { error } => Some(error),
            },
        }
    }
}

impl<'a> Outcome<'a> {
    fn new(result: &'a ScanResult) -> Self {
        Self {
            status: result.claimed.unwrap_or_else(|| result.conclude(false)),
            verdict: result.counts.verdict(),
            score: result.counts.score(),
            counts: result.counts,
            findings: &result.findings,
            findings_truncated: result.findings_truncated,
            coverage: result.coverage.as_ref(),
            duration_ms: result.duration_ms,
        }
    }
}

/// What `event` and `status` together say; a result of status ERROR is a failure.
enum Kind {
    Started,
    Result,
    Failed,
}

pub(super) fn read(object: Object<'_>) -> Result<Callback, Vec<FieldError>> {
    let mut r = Reader::new(object);
    let kind = read_kind(&mut r);
    let provider: Option<Provider> = r.required("provider");
    let scan_id = r.optional("scanId");
    let skill_name = match kind {
        Some(Kind::Result) => r.required("skillName"),
        _ => r.optional("skillName"),
    };
    if !matches!(kind, Some(Kind::Result)) && scan_id.is_none() && skill_name.is_none() {
        r.fault("/scanId", "is required where there is no skillName");
    }
    let commit_sha = match kind {
        Some(Kind::Result) => r.required("commitSha"),
        _ => r.optional("commitSha"),
    };
    let callback = Callback {
        scan_id,
        provider: provider.unwrap_or(Provider::ALL[0]),
        skill_name,
        repo_url: r.optional("repoUrl"),
        repo_owner: r.json("repoOwner", "a string"),
        repo_name: r.json("repoName", "a string"),
        attempt: read_attempt(&mut r),
        delivery_id: short_text(&mut r, "deliveryId"),
        worker_host: short_text(&mut r, "workerHost"),
        isolation: short_text(&mut r, "isolation"),
        github_run_id: short_text(&mut r, "githubRunId"),
        github_run_url: short_text(&mut r, "githubRunUrl"),
        tool: match kind {
            Some(Kind::Failed) => read_tool(&mut r),
            _ => None,
        },
        event: Event::Started,
        commit_sha: commit_sha.clone(),
    };
    let event = match kind {
        Some(Kind::Started) => Some(Event::Started),
        Some(Kind::Failed) => read_failure(&mut r).map(|error| Event::Failed { error }),
        Some(Kind::Result) => {
            read_result(&mut r, provider, commit_sha).map(|result| Event::Result(Box::new(result)))
        }
        None => None,
    };
    r.finish(event.map(|event| Callback { event, ..callback }))
}

fn read_kind(r: &mut Reader<'_>) -> Option<Kind> {
    let event: String = r.json("event", "a string").unwrap_or_else(|| "result".to_owned());
    let status: Option<String> = r.json("status", "a string");
    match (event.as_str(), status.as_deref()) {
        ("started", _) => Some(Kind::Started),
        ("failed", _) | ("result", Some("ERROR")) => Some(Kind::Failed),
        ("result", None | Some("PASS" | "FAIL" | "INCOMPLETE")) => Some(Kind::Result),
        ("result", Some(_)) => {
            r.fault("/status", "must be PASS, FAIL, INCOMPLETE or ERROR");
            None
        }
        _ => {
            r.fault("/event", "must be result, started or failed");
            None
        }
    }
}

fn read_attempt(r: &mut Reader<'_>) -> Option<u32> {
    let attempt = r.json("attempt", "a positive integer")?;
    if attempt == 0 {
        r.fault("/attempt", "must be a positive integer");
    }
    Some(attempt)
}

fn short_text(r: &mut Reader<'_>, name: &str) -> Option<String> {
    let value: String = r.json(name, "a string")?;
    Some(text::line(&value, MAX_TEXT))
}

fn read_failure(r: &mut Reader<'_>) -> Option<String> {
    let error: String = r.required_json("error", "a string")?;
    Some(text::block(&error, MAX_TEXT))
}

/// An integer from 0 to `most`, where it is there.
fn read_up_to(r: &mut Reader<'_>, name: &str, most: u32) -> Option<u32> {
    let expected = format!("an integer from 0 to {most}");
    let number: u32 = r.json(name, &expected)?;
    if number > most {
        r.fault(format!("/{name}"), format_args!("must be {expected}"));
    }
    Some(number)
}

fn read_count(r: &mut Reader<'_>, name: &str) -> Option<u32> {
    r.must_be_there(name);
    read_up_to(r, name, MAX_COUNT)
}

fn read_result(
    r: &mut Reader<'_>,
    provider: Option<Provider>,
    commit_sha: Option<CommitSha>,
) -> Option<ScanResult> {
    let counts = Counts {
        critical: read_count(r, "criticalCount").unwrap_or_default(),
        high: read_count(r, "highCount").unwrap_or_default(),
        medium: read_count(r, "mediumCount").unwrap_or_default(),
        low: read_count(r, "lowCount").unwrap_or_default(),
    };
    let sent: Vec<Finding> = r.list("findings");
    for severity in Severity::WORST_FIRST {
        let listed = sent.iter().filter(|f| f.severity == severity).count();
        if u64::try_from(listed).unwrap_or(u64::MAX) > u64::from(counts.get(severity)) {
            r.fault(
                format!("/{severity}Count"),
                format_args!("is smaller than the number of {severity} findings listed"),
            );
        }
    }
    let sent: Vec<_> =
        sent.into_iter().map(|f| Finding { provider: provider.or(f.provider), ..f }).collect();
    let capped = cap_findings(sent);
    let claimed: Option<String> = r.json("status", "a string");
    Some(ScanResult {
        claimed: claimed.and_then(|s| ScanStatus::from_str(&s).ok()),
        claimed_verdict: r.json("verdict", "PASS or FAIL"),
        claimed_score: read_up_to(r, "score", 100),
        counts,
        findings: capped.findings,
        findings_truncated: r.json("findingsTruncated", "true or false").unwrap_or(false)
            || capped.truncated,
        coverage: read_coverage(r),
        tool: read_tool(r),
        duration_ms: r.json("durationMs", "a non-negative integer"),
        error: r.json::<String>("error", "a string").map(|error| text::block(&error, MAX_TEXT)),
        // Last, so that every other field has been read and judged by then.
        commit_sha: commit_sha?,
    })
}

fn read_coverage(r: &mut Reader<'_>) -> Option<Coverage> {
    let coverage: Coverage = r.nested("coverage")?;
    // Before the list is cut.
    let complete = coverage.is_proof();
    let mut left = MAX_COVERAGE_BYTES;
    let mut notes = |notes: Vec<FileNote>| {
        let shown = |n: FileNote| {
            let (file, reason) = (text::line(&n.file, MAX_TEXT), text::line(&n.reason, MAX_TEXT));
            left = left.checked_sub(file.len() + reason.len())?;
            Some(FileNote { file, reason, ..n })
        };
        notes.into_iter().take(MAX_COVERAGE_FILES).map_while(shown).collect()
    };
    // What nothing could read matters most.
    let unscanned = notes(coverage.unscanned);
    let text_rules_only = notes(coverage.text_rules_only);
    Some(Coverage { complete, unscanned, text_rules_only, ..coverage })
}

fn read_tool(r: &mut Reader<'_>) -> Option<Tool> {
    let tool: Tool = r.nested("tool")?;
    Some(Tool {
        name: text::line(&tool.name, 100),
        version: text::line(&tool.version, 100),
        rules: text::line(&tool.rules, 200),
    })
}
