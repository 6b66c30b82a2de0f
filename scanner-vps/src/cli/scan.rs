//! `skillgate-scanner scan`: one repository, one tool or all three, once.

use super::{
    EXIT_FAIL, EXIT_UNKNOWN, Format,
    table::{self, Row},
    terminal,
};
use crate::{
    scan::{self, Limits, Phase, ScanJob, Source},
    tools::{ToolSettings, Toolbox},
};
use skillgate_contract::{
    CommitSha, Millis, Provider, RepoUrl, ScanStatus, SkillPath,
    callback::{Callback, Event},
};
use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};
use tokio::signal::unix::{SignalKind, signal};

/// What to scan.
#[derive(Debug, Clone, clap::Args)]
pub struct ScanArgs {
    /// A repository's https URL, or the folder of a git repository on this machine.
    #[arg(value_name = "REPO-URL-OR-PATH")]
    pub repository: String,
    /// semgrep, njsscan or trufflehog; may be given more than once. Without it: all three.
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Vec<Provider>,
    /// The commit to scan, all 40 digits. Without it: the repository's HEAD.
    #[arg(long, value_name = "SHA")]
    pub commit: Option<CommitSha>,
    /// The folder of the skill, where the repository holds many: only that folder decides.
    #[arg(long, value_name = "FOLDER")]
    pub path: Option<SkillPath>,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Minutes that one tool may run.
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u64).range(2..=120))]
    pub timeout: u64,
}

/// Scans and prints. Exit code 0: everything passed; 1: something failed; 2: something could not
/// be scanned, or not completely, or a signal ended it.
pub async fn run(args: ScanArgs) -> ExitCode {
    let unknown = |reason: &str| {
        terminal::notice(reason);
        ExitCode::from(EXIT_UNKNOWN)
    };
    let (toolbox, source) = match prepare(&args) {
        Ok(prepared) => prepared,
        Err(reason) => return unknown(&reason),
    };
    let signals = signal(SignalKind::terminate()).and_then(|term| {
        let int = signal(SignalKind::interrupt())?;
        Ok((term, int))
    });
    let (mut term, mut int) = match signals {
        Ok(signals) => signals,
        Err(error) => return unknown(&format!("signals cannot be listened for: {error}")),
    };
    // A scan that is dropped ends its child's process group and removes its scratch folder.
    let rows = tokio::select! {
        rows = scan_all(&args, &toolbox, &source) => Ok(rows),
        _ = term.recv() => Err("SIGTERM"),
        _ = int.recv() => Err("SIGINT"),
    };
    let rows = match rows {
        Ok(rows) => rows,
        Err(name) => {
            terminal::progress("");
            return unknown(&format!("stopped by {name}: nothing was concluded"));
        }
    };
    terminal::result(&match args.format {
        Format::Table => table::render(&rows),
        Format::Json => json(&rows, &args),
    });
    ExitCode::from(exit_code(rows.iter().map(Row::status)))
}

fn prepare(args: &ScanArgs) -> Result<(Toolbox, Source), String> {
    let toolbox = Toolbox::discover(&ToolSettings::from_env())
        .map_err(|error| format!("SKILLGATE_RULES names no rule pack: {error}"))?;
    Ok((toolbox, source(&args.repository)?))
}

/// Anything with `://` is a URL; all else is a folder.
fn source(text: &str) -> Result<Source, String> {
    if text.contains("://") {
        let url: RepoUrl = text.parse().map_err(|error| format!("{text}: the URL {error}"))?;
        return Ok(Source::Remote(url));
    }
    let path = PathBuf::from(text);
    if path.is_dir() {
        Ok(Source::Local(path))
    } else {
        Err(format!("{text} is neither a URL (https://…) nor a folder on this machine"))
    }
}

async fn scan_all(args: &ScanArgs, toolbox: &Toolbox, source: &Source) -> Vec<Row> {
    let providers = if args.provider.is_empty() { &Provider::ALL[..] } else { &args.provider };
    let limits = Limits {
        tool_wall: Duration::from_secs(args.timeout * 60),
        work_dir: super::work_dir(),
        ..Limits::default()
    };
    let mut commit = args.commit.clone();
    let mut rows = Vec::new();
    for provider in providers {
        let job = ScanJob {
            source: source.clone(),
            skill_name: None,
            provider: *provider,
            commit: commit.clone(),
            skill_path: args.path.clone(),
        };
        let started = Instant::now();
        let show = |phase| terminal::progress(&format!("{provider}: {} …", doing(phase)));
        let outcome = scan::scan(&job, toolbox, &limits, &show).await;
        terminal::progress("");
        // A branch that moves in between must not make three results of two commits.
        commit = commit.or_else(|| outcome.as_ref().ok().map(|result| result.commit_sha.clone()));
        rows.push(Row {
            provider: *provider,
            seconds: started.elapsed().as_secs_f64(),
            outcome: outcome.map_err(|error| error.to_string()),
        });
    }
    rows
}

const fn doing(phase: Phase) -> &'static str {
    match phase {
        Phase::Cloning => "fetching the commit",
        Phase::Copying => "copying its files",
        Phase::Running => "running",
        Phase::Judging => "reading the result",
    }
}

fn exit_code(statuses: impl Iterator<Item = ScanStatus>) -> u8 {
    let (mut failed, mut unknown) = (false, false);
    for status in statuses {
        failed |= status == ScanStatus::Fail;
        unknown |= !matches!(status, ScanStatus::Fail | ScanStatus::Pass);
    }
    match (failed, unknown) {
        (true, _) => EXIT_FAIL,
        (false, true) => EXIT_UNKNOWN,
        (false, false) => 0,
    }
}

/// An array of what would be sent as callbacks.
fn json(rows: &[Row], args: &ScanArgs) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = Millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
    let results: Vec<serde_json::Value> = rows
        .iter()
        .filter_map(|row| serde_json::from_slice(&callback(row, args).to_json(now)).ok())
        .collect();
    serde_json::to_string_pretty(&results).unwrap_or_default() + "\n"
}

fn callback(row: &Row, args: &ScanArgs) -> Callback {
    let event = match &row.outcome {
        Ok(result) => Event::Result(Box::new(result.clone())),
        Err(error) => Event::Failed { error: error.clone() },
    };
    Callback {
        scan_id: None,
        provider: row.provider,
        skill_name: None,
        repo_url: args.repository.parse().ok(),
        commit_sha: args.commit.clone(),
        attempt: None,
        delivery_id: None,
        worker_host: None,
        isolation: None,
        github_run_id: None,
        github_run_url: None,
        event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fail_beats_unknown_beats_pass() {
        use ScanStatus::{Error, Fail, Incomplete, Pass};
        for (statuses, code) in [
            (vec![Pass, Pass, Pass], 0),
            (vec![Pass, Error, Pass], 2),
            (vec![Pass, Incomplete], 2),
            (vec![Error, Fail, Incomplete], 1),
        ] {
            assert_eq!(exit_code(statuses.into_iter()), code);
        }
    }

    #[test]
    fn a_source_is_a_url_or_a_folder() {
        assert!(matches!(source("https://github.com/a/b"), Ok(Source::Remote(_))));
        assert!(matches!(source("/tmp"), Ok(Source::Local(_))));
        for bad in ["ext::sh -c x", "--upload-pack=x", "file:///tmp", "/no/such/folder"] {
            assert!(source(bad).is_err(), "{bad}");
        }
    }
}
