//! The arguments of the commands that scan.

use super::Format;
use crate::scan::Limits;
use skillgate_contract::{CommitSha, Provider, SkillPath};
use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

/// Minutes of the step that runs `github scan`, where nothing says more.
const STEP_MINUTES: f64 = 16.0;
/// What a step may have: no scan takes longer than [`Limits::scan_wall`].
const STEP_RANGE: RangeInclusive<f64> = 1.0..=50.0;

fn step_minutes(given: &str) -> Result<f64, String> {
    let minutes = given.parse().ok().filter(|minutes| STEP_RANGE.contains(minutes));
    minutes
        .ok_or_else(|| format!("a step has {} to {} minutes", STEP_RANGE.start(), STEP_RANGE.end()))
}

/// The arguments of `scan`.
#[derive(Debug, Clone, clap::Args)]
pub struct ScanArgs {
    /// A repository's https URL, or the folder of a git repository on this machine.
    #[arg(value_name = "REPO-URL-OR-PATH", required_unless_present = "job")]
    pub repository: Option<String>,
    /// The old form of `github scan`.
    #[arg(long, hide = true, conflicts_with_all = ["repository", "commit", "path"])]
    pub job: bool,
    /// The commit to scan, all 40 digits. Without it: the repository's HEAD.
    #[arg(long, value_name = "SHA")]
    pub commit: Option<CommitSha>,
    /// The folder of the skill, where the repository holds many: only that folder decides.
    #[arg(long, value_name = "FOLDER")]
    pub path: Option<SkillPath>,
    /// The old form of `github scan --callback`.
    #[arg(long, hide = true, conflicts_with_all = ["repository", "commit", "path"])]
    pub callback: bool,
    /// As in [`GithubScanArgs`].
    #[arg(skip)]
    pub step_minutes: Option<f64>,
    /// What `scan` and `github scan` have in common.
    #[command(flatten)]
    pub options: ScanOptions,
}

/// The arguments of `github scan`.
#[derive(Debug, Clone, clap::Args)]
pub struct GithubScanArgs {
    /// With one provider: report start and end to the worker.
    #[arg(long)]
    pub callback: bool,
    /// Minutes after which the step is cut off, 1 to 50: the tools end 2 minutes earlier, and what was found is reported.
    #[arg(long, value_name = "MINUTES", default_value_t = STEP_MINUTES, value_parser = step_minutes)]
    pub step_minutes: f64,
    /// What `scan` and `github scan` have in common.
    #[command(flatten)]
    pub options: ScanOptions,
}

/// The options of `scan` and `github scan`.
#[derive(Debug, Clone, clap::Args)]
pub struct ScanOptions {
    /// The provider, such as semgrep; may be given more than once. Without it: all of them.
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Vec<Provider>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Minutes that one tool may run.
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..=120))]
    pub timeout: u64,
    /// Also write the results as JSON, for `github report`: one object, or a list of them where there is
    /// more than one provider (`github scan`: never).
    #[arg(long, value_name = "FILE")]
    result_file: Option<PathBuf>,
    /// Also write the findings as SARIF 2.1.0, with a run for each provider.
    #[arg(long, value_name = "FILE")]
    sarif_file: Option<PathBuf>,
    /// The old name of `--result-file`.
    #[arg(long, hide = true, value_name = "FILE", conflicts_with = "result_file")]
    pub(super) out: Option<PathBuf>,
    /// The old name of `--sarif-file`.
    #[arg(long, hide = true, value_name = "FILE", conflicts_with = "sarif_file")]
    pub(super) sarif: Option<PathBuf>,
}

impl ScanOptions {
    /// `--result-file`, or `--out`.
    pub(super) const fn result_file(&self) -> Option<&PathBuf> {
        match &self.result_file {
            Some(file) => Some(file),
            None => self.out.as_ref(),
        }
    }

    /// `--sarif-file`, or `--sarif`.
    pub(super) const fn sarif_file(&self) -> Option<&PathBuf> {
        match &self.sarif_file {
            Some(file) => Some(file),
            None => self.sarif.as_ref(),
        }
    }
}

impl ScanArgs {
    /// Wall clock of one whole scan: the step's, where one cuts it off.
    pub(super) fn scan_wall(&self) -> Duration {
        let step = self.step_minutes.or_else(|| self.job.then_some(STEP_MINUTES));
        let step = step.and_then(|minutes| Duration::try_from_secs_f64(minutes * 60.0).ok());
        step.unwrap_or(Limits::default().scan_wall)
    }

    /// Whether the result goes anywhere but to the terminal.
    pub(super) const fn hands_over(&self) -> bool {
        self.options.result_file().is_some() || self.options.sarif_file().is_some() || self.callback
    }
}

impl From<GithubScanArgs> for ScanArgs {
    fn from(args: GithubScanArgs) -> Self {
        let GithubScanArgs { callback, step_minutes, options } = args;
        let step_minutes = Some(step_minutes);
        Self {
            repository: None,
            job: true,
            commit: None,
            path: None,
            callback,
            step_minutes,
            options,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        scan::JUDGING,
        staging::{READING_LIMIT, SCAN_LIMIT},
        tools::{KEPT_FOR_PROOF, KEPT_FOR_THE_REST},
    };
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: GithubScanArgs,
    }

    fn wall(args: &[&str]) -> Duration {
        let line = Line::parse_from(std::iter::once("scan").chain(args.iter().copied()));
        ScanArgs::from(line.args).scan_wall()
    }

    /// Whatever takes its whole time before a tool starts, what is kept for the steps after its main reading is left.
    #[test]
    fn all_limits_of_a_scan_together_fit_into_its_time() {
        let limits = Limits::default();
        let fetch = limits.git.history_wall + limits.git.wall;
        // What runs by itself is listed and judged.
        let own = SCAN_LIMIT + 2 * READING_LIMIT;
        let github = wall(&[]) - JUDGING;
        assert!(fetch + own + Duration::from_secs(60) <= github, "{:?}", fetch + own);
        assert!(KEPT_FOR_PROOF < KEPT_FOR_THE_REST && KEPT_FOR_THE_REST < github / 2);
        // On a server each engine, and the files that are read alone, have their whole time.
        let all = fetch + own + 3 * limits.tool_wall + Duration::from_secs(120);
        assert!(all <= limits.scan_wall - JUDGING, "{all:?}");
    }

    #[test]
    fn a_scan_on_github_ends_with_its_step() {
        assert_eq!(wall(&[]), Duration::from_secs(16 * 60));
        assert_eq!(wall(&["--step-minutes", "7.5"]), Duration::from_secs(450));
        assert_eq!(wall(&["--step-minutes", "50"]), Limits::default().scan_wall);
    }

    #[test]
    fn the_minutes_of_a_step_are_a_number_that_a_scan_may_take() {
        for wrong in ["0", "0.5", "-3", "50.1", "1e300", "inf", "NaN", "", "16m", "sixteen"] {
            let given = format!("--step-minutes={wrong}");
            let refused = Line::try_parse_from(["scan", given.as_str()]).err().unwrap();
            let said = refused.to_string();
            assert!(said.contains("a step has 1 to 50 minutes"), "{wrong}: {said}");
        }
    }
}
