//! `skillgate-scanner`: scans skills on request (`serve`), as the worker's queue offers them (`pull`), as
//! a job of GitHub Actions (`event`, `scan --job`, `report`), once (`scan`), or looks whether it could
//! (`doctor`).

use clap::{Parser, Subcommand};
use skillgate_scanner::{
    cli::{
        args::ScanArgs,
        doctor, github_matrix,
        github_report::{self, ReportArgs},
        scan,
    },
    log,
    server::{self, Intake},
};
use std::process::ExitCode;

/// Runs static-analysis tools on AI-agent skills and reports signed results.
#[derive(Debug, Parser)]
#[command(name = "skillgate-scanner", version, arg_required_else_help = true)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take scan requests over HTTP and report their results. Settings come from the environment.
    Serve {
        /// Open no port: take scans from the worker's queue.
        #[arg(long)]
        pull: bool,
    },
    /// Take scans from the worker's queue and report their results; the same as `serve --pull`.
    Pull {
        /// ScanEnd when the queue is empty: exit 0 when all that was taken is reported, else 2.
        #[arg(long)]
        once: bool,
    },
    /// Scan one skill and print what was found: exit 0 PASS, 1 FAIL, 2 could not scan or incomplete.
    Scan(ScanArgs),
    /// In a job of GitHub Actions: print the scans that its run was started for, as a JSON list.
    Event,
    /// In a job of GitHub Actions: report to the worker what `scan --out` left, or that scans have
    /// started or failed. Settings come from the environment.
    Report(ReportArgs),
    /// Say which tools are here, at which versions, and how to get what is missing.
    Doctor(doctor::DoctorArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    log::init();
    match Args::parse().command {
        Command::Serve { pull: false } => server::run(Intake::Listen).await,
        Command::Serve { pull: true } | Command::Pull { once: false } => {
            server::run(Intake::Pull).await
        }
        Command::Pull { once: true } => server::run(Intake::PullOnce).await,
        Command::Scan(args) => scan::run(args).await,
        Command::Event => github_matrix::run(),
        Command::Report(args) => github_report::run(args).await,
        Command::Doctor(args) => doctor::run(args).await,
    }
}
