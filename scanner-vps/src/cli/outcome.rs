//! The file in which one job leaves what became of a scan, and another finds it: the callback's JSON,
//! unsigned.
//!
//! The tool ran where the file was written. Whoever reads it believes of it what a tool may say: its
//! result. Which scan that is of is the event's to say.

use super::job::Job;
use crate::{delivery::read_callback, report};
use serde_json::Value;
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

/// Whether two paths name one regular file, which need not exist yet. A device takes both.
pub(super) fn is_one_file(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let real = path.canonicalize().ok();
        let beside = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
        real.or_else(beside).unwrap_or(path)
    };
    let one = place(one);
    one == place(other) && (one.is_file() || !one.exists())
}

/// Writes callbacks for a later `report`: one as an object, more as a list.
pub(super) fn write(path: &Path, ends: &[Callback], now: Millis) -> Result<(), String> {
    let mut objects = ends.iter().map(|end| report::fitting(end).to_json(now));
    let json = match ends {
        [_] => objects.next().unwrap_or_default(),
        _ => [b"[".to_vec(), objects.collect::<Vec<_>>().join(&b','), b"]".to_vec()].concat(),
    };
    fs::write(path, json).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Writes the same as SARIF 2.1.0. A rule's help is on the platform's page of rules, where one is known,
/// else where its tool is at home.
pub(super) fn write_sarif(
    path: &Path,
    ends: &[Callback],
    rules_page: &Option<String>,
) -> Result<(), String> {
    let help = |provider: Provider, rule: &str| match rules_page {
        Some(page) => format!("{page}#{}", anchor(provider, rule)),
        None => sarif::home(provider).to_owned(),
    };
    let scans: Vec<_> = ends.iter().map(of_callback).collect();
    let json = serde_json::to_vec(&sarif::log(&scans, &help));
    let written = json.map_err(Into::into).and_then(|json| fs::write(path, json));
    written.map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// The section of the page of rules: the family of one of our own rules, else the tool.
fn anchor(provider: Provider, rule: &str) -> &str {
    let family = rule.strip_prefix("skillgate.").and_then(|rest| rest.split('.').next());
    let is_plain = |family: &&str| family.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    family.filter(is_plain).unwrap_or(provider.as_str())
}

/// What a scan's end stands for.
pub(super) fn status(callback: &Callback) -> ScanStatus {
    match &callback.event {
        Event::Started => ScanStatus::Running,
        Event::Failed { .. } => ScanStatus::Error,
        Event::Result(result) => result.conclude(false),
    }
}

fn of_callback(callback: &Callback) -> sarif::Scan<'_> {
    let mut scan = sarif::Scan {
        provider: callback.provider,
        skill_name: callback.skill_name.as_ref(),
        repo_url: callback.repo_url.as_ref(),
        commit_sha: callback.commit(),
        status: Some(status(callback)),
        tool: callback.tool.as_ref(),
        findings: &[],
        findings_truncated: false,
        coverage: None,
        error: None,
    };
    match &callback.event {
        Event::Started => {}
        Event::Failed { error } => scan.error = Some(error),
        Event::Result(result) => {
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
            let subject = Callback {
                worker_host: found.worker_host,
                isolation: found.isolation,
                tool: found.tool,
                ..subject
            };
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
    let most = u64::try_from(2 * MAX_BODY_BYTES * Provider::ALL.len()).unwrap_or(u64::MAX);
    let mut body = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut body))
        .map_err(|_| "the scan's job ended without a result".to_owned())?;
    let callback = read_callback(&body)
        .or_else(|| read_callback(&of_provider(&body, job, provider)?))
        .ok_or_else(|| unfit("it cannot be read"))?;
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

/// One provider's object of a list, under the skill's name of the event: a scan at the keyboard has none.
fn of_provider(body: &[u8], job: &Job, provider: Provider) -> Option<Vec<u8>> {
    let mut end = match serde_json::from_slice(body).ok()? {
        Value::Array(ends) => ends.into_iter().find(|end| end["provider"] == provider.as_str())?,
        end => end,
    };
    let name = job.payload.skill_name.as_str();
    end.as_object_mut()?.entry("skillName").or_insert_with(|| name.into());
    serde_json::to_vec(&end).ok()
}

fn unfit(why: &str) -> String {
    format!("the scan's job left a result that cannot be used: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::job::tests::job, delivery::tests::result};
    use skillgate_contract::callback::Tool;

    const NOW: Millis = Millis(1);

    fn left(change: impl FnOnce(&mut Callback)) -> Callback {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let mut callback = job().subject(Provider::Njsscan);
        callback.event = Event::Result(Box::new(result()));
        change(&mut callback);
        write(&path, &[callback], NOW).unwrap();
        read(&path, &job(), Provider::Njsscan, NOW)
    }

    /// A scan at the keyboard, which is of no skill by name.
    fn unnamed(provider: Provider) -> Callback {
        report::ended(NOW, Callback::of(provider), Ok(result()))
    }

    #[test]
    fn what_a_scan_without_a_job_found_is_written_and_can_be_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let ends = Provider::ALL.map(unnamed);
        let written = |ends: &[Callback]| -> Value {
            write(&path, ends, NOW).unwrap();
            serde_json::from_slice(&fs::read(&path).unwrap()).unwrap()
        };
        let one = written(&ends[1..2]);
        assert_eq!((&one["event"], &one["highCount"]), (&"result".into(), &1.into()));
        assert_eq!(
            (&one["error"], &one["skillName"]),
            (&"a file was too big".into(), &Value::Null)
        );
        let all = written(&ends);
        let providers: Vec<_> =
            all.as_array().unwrap().iter().map(|end| &end["provider"]).collect();
        assert_eq!(providers, ["semgrep", "njsscan", "trufflehog"]);
        for ends in [&ends[1..2], &ends] {
            write(&path, ends, NOW).unwrap();
            let read = read(&path, &job(), Provider::Njsscan, NOW);
            let Event::Result(found) = &read.event else { panic!("a result: {read:?}") };
            assert_eq!((found.counts, read.provider), (result().counts, Provider::Njsscan));
            assert_eq!(read.skill_name, Some(job().payload.skill_name));
        }
        write(&path, &ends[..1], NOW).unwrap();
        assert!(error(&read(&path, &job(), Provider::Njsscan, NOW)).contains("another tool"));
    }

    #[test]
    fn a_log_has_a_run_for_each_provider_with_what_it_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.sarif");
        write_sarif(&path, &Provider::ALL.map(unnamed), &None).unwrap();
        let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let runs = log["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 3);
        for (run, provider) in runs.iter().zip(Provider::ALL) {
            assert_eq!(run["tool"]["driver"]["name"], provider.as_str());
            assert_eq!(run["results"].as_array().unwrap().len(), 1, "{run}");
            assert!(!run.to_string().contains("did not run"), "{run}");
        }
        let nowhere = folder.path().join("no/such/folder");
        assert!(write_sarif(&nowhere, &[], &None).is_err());
        assert!(write(&nowhere, &[], NOW).is_err());
    }

    #[test]
    fn a_rule_s_help_is_on_the_platform_s_page_where_one_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.sarif");
        let help = |page: Option<&str>| {
            write_sarif(&path, &[unnamed(Provider::Njsscan)], &page.map(str::to_owned)).unwrap();
            let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            log["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"].clone()
        };
        assert_eq!(
            help(Some("https://skills.example/rules")),
            "https://skills.example/rules#njsscan"
        );
        assert_eq!(help(None), "https://github.com/ajinabraham/njsscan");
        assert_eq!(anchor(Provider::Semgrep, "skillgate.decode-exec.x"), "decode-exec");
        assert_eq!(anchor(Provider::Semgrep, "skillgate.<b>.x"), "semgrep");
        assert_eq!(anchor(Provider::Trufflehog, "trufflehog.Aws"), "trufflehog");
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
    fn two_names_of_one_file_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "").unwrap();
        std::os::unix::fs::symlink("a", path("link")).unwrap();
        for (one, other, same) in [
            ("a", "a", true),
            ("a", "./a", true),
            ("a", "link", true),
            ("new", "../new", false),
            ("new", "./new", true),
            ("a", "b", false),
        ] {
            assert_eq!(is_one_file(&path(one), &path(other)), same, "{one} {other}");
        }
        assert!(!is_one_file("/dev/null".as_ref(), "/dev/null".as_ref()));
    }

    #[test]
    fn the_log_for_code_scanning_is_of_the_same_scan() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan.sarif");
        let mut callback = job().subject(Provider::Njsscan);
        callback.event = Event::Result(Box::new(result()));
        write_sarif(&path, std::slice::from_ref(&callback), &None).unwrap();
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
        callback.tool = Some(Tool { version: "0.4.3".into(), ..Tool::default() });
        write_sarif(&path, std::slice::from_ref(&callback), &None).unwrap();
        let log: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
        assert_eq!(log["runs"][0]["tool"]["driver"]["version"], "0.4.3");
    }
}
