//! `skillgate-scanner event`: what a run of GitHub Actions was started for, or why it may not go on.

use super::{EXIT_UNKNOWN, job::Job, terminal};
use std::process::ExitCode;

/// Prints the event's providers as a JSON list, for a job's matrix. Exit code 2 where the event is not
/// one that the worker sends: nothing of it is printed then.
#[must_use]
pub fn run() -> ExitCode {
    match Job::from_env() {
        Ok(job) => {
            let providers: Vec<_> = job.payload.jobs.iter().map(|job| job.provider).collect();
            let list = serde_json::to_string(&providers).unwrap_or_default();
            terminal::result(&format!("{list}\n"));
            ExitCode::SUCCESS
        }
        Err(e) => {
            terminal::notice(&e.to_string());
            ExitCode::from(EXIT_UNKNOWN)
        }
    }
}
