//! The result file: the final callback as unsigned JSON, written by the job that scans and read by the
//! job that reports.
//!
//! The tool ran in the job that wrote the file, so the file is not trusted: only the result is taken from
//! it. Scan id, skill and repository are taken from the event.
//!
//! Any job of a run can replace the artifact of another. So the job that wrote the file hands its SHA-256 over as a
//! job output, which no other job can set, and a file with another one is refused.

use super::{autorun, job::Job};
use crate::{delivery::parse_callback, final_callback};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use skillgate_autorun::Inventory;
use skillgate_contract::{
    Millis, Provider,
    callback::{Callback, Event},
    signature::MAX_BODY_BYTES,
};
use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
};

/// Whether two paths name the same regular file, which need not exist yet. Devices do not count.
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

/// Writes callbacks for a later `github report`: one as an object, several as a list. Each has beside it what its
/// provider lists as running by itself, in the same order; that goes into the file and not into the report. Answers
/// the SHA-256 of what was written, in lower-case hex: of the bytes in memory, not of what the file holds later.
pub(super) fn write(
    path: &Path,
    ends: &[Callback],
    inventories: &[Option<Inventory>],
    now: Millis,
) -> Result<String, String> {
    let found = inventories.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let mut objects = ends.iter().zip(found).map(|(end, found)| {
        let json = final_callback::with_cut_lists(end).to_json(now);
        let Some(found) = found else { return json };
        let with_autorun = |mut object: Value| {
            autorun::add_grants(&mut object, found);
            serde_json::to_vec(&object).ok()
        };
        serde_json::from_slice(&json).ok().and_then(with_autorun).unwrap_or(json)
    });
    let json = match ends {
        [_] => objects.next().unwrap_or_default(),
        _ => [b"[".to_vec(), objects.collect::<Vec<_>>().join(&b','), b"]".to_vec()].concat(),
    };
    fs::write(path, &json).map_err(|e| format!("{} cannot be written: {e}", path.display()))?;
    Ok(digest_of(&json))
}

fn digest_of(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// The callback to send for a scan whose job wrote this file and gave this `digest` of it. A file that is missing,
/// has another digest or is about something else gives a failed scan: without a callback the scan would stay RUNNING.
pub(super) fn read(
    path: &Path,
    digest: &str,
    job: &Job,
    provider: Provider,
    now: Millis,
) -> Callback {
    let subject = job.subject(provider);
    match read_result(path, digest, job, provider) {
        Ok(found) => {
            let subject = Callback {
                worker_host: found.worker_host,
                isolation: found.isolation,
                tool: found.tool,
                ..subject
            };
            match found.event {
                Event::Result(result) => final_callback::ended(now, subject, Ok(*result)),
                Event::Failed { error } => final_callback::ended(now, subject, Err(error)),
                Event::Started => {
                    final_callback::ended(now, subject, Err(unusable("it has no end")))
                }
            }
        }
        Err(why) => final_callback::ended(now, subject, Err(why)),
    }
}

fn read_result(
    path: &Path,
    digest: &str,
    job: &Job,
    provider: Provider,
) -> Result<Callback, String> {
    let most = u64::try_from(2 * MAX_BODY_BYTES * Provider::ALL.len()).unwrap_or(u64::MAX);
    let mut body = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut body))
        .map_err(|_| "the scan's job ended without a result".to_owned())?;
    if digest.is_empty() {
        return Err("the result is refused: the scan's job gave no SHA-256 of it".to_owned());
    }
    if digest != digest_of(&body) {
        let why = "its SHA-256 is not the one that the scan's job gave, so another job may have replaced it";
        return Err(format!("the result is refused: {why}"));
    }
    let callback = parse_callback(&body)
        .or_else(|| parse_callback(&of_provider(&body, job, provider)?))
        .ok_or_else(|| unusable("it cannot be read"))?;
    if callback.provider != provider {
        return Err(unusable("it is of another tool"));
    }
    let asked = job.payload.commit_sha.as_ref();
    match &callback.event {
        Event::Result(result) if asked.is_some_and(|asked| *asked != result.commit_sha) => {
            Err(unusable("it is of another commit"))
        }
        _ => Ok(callback),
    }
}

/// The object of one provider in a list, with the skill's name of the event: `scan` knows no name.
fn of_provider(body: &[u8], job: &Job, provider: Provider) -> Option<Vec<u8>> {
    let mut end = match serde_json::from_slice(body).ok()? {
        Value::Array(ends) => ends.into_iter().find(|end| end["provider"] == provider.as_str())?,
        end => end,
    };
    let name = job.payload.skill_name.as_str();
    end.as_object_mut()?.entry("skillName").or_insert_with(|| name.into());
    serde_json::to_vec(&end).ok()
}

