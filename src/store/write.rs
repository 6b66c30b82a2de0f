//! Every change, each one batch.

use super::{Evidence, LeasedScan, ScanRow, SkillState, Store, sql, statement, text};
use crate::{
    error::AppError,
    ports::{Database, Statement, Value},
};
use skillgate_contract::{
    Millis, Provider, ScanId, ScanStatus, SkillName,
    api::PublishRequest,
    callback::{Callback, ScanResult},
};
use std::collections::BTreeMap;

/// How new scans reach a scanner, and how long silence may last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduling {
    /// The time of the call.
    pub now: Millis,
    /// Whether this worker sends; where scanners pull, a scan's clock starts at once.
    pub sends: bool,
    /// Requests that may be sent in any 60 minutes.
    pub budget_per_hour: u32,
    /// How long silence may last, in milliseconds.
    pub timeout_ms: i64,
}

impl Scheduling {
    /// How long a leased scan waits for its send to be noted, in milliseconds; then it is due
    /// again. Longer than any send may take.
    const LEASE_MS: i64 = 90_000;

    const fn deadline(&self) -> Millis {
        self.now.plus(self.timeout_ms)
    }

    /// When a new scan is sent first, and by when it must have been heard of.
    fn first_send_and_deadline(&self) -> (Option<Millis>, Option<Millis>) {
        if self.sends { (Some(self.now), None) } else { (None, Some(self.deadline())) }
    }
}

/// A scan that a publish may write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScan {
    /// Its id, if it is needed.
    pub id: ScanId,
    /// Which tool.
    pub provider: Provider,
}

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
}

