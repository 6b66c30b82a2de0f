//! The queue that scanners pull from, each change of it one batch.

use super::{
    OfferedScan, ScanRow, Scheduling, Store,
    batch::Batch,
    detail, sql, statement,
    time_outs::{follow_and_give_up, time_outs},
};
use crate::{
    error::AppError,
    ports::{Database, Statement},
};
use skillgate_contract::{
    ScanId,
    api::{CLAIM_MS, Claimant},
};

impl<D: Database> Store<'_, D> {
    /// What a scanner may claim, in turns of the source owners, at most `limit`.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn offered(
        &self,
        limit: u32,
        scheduling: Scheduling,
    ) -> Result<Vec<OfferedScan>, AppError> {
        self.run_one(statement!(sql::SELECT_OFFERED, now = scheduling.now, limit)).await?.only()
    }

    /// Claims a scan as it was read. It is the caller's if the row that comes back bears `token`.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn claim(
        &self,
        scan: &ScanRow,
        by: &Claimant,
        token: &str,
        scheduling: Scheduling,
    ) -> Result<Option<ScanRow>, AppError> {
        let (now, skill) = (scheduling.now, &scan.skill_name);
        // Of its own: it marks what timed out, and the claim's token must mark the claim alone.
        let promoted = format!("{token}-t");
        let mut batch = Batch::new();
        batch.exec_all(time_outs(skill, &promoted, scheduling));
        batch.exec_all(follow_and_give_up(skill, &promoted, scheduling));
        batch.exec(statement!(
            sql::CLAIM,
            id = scan.id.as_str(),
            attempt = scan.attempt,
            now,
            token,
            claimant = by.as_str(),
            until = now.plus(CLAIM_MS),
            deadline = scheduling.deadline(),
            longest = scheduling.longest_ms,
        ));
        batch.exec(statement!(sql::TAKE_TURN, id = scan.id.as_str(), now, token));
        let attempt = scan.attempt.saturating_add(1);
        let detail = detail(&[("claimedBy", by.as_str().into()), ("attempt", attempt.into())]);
        batch.exec_all(noted("scan.claimed", scan, token, detail, scheduling));
        self.and_read(batch, &scan.id).await
    }

    /// A claimant's sign of life. The scan is the caller's if the row that comes back says so.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn extend_claim(
        &self,
        scan: &ScanId,
        by: &Claimant,
        scheduling: Scheduling,
    ) -> Result<Option<ScanRow>, AppError> {
        let now = scheduling.now;
        let extend = statement!(
            sql::EXTEND_CLAIM,
            id = scan.as_str(),
            claimant = by.as_str(),
            now,
            until = now.plus(CLAIM_MS),
            deadline = scheduling.deadline(),
            longest = scheduling.longest_ms,
        );
        let mut batch = Batch::new();
        batch.exec(extend);
        self.and_read(batch, scan).await
    }

    /// A claimant hands a scan back. It did if the row that comes back bears `token`.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn release_claim(
        &self,
        scan: &ScanRow,
        by: &Claimant,
        token: &str,
        scheduling: Scheduling,
    ) -> Result<Option<ScanRow>, AppError> {
        let (due, deadline) = scheduling.first_send_and_deadline();
        let (id, now) = (scan.id.as_str(), scheduling.now);
        let mut batch = Batch::new();
        let by_name = by.as_str();
        batch.exec(statement!(
            sql::RELEASE_CLAIM,
            id,
            claimant = by_name,
            now,
            token,
            due,
            deadline,
            longest = scheduling.longest_ms,
        ));
        let detail = detail(&[("claimedBy", by.as_str().into())]);
        batch.exec_all(noted("scan.released", scan, token, detail, scheduling));
        self.and_read(batch, &scan.id).await
    }

    /// Runs a batch and reads the scan as it leaves it.
    async fn and_read(&self, mut batch: Batch, scan: &ScanId) -> Result<Option<ScanRow>, AppError> {
        let row = batch.select(statement!(sql::SELECT_SCAN, id = scan.as_str()));
        self.run(batch).await?.take_one(row)
    }
}

/// The revision and the audit line of a change of one scan, if it was applied.
fn noted(
    action: &str,
    scan: &ScanRow,
    token: &str,
    detail: String,
    scheduling: Scheduling,
) -> [Statement; 2] {
    let (now, skill, id) = (scheduling.now, scan.skill_name.as_str(), scan.id.as_str());
    [
        statement!(sql::REVISE_SKILL, skill, now, scan = id, token),
        statement!(
            sql::AUDIT_WRITE,
            now,
            actor = "scanner",
            action,
            skill,
            scan = id,
            detail,
            token,
        ),
    ]
}
