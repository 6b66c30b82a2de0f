//! The rules of a callback's single fields, in both directions; [`super::fields`] lists the fields.

use super::{
    Callback, Coverage, Event, FileNote, MAX_COUNT, MAX_COVERAGE_BYTES, MAX_COVERAGE_FILES,
    MAX_TEXT, ScanResult, Tool,
};
use crate::{
    AutoRun, CappedFindings, CommitSha, Counts, Finding, Millis, Provider, ScanId, ScanStatus,
    Severity, SkillName, cap_auto_run, cap_findings,
    object::{FieldError, FieldReader, JsonObject},
    text,
};
use std::str::FromStr;

/// A callback as JSON: the body to send, or, without a time, what [`Callback::content_digest`] is of.
pub(super) struct Body<'a> {
    pub(super) callback: &'a Callback,
    /// When it is signed; `None` for the digest.
    pub(super) now: Option<Millis>,
}

impl<'a> Body<'a> {
    pub(super) fn sent_at(&self) -> Option<i64> {
        self.now.map(|now| now.0)
    }

    /// A value that may differ between two sends of one report: it is sent, and is not in the digest.
    pub(super) fn volatile<T>(&self, value: Option<T>) -> Option<T> {
        value.filter(|_| self.now.is_some())
    }

    pub(super) fn result(&self) -> Option<&'a ScanResult> {
        match &self.callback.event {
            Event::Result(result) => Some(result),
            Event::Started | Event::Failed { .. } => None,
        }
    }

    pub(super) fn tool(&self) -> Option<&'a Tool> {
        match &self.callback.event {
            Event::Started => None,
            Event::Result(result) => result.tool.as_ref(),
            Event::Failed { .. } => self.callback.tool.as_ref(),
        }
    }

    pub(super) fn error(&self) -> Option<&'a str> {
        match &self.callback.event {
            Event::Started => None,
            Event::Result(result) => result.error.as_deref(),
            Event::Failed { error } => Some(error),
        }
    }
}

/// What `event` and `status` together say; a result of status ERROR is a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Started,
    Result,
    Failed,
}

/// What is read before everything else, because the rules of these fields depend on each other.
pub(super) struct Seen {
    pub(super) kind: Option<Kind>,
    pub(super) provider: Option<Provider>,
    pub(super) scan_id: Option<ScanId>,
    pub(super) skill_name: Option<SkillName>,
    pub(super) commit_sha: Option<CommitSha>,
    /// The findings of a result; empty until its counts have been read.
    pub(super) listed: CappedFindings,
    /// More entries were sent of what runs by itself than are kept.
    pub(super) auto_run_truncated: bool,
}

impl Seen {
    fn read(r: &mut FieldReader<'_>) -> Self {
        let kind = read_kind(r);
        let provider = r.required("provider");
        let scan_id = r.optional("scanId");
        let skill_name = match kind {
            Some(Kind::Result) => r.required("skillName"),
            _ => r.optional("skillName"),
        };
        if kind != Some(Kind::Result) && scan_id.is_none() && skill_name.is_none() {
            r.fault("/scanId", "is required where there is no skillName");
        }
        let commit_sha = match kind {
            Some(Kind::Result) => r.required("commitSha"),
            _ => r.optional("commitSha"),
        };
        Self {
            kind,
            provider,
            scan_id,
            skill_name,
            commit_sha,
            listed: CappedFindings::default(),
            auto_run_truncated: false,
        }
    }
}

pub(super) fn read(object: JsonObject<'_>) -> Result<Callback, Vec<FieldError>> {
    let mut r = FieldReader::new(object);
    let mut seen = Seen::read(&mut r);
    let callback = Callback::from_fields(&mut r, &mut seen);
    r.finish(callback)
}

