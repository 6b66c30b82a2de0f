//! What a believed callback does to its scan.

use crate::store::ScanRow;
use skillgate_contract::callback::{Callback, Event, ScanResult};

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision<'a> {
    /// The scan runs, and was heard of just now.
    Start,
    /// The scan learnt nothing.
    Fail(&'a str),
    /// The scan has this result.
    Store(&'a ScanResult),
    /// The result is of another commit than the one that was meant: it gets a row of its own.
    StoreForeign(&'a ScanResult),
    /// Nothing: it was applied before, or comes after the end.
    Repeat,
}

/// Why a callback changes nothing and is no repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It speaks of another skill, provider or repository than its scan.
    #[error("the scan is of another {0}")]
    OtherSubject(&'static str),
    /// Its scan is bound to a commit, and it reports another.
    #[error("the scan is of another commit")]
    OtherCommit,
    /// A later send or claim has taken its place.
    #[error("this attempt has been overtaken by a later one")]
    Overtaken,
    /// No such attempt was ever given out (422).
    #[error("no such attempt was given out")]
    UnknownAttempt,
    /// The scan has another final answer.
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
    if answered && scan.content_digest.as_deref() == Some(&*callback.content_digest()) {
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
        Event::Result(result) if other_commit => Ok(Decision::StoreForeign(result)),
        _ if other_commit => Err(Refusal::OtherCommit),
        Event::Started if scan.status.is_active() => Ok(Decision::Start),
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
    differs("repository", callback.repo_url.as_ref().is_none_or(|url| *url == scan.repo_url))
}

fn check_attempt(scan: &ScanRow, callback: &Callback) -> Result<(), Refusal> {
    match callback.attempt {
        Some(attempt) if attempt > scan.attempt => Err(Refusal::UnknownAttempt),
        Some(attempt) if attempt < scan.attempt => Err(Refusal::Overtaken),
        Some(_) | None => Ok(()),
    }
}
