//! `skillgate-scanner scan` and `github scan`: scans one repository once, with one tool or with all.

use super::{
    EXIT_FAIL, EXIT_UNKNOWN, Format,
    args::ScanArgs,
    autorun, github_report,
    job::set_output,
    plan::Plan,
    result_file, sarif_file,
    table::{self, Row},
    terminal,
};
use crate::{
    clock::Clock,
    delivery::{CallbackSender, RetrySchedule},
    final_callback::ended,
    git::TRY_AGAIN_LATER,
    scan::{self, Limits, Phase, ScanJob},
    tools::version,
};
use skillgate_autorun::Inventory;
use skillgate_contract::{
    CommitSha, Provider, ScanStatus,
    callback::{Callback, Event},
};
use std::{
    path::PathBuf,
    process::ExitCode,
    sync::OnceLock,
    time::{Duration, Instant},
};
use tokio::signal::unix::{SignalKind, signal};

/// Scans and prints. Exit code 0: everything passed; 1: something failed; 2: something could not
/// be scanned, or not completely, or a signal ended it, or a file that was asked for could not be
/// written. In a job of GitHub Actions that hands its result over, a failed skill is as good a result
/// as any other. Exit code 0: it is written, and reported where that is asked; 2: it is not, or the scan
/// failed (that is written and reported too).
pub async fn run(args: ScanArgs) -> ExitCode {
    let unknown = |reason: &str| {
        terminal::notice(reason);
        ExitCode::from(EXIT_UNKNOWN)
    };
    if let (Some(out), Some(sarif)) = (args.options.result_file(), args.options.sarif_file())
        && result_file::is_one_file(out, sarif)
    {
        return unknown(
            "--result-file and --sarif-file name the same file: one would overwrite the other",
        );
    }
    let plan = match Plan::of(&args) {
        Ok(plan) => plan,
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
        rows = scan_all(&args, &plan) => Ok(rows),
        _ = term.recv() => Err("SIGTERM"),
        _ = int.recv() => Err("SIGINT"),
    };
    let rows = match rows {
        Ok(rows) => rows,
        Err(name) => {
            terminal::progress("");
            let reason = format!("stopped by {name}: nothing was concluded{TRY_AGAIN_LATER}");
            if args.hands_over() {
                let end = |provider: &Provider| Row::failed(*provider, reason.clone());
                let callbacks = ends(&plan, plan.providers.iter().map(end));
                let none = callbacks.iter().map(|_| None).collect();
                hand_over(&args, &plan, Ends { callbacks, autorun: none }).await;
            }
            return unknown(&reason);
        }
    };
    // In a job, the findings stand on the run's page: nothing of the repository comes into its log,
    // where a runner would read commands.
    terminal::result(&match args.options.format {
        _ if plan.job.is_some() => table::brief(&rows),
        Format::Table => table::render(&rows),
        Format::Json => json(&rows, &plan),
    });
    if !args.hands_over() {
        return ExitCode::from(exit_code(rows.iter().map(Row::status)));
    }
    let found = rows.iter().map(|row| row.autorun.clone()).collect();
    let ends = Ends { callbacks: ends(&plan, rows), autorun: found };
    let code = match &plan.job {
        Some(_) if ends.callbacks.iter().all(|end| matches!(end.event, Event::Result(_))) => 0,
        Some(_) => EXIT_UNKNOWN,
        None => exit_code(ends.callbacks.iter().map(sarif_file::status)),
    };
    let handed_over = hand_over(&args, &plan, ends).await;
    ExitCode::from(if handed_over { code } else { EXIT_UNKNOWN })
}

/// The ends of all scans, and beside each what its provider lists as running by itself.
struct Ends {
    callbacks: Vec<Callback>,
    autorun: Vec<Option<Inventory>>,
}

/// The final callback of each scan, as it is written and reported.
fn ends(plan: &Plan, rows: impl IntoIterator<Item = Row>) -> Vec<Callback> {
    let now = Clock::system().now();
    let end = |row: Row| {
        let subject = Callback { tool: row.tool, ..plan.subject(row.provider) };
        ended(now, subject, row.outcome)
    };
    rows.into_iter().map(end).collect()
}

