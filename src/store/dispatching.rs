//! Publishing, sending and time-outs: every change that a scanner has no part in, each one batch.

use super::{LeasedScan, SkillState, Store, detail, sql, statement, text};
use crate::{
    error::AppError,
    ports::{Database, Statement},
};
use skillgate_contract::{Millis, Provider, ScanId, SkillName, api::PublishRequest};

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
    /// again. A send that outlasts it goes out again, under the attempt that overtakes it.
    const LEASE_MS: i64 = 90_000;

    pub(super) const fn deadline(&self) -> Millis {
        self.now.plus(self.timeout_ms)
    }

    /// When a new scan is sent first, and by when it must have been heard of.
    pub(super) fn first_send_and_deadline(&self) -> (Option<Millis>, Option<Millis>) {
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

impl<D: Database> Store<'_, D> {
    /// Publishes a skill: the skill's row, one scan for each provider that has none active, the
    /// budget of what is due, the audit line. The state that it left, and what to send now.
    ///
    /// # Errors
    /// [`AppError::Conflict`] where the name belongs to another repository: nothing was published.
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
        let mut written = batch.len();
        if scheduling.sends {
            batch.extend(take(scheduling, token, Some((name, &repo))));
            written += 2;
        }
        batch.push(statement!(sql::SELECT_SKILL, name));
        batch.push(statement!(sql::SELECT_NEWEST_SCANS, name));

        let mut results = self.run(batch).await?;
        results.skip(written);
        let leased = if scheduling.sends { results.rows()? } else { Vec::new() };
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

    /// A scanner accepted a leased scan: from now on it has until `deadline`.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn sent(
        &self,
        scan: &LeasedScan,
        now: Millis,
        deadline: Millis,
    ) -> Result<(), AppError> {
        self.run(vec![statement!(sql::SENT, scan.id.as_str(), scan.attempt, now, deadline)])
            .await
            .map(drop)
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
    vec![
        statement!(
            sql::TAKE_BUDGET,
            now,
            now.plus(-Millis::HOUR),
            scheduling.budget_per_hour,
            only_if.map(|(skill, _)| skill),
            only_if.map(|(_, repo)| repo),
        ),
        statement!(sql::LEASE_TAKEN, now, now.plus(Scheduling::LEASE_MS), token),
        statement!(sql::SELECT_LEASED, now, token),
    ]
}