pub(super) fn read_event(r: &mut FieldReader<'_>, seen: &mut Seen) -> Option<Event> {
    match seen.kind? {
        Kind::Started => Some(Event::Started),
        Kind::Failed => {
            let error: String = r.required_json("error", "a string")?;
            Some(Event::Failed { error: text::block(&error, MAX_TEXT) })
        }
        Kind::Result => Some(Event::Result(Box::new(ScanResult::from_fields(r, seen)?))),
    }
}

fn read_kind(r: &mut FieldReader<'_>) -> Option<Kind> {
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

pub(super) fn read_attempt(r: &mut FieldReader<'_>, name: &str) -> Option<u32> {
    let attempt = r.json(name, "a positive integer")?;
    if attempt == 0 {
        r.fault(format!("/{name}"), "must be a positive integer");
    }
    Some(attempt)
}

pub(super) fn short_text(r: &mut FieldReader<'_>, name: &str) -> Option<String> {
    let value: String = r.json(name, "a string")?;
    Some(text::line(&value, MAX_TEXT))
}

pub(super) fn read_error(r: &mut FieldReader<'_>, name: &str) -> Option<String> {
    let error: String = r.json(name, "a string")?;
    Some(text::block(&error, MAX_TEXT))
}

pub(super) fn read_status(r: &mut FieldReader<'_>, name: &str) -> Option<ScanStatus> {
    let status: String = r.json(name, "a string")?;
    ScanStatus::from_str(&status).ok()
}

/// An integer from 0 to `most`, where it is there.
pub(super) fn read_up_to(r: &mut FieldReader<'_>, name: &str, most: u32) -> Option<u32> {
    let expected = format!("an integer from 0 to {most}");
    let number: u32 = r.json(name, &expected)?;
    if number > most {
        r.fault(format!("/{name}"), format_args!("must be {expected}"));
    }
    Some(number)
}

fn read_count(r: &mut FieldReader<'_>, name: &str) -> Option<u32> {
    r.must_be_there(name);
    read_up_to(r, name, MAX_COUNT)
}

/// The counts of a result, and the findings that it lists; no fewer may be counted than listed.
pub(super) fn read_findings(
    r: &mut FieldReader<'_>,
    provider: Option<Provider>,
) -> (Counts, CappedFindings) {
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
    (counts, cap_findings(sent))
}

/// What runs by itself; `None` where the sender did not look.
pub(super) fn read_auto_run(
    r: &mut FieldReader<'_>,
    name: &str,
    seen: &mut Seen,
) -> Option<Vec<AutoRun>> {
    let capped = cap_auto_run(r.list_if_there(name)?);
    seen.auto_run_truncated = capped.truncated;
    Some(capped.entries)
}

pub(super) fn read_coverage(r: &mut FieldReader<'_>, name: &str) -> Option<Coverage> {
    let coverage: Coverage = r.nested(name)?;
    // Before the list is cut.
    let complete = coverage.is_proof();
    let mut left = MAX_COVERAGE_BYTES;
    let mut notes = |notes: Vec<FileNote>| {
        let shown = |n: FileNote| {
            let (file, reason) = (text::line(&n.file, MAX_TEXT), text::line(&n.reason, MAX_TEXT));
            let note = FileNote { file, reason, ..n };
            left = left.checked_sub(note.json_bytes())?;
            Some(note)
        };
        notes.into_iter().take(MAX_COVERAGE_FILES).map_while(shown).collect()
    };
    // What nothing could read matters most.
    let unscanned = notes(coverage.unscanned);
    let text_rules_only = notes(coverage.text_rules_only);
    Some(Coverage { complete, unscanned, text_rules_only, ..coverage })
}

pub(super) fn read_tool(r: &mut FieldReader<'_>, name: &str) -> Option<Tool> {
    let tool: Tool = r.nested(name)?;
    Some(Tool {
        name: text::line(&tool.name, 100),
        version: text::line(&tool.version, 100),
        rules: text::line(&tool.rules, 200),
        engine: tool.engine,
    })
}
