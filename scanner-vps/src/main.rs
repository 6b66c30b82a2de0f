//! `skillgate-scanner`: the command line.

use clap::{Parser, Subcommand};
use skillgate_scanner::{
    cli::{
        args::{GithubScanArgs, ScanArgs},
        deprecated::OldName,
        doctor, github_matrix,
        github_report::{self, ReportArgs},
        rules::{self, RulesCommand},
        scan,
    },
    log,
    server::{self, Intake},
    tools::launcher,
};
use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};
use tokio::runtime::Runtime;

/// How long threads may go on when the command has ended.
const LAST_THREADS: Duration = Duration::from_secs(2);

/// Runs static-analysis tools on AI-agent skills and reports signed results.
#[derive(Debug, Parser)]
#[command(name = "skillgate-scanner", version, arg_required_else_help = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Accept scan requests over HTTP and report their results. Settings come from the environment.
    Serve {
        /// Open no port: claim scans from the worker's queue.
        #[arg(long)]
        pull: bool,
    },
    /// Claim scans from the worker's queue and report their results; the same as `serve --pull`.
    Pull {
        /// End when the queue is empty: exit 0 when every claimed scan is reported, else 2.
        #[arg(long)]
        once: bool,
    },
    /// Scan one skill and print what was found: exit 0 PASS, 1 FAIL, 2 could not scan or incomplete.
    Scan(ScanArgs),
    /// The commands of a GitHub Actions job. Settings come from the environment and the run's event.
    Github {
        #[command(subcommand)]
        command: GithubCommand,
    },
    /// Explain rules, and check a rule pack of your own.
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Say which tools are here, at which versions, and how to get what is missing.
    Doctor(doctor::DoctorArgs),
    /// The old name of `github matrix`.
    #[command(hide = true)]
    Event,
    /// The old name of `github report`.
    #[command(hide = true)]
    Report(ReportArgs),
}

#[derive(Debug, Subcommand)]
enum GithubCommand {
    /// Print the scans that the run was started for, as a JSON list for a matrix.
    Matrix,
    /// Scan what the run was started for: exit 0 there is a result, whatever it is; 2 there is none.
    Scan(GithubScanArgs),
    /// Report the result file of `github scan` to the worker, or that scans have started or failed.
    Report(ReportArgs),
}

impl Command {
    /// The old names by which it was called.
    fn old_names(&self) -> Vec<OldName> {
        match self {
            Self::Event => vec![OldName::EVENT],
            Self::Report(_) => vec![OldName::REPORT],
            Self::Scan(args) => args.old_names(),
            Self::Github { command: GithubCommand::Scan(args) } => args.options.old_names(),
            _ => Vec::new(),
        }
    }
}

fn main() -> ExitCode {
    // Before a thread is started: it is to cost nothing.
    launcher::become_engine().unwrap_or_else(|| run(scanner()))
}

/// Runs a command to its end. A thread that still judges a scan then is not waited for, or a stop would take as long as
/// that does.
fn run(command: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(e) => {
            let _ = writeln!(io::stderr(), "threads cannot be started: {e}");
            return ExitCode::from(2);
        }
    };
    let code = runtime.block_on(command);
    runtime.shutdown_timeout(LAST_THREADS);
    code
}

async fn scanner() -> ExitCode {
    log::init();
    let command = Args::parse().command;
    for old in command.old_names() {
        old.log();
    }
    match command {
        Command::Serve { pull: false } => server::run(Intake::Listen).await,
        Command::Serve { pull: true } | Command::Pull { once: false } => {
            server::run(Intake::Pull).await
        }
        Command::Pull { once: true } => server::run(Intake::PullOnce).await,
        Command::Scan(args) => scan::run(args).await,
        Command::Github { command: GithubCommand::Scan(args) } => scan::run(args.into()).await,
        Command::Github { command: GithubCommand::Matrix } | Command::Event => github_matrix::run(),
        Command::Github { command: GithubCommand::Report(args) } | Command::Report(args) => {
            github_report::run(args).await
        }
        Command::Rules { command } => rules::run(command).await,
        Command::Doctor(args) => doctor::run(args).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn g47_a_thread_that_goes_on_delays_no_end() {
        let began = Instant::now();
        run(async {
            tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(20)));
            ExitCode::SUCCESS
        });
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    }
}
