//! What a scanner's report changes, each time one batch.

use super::{
    BlockLimits, ScanRow, Scheduling, Store, Waiting,
    batch::{Batch, Results, Selected},
    detail,
    publishing::created,
    sql, statement,
};
use crate::{
    domain::lifting,
    error::AppError,
    ports::{Database, Statement, Value},
};
use skillgate_contract::{
    Millis, ScanId, ScanStatus, SkillName,
    api::CLAIM_MS,
    callback::{Callback, ScanResult},
};

/// The scan that a callback changes, as it stood when that was decided.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The row.
    pub scan: &'a ScanRow,
    /// Names this write in the row.
    pub token: &'a str,
    /// The time.
    pub now: Millis,
}

/// What comes with the end of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndOfScan {
    /// The id of the scan that follows, should the published commit have moved.
    pub next_scan: ScanId,
    /// How that one is sent.
    pub scheduling: Scheduling,
    /// How many automatic blocklist entries become active.
    pub block_limits: BlockLimits,
    /// The bytes of one source owner beyond which a result is cut.
    pub owner_bytes: i64,
}

/// The outcome of storing a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// `false`: the scan had changed meanwhile, and nothing was stored.
    pub applied: bool,
    /// The new entry that does not block yet, because the hourly rate limit of automatic entries was
    /// reached.
    pub rate_limited: Option<Waiting>,
}

