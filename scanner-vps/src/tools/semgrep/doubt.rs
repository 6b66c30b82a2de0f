//! When a run of the native engine is not enough, and the Python command line has to read the copy again.
//!
//! What both engines do to a file is no reason: a syntax error, a rule that ran out of time or memory, and a
//! pattern that gave up, each with the file's name, come from the program that both share.

use super::{
    Semgrep,
    coverage::{MATCH_LIMIT, is_about_a_file, is_parse_fault, parsed, text_read},
    reader::Readings,
};
use crate::{
    staging::StagedTree,
    tools::{
        engine::{Doubt, NativeEngine},
        judged,
        output::Fault,
    },
};
use std::collections::HashSet;

/// The first reason to read the copy again, if there is one. The planted positives have come back.
pub(super) fn of(readings: &Readings, copy: &StagedTree, native: &NativeEngine) -> Option<Doubt> {
    let Readings { first, second } = readings;
    let outputs = || std::iter::once(first).chain(second);
    if let Some(expected) = &native.version
        && let Some(other) = outputs().find(|output| output.version != *expected)
    {
        let (reported, expected) = (other.version.clone(), expected.clone());
        return Some(Doubt::Version { reported, expected });
    }
    let faults = || outputs().flat_map(|output| &output.faults);
    if let Some(fault) = faults().find(|fault| !is_about_a_file(fault, copy) || !is_shared(fault)) {
        return Some(Doubt::Fault(format!("{}: {}", fault.kind, fault.message)));
    }
    let explained: HashSet<&str> = faults().filter_map(|fault| fault.name.as_deref()).collect();
    let text_read = text_read(first, second.as_ref(), copy);
    let parsed = parsed(first, copy);
    let lost = judged(&Semgrep, copy).find(|file| {
        let name = file.name.as_str();
        let whole =
            text_read.contains(name) && (parsed.contains(name) || !file.language.is_parsed());
        !whole && !explained.contains(name)
    })?;
    Some(Doubt::Lost { name: lost.name.clone() })
}

/// Whether a complaint comes from what both engines share.
fn is_shared(fault: &Fault) -> bool {
    let kind = fault.kind.to_ascii_lowercase();
    fault.kind == MATCH_LIMIT
        || is_parse_fault(fault)
        || kind.contains("timeout")
        || kind.contains("memory")
}

#[cfg(test)]
mod tests;
