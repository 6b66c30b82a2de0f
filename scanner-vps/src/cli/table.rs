//! The result of `scan` as a table for people.

use super::autorun;
use crate::tools::dedup::split_places;
use skillgate_autorun::Inventory;
use skillgate_contract::{
    Counts, Finding, MAX_STRING_CHARS, Provider, ScanStatus, Severity,
    callback::{ScanResult, Tool},
    text,
};
use std::fmt::Write as _;

/// Characters of a finding's message.
const MESSAGE_CHARS: usize = 100;
/// The number of files with incomplete coverage that are listed.
const LISTED_FILES: usize = 20;

/// The result of one provider, one row of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) provider: Provider,
    pub(super) seconds: f64,
    pub(super) outcome: Result<ScanResult, String>,
    /// The tool that was to run, for a scan without a result.
    pub(super) tool: Option<Tool>,
    /// What runs by itself, where this provider lists it.
    pub(super) autorun: Option<Inventory>,
}

impl Row {
    /// The row of a failed scan.
    pub(super) const fn failed(provider: Provider, error: String) -> Self {
        Self { provider, seconds: 0.0, outcome: Err(error), tool: None, autorun: None }
    }

    pub(super) fn status(&self) -> ScanStatus {
        self.outcome.as_ref().map_or(ScanStatus::Error, |result| result.conclude(false))
    }
}

/// One line for each scan. It holds no text of the repository.
pub(super) fn brief(rows: &[Row]) -> String {
    let mut out = format!(
        "{:<11} {:<11} {:>5}  {:>4} {:>4} {:>4} {:>4}  {:>5} {:>8}  {}\n",
        "PROVIDER", "STATUS", "SCORE", "CRIT", "HIGH", "MED", "LOW", "FILES", "SECONDS", "COMMIT"
    );
    for row in rows {
        line(&mut out, row);
    }
    out
}

/// The table with all findings and notes.
pub(super) fn render(rows: &[Row]) -> String {
    let mut out = brief(rows);
    for row in rows {
        details(&mut out, row);
    }
    for row in rows {
        if let (Ok(result), Some(found)) = (&row.outcome, &row.autorun) {
            autorun::section(&mut out, result.auto_run.as_deref().unwrap_or_default(), found);
        }
    }
    out
}

fn line(out: &mut String, row: &Row) {
    let Row { provider, seconds, outcome, .. } = row;
    let status = row.status();
    // Writing to a string cannot fail.
    let _ = match outcome {
        Ok(result) => {
            let Counts { critical, high, medium, low } = result.counts;
            let files = result.coverage.as_ref().map_or(0, |c| c.files_scanned);
            writeln!(
                out,
                "{provider:<11} {status:<11} {:>5}  {critical:>4} {high:>4} {medium:>4} {low:>4}  {files:>5} {seconds:>8.1}  {}",
                result.counts.score(),
                result.commit_sha.short()
            )
        }
        Err(_) => writeln!(out, "{provider:<11} {status:<11} {:>5}  {:>45.1}", "-", seconds),
    };
}

fn details(out: &mut String, row: &Row) {
    match &row.outcome {
        Err(error) => {
            let _ = writeln!(out, "\n{}: {error}", row.provider);
        }
        Ok(result) => {
            if let Some(reason) = &result.error {
                let _ = writeln!(out, "\n{}: {reason}", row.provider);
            }
            if let Some(engine) = result.tool.as_ref().and_then(|tool| tool.engine) {
                let _ = writeln!(out, "\n{} ran on its {} engine", row.provider, engine.as_str());
            }
            files(out, row.provider, result);
            if !result.findings.is_empty() {
                let _ = writeln!(out, "\n{} found:", row.provider);
            }
            for finding in &result.findings {
                shown(out, finding);
            }
            if result.findings_truncated {
                let _ = writeln!(
                    out,
                    "  … not all is listed: {} findings count, the worst are shown",
                    result.counts.total()
                );
            }
        }
    }
}

