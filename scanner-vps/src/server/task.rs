//! One scan of the queue: its request, its identity and its end.

use super::{platform::Claim, runner::ScanFailure};
use crate::scan::ScanOutcome;
use skillgate_contract::{ScanId, scan_request::ScanRequest};

/// A scan to run.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) request: ScanRequest,
    /// The lease on a scan of the worker's queue; none for a scan that was sent here.
    pub(super) claim: Option<Claim>,
}

impl From<ScanRequest> for Task {
    fn from(request: ScanRequest) -> Self {
        Self { request, claim: None }
    }
}

/// How a scan that was accepted ended.
#[derive(Debug)]
pub(super) enum ScanEnd {
    /// It has a result or a failure, which is being delivered to the worker.
    Completed(Box<Result<ScanOutcome, ScanFailure>>),
    /// The scanner stops: the scan is released, or abandoned to the worker's time-out.
    Cancelled,
    /// Its git host failed transiently, for this reason: it is released, or retried later.
    Deferred(String),
    /// Another scanner has the lease, or the scan is over: it was aborted and nothing is reported.
    LeaseLost,
}

/// A callback that is told the end of each scan.
pub(super) type ScanObserver = Box<dyn Fn(&ScanRequest, &ScanEnd) + Send + Sync>;

/// The identity of a scan: the worker's id and attempt, or, from a sender without
/// ids, everything that is to be scanned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Scan(ScanId, Option<u32>),
    Subject(String),
}

impl Key {
    pub(super) fn of(request: &ScanRequest) -> Self {
        match &request.scan_id {
            Some(id) => Self::Scan(id.clone(), request.attempt),
            None => Self::Subject(format!(
                "{} {} {} {:?} {:?} {:?} {}",
                request.provider,
                request.skill_name,
                request.repo_url,
                request.commit_sha,
                request.skill_path,
                request.attempt,
                request.callback_url,
            )),
        }
    }
}
