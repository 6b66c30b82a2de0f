//! What an authenticated callback does to its scan.

use crate::model::ScanRow;
use skillgate_contract::{
    ScanStatus,
    callback::{Callback, Event, ScanResult},
};

/// The change that a callback makes.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// A sign of life: the scan is running.
    Start,
    /// The scan failed, for this reason.
    Fail(&'a str),
    /// The result of the scan.
    Store(&'a ScanResult),
    /// An unsolicited result at another commit than the scan asked for: it is stored as a scan of its own.
    StoreUnsolicited(&'a ScanResult),
    /// None: the callback was applied before, or it comes after the end of the scan.
    Repeat,
}

/// Why a callback is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It names another skill, provider or repository than its scan.
    #[error("the scan is of another {0}")]
    OtherSubject(&'static str),
    /// Its scan is bound to a commit, and it reports another.
    #[error("the scan is of another commit")]
    OtherCommit,
    /// A later attempt replaced the attempt that it reports.
    #[error("this attempt has been overtaken by a later one")]
    Overtaken,
    /// It names an attempt that was never made (422).
    #[error("no such attempt was given out")]
    UnknownAttempt,
    /// The scan already ended with another result.
    #[error("the scan has another final result")]
    Finished,
}

/// Decides about a callback for a scan.
///
/// # Errors
/// [`Refusal`].
pub fn decide<'a>(scan: &ScanRow, callback: &'a Callback) -> Result<Decision<'a>, Refusal> {
    check_subject(scan, callback)?;
    let answered = scan.status.is_answered();
    if answered && scan.content_digest.as_deref().is_some_and(|kept| callback.is_repeat_of(kept)) {
        return Ok(Decision::Repeat);
    }
    check_attempt(scan, callback)?;
    let other_commit = scan
        .commit_sha
        .as_ref()
        .zip(callback.commit())
        .is_some_and(|(asked, reported)| asked != reported);
    if other_commit && callback.scan_id.is_some() {
        return Err(Refusal::OtherCommit);
    }
    match &callback.event {
        Event::Result(result) if other_commit => Ok(Decision::StoreUnsolicited(result)),
        _ if other_commit => Err(Refusal::OtherCommit),
        Event::Started if scan.status.is_active() => Ok(Decision::Start),
        // A scanner that is slow, not dead: what it works on need not be offered again.
        Event::Started if scan.status == ScanStatus::TimedOut && scan.given_up_at.is_none() => {
            Ok(Decision::Start)
        }
        // A sign of life after the end changes nothing; the late result itself will.
        Event::Started => Ok(Decision::Repeat),
        Event::Result(_) | Event::Failed { .. } if answered => Err(Refusal::Finished),
        Event::Result(result) => Ok(Decision::Store(result)),
        Event::Failed { error } => Ok(Decision::Fail(error)),
    }
}

fn check_subject(scan: &ScanRow, callback: &Callback) -> Result<(), Refusal> {
    let differs = |what, same: bool| if same { Ok(()) } else { Err(Refusal::OtherSubject(what)) };
    differs("provider", callback.provider == scan.provider)?;
    differs("skill", callback.skill_name.as_ref().is_none_or(|name| *name == scan.skill_name))?;
    differs("repository", callback.is_of(&scan.repo_url))
}

