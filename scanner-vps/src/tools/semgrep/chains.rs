//! Chains of evidence, in the form of semgrep's matches: what lowers, merges and caps a match does the same to them.

use crate::{
    mask,
    staging::StagedTree,
    tools::{
        output::Hit,
        severity::{Grade, Level},
    },
};

/// The chains that staging found, each at its place in the copy.
pub(super) fn hits(copy: &StagedTree) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, file) in copy.files.iter().enumerate() {
        for found in copy.evidence.get(&at).into_iter().flatten() {
            let line = |line: u32| line.saturating_add(file.lines_before);
            let place = |content_line: u32| {
                copy.locate(&file.name, line(content_line)).map_or(content_line, |at| at.line)
            };
            let chain = &found.chain;
            hits.push(Hit {
                rule: chain.rule.id().to_owned(),
                name: file.name.clone(),
                line: line(chain.first_line()),
                end_line: line(chain.last_line()),
                col: found.column.saturating_add(1),
                // To the end of the line.
                end_col: u32::MAX,
                message: mask::redact(&chain.message(place)),
                level: Level::Error,
                category: "malice".to_owned(),
                confidence: Grade::High,
                likelihood: Grade::High,
            });
        }
    }
    hits
}

/// Whether a rule is one of the chains that block.
pub(super) fn blocks(rule: &str) -> bool {
    skillgate_detection::Rule::ALL.iter().any(|chain| chain.blocks() && chain.id() == rule)
}
