//! The outcome of each of many skills, with as few scans as that takes.

use super::attribution::{Outcome, attribute};
use super::scan::Scanner;
use super::{DetectionError, Files, batch};
use crate::interrupt;
use crate::process::{self, ProcessError};
use crate::ui::Ui;
use std::time::{Duration, Instant};

/// What was measured.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Of each skill, in the order given.
    pub outcomes: Vec<Outcome>,
    /// Versions of the rule pack and of semgrep.
    pub versions: Versions,
    /// How many scans it needed.
    pub scans: usize,
    /// From start to end.
    pub wall: Duration,
    /// Of the scanner and its tool on all cores; nothing where the system does not tell.
    pub cpu: Option<Duration>,
}

/// What scanned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of the rule pack.
    pub rules: String,
    /// Of semgrep.
    pub tool: String,
}

/// Scans skills together, and again with fewer where a report leaves open what is whose.
///
/// # Errors
/// When a scan gives no result.
pub fn measure(
    ui: &Ui,
    scanner: &Scanner,
    what: &str,
    skills: &[&Files],
) -> Result<Measured, DetectionError> {
    let began = Instant::now();
    let cpu_before = process::cpu_time_of_children();
    let step = ui.step(format!("{what}: {} skills", skills.len()));
    let mut outcomes: Vec<Option<Outcome>> = vec![None; skills.len()];
    let mut waiting = batch::batches(skills);
    let (mut scans, mut versions) = (0, Versions::default());
    while let Some(group) = waiting.pop() {
        if interrupt::happened() {
            return Err(ProcessError::Interrupted.into());
        }
        let of = |index: &usize| skills.get(*index).copied();
        let repo = match group.as_slice() {
            [one] => batch::alone(of(one).ok_or(DetectionError::Unjudged)?),
            many => batch::together(many.iter().filter_map(|i| Some((batch::folder(*i), of(i)?)))),
        };
        let report = scanner.scan(&repo)?;
        scans += 1;
        step.tick();
        versions = Versions { rules: report.rules.clone(), tool: report.tool.clone() };
        let folders: Vec<_> = group.iter().copied().map(batch::folder).collect();
        let found = match group.as_slice() {
            [_] => Some(vec![Some(Outcome::alone(&report))]),
            _ => attribute(&report, &folders),
        };
        let Some(found) = found else {
            let (first, second) = group.split_at(group.len() / 2);
            waiting.extend([first.to_vec(), second.to_vec()]);
            continue;
        };
        for (index, outcome) in group.into_iter().zip(found) {
            match (outcome, outcomes.get_mut(index)) {
                (Some(outcome), Some(place)) => *place = Some(outcome),
                _ => waiting.push(vec![index]),
            }
        }
    }
    step.done();
    let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
    let cpu = process::cpu_time_of_children().zip(cpu_before);
    Ok(Measured {
        outcomes: outcomes.ok_or(DetectionError::Unjudged)?,
        versions,
        scans,
        wall: began.elapsed(),
        cpu: cpu.map(|(after, before)| after.saturating_sub(before)),
    })
}

/// Scans every `skills.len() / wanted`th skill alone, and compares with what it came to among others.
///
/// # Errors
/// When a scan gives no result, or one that differs.
pub fn check_alone(
    ui: &Ui,
    scanner: &Scanner,
    skills: &[(&str, &Files, &Outcome)],
    wanted: usize,
) -> Result<(), DetectionError> {
    let stride = (skills.len() / wanted.max(1)).max(1);
    let step = ui.step(format!("{wanted} of them scanned alone"));
    let mut differ = Vec::new();
    for (id, files, outcome) in skills.iter().step_by(stride).take(wanted) {
        let alone = Outcome::alone(&scanner.scan(&batch::alone(files))?);
        step.tick();
        if alone.counts != outcome.counts || alone.status != outcome.status {
            differ.push((*id).to_owned());
        }
    }
    step.done();
    if differ.is_empty() { Ok(()) } else { Err(DetectionError::Mixed(differ)) }
}
