//! Maps matches in staged files to findings in the repository.

use super::{
    dedup::{Kept, dedup},
    output::{Hit, Step},
};
use crate::{
    mask,
    staging::{Origin, StagedFile, StagedTree},
};
use skillgate_contract::{ChainStep, Finding, Provider, Severity, text};
use std::{collections::BTreeMap, fs};

/// Lines of code that a finding shows.
const SHOWN_LINES: u32 = 10;

/// Characters of a step's line.
const STEP_CHARS: usize = 300;

/// A finding and where its code stands in the copy.
pub(crate) struct Placed<'a> {
    pub(crate) finding: Finding,
    pub(crate) file: &'a StagedFile,
    pub(crate) first: u32,
    pub(crate) last: u32,
    pub(crate) steps: &'a [Step],
}

/// The findings that matches are; what lies in our own lines of the copy is none. `grade` is asked
/// for a severity with the match, its file, the text before the match on its line, and the matched
/// text. Repeats are set aside before any code is read for show: a file that matches everywhere
/// costs little more than one that matches five times.
pub(crate) fn findings<'a>(
    hits: impl Iterator<Item = &'a Hit>,
    copy: &StagedTree,
    provider: Provider,
    grade: impl Fn(&Hit, &StagedFile, &str, &str) -> Severity,
) -> Kept<Finding> {
    let mut by_file: BTreeMap<&str, Vec<&Hit>> = BTreeMap::new();
    for hit in hits {
        by_file.entry(hit.name.as_str()).or_default().push(hit);
    }
    let (mut placed, mut repeats) = (Vec::new(), Vec::new());
    for (name, hits) in by_file {
        let Some(file) = copy.file(name) else { continue };
        // What we have planted proves that the tool ran; it is nothing of the skill's.
        if file.origin == Origin::Planted {
            continue;
        }
        // Any bytes: what cannot be read shows itself in the coverage, not here.
        let bytes = fs::read(copy.root.join(&file.name)).unwrap_or_default();
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        let line = |number: u32| {
            let at = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
            let bytes = at.and_then(|at| lines.get(at)).copied().unwrap_or_default();
            String::from_utf8_lossy(bytes)
        };
        let in_this_file = hits.into_iter().filter_map(|hit| {
            let (first, last) = within(hit, file)?;
            let text = line(first);
            let (before, matched) =
                if first == hit.line { around(&text, hit) } else { ("", text.as_ref()) };
            let at = copy.locate(name, first)?;
            let finding = Finding {
                rule: hit.rule.clone(),
                severity: grade(hit, file, before, matched),
                message: hit.message.clone(),
                file: at.path,
                line: Some(at.line),
                end_line: copy.locate(name, last).map(|end| end.line.max(at.line)),
                code: String::new(),
                provider: Some(provider),
                chain: Vec::new(),
            };
            Some(Placed { finding, file, first, last, steps: &hit.steps })
        });
        let some = dedup(in_this_file.collect(), |p: &Placed<'_>| &p.finding);
        placed.extend(some.kept);
        repeats.extend(some.repeats);
    }
    let kept = placed
        .into_iter()
        .map(|Placed { finding, file, first, last, steps }| {
            let code =
                copy.excerpt(&file.name, first, last.min(first.saturating_add(SHOWN_LINES - 1)));
            let chain = chain(copy, &file.name, steps);
            Finding { code: mask::redact(&code), chain, ..finding }
        })
        .collect();
    Kept { kept, repeats }
}

/// A step's line as it is shown: secrets masked, at most 300 characters.
pub(crate) fn step_code(line: &str) -> String {
    text::line(&mask::redact(line), STEP_CHARS)
}

/// The steps of a match at their places in the repository. A step in a line of ours is none.
fn chain(copy: &StagedTree, name: &str, steps: &[Step]) -> Vec<ChainStep> {
    let step = |step: &Step| {
        let at = copy.locate(name, step.line)?;
        Some(ChainStep {
            fact: step.fact.to_owned(),
            file: at.path,
            line: at.line,
            end_line: Some(at.line),
            code: step_code(&copy.excerpt(name, step.line, step.line)),
        })
    };
    steps.iter().filter_map(step).collect()
}

/// The lines of a match that are the file's own. A text rule may begin in the blank lines before
/// the content, or end in the canary behind it.
fn within(hit: &Hit, file: &StagedFile) -> Option<(u32, u32)> {
    let first = hit.line.max(file.lines_before.saturating_add(1));
    let last = hit.end_line.min(file.lines_before.saturating_add(file.content_lines));
    (first <= last).then_some((first, last))
}

/// What stands before a match on its first line, and the match as far as it is on that line.
/// semgrep's columns are bytes; one that falls inside a character gives the whole line.
fn around<'a>(line: &'a str, hit: &Hit) -> (&'a str, &'a str) {
    let byte = |col: u32| usize::try_from(col.saturating_sub(1)).unwrap_or(usize::MAX);
    let start = byte(hit.col);
    let end = if hit.end_line == hit.line { byte(hit.end_col) } else { line.len() };
    match (line.get(..start), line.get(start..end.min(line.len()))) {
        (Some(before), Some(matched)) => (before, matched),
        _ => ("", line),
    }
}
