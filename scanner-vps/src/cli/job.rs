//! A job of GitHub Actions: the scans that its run was started for, and the run itself.
//!
//! All of it is read by name from the runner's environment and from the event file, and parsed into
//! the contract's types: no part of an event passes through a shell on its way.

use crate::{exec, process::host_name};
use skillgate_contract::{
    Provider,
    callback::Callback,
    github::{EventError, Payload},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::PathBuf,
};

/// The largest event file that is read. GitHub's own events are far smaller.
const MAX_EVENT_BYTES: u64 = 4 * 1024 * 1024;

/// The job cannot be read from the environment.
#[derive(Debug, thiserror::Error)]
pub(super) enum JobError {
    #[error("GITHUB_EVENT_PATH is not set: is this a job of GitHub Actions?")]
    NoEvent,
    #[error("the event file cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("refused: {0}")]
    Event(#[from] EventError),
}

/// The job that this process is a part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// The dispatch event of the worker.
    pub(super) payload: Payload,
    run_id: Option<String>,
    run_url: Option<String>,
}

impl Job {
    /// Reads the job from the environment of the runner and from the event file.
    pub(super) fn from_env() -> Result<Self, JobError> {
        let path = std::env::var_os("GITHUB_EVENT_PATH").filter(|path| !path.is_empty());
        let mut event = Vec::new();
        File::open(PathBuf::from(path.ok_or(JobError::NoEvent)?))?
            .take(MAX_EVENT_BYTES)
            .read_to_end(&mut event)?;
        Self::read(&event, |name| std::env::var(name).ok())
    }

    fn read(event: &[u8], get: impl Fn(&str) -> Option<String>) -> Result<Self, JobError> {
        let payload = Payload::from_event(event)?;
        let get = |name| get(name).filter(|value| !value.is_empty());
        let run_id = get("GITHUB_RUN_ID").filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
        let run_url = (|| {
            let (server, repository) = (get("GITHUB_SERVER_URL")?, get("GITHUB_REPOSITORY")?);
            Some(format!("{server}/{repository}/actions/runs/{}", run_id.as_ref()?))
        })();
        Ok(Self { payload, run_id, run_url })
    }

    /// Whether this run was started for this provider.
    pub(super) fn asks_for(&self, provider: Provider) -> bool {
        self.payload.jobs.iter().any(|job| job.provider == provider)
    }

    /// A callback about one of this run's scans, with the event `started`.
    pub(super) fn subject(&self, provider: Provider) -> Callback {
        let Payload { skill_name, repo_url, commit_sha, jobs, attempt, .. } = self.payload.clone();
        let scan_id = jobs.into_iter().find(|job| job.provider == provider);
        Callback {
            scan_id: scan_id.and_then(|job| job.scan_id),
            skill_name: Some(skill_name),
            repo_url: Some(repo_url),
            commit_sha,
            attempt,
            worker_host: Some(host_name()),
            isolation: Some(exec::ISOLATION.to_owned()),
            github_run_id: self.run_id.clone(),
            github_run_url: self.run_url.clone(),
            ..Callback::of(provider)
        }
    }
}

/// Sets an output of this step, for a job's `outputs`. Does nothing where the runner names no file for it.
///
/// # Errors
/// That file cannot be written.
pub(super) fn set_output(name: &str, value: &str) -> io::Result<()> {
    let path = std::env::var_os("GITHUB_OUTPUT").filter(|path| !path.is_empty());
    let Some(path) = path else { return Ok(()) };
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(format!("{name}={value}\n").as_bytes())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const EVENT: &str = r#"{"action":"external-scan","client_payload":{"skill_name":"o/r/t",
        "repo_url":"https://github.com/o/r","callback_url":"https://skills.example/api/v1/webhooks/scan-results",
        "commit_sha":"0123456789012345678901234567890123456789","providers":["semgrep","njsscan"],
        "scan_ids":{"semgrep":"s1","njsscan":"s2"},"attempt":2}}"#;

    fn runner(name: &str) -> Option<String> {
        let value = match name {
            "GITHUB_RUN_ID" => "77",
            "GITHUB_SERVER_URL" => "https://github.com",
            "GITHUB_REPOSITORY" => "registry/skillgate",
            _ => return None,
        };
        Some(value.to_owned())
    }

    pub(in crate::cli) fn job() -> Job {
        Job::read(EVENT.as_bytes(), runner).unwrap()
    }

    #[test]
    fn a_job_knows_its_scans_and_its_run() {
        let job = job();
        assert!(job.asks_for(Provider::Njsscan) && !job.asks_for(Provider::Trufflehog));
        let subject = job.subject(Provider::Njsscan);
        assert_eq!(subject.scan_id.unwrap().as_str(), "s2");
        assert_eq!((subject.attempt, subject.github_run_id.as_deref()), (Some(2), Some("77")));
        let url = "https://github.com/registry/skillgate/actions/runs/77";
        assert_eq!(subject.github_run_url.as_deref(), Some(url));
    }

    #[test]
    fn a_runner_without_a_run_has_no_page() {
        let odd = |name: &str| match name {
            "GITHUB_RUN_ID" => Some("1;x".to_owned()),
            other => runner(other),
        };
        let subject = Job::read(EVENT.as_bytes(), odd).unwrap().subject(Provider::Semgrep);
        assert_eq!((subject.github_run_id, subject.github_run_url), (None, None));
    }

    #[test]
    fn text_that_a_shell_would_act_on_is_refused_and_not_repeated() {
        for (good, bad) in [
            (r#""o/r/t""#, r#""a$(touch x)""#),
            (r#""https://github.com/o/r""#, r#""https://github.com/o/r\"; curl evil.example; \"""#),
            (r#"["semgrep","njsscan"]"#, r#"["semgrep","$(touch x)"]"#),
            (r#""s1""#, r#""`touch x`""#),
        ] {
            let event = EVENT.replace(good, bad);
            assert_ne!(event, EVENT);
            let error = Job::read(event.as_bytes(), runner).unwrap_err().to_string();
            assert!(error.starts_with("refused: /client_payload/"), "{error}");
            assert!(!error.contains("touch") && !error.contains("curl"), "{error}");
        }
    }
}
