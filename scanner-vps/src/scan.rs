//! One scan from start to end: fetch, stage, run, conclude.

use crate::{
    git::{self, GitError, GitProgram, GitVersion, Source, Wanted},
    scratch::ScratchDir,
    staging::{self, StagedTree, StagingError},
    tools::{
        self, Requirement, ToolDirs, ToolError, ToolReport, ToolRun, Toolbox,
        dedup::{cap_habits, dedup, name_repeats, suppressions_as_one},
    },
};
use skillgate_autorun::Inventory;
use skillgate_contract::{
    CommitSha, Counts, Provider, ScanStatus, SkillName, SkillPath, Verdict,
    callback::{Coverage, FileNote, ScanResult},
    cap_findings, text,
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

mod automatic;
mod autorun;
mod cut_short;
mod guard;

#[cfg(test)]
pub(crate) use autorun::entries as autorun_entries;

#[cfg(test)]
mod chain_examples;
#[cfg(test)]
#[cfg(feature = "fourth-provider")]
mod fourth_provider;
mod own_reading;
mod settings;
#[cfg(test)]
mod tests;

/// A tool that had nothing to read proves nothing by finding nothing.
const NOTHING_TO_READ: &str = "the commit holds nothing that could be read";

/// One scan to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanJob {
    /// Where the code comes from.
    pub source: Source,
    /// The skill's name, for messages; not needed to scan.
    pub skill_name: Option<SkillName>,
    /// Which tool.
    pub provider: Provider,
    /// The commit; without it, the repository's HEAD.
    pub commit: Option<CommitSha>,
    /// Only this folder decides.
    pub skill_path: Option<SkillPath>,
}

/// What a scan is doing, for people who wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Fetching the commit.
    Cloning,
    /// Staging the files for the tool.
    Copying,
    /// The tool runs.
    Running,
    /// Reading what it said.
    Judging,
    /// Not a step: so many files of the folder that was named are not as in the commit that is scanned
    /// of it, or nobody knows how many.
    Uncommitted(CommitSha, Option<usize>),
}

/// How much one scan may take, and where it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Wall clock of the tool: at least 120 s, so that a loaded machine is no reason to fail.
    pub tool_wall: Duration,
    /// Wall clock of the whole scan: below the worker's `SCAN_DEADLINE_MINUTES`, so that its end is heard. Programs end
    /// [`JUDGING`] before it, and what they found until then is reported.
    pub scan_wall: Duration,
    /// Of the fetch and the copy.
    pub git: git::Limits,
    /// Where scratch folders are made; every tool must read files below it ([`tools::read_below`]).
    pub work_dir: PathBuf,
}

/// What is kept of a scan's time for judging and reporting what was found.
pub const JUDGING: Duration = Duration::from_secs(120);

impl Default for Limits {
    fn default() -> Self {
        Self {
            tool_wall: Duration::from_secs(600),
            scan_wall: Duration::from_secs(50 * 60),
            git: git::Limits::default(),
            work_dir: std::env::temp_dir(),
        }
    }
}

/// A scan that came to a result; its `claimed` status and coverage say how much was proven.
pub type ScanOutcome = ScanResult;

/// A scan's result with what runs by itself in the scanned folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanned {
    /// The result.
    pub result: ScanResult,
    /// Listed by the one provider that runs the scanner's own rules: those rules are to judge it, and one list for each
    /// commit is enough.
    pub autorun: Option<Inventory>,
}

/// Nothing was learnt. The texts go to people and into reports: no path of this machine but what
/// the person at the keyboard named, and no secret.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// git is missing.
    #[error("git is not installed on this scanner (GIT_BIN or PATH)")]
    NoGit,
    /// git is older than any that was tried.
    #[error("git {found} on this scanner is too old: at least {}", Requirement::GIT.minimum)]
    OldGit {
        /// The version that it says.
        found: GitVersion,
    },
    /// The commit could not be fetched or read.
    #[error("{0}")]
    Git(GitError),
    /// The skill's folder is none.
    #[error(transparent)]
    Folder(staging::FolderError),
    /// The copy could not be made.
    #[error("the scanner could not copy the skill's files: {reason}")]
    Copy {
        /// What the system said.
        reason: String,
    },
    /// The tool proves nothing.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// Files of earlier scans are still being read, on as many threads as may be.
    #[error("readings of earlier scans still take the scanner's processor{}", git::TRY_AGAIN_LATER)]
    Busy,
    /// The scanner's own folder failed it.
    #[error("the scanner's work folder cannot be used: {reason}")]
    Scratch {
        /// What the system said.
        reason: String,
    },
}