fn files(out: &mut String, provider: Provider, result: &ScanResult) {
    let Some(coverage) = &result.coverage else { return };
    for (title, notes) in
        [("did not read", &coverage.unscanned), ("read in part", &coverage.text_rules_only)]
    {
        if notes.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{provider} {title}:");
        for note in notes.iter().take(LISTED_FILES) {
            let _ = writeln!(
                out,
                "  {}: {}",
                text::line(&note.file, 200),
                text::line(&note.reason, 200)
            );
        }
        if notes.len() > LISTED_FILES {
            let _ = writeln!(out, "  … and {} more", notes.len() - LISTED_FILES);
        }
    }
}

fn shown(out: &mut String, finding: &Finding) {
    let severity = match finding.severity {
        Severity::Critical => "CRITICAL",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    };
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let message = finding.message.replace('\n', " ");
    // The other places stand whole on a line of their own: who mends one has to know of all.
    let (message, also) = split_places(&message);
    let _ = writeln!(
        out,
        "  {severity:<8}  {}  {}{line}  {}",
        text::line(&finding.rule, 80),
        text::line(&finding.file, 200),
        text::line(message, MESSAGE_CHARS)
    );
    if !also.is_empty() {
        let _ = writeln!(out, "            {}", text::line(also, MAX_STRING_CHARS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::dedup::ALSO;
    use skillgate_contract::{
        CommitSha,
        callback::{Coverage, FileNote},
    };

    fn result(counts: Counts, complete: bool) -> ScanResult {
        ScanResult {
            commit_sha: "0123456789".repeat(4).parse::<CommitSha>().unwrap(),
            claimed: None,
            claimed_verdict: None,
            claimed_score: None,
            counts,
            findings: vec![Finding {
                rule: "skillgate.a.b".into(),
                severity: Severity::High,
                message: "one\ntwo".into(),
                file: "a\u{1b}[31m.js".into(),
                line: Some(3),
                end_line: Some(4),
                code: String::new(),
                provider: None,
                chain: Vec::new(),
            }],
            findings_truncated: false,
            coverage: Some(Coverage {
                complete,
                files_scanned: 4,
                text_rules_only: vec![],
                unscanned: vec![FileNote::new("b.js", "a submodule")],
            }),
            tool: None,
            duration_ms: None,
            error: None,
            auto_run: None,
            auto_run_truncated: false,
        }
    }

    #[test]
    fn a_table_tells_status_place_and_gaps_and_moves_no_cursor() {
        let rows = [
            Row {
                provider: Provider::Semgrep,
                seconds: 2.04,
                outcome: Ok(result(Counts { high: 1, ..Counts::default() }, false)),
                tool: None,
                autorun: None,
            },
            Row {
                provider: Provider::Njsscan,
                seconds: 0.1,
                outcome: Err("njsscan is not installed".into()),
                tool: None,
                autorun: None,
            },
        ];
        let text = render(&rows);
        assert!(!text.contains('\u{1b}'));
        for part in [
            "semgrep     INCOMPLETE     90     0    1    0    0      4      2.0  0123456",
            "njsscan     ERROR",
            "high      skillgate.a.b  a\u{fffd}[31m.js:3  one two",
            "b.js: a submodule",
            "njsscan: njsscan is not installed",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn every_place_of_a_habit_is_shown_though_messages_are_cut() {
        let mut result = result(Counts { medium: 1, ..Counts::default() }, true);
        let long = "a".repeat(2 * MESSAGE_CHARS);
        result.findings[0].message = format!("{long}.{ALSO}2 more places: b.md:1, c.md:2.");
        let row = Row {
            provider: Provider::Semgrep,
            seconds: 1.0,
            outcome: Ok(result),
            tool: None,
            autorun: None,
        };
        let text = render(&[row]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[lines.len() - 1].trim(), "The same in 2 more places: b.md:1, c.md:2.");
        assert!(!text.contains(&long));
    }
}