impl<D: Database> Store<'_, D> {
    /// A scanner started a scan, or still works on it. `false`: the scan had changed meanwhile.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn mark_started(
        &self,
        target: Target<'_>,
        deadline: Millis,
    ) -> Result<bool, AppError> {
        let scan = target.scan;
        let mut batch = Batch::new();
        batch.exec(statement!(
            sql::MARK_STARTED,
            id = scan.id.as_str(),
            was = scan.status.as_str(),
            attempt = scan.attempt,
            now = target.now,
            token = target.token,
            deadline,
            until = target.now.plus(CLAIM_MS),
        ));
        // A heartbeat changes nothing that anybody is shown.
        if scan.status != ScanStatus::Running {
            batch.exec(revise_skill(target));
            batch.exec(audit(target, "scan.started", detail(&[("attempt", scan.attempt.into())])));
        }
        self.apply(batch, &scan.id, target.token).await
    }

    /// A scan learnt nothing. `false`: the scan had changed meanwhile.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn mark_failed(
        &self,
        target: Target<'_>,
        callback: &Callback,
        error: &str,
        end: &EndOfScan,
    ) -> Result<bool, AppError> {
        let scan = target.scan;
        let mut batch = Batch::new();
        batch.exec(statement!(
            sql::MARK_FAILED,
            id = scan.id.as_str(),
            was = scan.status.as_str(),
            attempt = scan.attempt,
            now = target.now,
            token = target.token,
            error,
            host = callback.worker_host.as_deref(),
            digest = callback.content_digest(),
            run_id = callback.github_run_id.as_deref(),
            run_url = callback.github_run_url.as_deref(),
            tool = json_of(callback.tool.as_ref().map(serde_json::to_string)),
        ));
        batch.exec(revise_skill(target));
        batch.exec(audit(
            target,
            "scan.failed",
            detail(&[("was", scan.status.as_str().into()), ("error", error.into())]),
        ));
        batch.exec_all(follow_moved(&scan.id, target.token, end));
        self.apply(batch, &scan.id, target.token).await
    }

    /// Stores a result with all that follows from it: the skill's commit where none was known, the
    /// blocklist entry, the audit lines, the scan of a commit that was published meanwhile.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn store_result(
        &self,
        target: Target<'_>,
        callback: &Callback,
        result: &ScanResult,
        status: ScanStatus,
        end: &EndOfScan,
    ) -> Result<Stored, AppError> {
        let scan = target.scan;
        let mut batch = Batch::new();
        batch.exec_all([store(target, callback, result, status), cut_to_quota(target, end)]);
        if scan.commit_sha.is_none() {
            let (skill, repo) = (scan.skill_name.as_str(), scan.repo_url.to_string());
            let (commit, id, token) = (result.commit_sha.as_str(), scan.id.as_str(), target.token);
            batch.exec_all([
                statement!(
                    sql::AUDIT_RESOLVED,
                    skill,
                    repo = repo.as_str(),
                    commit,
                    scan = id,
                    token,
                    now = target.now,
                ),
                statement!(
                    sql::RESOLVE_COMMIT,
                    skill,
                    repo = repo.as_str(),
                    commit,
                    scan = id,
                    token,
                ),
            ]);
        }
        batch.exec(revise_skill(target));
        batch.exec(audit_result(target, result, status));
        batch.exec_all(follow_moved(&scan.id, target.token, end));
        let row = batch.select::<ScanRow>(statement!(sql::SELECT_SCAN, id = scan.id.as_str()));
        // Of a commit that is published from now on, something may be known.
        let is_known = result.counts.critical > 0 || scan.commit_sha.is_none();
        let linked = is_known.then(|| block_target(&mut batch, target, end));
        let mut results = self.run(batch).await?;
        let applied = results.take_one(row)?.is_some_and(|row| row.write_token == target.token);
        Ok(Stored { applied, rate_limited: results.rate_limited(linked)? })
    }

    /// Stores a result at another commit than the one that was meant, as a row of its own that
    /// counts towards nothing; should that other commit be the published one by now, criticals still
    /// block. Returns its row's id and the outcome: this very result may have a row already.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn store_unsolicited_result(
        &self,
        meant: Target<'_>,
        callback: &Callback,
        result: &ScanResult,
        status: ScanStatus,
        end: &EndOfScan,
    ) -> Result<(ScanId, Stored), AppError> {
        let mut row = meant.scan.clone();
        row.id = end.next_scan.clone();
        row.status = ScanStatus::TimedOut;
        row.attempt = 0;
        row.commit_sha = Some(result.commit_sha.clone());
        let target = Target { scan: &row, ..meant };
        let digest = callback.content_digest();
        let mut batch = Batch::new();
        batch.exec_all([
            statement!(
                sql::NEW_UNSOLICITED_RESULT,
                id = row.id.as_str(),
                meant = meant.scan.id.as_str(),
                skill = row.skill_name.as_str(),
                bare = row.skill_name.bare(),
                provider = row.provider.as_str(),
                repo = row.repo_url.to_string(),
                commit = result.commit_sha.as_str(),
                now = meant.now,
                digest = digest.as_str(),
            ),
            store(target, callback, result, status),
            cut_to_quota(target, end),
            revise_skill(target),
            audit_result(target, result, status),
        ]);
        let kept = batch.select::<ScanRow>(statement!(
            sql::SELECT_UNSOLICITED,
            skill = row.skill_name.as_str(),
            provider = row.provider.as_str(),
            digest,
        ));
        let has_criticals = result.counts.critical > 0;
        let linked = has_criticals.then(|| block_target(&mut batch, target, end));
        let mut results = self.run(batch).await?;
        let kept = results
            .take_one(kept)?
            .ok_or_else(|| AppError::Internal("an unsolicited result is not there".to_owned()))?;
        let applied = kept.write_token == target.token;
        Ok((kept.id, Stored { applied, rate_limited: results.rate_limited(linked)? }))
    }

    /// Runs a change and returns whether its first statement was applied.
    async fn apply(&self, mut batch: Batch, scan: &ScanId, token: &str) -> Result<bool, AppError> {
        let row = batch.select::<ScanRow>(statement!(sql::SELECT_SCAN, id = scan.as_str()));
        let row = self.run(batch).await?.take_one(row)?;
        Ok(row.is_some_and(|row| row.write_token == token))
    }
}

fn store(
    target: Target<'_>,
    callback: &Callback,
    result: &ScanResult,
    status: ScanStatus,
) -> Statement {
    let scan = target.scan;
    statement!(
        sql::STORE_RESULT,
        id = scan.id.as_str(),
        was = scan.status.as_str(),
        attempt = scan.attempt,
        now = target.now,
        token = target.token,
        status = status.as_str(),
        commit = result.commit_sha.as_str(),
        critical = result.counts.critical,
        high = result.counts.high,
        medium = result.counts.medium,
        low = result.counts.low,
        score = result.counts.score(),
        findings = serde_json::to_string(&result.findings).unwrap_or_else(|_| "[]".to_owned()),
        truncated = i64::from(result.findings_truncated),
        coverage = json_of(result.coverage.as_ref().map(serde_json::to_string)),
        tool = json_of(result.tool.as_ref().map(serde_json::to_string)),
        host = callback.worker_host.as_deref(),
        isolation = callback.isolation.as_deref(),
        duration =
            result.duration_ms.and_then(|ms| i64::try_from(ms).ok()).filter(|ms| *ms < 1 << 53),
        run_id = callback.github_run_id.as_deref(),
        run_url = callback.github_run_url.as_deref(),
        error = result.error.as_deref(),
        digest = callback.content_digest(),
        auto_run = json_of(result.auto_run.as_ref().map(serde_json::to_string)),
        auto_run_truncated = i64::from(result.auto_run_truncated),
        criticals = json_of(
            (result.counts.critical > 0)
                .then(|| serde_json::to_string(&lifting::digests(&result.findings))),
        ),
    )
}

