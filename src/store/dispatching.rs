//! Dispatch of scans: leases, the outcomes of sends, and scanners that fail.

use super::{
    DispatchTarget, FailingScanner, LeasedScan, OldestWaiting, RetryBudget, Store, UnsentScan,
    batch::{Batch, Selected},
    detail,
    results::{EndOfScan, follow_moved},
    sql, statement,
};
use crate::{error::AppError, ports::Database};
use skillgate_contract::{Millis, github::RunDetails};

/// How new scans reach a scanner, and how long silence may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduling {
    /// The time of the call.
    pub now: Millis,
    /// What this worker sends; where scanners pull, a scan's clock starts at once.
    pub sends: DispatchTarget,
    /// Requests that may be sent in any 60 minutes.
    pub budget_per_hour: u32,
    /// How long silence may last, in milliseconds.
    pub timeout_ms: i64,
    /// How long an attempt may last from its start, in milliseconds.
    pub longest_ms: i64,
}

impl Scheduling {
    /// How long a leased scan waits for its send to be noted, in milliseconds; then it is due
    /// again. A send that outlasts it goes out again, under the attempt that overtakes it.
    const LEASE_MS: i64 = 90_000;
    /// How long a result of a run that timed out may still come before another is started, in
    /// milliseconds.
    const LATE_RUN_MS: i64 = 40 * Millis::MINUTE;

    pub(super) const fn deadline(&self) -> Millis {
        self.now.plus(self.timeout_ms)
    }

    /// Until when an attempt that started at `started` is waited for after a sign of life of now; `None`
    /// where it has lasted long enough.
    #[must_use]
    pub fn deadline_of(&self, started: Millis) -> Option<Millis> {
        let latest = started.plus(self.longest_ms);
        (latest > self.now).then(|| latest.min(self.deadline()))
    }

    /// When a scan is sent, now that it is to be, and by when it must have been heard of.
    pub(super) fn first_send_and_deadline(&self) -> (Option<Millis>, Option<Millis>) {
        match self.sends {
            DispatchTarget::Pull => (None, Some(self.deadline())),
            DispatchTarget::Scanner | DispatchTarget::Github(_) => (Some(self.now), None),
        }
    }

    /// When what timed out now is sent again. A run on GitHub reports its own end: if it is silent, it
    /// most likely waits for a machine, and one more would only wait behind it.
    pub(super) fn send_again(&self) -> Option<Millis> {
        match self.sends {
            DispatchTarget::Pull => None,
            DispatchTarget::Scanner => Some(self.now),
            DispatchTarget::Github(_) => Some(self.now.plus(Self::LATE_RUN_MS)),
        }
    }

    pub(super) fn sends_anything(&self) -> bool {
        self.sends != DispatchTarget::Pull
    }
}

/// The outcomes of sends, statement by statement.
#[derive(Debug, Default)]
pub struct SendOutcome(pub(super) Batch);

impl SendOutcome {
    /// A leased scan was accepted, by a scanner or for a run: from now on it has until `deadline`.
    pub fn sent(
        &mut self,
        scan: &LeasedScan,
        now: Millis,
        deadline: Millis,
        run: Option<&RunDetails>,
    ) {
        self.0.exec(statement!(
            sql::SENT,
            id = scan.id.as_str(),
            attempt = scan.attempt,
            now,
            deadline,
            run_id = run.map(|run| run.run_id.as_str()),
            run_url = run.map(|run| run.page.as_str()),
        ));
    }

    /// Nobody accepted a leased scan: it stays, with the reason, and is sent again. `budget` tells
    /// whether this failure counts towards the end of the scan.
    pub fn failed(
        &mut self,
        scan: &LeasedScan,
        now: Millis,
        again: Millis,
        why: &str,
        budget: RetryBudget,
    ) {
        self.send_again(scan, now, again, why, budget);
        let (id, attempt) = (scan.id.as_str(), scan.attempt);
        let detail = detail(&[("attempt", attempt.into()), ("error", why.into())]);
        let skill = scan.skill_name.as_str();
        let action = "dispatch.failed";
        self.0.exec(statement!(
            sql::AUDIT,
            now,
            actor = "worker",
            action,
            skill,
            scan = id,
            detail,
        ));
    }

    /// A leased scan found no room: it stays, with the reason, and is sent again. It was no dispatch.
    pub fn waits(&mut self, scan: &LeasedScan, now: Millis, again: Millis, why: &str) {
        self.send_again(scan, now, again, why, RetryBudget::Keep);
        let (id, attempt) = (scan.id.as_str(), scan.attempt);
        self.0.exec(statement!(sql::GIVE_BACK_BUDGET, id, attempt));
    }

    /// A leased scan stays, with the reason, and is sent again.
    fn send_again(
        &mut self,
        scan: &LeasedScan,
        now: Millis,
        again: Millis,
        why: &str,
        budget: RetryBudget,
    ) {
        self.0.exec(statement!(
            sql::SEND_FAILED,
            id = scan.id.as_str(),
            attempt = scan.attempt,
            now,
            again,
            error = why,
            spent = i64::from(budget == RetryBudget::Spend),
        ));
    }

