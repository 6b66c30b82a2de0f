//! Which files semgrep read, by the canaries that came back and the faults that it reported.

use super::Semgrep;
use crate::{
    exec::StderrMatches,
    staging::StagedTree,
    tools::{
        ToolError,
        output::{Fault, ToolOutput, name_of},
    },
};
use skillgate_contract::Provider;
use std::collections::HashSet;

pub(super) const CANARY: &str = "skillgate-canary-";
pub(super) const TEXT_CANARY: &str = "skillgate-canary-text";
/// The kind of fault where PCRE2 reached its match limit: what a pattern would have found there is
/// not known.
pub(super) const MATCH_LIMIT: &str = "MatchLimit";

/// The files whose text rules may not all have run: no text canary came back, or some rule was
/// cut short. They are read a second time.
#[must_use]
pub fn unsettled(first: &ToolOutput, copy: &StagedTree) -> Vec<String> {
    let read = canaries(first, copy, |rule| rule == TEXT_CANARY);
    let troubled: HashSet<&str> = first
        .faults
        .iter()
        .filter(|fault| !is_parse_fault(fault))
        .filter_map(|fault| fault.name.as_deref())
        .collect();
    crate::tools::judged(&Semgrep, copy)
        .map(|file| file.name.as_str())
        .filter(|name| !read.contains(name) || troubled.contains(name))
        .map(str::to_owned)
        .collect()
}

/// Adds what only the log says: on which files a pattern gave up. A log that names no file at all
/// would say nothing of that either, which is a fault of the run.
pub(super) fn with_match_limits(mut output: ToolOutput, logged: &StderrMatches) -> ToolOutput {
    if logged.contexts == 0 {
        output.faults.push(Fault {
            kind: "a log without files".into(),
            message: "patterns may have given up unheard".into(),
            ..Fault::default()
        });
    }
    output.faults.extend(logged.matched.iter().map(|context| Fault {
        kind: MATCH_LIMIT.into(),
        // Without a name it is about any file.
        name: (!context.is_empty()).then(|| name_of(context)),
        message: "PCRE2 reached its match limit".into(),
        ..Fault::default()
    }));
    output
}

/// The names of the files whose canary of a kind came back, behind their content: a canary that
/// the author wrote into a file proves nothing.
pub(super) fn canaries<'a>(
    output: &'a ToolOutput,
    copy: &StagedTree,
    kind: impl Fn(&str) -> bool,
) -> HashSet<&'a str> {
    let ends = crate::tools::content_ends(copy);
    output
        .hits
        .iter()
        .filter(|hit| kind(&hit.rule))
        .filter(|hit| ends.get(hit.name.as_str()).is_some_and(|end| hit.line > *end))
        .map(|hit| hit.name.as_str())
        .collect()
}

/// The files whose text was read: their last reading decides.
pub(super) fn text_read<'a>(
    first: &'a ToolOutput,
    second: Option<&'a ToolOutput>,
    copy: &StagedTree,
) -> HashSet<&'a str> {
    let mut read = canaries(first, copy, |rule| rule == TEXT_CANARY);
    let Some(second) = second else { return read };
    let read_again: HashSet<String> = unsettled(first, copy).into_iter().collect();
    read.retain(|name| !read_again.contains(*name));
    let cut_short: HashSet<&str> = second
        .faults
        .iter()
        .filter(|f| !is_parse_fault(f))
        .filter_map(|f| f.name.as_deref())
        .collect();
    let again = canaries(second, copy, |rule| rule == TEXT_CANARY);
    read.extend(again.difference(&cut_short));
    read
}

/// The files that a parser took to their end.
pub(super) fn parsed<'a>(first: &'a ToolOutput, copy: &StagedTree) -> HashSet<&'a str> {
    canaries(first, copy, |rule| rule.starts_with(CANARY) && rule != TEXT_CANARY)
}

pub(super) fn is_about_a_file(fault: &Fault, copy: &StagedTree) -> bool {
    fault.name.as_deref().is_some_and(|name| copy.file(name).is_some())
}

/// Every kind of canary that its language has, and a finding where the planted file has content.
pub(super) fn planted_came_back(output: &ToolOutput, copy: &StagedTree) -> Result<(), ToolError> {
    let text = canaries(output, copy, |rule| rule == TEXT_CANARY);
    let code = canaries(output, copy, |rule| rule.starts_with(CANARY) && rule != TEXT_CANARY);
    let found: HashSet<&str> = output
        .hits
        .iter()
        .filter(|hit| !hit.rule.starts_with(CANARY))
        .map(|hit| hit.name.as_str())
        .collect();
    crate::tools::all_planted(Provider::Semgrep, copy, |file| {
        let name = file.name.as_str();
        text.contains(name)
            && (code.contains(name) || !file.language.is_parsed())
            && (found.contains(name) || file.content_lines == 0)
    })
}

pub(super) fn is_parse_fault(fault: &Fault) -> bool {
    fault.kind.contains("Parsing") || fault.kind.contains("Syntax") || fault.kind.contains("parse")
}
