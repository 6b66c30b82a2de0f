//! The file in which one job leaves what became of a scan, and another finds it: the callback's JSON,
//! unsigned.
//!
//! The tool ran where the file was written. Whoever reads it believes of it what a tool may say: its
//! result. Which scan that is of is the event's to say.

use super::job::Job;
use crate::{delivery::read_callback, report};
use skillgate_contract::{
    Millis, Provider, ScanStatus,
    callback::{Callback, Event},
    sarif,
    signature::MAX_BODY_BYTES,
};
use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
};

/// Writes a callback for a later `report`.
pub(super) fn write(path: &Path, callback: &Callback, now: Millis) -> Result<(), String> {
    fs::write(path, report::fitting(callback).to_json(now))
        .map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Writes the same as SARIF 2.1.0.
pub(super) fn write_sarif(path: &Path, callback: &Callback) -> Result<(), String> {
    let json = serde_json::to_vec(&sarif::log(&[of_callback(callback)]));
    let written = json.map_err(Into::into).and_then(|json| fs::write(path, json));
    written.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

fn of_callback(callback: &Callback) -> sarif::Scan<'_> {
    let mut scan = sarif::Scan {
        provider: callback.provider,
        skill_name: callback.skill_name.as_ref(),
        repo_url: callback.repo_url.as_ref(),
        commit_sha: callback.commit(),
        status: Some(ScanStatus::Running),
        tool: None,
        findings: &[],
        findings_truncated: false,
        coverage: None,
        error: None,
    };
    match &callback.event {
        Event::Started => {}
        Event::Failed { error } => {
            scan.status = Some(ScanStatus::Error);
            scan.error = Some(error);
        }
        Event::Result(result) => {
            scan.status = Some(result.conclude(false));
            scan.tool = result.tool.as_ref();
            scan.findings = &result.findings;
            scan.findings_truncated = result.findings_truncated;
            scan.coverage = result.coverage.as_ref();
            scan.error = result.error.as_deref();
        }
    }
    scan
}

/// What to report of a scan whose job left this file. A file that is missing or of something else is
/// a failed scan: no report at all would leave it running.
pub(super) fn read(path: &Path, job: &Job, provider: Provider, now: Millis) -> Callback {
    let subject = job.subject(provider);
    match taken(path, job, provider) {
        Ok(found) => {
            let subject =
                Callback { worker_host: found.worker_host, isolation: found.isolation, ..subject };
            match found.event {
                Event::Result(result) => report::ended(now, subject, Ok(*result)),
                Event::Failed { error } => report::ended(now, subject, Err(error)),
                Event::Started => report::ended(now, subject, Err(unfit("it has no end"))),
            }
        }
        Err(why) => report::ended(now, subject, Err(why)),
    }
}

fn taken(path: &Path, job: &Job, provider: Provider) -> Result<Callback, String> {
    let most = u64::try_from(2 * MAX_BODY_BYTES).unwrap_or(u64::MAX);
    let mut body = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut body))
        .map_err(|_| "the scan's job ended without a result".to_owned())?;
    let callback = read_callback(&body).ok_or_else(|| unfit("it cannot be read"))?;
    if callback.provider != provider {
        return Err(unfit("it is of another tool"));
    }
    let asked = job.payload.commit_sha.as_ref();
    match &callback.event {
        Event::Result(result) if asked.is_some_and(|asked| *asked != result.commit_sha) => {
            Err(unfit("it is of another commit"))
        }
        _ => Ok(callback),
    }
}

fn unfit(why: &str) -> String {
    format!("the scan's job left a result that cannot be used: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::job::tests::job, delivery::tests::result};
    use serde_json::Value;

    const NOW: Millis = Millis(1);

    fn left(change: impl FnOnce(&mut Callback)) -> Callback {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let mut callback = job().subject(Provider::Njsscan);
        callback.event = Event::Result(Box::new(result()));
        change(&mut callback);
        write(&path, &callback, NOW).unwrap();
        read(&path, &job(), Provider::Njsscan, NOW)
    }

    fn error(callback: &Callback) -> &str {
        let Event::Failed { error } = &callback.event else { panic!("a failure: {callback:?}") };
        error
    }

    #[test]
    fn what_one_job_leaves_another_reports_under_the_events_names() {
        let read = left(|callback| {
            callback.scan_id = Some("another".parse().unwrap());
            callback.skill_name = Some("somebody/else".parse().unwrap());
            callback.attempt = Some(9);
            callback.worker_host = Some("runner-7".into());
        });
        let subject = job().subject(Provider::Njsscan);
        assert_eq!((&read.scan_id, &read.skill_name), (&subject.scan_id, &subject.skill_name));
        assert_eq!((read.attempt, read.worker_host.as_deref()), (Some(2), Some("runner-7")));
        let Event::Result(read) = read.event else { panic!("a result") };
        assert_eq!(read.findings, result().findings);
    }

    #[test]
    fn what_cannot_be_used_is_a_failed_scan() {
        let other_tool = left(|callback| callback.provider = Provider::Semgrep);
        assert!(error(&other_tool).contains("another tool"));
        let other_commit = left(|callback| {
            let commit_sha = "f".repeat(40).parse().unwrap();
            callback.event =
                Event::Result(Box::new(crate::scan::ScanOutcome { commit_sha, ..result() }));
        });
        assert!(error(&other_commit).contains("another commit"));
        let no_end = left(|callback| callback.event = Event::Started);
        assert!(error(&no_end).contains("no end"));
        let said = left(|callback| callback.event = Event::Failed { error: "no git".into() });
        assert_eq!(error(&said), "no git");

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let none = read(&path, &job(), Provider::Semgrep, NOW);
        assert_eq!(error(&none), "the scan's job ended without a result");
        fs::write(&path, "{\"provider\":").unwrap();
        let half = read(&path, &job(), Provider::Semgrep, NOW);
        assert!(error(&half).contains("cannot be read"));
    }

    #[test]
    fn the_log_for_code_scanning_is_of_the_same_scan() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.sarif");
        let mut callback = job().subject(Provider::Njsscan);
        callback.event = Event::Result(Box::new(result()));
        write_sarif(&path, &callback).unwrap();
        let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let run = &log["runs"][0];
        assert_eq!(
            (&log["version"], &run["tool"]["driver"]["name"]),
            (&"2.1.0".into(), &"njsscan".into())
        );
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "r");
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b.js");
        assert_eq!(run["versionControlProvenance"][0]["revisionId"], "0123456789".repeat(4));
        callback.event = Event::Failed { error: "no git".into() };
        write_sarif(&path, &callback).unwrap();
        let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    }
}