    /// Nobody accepts a scan, and enough was tried: it ends as ERROR, with the reason.
    pub fn given_up(&mut self, scan: &LeasedScan, token: &str, why: &str, end: &EndOfScan) {
        let (id, now) = (scan.id.as_str(), end.scheduling.now);
        let detail = detail(&[
            ("was", "PENDING".into()),
            ("error", why.into()),
            ("sent", scan.attempt.into()),
        ]);
        let skill = scan.skill_name.as_str();
        self.0.exec_all([
            statement!(sql::SEND_GIVEN_UP, id, attempt = scan.attempt, now, token, error = why),
            statement!(sql::REVISE_SKILL, skill, now, scan = id, token),
            statement!(
                sql::AUDIT_WRITE,
                now,
                actor = "worker",
                action = "scan.failed",
                skill,
                scan = id,
                detail,
                token,
            ),
        ]);
        self.0.exec_all(follow_moved(&scan.id, token, end));
    }
}

impl<D: Database> Store<'_, D> {
    /// Leases what is due, as far as the hour's budget goes.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn take_due(
        &self,
        token: &str,
        scheduling: Scheduling,
    ) -> Result<Vec<LeasedScan>, AppError> {
        let mut batch = Batch::new();
        let leased = take(&mut batch, scheduling, token, None);
        self.run(batch).await?.take(leased)
    }

    /// Requeues waiting scans for the present dispatch mode. After `DISPATCH` has changed, a scan that was due to be
    /// sent would never be pulled, and one that timed out on offer would never be sent.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn requeue_for_dispatch_mode(&self, scheduling: Scheduling) -> Result<(), AppError> {
        let requeue = if scheduling.sends_anything() {
            statement!(sql::SEND_OFFERED, again = scheduling.send_again())
        } else {
            statement!(sql::OFFER_UNSENT, deadline = scheduling.deadline())
        };
        self.run_one(requeue).await.map(drop)
    }

    /// Stores the outcomes of sends, in one batch.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn note_send(&self, outcome: SendOutcome) -> Result<(), AppError> {
        self.run(outcome.0).await.map(drop)
    }

    /// The scanners that did not take the last thing they were sent.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn failing_scanners(&self) -> Result<Vec<FailingScanner>, AppError> {
        let query = statement!(sql::SELECT_FAILING_SCANNERS, settings = None::<&str>);
        self.run_one(query).await?.only()
    }

    /// Notes that a scanner did not take what it was sent.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn scanner_failed(&self, scanner: &FailingScanner) -> Result<(), AppError> {
        let failed = statement!(
            sql::SCANNER_FAILED,
            url = scanner.url.as_str(),
            failures = scanner.failures,
            error = scanner.error.as_str(),
            now = scanner.failed_at,
            until = scanner.ejected_until,
        );
        self.run_one(failed).await.map(drop)
    }

    /// Notes that a scanner takes scans again.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn scanner_works(&self, url: &str) -> Result<(), AppError> {
        self.run_one(statement!(sql::SCANNER_WORKS, url)).await.map(drop)
    }

    /// When the oldest scans were created that wait.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn oldest_waiting(&self) -> Result<OldestWaiting, AppError> {
        let oldest = self.run_one(statement!(sql::SELECT_OLDEST_WAITING)).await?.only()?;
        Ok(oldest.into_iter().next().unwrap_or_default())
    }

    /// What waits to be sent, at most 100, and who takes nothing: scanners, or GitHub.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn unsent(
        &self,
        sends: DispatchTarget,
    ) -> Result<(Vec<UnsentScan>, Vec<FailingScanner>), AppError> {
        let failing = statement!(sql::SELECT_FAILING_SCANNERS, settings = sends.circuit_key());
        let mut batch = Batch::new();
        let scans = batch.select(statement!(sql::SELECT_UNSENT));
        let failing = batch.select(failing);
        let mut results = self.run(batch).await?;
        Ok((results.take(scans)?, results.take(failing)?))
    }
}

/// Leases what is due: budget, what changes to be seen, lease, list. With a skill and its
/// repository, only if that is where it is published from.
pub(super) fn take(
    batch: &mut Batch,
    scheduling: Scheduling,
    token: &str,
    only_if: Option<(&str, &str)>,
) -> Selected<LeasedScan> {
    let now = scheduling.now;
    batch.exec_all([
        statement!(
            sql::TAKE_BUDGET,
            now,
            hour_ago = now.plus(-Millis::HOUR),
            budget = scheduling.budget_per_hour,
            reserve = scheduling.budget_per_hour / 10,
            skill = only_if.map(|(skill, _)| skill),
            repo = only_if.map(|(_, repo)| repo),
            settings = scheduling.sends.circuit_key(),
            scans_per_request = scheduling.sends.scans_per_request(),
        ),
        statement!(sql::REVISE_RETAKEN, now),
        statement!(sql::AUDIT_RETAKEN, now),
        statement!(sql::LEASE_TAKEN, now, until = now.plus(Scheduling::LEASE_MS), token),
    ]);
    batch.select(statement!(sql::SELECT_LEASED, now, token))
}