impl ScanError {
    /// Whether the same scan may succeed later, with nothing changed by anybody.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Git(error) => error.is_transient(),
            Self::Tool(error) => error.is_stop(),
            Self::Busy => true,
            _ => false,
        }
    }
}

impl From<GitError> for ScanError {
    fn from(error: GitError) -> Self {
        match error {
            // These name our own scratch folder and program.
            GitError::Exec(_) => Self::Git(GitError::Failed {
                step: "run",
                message: "it did not start, or took too long".into(),
            }),
            GitError::Io { source, .. } => Self::Scratch { reason: source.kind().to_string() },
            other => Self::Git(other),
        }
    }
}

impl From<StagingError> for ScanError {
    fn from(error: StagingError) -> Self {
        match error {
            StagingError::Git(error) => error.into(),
            StagingError::Folder(error) => Self::Folder(error),
            StagingError::Io { source, .. } => Self::Copy { reason: source.kind().to_string() },
            StagingError::SkippedPath { provider, .. } => Self::Scratch {
                reason: format!("{provider} skips every file below a folder of its name"),
            },
        }
    }
}

/// Runs one scan.
///
/// # Errors
/// Nothing was learnt: the clone, the copy or the tool failed.
pub async fn scan(
    job: &ScanJob,
    toolbox: &Toolbox,
    limits: &Limits,
    progress: &(dyn Fn(Phase) + Send + Sync),
) -> Result<ScanOutcome, ScanError> {
    scan_with_autorun(job, toolbox, limits, progress).await.map(|scanned| scanned.result)
}

/// Runs one scan, and says what runs by itself.
///
/// # Errors
/// As [`scan`].
pub async fn scan_with_autorun(
    job: &ScanJob,
    toolbox: &Toolbox,
    limits: &Limits,
    progress: &(dyn Fn(Phase) + Send + Sync),
) -> Result<Scanned, ScanError> {
    let started = Instant::now();
    let git = GitProgram::new(toolbox.git.found().map_err(|_| ScanError::NoGit)?)
        .with_private_hosts(toolbox.private_repo_hosts.clone());
    let found = git.version().await?;
    if !found.is_usable() {
        return Err(ScanError::OldGit { found });
    }
    let scratch = ScratchDir::new(&limits.work_dir)
        .map_err(|error| ScanError::Scratch { reason: error.kind().to_string() })?;

    let refused = staging::refused_readings();
    if staging::readings_are_full() {
        return Err(ScanError::Busy);
    }
    progress(Phase::Cloning);
    let tool = tools::of(job.provider);
    let depth = tool.depth();
    // Where one folder decides, the rest of the repository need not be here.
    let whole = job.skill_path.is_none();
    let wanted = Wanted { commit: job.commit.as_ref(), depth, whole };
    let fetched = git::fetch(&git, &job.source, &wanted, scratch.path(), &limits.git).await?;

    if let (Source::Local(folder), None) = (&job.source, &job.commit) {
        match git::uncommitted(&git, &fetched, folder).await {
            Ok(None | Some(0)) => {}
            Ok(files) => progress(Phase::Uncommitted(fetched.commit.clone(), files)),
            Err(_) => progress(Phase::Uncommitted(fetched.commit.clone(), None)),
        }
    }

    progress(Phase::Copying);
    let plan = tools::plan(job.provider, job.skill_path.clone());
    let mut copy = staging::stage(&fetched, &git, &plan, scratch.path(), &limits.git).await?;
    let autorun = if tool.uses_rule_pack() {
        // Where links in its path lead to another folder, that one was staged.
        let folder = copy.folder.as_deref().and_then(|folder| folder.parse().ok());
        let found = autorun::of(&git, &fetched, folder.as_ref(), &limits.git).await?;
        let found = own_reading::listed(found, &mut copy);
        let (found, staged) = own_reading::judge(found, copy, job.provider).await;
        copy = staged;
        copy.first = automatic::first(&found, &copy);
        copy.findings.extend(settings::judge(&found, job.provider));
        Some(found)
    } else {
        None
    };

    if staging::refused_readings() != refused {
        return Err(ScanError::Busy);
    }
    progress(Phase::Running);
    let dirs = ToolDirs::new(scratch.path()).map_err(ToolError::Scratch)?;
    let root = copy.folder.clone();
    let wall = limits.tool_wall;
    let ends = started + limits.scan_wall.saturating_sub(JUDGING.min(limits.scan_wall / 4));
    let run = ToolRun { toolbox, copy: &copy, dirs: &dirs, root: root.as_deref(), wall, ends };
    let mut report = match guard::guarded(job.provider, tool.run(run)).await {
        Ok(report) => report,
        Err(error) => cut_short::report(error, job.provider, run).await?,
    };
    toolbox.severities.apply(&mut report.findings);
    toolbox.severities.apply(&mut copy.findings);

    progress(Phase::Judging);
    let mut result = conclude(report, copy, fetched.commit);
    result.duration_ms = u64::try_from(started.elapsed().as_millis()).ok();
    if let Some(found) = &autorun {
        let listed = autorun::entries(found);
        result.auto_run = Some(listed.entries);
        result.auto_run_truncated = listed.truncated;
    }
    Ok(Scanned { result, autorun })
}