fn check_attempt(scan: &ScanRow, callback: &Callback) -> Result<(), Refusal> {
    match callback.attempt {
        Some(attempt) if attempt > scan.attempt => Err(Refusal::UnknownAttempt),
        Some(attempt) if attempt < scan.attempt => Err(Refusal::Overtaken),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::{
        CommitSha, Counts, Millis, Provider, callback::KNOWN_FIELDS, object::JsonObject,
    };

    fn scan(status: ScanStatus) -> ScanRow {
        ScanRow::example(Provider::Semgrep, status, status.is_answered().then(Counts::default))
    }

    fn sha(digit: &str) -> CommitSha {
        digit.repeat(40).parse().unwrap()
    }

    fn callback(more: &str) -> Callback {
        let json = format!(r#"{{"provider":"semgrep","skillName":"owner/tool"{more}}}"#);
        Callback::read(JsonObject::parse(json.as_bytes(), KNOWN_FIELDS).unwrap()).unwrap()
    }

    fn result(commit: &CommitSha, more: &str) -> Callback {
        let counts = r#""criticalCount":0,"highCount":0,"mediumCount":0,"lowCount":0"#;
        callback(&format!(r#","commitSha":"{commit}",{counts}{more}"#))
    }

    const SCAN_ID: &str = r#","scanId":"07070707070707070707070707070707""#;
    const FAILED: &str = r#","event":"failed","error":"no""#;

    /// The decision in one word.
    fn word(scan: &ScanRow, callback: &Callback) -> &'static str {
        match decide(scan, callback) {
            Ok(Decision::Start) => "start",
            Ok(Decision::Fail(_)) => "fail",
            Ok(Decision::Store(_)) => "store",
            Ok(Decision::StoreUnsolicited(_)) => "unsolicited",
            Ok(Decision::Repeat) => "repeat",
            Err(Refusal::OtherSubject(_)) => "other subject",
            Err(Refusal::OtherCommit) => "other commit",
            Err(Refusal::Overtaken) => "overtaken",
            Err(Refusal::UnknownAttempt) => "unknown attempt",
            Err(Refusal::Finished) => "finished",
        }
    }

    #[test]
    fn what_each_event_does_in_each_state() {
        let (started, failed) = (callback(r#","event":"started""#), callback(FAILED));
        let result = result(&sha("a"), "");
        for (status, expected) in [
            (ScanStatus::Pending, ["start", "fail", "store"]),
            (ScanStatus::Running, ["start", "fail", "store"]),
            (ScanStatus::TimedOut, ["start", "fail", "store"]),
            (ScanStatus::Pass, ["repeat", "finished", "finished"]),
            (ScanStatus::Fail, ["repeat", "finished", "finished"]),
            (ScanStatus::Incomplete, ["repeat", "finished", "finished"]),
            (ScanStatus::Error, ["repeat", "finished", "finished"]),
        ] {
            let scan = scan(status);
            let got = [&started, &failed, &result].map(|callback| word(&scan, callback));
            assert_eq!(got, expected, "{status}");
        }
    }

    #[test]
    fn a_sign_of_life_brings_nothing_back_that_was_given_up() {
        let mut scan = scan(ScanStatus::TimedOut);
        scan.given_up_at = Some(Millis(1));
        assert_eq!(word(&scan, &callback(r#","event":"started""#)), "repeat");
        assert_eq!(word(&scan, &result(&sha("a"), "")), "store", "a late result is evidence");
    }

    #[test]
    fn g12_a_repeat_is_known_by_its_content_even_from_an_overtaken_attempt() {
        let report = result(&sha("a"), r#","attempt":1"#);
        let mut finished = scan(ScanStatus::Pass);
        finished.content_digest = Some(report.content_digest());
        assert_eq!(word(&finished, &report), "repeat");
        assert_eq!(word(&finished, &result(&sha("a"), r#","attempt":2"#)), "finished");
    }

    #[test]
    fn g15_attempts_are_fenced() {
        for (attempt, expected) in [(1, "overtaken"), (2, "store"), (3, "unknown attempt")] {
            let report = result(&sha("a"), &format!(r#","attempt":{attempt}"#));
            assert_eq!(word(&scan(ScanStatus::Running), &report), expected);
        }
    }

    #[test]
    fn another_commit_is_refused_with_the_scans_id_and_kept_apart_without() {
        let mut scan = scan(ScanStatus::Running);
        assert_eq!(word(&scan, &result(&sha("b"), SCAN_ID)), "other commit");
        assert_eq!(word(&scan, &result(&sha("b"), "")), "unsolicited");
        let failed = callback(&format!(r#"{FAILED},"commitSha":"{}""#, sha("b")));
        assert_eq!(word(&scan, &failed), "other commit");
        scan.commit_sha = None;
        assert_eq!(word(&scan, &result(&sha("b"), SCAN_ID)), "store", "it tells the commit");
    }

    #[test]
    fn g14_another_subject_is_refused_before_all_else() {
        for lie in [
            r#""repoUrl":"https://github.com/owner/else""#,
            r#""repoUrl":"https://gitlab.com/owner/repo""#,
            r#""repoOwner":"else""#,
            r#""repoName":"else""#,
            r#""repoOwner":"owner","repoName":"repo2""#,
            r#""repoUrl":"https://github.com/owner/repo","repoName":"else""#,
        ] {
            let report = result(&sha("b"), &format!(",{lie}"));
            assert_eq!(word(&scan(ScanStatus::Pass), &report), "other subject", "{lie}");
            let failed = callback(&format!("{FAILED},{lie}"));
            assert_eq!(word(&scan(ScanStatus::Running), &failed), "other subject", "{lie}");
        }
        let same = result(&sha("a"), r#","repoOwner":"OWNER","repoName":"Repo.git""#);
        assert_eq!(word(&scan(ScanStatus::Running), &same), "store");
        let mut other = scan(ScanStatus::Running);
        other.provider = Provider::Njsscan;
        assert_eq!(word(&other, &result(&sha("a"), "")), "other subject");
        let mut other = scan(ScanStatus::Running);
        other.skill_name = "owner/else".parse().unwrap();
        assert_eq!(word(&other, &result(&sha("a"), "")), "other subject");
    }
}
