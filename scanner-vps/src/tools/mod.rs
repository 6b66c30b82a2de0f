//! The tools: how each is found, started, read and believed.
//!
//! Each tool has one folder or file with pure `args`, `parse` and `judge`, a thin `run`, and an
//! implementation of [`Tool`]. [`of`] is the one list of them. A [`ToolReport`] says what was
//! learnt and how much was read; a [`ToolError`] that nothing was learnt. A tool that says "nothing
//! found" proves nothing: each run must bring back planted positives ([`coverage`]) and each file
//! its canary.

mod context;
pub mod coverage;
pub mod dedup;
pub mod engine;
mod error;
mod handed;
pub mod launcher;
mod literal;
pub mod njsscan;
pub mod output;
pub mod overrides;
mod partial;
mod place;
mod reach;
pub mod rules;
pub mod semgrep;
pub mod severity;
mod sink;
mod start;
#[cfg(feature = "fourth-provider")]
pub mod stub;
mod toolbox;
pub mod trufflehog;
pub mod version;

#[cfg(test)]
pub(crate) mod testcopy;

pub use error::ToolError;
pub use start::{ToolDirs, environment};
pub use toolbox::{Requirement, ToolPath, ToolSettings, Toolbox};

pub(crate) use coverage::{FileGaps, all_planted, content_ends, judged};
pub(crate) use place::step_code;
pub(crate) use start::{Launch, brief, in_words, run_program, start};

use crate::{
    exec::StderrMatcher,
    git::Depth,
    staging::{StagedTree, StagingPlan, StagingProfile, profile::reads_below},
};
use skillgate_contract::{
    Finding, History, Provider, SkillPath,
    callback::{self, FileNote},
};
use std::{
    path::Path,
    pin::Pin,
    time::{Duration, Instant},
};

/// The tool of one provider: everything that the scanner knows about it beside
/// [`skillgate_contract::ProviderSpec`]. What staging has to know is in [`StagingProfile`].
pub trait Tool: StagingProfile {
    /// The program that has to be installed.
    fn requirement(&self) -> Requirement;

    /// Runs the tool over staged files and judges what it says.
    fn run<'a>(&'a self, run: ToolRun<'a>) -> RunningTool<'a>;

    /// How much of the history is fetched for it.
    fn depth(&self) -> Depth {
        match self.provider().spec().covers {
            History::WholeHistory => Depth::History,
            History::OneCommit => Depth::One,
        }
    }

    /// Environment variables that its programs read. All tools get those of all, because one may
    /// start another.
    fn environment(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// What to look for in its standard error, which is not kept whole.
    fn stderr_matcher(&self) -> Option<StderrMatcher> {
        None
    }

    /// Whether its findings come from the scanner's rule pack, whose version then goes into reports.
    fn uses_rule_pack(&self) -> bool {
        false
    }

    /// Whether its program may be one of two engines, of which a scan says the one that it believed.
    fn has_engines(&self) -> bool {
        false
    }

    /// Whether each finding is a secret that has to be revoked by itself. Such findings are exempt
    /// from the caps on what one rule may report about a repository.
    fn finds_secrets(&self) -> bool {
        false
    }

    /// Verb phrase of the finding on a file that the tool's parser could not take: what reads the
    /// file all the same.
    fn unparsed(&self) -> &'static str {
        "was read by the text rules alone"
    }
}

/// The list of tools: each provider of the contract has its entry here.
#[must_use]
pub const fn of(provider: Provider) -> &'static dyn Tool {
    match provider {
        Provider::Semgrep => &semgrep::Semgrep,
        Provider::Njsscan => &njsscan::Njsscan,
        Provider::Trufflehog => &trufflehog::Trufflehog,
        #[cfg(feature = "fourth-provider")]
        Provider::Stub => &stub::Stub,
    }
}

/// Every tool, in the order of the contract.
pub fn all() -> impl Iterator<Item = &'static dyn Tool> {
    Provider::ALL.into_iter().map(of)
}

/// The staging profiles of all tools.
#[must_use]
pub fn profiles() -> Vec<&'static dyn StagingProfile> {
    all().map(|tool| tool as &dyn StagingProfile).collect()
}

/// How to stage a commit for one provider; of the whole commit where no folder is named.
#[must_use]
pub fn plan(provider: Provider, skill_path: Option<SkillPath>) -> StagingPlan {
    StagingPlan { tool: of(provider), tools: profiles(), skill_path }
}