/// The result of what the tool and the copy say together. Pure.
#[must_use]
pub fn conclude(report: ToolReport, copy: StagedTree, commit_sha: CommitSha) -> ScanResult {
    let mut findings = report.findings;
    findings.extend(copy.findings);
    let mut repeats = report.repeats;
    let asked = suppressions_as_one(findings);
    repeats.extend(asked.repeats);
    let single = dedup(asked.kept, |finding| finding);
    repeats.extend(single.repeats);
    let habits = cap_habits(single.kept);
    repeats.extend(habits.repeats);
    let (findings, left_out) = name_repeats(habits.kept, repeats);
    let counts = Counts::of(findings.iter().map(|finding| finding.severity));
    let mut unscanned = copy.unscanned;
    unscanned.extend(report.unscanned);
    let mut problems = report.problems;
    if !copy.holds_text {
        problems.push(NOTHING_TO_READ.to_owned());
    }
    let complete = unscanned.is_empty() && problems.is_empty();
    let reason = (!complete).then(|| reasons(&problems, &unscanned));
    // Worth saying, and behind what matters more.
    unscanned.extend(copy.not_read.into_iter().map(FileNote::informational));
    let status = match counts.verdict() {
        Verdict::Fail => ScanStatus::Fail,
        Verdict::Pass if complete => ScanStatus::Pass,
        Verdict::Pass => ScanStatus::Incomplete,
    };
    let capped = cap_findings(findings);
    ScanResult {
        commit_sha,
        claimed: Some(status),
        claimed_verdict: Some(counts.verdict()),
        claimed_score: Some(counts.score()),
        counts,
        findings: capped.findings,
        findings_truncated: capped.truncated || left_out,
        // Whole: whoever sends a result cuts its lists, and says how much.
        coverage: Some(Coverage {
            complete,
            files_scanned: report.files_scanned,
            text_rules_only: report.text_rules_only,
            unscanned,
        }),
        tool: Some(report.tool),
        duration_ms: None,
        error: reason,
        auto_run: None,
        auto_run_truncated: false,
    }
}

/// Why a result is not complete, for people.
fn reasons(problems: &[String], unscanned: &[FileNote]) -> String {
    let mut said = problems.to_vec();
    if let Some(first) = unscanned.first() {
        let others = unscanned.len() - 1;
        let more = if others > 0 { format!(", and {others} more") } else { String::new() };
        said.push(format!("not read: {} ({}){more}", first.file, first.reason));
    }
    text::line(&said.join("; "), 1_000)
}