impl<D: Database> Store<'_, D> {
    /// Publishes a skill: the skill's row, one scan for each provider that has none active, the
    /// budget of what is due, the audit line. The state that it left, and what to send now.
    ///
    /// # Errors
    /// [`AppError::Conflict`] where the name belongs to another repository: nothing was written.
    pub async fn publish(
        &self,
        request: &PublishRequest,
        scans: &[NewScan],
        token: &str,
        scheduling: Scheduling,
    ) -> Result<(SkillState, Vec<LeasedScan>), AppError> {
        let (name, repo) = (request.name.as_str(), request.repo_url.to_string());
        // What is overdue is no longer active, whether or not anybody has read it since.
        let mut batch = Vec::from(time_outs(&request.name, token, scheduling.now));
        batch.push(statement!(
            sql::PUBLISH_SKILL,
            name,
            request.name.bare(),
            repo.as_str(),
            text(request.commit_sha.as_ref()),
            request.version.as_deref(),
            text(request.skill_path.as_ref()),
            scheduling.now,
            i64::from(request.move_source),
        ));
        let (due, deadline) = scheduling.first_send_and_deadline();
        batch.extend(scans.iter().map(|scan| {
            statement!(
                sql::NEW_SCAN,
                scan.id.as_str(),
                name,
                request.name.bare(),
                scan.provider.as_str(),
                repo.as_str(),
                scheduling.now,
                due,
                deadline,
            )
        }));
        batch.push(follow_timed_out(&request.name, token, scheduling));
        let providers: Vec<_> = request.providers.iter().map(|p| p.as_str()).collect();
        let detail = detail(&[
            ("repoUrl", repo.as_str().into()),
            ("commitSha", text(request.commit_sha.as_ref())),
            ("version", request.version.as_deref().into()),
            ("providers", providers.join(",").into()),
        ]);
        batch.push(statement!(
            sql::AUDIT_PUBLISH,
            scheduling.now,
            "skill.published",
            name,
            repo.as_str(),
            detail,
        ));
        let written = batch.len() + 2;
        batch.extend(take(scheduling, token, Some((name, &repo))));
        batch.push(statement!(sql::SELECT_SKILL, name));
        batch.push(statement!(sql::SELECT_NEWEST_SCANS, name));

        let mut results = self.run(batch).await?;
        results.skip(written);
        let leased = results.rows()?;
        let skill = results
            .rows::<super::SkillRow>()?
            .pop()
            .ok_or_else(|| AppError::Internal("a published skill is not there".to_owned()))?;
        if skill.repo_url != request.repo_url {
            return Err(AppError::Conflict(format!(
                "{} is published from {}; send \"move\": true to move it",
                skill.name, skill.repo_url
            )));
        }
        Ok((SkillState { skill, scans: results.rows()? }, leased))
    }

    /// Leases what is due, as far as the hour's budget goes.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn take_due(
        &self,
        token: &str,
        scheduling: Scheduling,
    ) -> Result<Vec<LeasedScan>, AppError> {
        let mut results = self.run(take(scheduling, token, None)).await?;
        results.skip(2);
        results.rows()
    }

    /// A scanner accepted a leased scan.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn sent(&self, scan: &LeasedScan, now: Millis) -> Result<(), AppError> {
        self.run(vec![statement!(sql::SENT, scan.id.as_str(), scan.attempt, now)]).await.map(drop)
    }

    /// No scanner accepted a leased scan: it stays, with the reason, and is sent again.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn send_failed(
        &self,
        scan: &LeasedScan,
        now: Millis,
        again: Millis,
        why: &str,
    ) -> Result<(), AppError> {
        self.run(vec![
            statement!(sql::SEND_FAILED, scan.id.as_str(), scan.attempt, now, again, why),
            statement!(
                sql::AUDIT,
                now,
                "worker",
                "dispatch.failed",
                scan.skill_name.as_str(),
                scan.id.as_str(),
                detail(&[("attempt", scan.attempt.into()), ("error", why.into())]),
            ),
        ])
        .await
        .map(drop)
    }

    /// Promotes a skill's overdue scans to TIMED_OUT; those of a commit that is no longer the
    /// published one are followed by a scan of that.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn promote_time_outs(
        &self,
        skill: &SkillName,
        token: &str,
        scheduling: Scheduling,
    ) -> Result<(), AppError> {
        let mut batch = Vec::from(time_outs(skill, token, scheduling.now));
        batch.push(follow_timed_out(skill, token, scheduling));
        self.run(batch).await.map(drop)
    }

    /// A scanner took a scan up, or still works on it. `false`: the scan had changed meanwhile.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn mark_started(
        &self,
        target: Target<'_>,
        deadline: Millis,
    ) -> Result<bool, AppError> {
        let scan = target.scan;
        let mut batch = vec![statement!(
            sql::MARK_STARTED,
            scan.id.as_str(),
            scan.status.as_str(),
            scan.attempt,
            target.now,
            target.token,
            deadline,
        )];
        // A heartbeat changes nothing that anybody is shown.
        if scan.status == ScanStatus::Pending {
            batch.push(revise_skill(target));
            batch.push(audit(target, "scan.started", detail(&[("attempt", scan.attempt.into())])));
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
        let mut batch = vec![statement!(
            sql::MARK_FAILED,
            scan.id.as_str(),
            scan.status.as_str(),
            scan.attempt,
            target.now,
            target.token,
            error,
            callback.worker_host.as_deref(),
            callback.content_digest(),
            callback.github_run_id.as_deref(),
            callback.github_run_url.as_deref(),
        )];
        batch.push(revise_skill(target));
        batch.push(audit(
            target,
            "scan.failed",
            detail(&[("was", scan.status.as_str().into()), ("error", error.into())]),
        ));
        batch.push(follow(target, &scan.id, end));
        self.apply(batch, &scan.id, target.token).await
    }

    /// Stores a result with all that follows from it: the skill's commit where none was known, the
    /// blocklist entry, the audit lines, the scan of a commit that was published meanwhile.
    /// `false`: the scan had changed meanwhile.
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
    ) -> Result<bool, AppError> {
        let scan = target.scan;
        let mut batch = vec![store(target, callback, result, status)];
        if scan.commit_sha.is_none() {
            batch.push(statement!(
                sql::RESOLVE_COMMIT,
                scan.skill_name.as_str(),
                scan.repo_url.to_string(),
                result.commit_sha.as_str(),
                scan.id.as_str(),
                target.token,
            ));
        }
        batch.push(revise_skill(target));
        batch.push(audit_result(target, result, status));
        if result.counts.critical > 0 {
            batch.extend(block(target, result));
        }
        batch.push(follow(target, &scan.id, end));
        self.apply(batch, &scan.id, target.token).await
    }

    /// Stores a result at another commit than the one that was meant, as a row of its own that
    /// counts towards nothing. `None`: this very result has a row already.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn store_foreign_result(
        &self,
        meant: Target<'_>,
        id: ScanId,
        callback: &Callback,
        result: &ScanResult,
        status: ScanStatus,
    ) -> Result<Option<ScanId>, AppError> {
        let mut row = meant.scan.clone();
        row.id = id;
        row.status = ScanStatus::TimedOut;
        row.attempt = 0;
        row.commit_sha = Some(result.commit_sha.clone());
        let target = Target { scan: &row, ..meant };
        let batch = vec![
            statement!(
                sql::NEW_FOREIGN_RESULT,
                row.id.as_str(),
                row.skill_name.as_str(),
                row.skill_name.bare(),
                row.provider.as_str(),
                row.repo_url.to_string(),
                result.commit_sha.as_str(),
                meant.now,
                callback.content_digest(),
            ),
            store(target, callback, result, status),
            revise_skill(target),
            audit_result(target, result, status),
        ];
        let applied = self.apply(batch, &row.id, target.token).await?;
        Ok(applied.then_some(row.id))
    }

    /// Runs a change and tells whether its first statement took place.
    async fn apply(
        &self,
        mut batch: Vec<Statement>,
        scan: &ScanId,
        token: &str,
    ) -> Result<bool, AppError> {
        let written = batch.len();
        batch.push(statement!(sql::SELECT_SCAN, scan.as_str()));
        let mut results = self.run(batch).await?;
        results.skip(written);
        let row: Option<ScanRow> = results.rows()?.pop();
        Ok(row.is_some_and(|row| row.last_write == token))
    }
}