fn unusable(why: &str) -> String {
    format!("the scan's job left a result that cannot be used: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::job::tests::job, delivery::tests::result};

    const NOW: Millis = Millis(1);

    fn left(change: impl FnOnce(&mut Callback)) -> Callback {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let mut callback = job().subject(Provider::Njsscan);
        callback.event = Event::Result(Box::new(result()));
        change(&mut callback);
        let digest = write(&path, &[callback], &[], NOW).unwrap();
        read(&path, &digest, &job(), Provider::Njsscan, NOW)
    }

    /// The callback of a `scan`, which knows no skill name.
    fn unnamed(provider: Provider) -> Callback {
        final_callback::ended(NOW, Callback::of(provider), Ok(result()))
    }

    #[test]
    fn what_a_scan_without_a_job_found_is_written_and_can_be_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let ends = Provider::ALL.map(unnamed);
        let written = |ends: &[Callback]| -> Value {
            write(&path, ends, &[], NOW).unwrap();
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
        assert_eq!(providers, Provider::ALL.map(Provider::as_str));
        for ends in [&ends[1..2], &ends] {
            let digest = write(&path, ends, &[], NOW).unwrap();
            let read = read(&path, &digest, &job(), Provider::Njsscan, NOW);
            let Event::Result(found) = &read.event else { panic!("a result: {read:?}") };
            assert_eq!((found.counts, read.provider), (result().counts, Provider::Njsscan));
            assert_eq!(read.skill_name, Some(job().payload.skill_name));
        }
        let digest = write(&path, &ends[..1], &[], NOW).unwrap();
        let other = read(&path, &digest, &job(), Provider::Njsscan, NOW);
        assert!(error(&other).contains("another tool"));
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
        let none = read(&path, "", &job(), Provider::Semgrep, NOW);
        assert_eq!(error(&none), "the scan's job ended without a result");
        let half = b"{\"provider\":";
        fs::write(&path, half).unwrap();
        let half = read(&path, &digest_of(half), &job(), Provider::Semgrep, NOW);
        assert!(error(&half).contains("cannot be read"));
        assert!(write(&folder.path().join("no/such/folder"), &[], &[], NOW).is_err());
    }

    #[test]
    fn g55_a_result_of_another_job_than_its_own_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let clean = unnamed(Provider::Njsscan);
        let mut bad = clean.clone();
        if let Event::Result(result) = &mut bad.event {
            result.counts.critical += 1;
        }
        let digest = write(&path("result.json"), &[bad], &[], NOW).unwrap();
        let read_as =
            |digest: &str| read(&path("result.json"), digest, &job(), Provider::Njsscan, NOW);
        assert!(matches!(read_as(&digest).event, Event::Result(_)));

        // Another job puts a clean result in its place, which is good under its own digest alone.
        let forged = write(&path("forged.json"), &[clean], &[], NOW).unwrap();
        fs::copy(path("forged.json"), path("result.json")).unwrap();
        assert!(error(&read_as(&digest)).contains("refused: its SHA-256 is not the one"));
        assert!(error(&read_as("")).contains("refused: the scan's job gave no SHA-256"));
        for near in [&format!("0{forged}"), &forged.to_uppercase(), &format!("{forged} ")] {
            assert!(error(&read_as(near)).contains("refused"), "{near}");
        }
        assert!(matches!(read_as(&forged).event, Event::Result(_)));
    }

    #[test]
    fn what_runs_by_itself_is_in_the_file_and_spoils_no_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.json");
        let mut files = skillgate_autorun::Folder::new();
        let skill = b"---\nallowed-tools: Bash\n---\n!`git status`\n";
        files.insert("SKILL.md", skillgate_autorun::Entry::File(skill[..].into()));
        let found = skillgate_autorun::inventory(&files);
        let mut ends = Provider::ALL.map(unnamed);
        if let Event::Result(result) = &mut ends[0].event {
            result.auto_run = Some(crate::scan::autorun_entries(&found).entries);
        }
        let digest = write(&path, &ends, &[Some(found), None], NOW).unwrap();
        let all: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(all[0]["autoRun"][0]["command"], "git status");
        assert_eq!((&all[1]["autoRun"], &all[2]["autoRun"]), (&Value::Null, &Value::Null));
        assert_eq!(all[0]["autoRunGrants"][0]["tools"][0], "Bash");
        assert_eq!(all[1]["autoRunGrants"], Value::Null);
        let read = read(&path, &digest, &job(), Provider::ALL[0], NOW);
        let Event::Result(read) = read.event else { panic!("a result: {read:?}") };
        assert_eq!(read.auto_run.unwrap()[0].command, "git status");
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
}
