//! Coverage: the proof that a tool read its staged files, shared by all tools.

use super::{Tool, ToolError, ToolReport};
use crate::staging::{Origin, StagedFile, StagedTree};
use skillgate_contract::{Finding, Provider, Severity, callback::FileNote};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The rule of the finding that says: no parser could take this file whole.
pub const TEXT_RULES_ONLY: &str = "skillgate.coverage.text-rules-only";
/// So many of those count against a skill; the rest stand in the coverage alone. A folder of
/// templates is no reason to fail.
const MAX_COUNTED: usize = 10;

/// What was read of each file of the repository, gathered over its parts in the copy.
#[derive(Debug, Default)]
pub(crate) struct FileGaps {
    scanned: BTreeSet<String>,
    text_only: BTreeMap<String, Gap>,
    unscanned: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Gap {
    reason: String,
    /// The file itself, not only a code block in it.
    whole_file: bool,
    blocks: u32,
}

impl FileGaps {
    /// A part of a file was read.
    pub(crate) fn scanned(&mut self, file: &StagedFile) {
        if file.origin.is_of_commit() || matches!(file.origin, Origin::Embedded { .. }) {
            self.scanned.insert(file.path.clone());
        }
    }

    /// A part of a file was read by rules that need no parser.
    pub(crate) fn text_rules_only(&mut self, file: &StagedFile, reason: &str) {
        let is_block = matches!(file.origin, Origin::Embedded { .. });
        let gap = self.text_only.entry(file.path.clone()).or_insert_with(|| Gap {
            reason: reason.to_owned(),
            whole_file: false,
            blocks: 0,
        });
        gap.whole_file |= !is_block;
        gap.blocks = gap.blocks.saturating_add(u32::from(is_block));
    }

    /// Nothing could read a part of a file.
    pub(crate) fn unscanned(&mut self, file: &StagedFile, reason: &str) {
        self.unscanned.entry(file.path.clone()).or_insert_with(|| reason.to_owned());
    }

    /// Writes all of it into the report.
    pub(crate) fn finish(self, tool: &dyn Tool, report: &mut ToolReport) {
        let provider = tool.provider();
        let Self { mut scanned, text_only, unscanned } = self;
        for path in unscanned.keys() {
            scanned.remove(path);
        }
        report.files_scanned = u64::try_from(scanned.len()).unwrap_or(u64::MAX);
        let counted = text_only.iter().filter(|(_, gap)| gap.whole_file).take(MAX_COUNTED);
        let who = tool.unparsed();
        report.findings.extend(counted.map(|(path, gap)| Finding {
            rule: TEXT_RULES_ONLY.to_owned(),
            severity: Severity::Low,
            message: format!(
                "This file {who}: {}. Rules of {provider} that follow the code's structure could \
                 not see it.",
                gap.reason
            ),
            file: path.clone(),
            line: None,
            end_line: None,
            code: String::new(),
            provider: Some(provider),
            chain: Vec::new(),
        }));
        report.text_rules_only.extend(text_only.into_iter().map(|(file, gap)| {
            let reason = match (gap.whole_file, gap.blocks) {
                (true, _) | (false, 0) => gap.reason,
                (false, 1) => format!("a code block: {}", gap.reason),
                (false, n) => format!("{n} code blocks: {}", gap.reason),
            };
            FileNote::new(file, reason)
        }));
        report
            .unscanned
            .extend(unscanned.into_iter().map(|(file, reason)| FileNote::new(file, reason)));
    }
}

/// The staged files for which the tool's own result decides whether they were read.
pub(crate) fn judged<'a>(
    tool: &'a dyn Tool,
    copy: &'a StagedTree,
) -> impl Iterator<Item = &'a StagedFile> {
    copy.files.iter().filter(|file| tool.wants(file))
}

/// The last line of each file's own content in the copy; behind it lies the canary.
pub(crate) fn content_ends(copy: &StagedTree) -> HashMap<&str, u32> {
    copy.files
        .iter()
        .filter(|file| !file.raw)
        .map(|file| (file.name.as_str(), file.lines_before.saturating_add(file.content_lines)))
        .collect()
}

/// Holds a run void unless every planted positive came back, and there was one at all.
pub(crate) fn all_planted(
    provider: Provider,
    copy: &StagedTree,
    came_back: impl Fn(&StagedFile) -> bool,
) -> Result<(), ToolError> {
    let mut planted = copy.files.iter().filter(|file| file.origin == Origin::Planted).peekable();
    if planted.peek().is_none() {
        return Err(ToolError::NothingPlanted { provider });
    }
    match planted.find(|file| !came_back(file)) {
        Some(file) => Err(ToolError::PlantedMissing { provider, name: file.name.clone() }),
        None => Ok(()),
    }
}