/// The three statements that promote a skill's overdue scans.
fn time_outs(skill: &SkillName, token: &str, now: Millis) -> [Statement; 3] {
    [
        statement!(sql::AUDIT_TIME_OUTS, now, skill.as_str()),
        statement!(sql::REVISE_TIMED_OUT_SKILL, now, skill.as_str()),
        statement!(sql::PROMOTE_TIME_OUTS, now, skill.as_str(), token),
    ]
}

fn follow_timed_out(skill: &SkillName, token: &str, scheduling: Scheduling) -> Statement {
    let (due, deadline) = scheduling.first_send_and_deadline();
    statement!(sql::FOLLOW_TIMED_OUT, skill.as_str(), token, scheduling.now, due, deadline)
}

/// The three statements that lease what is due: budget, lease, list. With a skill and its
/// repository, only if that is where it is published from.
fn take(scheduling: Scheduling, token: &str, only_if: Option<(&str, &str)>) -> Vec<Statement> {
    let now = scheduling.now;
    // Where scanners pull, nothing is due, ever.
    vec![
        statement!(
            sql::TAKE_BUDGET,
            now,
            now.plus(-Millis::HOUR),
            scheduling.budget_per_hour,
            only_if.map(|(skill, _)| skill),
            only_if.map(|(_, repo)| repo),
        ),
        statement!(
            sql::LEASE_TAKEN,
            now,
            scheduling.deadline(),
            now.plus(Scheduling::LEASE_MS),
            token
        ),
        statement!(sql::SELECT_LEASED, now, token),
    ]
}

fn store(
    target: Target<'_>,
    callback: &Callback,
    result: &ScanResult,
    status: ScanStatus,
) -> Statement {
    let scan = target.scan;
    let json_of = |value: Option<String>| -> Value { value.into() };
    statement!(
        sql::STORE_RESULT,
        scan.id.as_str(),
        scan.status.as_str(),
        scan.attempt,
        target.now,
        target.token,
        status.as_str(),
        result.commit_sha.as_str(),
        result.counts.critical,
        result.counts.high,
        result.counts.medium,
        result.counts.low,
        result.counts.score(),
        serde_json::to_string(&result.findings).unwrap_or_else(|_| "[]".to_owned()),
        i64::from(result.findings_truncated),
        json_of(result.coverage.as_ref().and_then(|c| serde_json::to_string(c).ok())),
        json_of(result.tool.as_ref().and_then(|t| serde_json::to_string(t).ok())),
        callback.worker_host.as_deref(),
        callback.isolation.as_deref(),
        result.duration_ms.and_then(|ms| i64::try_from(ms).ok()).filter(|ms| *ms < 1 << 53),
        callback.github_run_id.as_deref(),
        callback.github_run_url.as_deref(),
        result.error.as_deref(),
        callback.content_digest(),
    )
}

fn revise_skill(target: Target<'_>) -> Statement {
    let scan = target.scan;
    statement!(
        sql::REVISE_SKILL,
        scan.skill_name.as_str(),
        target.now,
        scan.id.as_str(),
        target.token
    )
}

fn audit(target: Target<'_>, action: &str, detail: String) -> Statement {
    let scan = target.scan;
    statement!(
        sql::AUDIT_WRITE,
        target.now,
        "scanner",
        action,
        scan.skill_name.as_str(),
        scan.id.as_str(),
        detail,
        target.token,
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

fn block(target: Target<'_>, result: &ScanResult) -> [Statement; 2] {
    let scan = target.scan;
    let evidence = Evidence {
        scan_id: scan.id.clone(),
        commit_sha: result.commit_sha.clone(),
        critical_count: result.counts.critical,
    };
    let evidence = BTreeMap::from([(scan.provider, evidence)]);
    [
        statement!(
            sql::BLOCK,
            // One entry per scan at most: its id serves.
            scan.id.as_str(),
            scan.skill_name.as_str(),
            scan.skill_name.bare(),
            serde_json::to_string(&evidence).unwrap_or_default(),
            target.now,
            scan.repo_url.to_string(),
            result.commit_sha.as_str(),
            scan.id.as_str(),
            target.token,
        ),
        statement!(sql::REVISE_BLOCKLIST, target.now, scan.id.as_str(), target.token),
    ]
}

fn follow(target: Target<'_>, ended: &ScanId, end: &EndOfScan) -> Statement {
    let (due, deadline) = end.scheduling.first_send_and_deadline();
    statement!(
        sql::FOLLOW_MOVED_COMMIT,
        end.next_scan.as_str(),
        end.scheduling.now,
        due,
        deadline,
        ended.as_str(),
        target.token,
    )
}

/// The detail of an audit line, as a JSON object.
fn detail(facts: &[(&str, Value)]) -> String {
    struct Facts<'a>(&'a [(&'a str, Value)]);
    impl serde::Serialize for Facts<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (*name, value)))
        }
    }
    serde_json::to_string(&Facts(facts)).unwrap_or_default()
}