fn cut_to_quota(target: Target<'_>, end: &EndOfScan) -> Statement {
    statement!(
        sql::CUT_TO_QUOTA,
        id = target.scan.id.as_str(),
        token = target.token,
        now = target.now,
        quota = end.owner_bytes,
    )
}

fn json_of(json: Option<serde_json::Result<String>>) -> Value {
    json.and_then(Result::ok).into()
}

fn revise_skill(target: Target<'_>) -> Statement {
    let scan = target.scan;
    statement!(
        sql::REVISE_SKILL,
        skill = scan.skill_name.as_str(),
        now = target.now,
        scan = scan.id.as_str(),
        token = target.token,
    )
}

fn audit(target: Target<'_>, action: &str, detail: String) -> Statement {
    let scan = target.scan;
    statement!(
        sql::AUDIT_WRITE,
        now = target.now,
        actor = "scanner",
        action,
        skill = scan.skill_name.as_str(),
        scan = scan.id.as_str(),
        detail,
        token = target.token,
    )
}

fn audit_result(target: Target<'_>, result: &ScanResult, status: ScanStatus) -> Statement {
    let counts = result.counts;
    let detail = detail(&[
        ("provider", target.scan.provider.as_str().into()),
        ("was", target.scan.status.as_str().into()),
        ("status", status.as_str().into()),
        ("commitSha", result.commit_sha.as_str().into()),
        ("score", counts.score().into()),
        ("criticalCount", counts.critical.into()),
        ("highCount", counts.high.into()),
        ("mediumCount", counts.medium.into()),
        ("lowCount", counts.low.into()),
    ]);
    audit(target, "scan.result", detail)
}

/// Writes the entry for the criticals that are known of a skill's published commit, and links the scans that are its
/// evidence; after whatever changes one of both. [`Results::rate_limited`] reads the handle.
pub(super) fn block(
    batch: &mut Batch,
    skill: &SkillName,
    token: &str,
    now: Millis,
    limits: BlockLimits,
) -> Selected<Waiting> {
    let (skill, hour_ago) = (skill.as_str(), now.plus(-Millis::HOUR));
    batch.exec(statement!(
        sql::BLOCK,
        skill,
        token,
        now,
        hour_ago,
        most_per_hour = limits.per_hour,
        most_per_puller = limits.per_puller,
    ));
    batch.select(statement!(sql::LINK_EVIDENCE, skill, token))
}

fn block_target(batch: &mut Batch, target: Target<'_>, end: &EndOfScan) -> Selected<Waiting> {
    let skill = &target.scan.skill_name;
    block(batch, skill, target.token, target.now, end.block_limits)
}

impl Results {
    /// Of [`block`]: the new entry, if there is one and it is only proposed.
    pub(super) fn rate_limited(
        &mut self,
        linked: Option<Selected<Waiting>>,
    ) -> Result<Option<Waiting>, AppError> {
        let Some(linked) = linked else { return Ok(None) };
        Ok(self.take(linked)?.into_iter().find(|row| row.count == 1))
    }
}

/// The scan of a commit that was published while the scan that ended was under way, and its audit
/// line.
pub(super) fn follow_moved(ended: &ScanId, token: &str, end: &EndOfScan) -> [Statement; 2] {
    let (due, deadline) = end.scheduling.first_send_and_deadline();
    let (next, now) = (end.next_scan.as_str(), end.scheduling.now);
    [
        statement!(
            sql::FOLLOW_MOVED_COMMIT,
            id = next,
            now,
            due,
            deadline,
            ended = ended.as_str(),
            token,
        ),
        created(now, "worker", &[next]),
    ]
}