/// Writes the files and sends the callbacks that were asked for; whether all of that succeeded.
async fn hand_over(args: &ScanArgs, plan: &Plan, ends: Ends) -> bool {
    let Ends { callbacks, autorun } = ends;
    let now = Clock::system().now();
    let mut good = true;
    // The digest is of what this process found, and is given out after the last tool has ended.
    let result = |path: &PathBuf| -> Result<(), String> {
        let digest = result_file::write(path, &callbacks, &autorun, now)?;
        let given = plan.job.as_ref().map_or(Ok(()), |_| set_output("digest", &digest));
        given.map_err(|e| format!("GITHUB_OUTPUT cannot be written: {e}"))
    };
    let written = [
        args.options.result_file().map(result),
        args.options.sarif_file().map(|path| sarif_file::write(path, &callbacks, &plan.platform())),
    ];
    for error in written.into_iter().flatten().filter_map(Result::err) {
        terminal::notice(&error);
        good = false;
    }
    if let Some(sender) = &plan.sender {
        for end in callbacks {
            good &= github_report::send(sender, end).await;
        }
    }
    good
}

async fn scan_all(args: &ScanArgs, plan: &Plan) -> Vec<Row> {
    let limits = Limits {
        tool_wall: Duration::from_secs(args.options.timeout * 60),
        scan_wall: args.scan_wall(),
        work_dir: super::work_dir(),
        ..Limits::default()
    };
    let mut commit = plan.commit.clone();
    let mut rows = Vec::new();
    for provider in &plan.providers {
        if let Some(sender) = &plan.sender {
            let brief = CallbackSender {
                schedule: RetrySchedule::new([], Duration::ZERO),
                ..sender.clone()
            };
            github_report::send(&brief, plan.subject(*provider)).await;
        }
        let job = ScanJob {
            source: plan.source.clone(),
            skill_name: None,
            provider: *provider,
            commit: commit.clone(),
            skill_path: plan.path.clone(),
        };
        let started = Instant::now();
        let head = OnceLock::new();
        let show = |phase| {
            if let Phase::Uncommitted(commit, _) = &phase {
                let _ = head.set(commit.clone());
            }
            match doing(&phase) {
                Ok(step) => terminal::progress(&format!("{provider}: {step} …")),
                Err(note) => {
                    terminal::progress("");
                    terminal::notice(&note);
                }
            }
        };
        let outcome = match plan.not_allowed() {
            Some(why) => Err(why),
            None => {
                let scanned = scan::scan_with_autorun(&job, &plan.toolbox, &limits, &show).await;
                scanned.map(|found| (found.result, found.autorun)).map_err(|e| e.to_string())
            }
        };
        let (outcome, autorun) = match outcome {
            Ok((result, autorun)) => (Ok(result), autorun),
            Err(why) => (Err(why), None),
        };
        // Of a scan without a result, its report names what was to run.
        let tool = match &outcome {
            Err(_) if args.hands_over() => {
                version::of_provider(&plan.toolbox, &limits.work_dir, *provider).await
            }
            _ => None,
        };
        terminal::progress("");
        // All tools scan one commit, though the branch may move in between. With the commit given, the
        // folder is not compared with it again: the notice of uncommitted changes appears once, also
        // where a tool fails.
        commit = commit
            .or_else(|| head.into_inner())
            .or_else(|| outcome.as_ref().ok().map(|result| result.commit_sha.clone()));
        let seconds = started.elapsed().as_secs_f64();
        rows.push(Row { provider: *provider, seconds, outcome, tool, autorun });
    }
    rows
}

/// The name of a step; or a notice for the person who named the folder.
fn doing(phase: &Phase) -> Result<&'static str, String> {
    Ok(match phase {
        Phase::Cloning => "fetching the commit",
        Phase::Copying => "copying its files",
        Phase::Running => "running",
        Phase::Judging => "reading the result",
        Phase::Uncommitted(commit, files) => return Err(uncommitted(commit, *files)),
    })
}

fn uncommitted(commit: &CommitSha, files: Option<usize>) -> String {
    let scanned = format!("what is scanned is the commit {}", commit.short());
    match files {
        Some(1) => format!("{scanned}: 1 file has uncommitted changes that are not scanned"),
        Some(n) => format!("{scanned}: {n} files have uncommitted changes that are not scanned"),
        None => format!("{scanned}: whether files have uncommitted changes could not be told"),
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

/// The callbacks of all scans as a JSON array.
fn json(rows: &[Row], plan: &Plan) -> String {
    let now = Clock::system().now();
    let callback = |row: &Row| {
        let event = match &row.outcome {
            Ok(result) => Event::Result(Box::new(result.clone())),
            Err(error) => Event::Failed { error: error.clone() },
        };
        Callback { event, ..plan.subject(row.provider) }
    };
    let result = |row: &Row| {
        let mut json = serde_json::from_slice(&callback(row).to_json(now)).ok()?;
        if let Some(found) = &row.autorun {
            autorun::add_grants(&mut json, found);
        }
        Some(json)
    };
    let results: Vec<serde_json::Value> = rows.iter().filter_map(result).collect();
    serde_json::to_string_pretty(&results).unwrap_or_default() + "\n"
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
}