/// Whether every tool reads the files below an absolute path, whatever they are called.
#[must_use]
pub fn read_below(path: &Path) -> bool {
    all().all(|tool| reads_below(tool, path))
}

/// What one run gets.
#[derive(Debug, Clone, Copy)]
pub struct ToolRun<'a> {
    /// Where the programs are, and the rules.
    pub toolbox: &'a Toolbox,
    /// The staged files.
    pub copy: &'a StagedTree,
    /// The tool's own folders.
    pub dirs: &'a ToolDirs,
    /// The skill's folder in the repository; `None` where the whole commit is the skill.
    pub root: Option<&'a str>,
    /// Wall clock limit of each try to read the whole copy.
    pub wall: Duration,
    /// When the last program of the scan has to have ended, whatever `wall` says.
    pub ends: Instant,
}

/// What a try to read the whole copy leaves of a scan's time: for the files that are read alone after it, and the proof.
pub(crate) const KEPT_FOR_THE_REST: Duration = Duration::from_secs(150);
/// What reading files alone leaves of a scan's time, for the proof.
pub(crate) const KEPT_FOR_PROOF: Duration = Duration::from_secs(30);

impl ToolRun<'_> {
    /// How long a try to read the whole copy may take now: `wall`, and what is left of the scan's time but for what the
    /// steps after it need, which is never more than half of it.
    pub(crate) fn time(&self, wall: Duration) -> Duration {
        self.time_but(wall, KEPT_FOR_THE_REST)
    }

    /// As [`Self::time`], for the files that are read alone.
    pub(crate) fn time_alone(&self, wall: Duration) -> Duration {
        self.time_but(wall, KEPT_FOR_PROOF)
    }

    /// As [`Self::time`], for the last step.
    pub(crate) fn time_last(&self, wall: Duration) -> Duration {
        self.time_but(wall, Duration::ZERO)
    }

    fn time_but(&self, wall: Duration, kept: Duration) -> Duration {
        let left = self.ends.saturating_duration_since(Instant::now());
        wall.min(left.saturating_sub(kept.min(left / 2)))
    }
}

/// A run of a tool.
///
/// # Errors
/// Nothing was learnt: it could not run, was killed, or cannot be believed.
pub type RunningTool<'a> = Pin<Box<dyn Future<Output = Result<ToolReport, ToolError>> + Send + 'a>>;

/// What one tool found, and how much it proved to have read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolReport {
    /// Everything found, at its place in the repository.
    pub findings: Vec<Finding>,
    /// What one rule found more often in one file than counts.
    pub repeats: Vec<dedup::Repeat>,
    /// Files of the repository that were read. With njsscan none is a result too, where a
    /// repository holds no code for Node.js: its planted positives show that it ran.
    pub files_scanned: u64,
    /// Files that no parser could take whole.
    pub text_rules_only: Vec<FileNote>,
    /// Files that nothing could read: not complete.
    pub unscanned: Vec<FileNote>,
    /// Why the run is not complete, beside the files.
    pub problems: Vec<String>,
    /// What ran.
    pub tool: callback::Tool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_has_its_own_tool() {
        for provider in Provider::ALL {
            let tool = of(provider);
            assert_eq!(tool.provider(), provider);
            assert_eq!(tool.requirement().name, provider.as_str());
            assert!(
                !tool.planted().is_empty(),
                "{provider}: a run without positives proves nothing"
            );
            for (language, _) in tool.planted() {
                let canary = tool.canary(*language, "mark-", "f000001");
                assert!(canary.starts_with('\n') && canary.ends_with('\n'), "{canary:?}");
                assert!(canary.contains("f000001"), "{canary:?}");
            }
        }
    }

    #[test]
    fn a_suppression_is_in_lower_case_and_its_letter_lies_in_it() {
        for tool in all() {
            for word in tool.suppressions() {
                assert!(word.word.get(word.letter).is_some());
                assert!(!word.word.iter().any(u8::is_ascii_uppercase));
            }
        }
    }

    #[test]
    fn only_the_history_of_a_provider_that_covers_it_is_fetched() {
        let history: Vec<_> = all().filter(|tool| tool.depth() == Depth::History).collect();
        let providers: Vec<_> = history.iter().map(|tool| tool.provider()).collect();
        assert_eq!(providers, [trufflehog::Trufflehog.provider()]);
    }
}
