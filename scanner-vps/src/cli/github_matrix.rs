//! `skillgate-scanner github matrix`: the scans that a GitHub Actions run was started for.

use super::{EXIT_UNKNOWN, job::Job, terminal};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use skillgate_contract::Provider;
use std::process::ExitCode;

/// Hex digits that tell one skill from another in the names of GitHub's concurrency groups.
const SKILL_DIGITS: usize = 16;

/// One entry of the matrix: a scan of this run.
#[derive(Debug, Serialize)]
struct Scan<'a> {
    provider: Provider,
    /// A digest of the skill's exact name. GitHub's concurrency groups ignore case, and skill names do not.
    skill: &'a str,
}

/// Prints the event's scans as a JSON list, for a job's matrix. Exit code 2 where the event is not one
/// that the worker sends: nothing of it is printed then.
#[must_use]
pub fn run() -> ExitCode {
    match Job::from_env() {
        Ok(job) => {
            let mut skill = hex::encode(Sha256::digest(job.payload.skill_name.as_str()));
            skill.truncate(SKILL_DIGITS);
            let scan = |provider| Scan { provider, skill: &skill };
            let scans: Vec<_> = job.payload.jobs.iter().map(|job| scan(job.provider)).collect();
            let list = serde_json::to_string(&scans).unwrap_or_default();
            terminal::result(&format!("{list}\n"));
            ExitCode::SUCCESS
        }
        Err(e) => {
            terminal::notice(&e.to_string());
            ExitCode::from(EXIT_UNKNOWN)
        }
    }
}
