//! Asking for scans: publishing a skill, and scanning one again. Each is one batch.

use super::{
    BlockLimits, LeasedScan, SkillRow, SkillState, Store, Waiting,
    batch::Batch,
    detail,
    dispatching::take,
    results::block,
    skills::select_state,
    sql, statement, text,
    time_outs::{follow_and_give_up, time_outs},
};
use crate::{
    error::AppError,
    ports::{Database, Statement},
    store::Scheduling,
};
use skillgate_contract::{Millis, Provider, ScanId, SkillName, api::PublishRequest};

/// A scan that a call may write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScan {
    /// Its id, if it is needed.
    pub id: ScanId,
    /// Which tool.
    pub provider: Provider,
}

impl<D: Database> Store<'_, D> {
    /// Publishes a skill: the skill's row, one scan for each provider that has none active, the
    /// budget of what is due, the audit line, and the blocklist entry where criticals are known of the
    /// commit. The state that it left, what to send now, and that entry, where the rate limit left it a proposal.
    ///
    /// # Errors
    /// [`AppError::Conflict`] where the name belongs to another repository, or the repository has a skill whose
    /// name differs in case alone: nothing was published.
    pub async fn publish(
        &self,
        request: &PublishRequest,
        scans: &[NewScan],
        token: &str,
        scheduling: Scheduling,
        block_limits: BlockLimits,
    ) -> Result<(SkillState, Vec<LeasedScan>, Option<Waiting>), AppError> {
        let (name, repo) = (request.name.as_str(), request.repo_url.to_string());
        // What is overdue is no longer active, whether or not anybody has read it since.
        let mut batch = Batch::new();
        batch.exec_all(time_outs(&request.name, token, scheduling));
        batch.exec(statement!(
            sql::PUBLISH_SKILL,
            name,
            bare = request.name.bare(),
            repo = repo.as_str(),
            commit = text(request.commit_sha.as_ref()),
            version = request.version.as_deref(),
            path = text(request.skill_path.as_ref()),
            now = scheduling.now,
            may_move = i64::from(request.move_source),
        ));
        let detail = detail(&[
            ("repoUrl", repo.as_str().into()),
            ("commitSha", text(request.commit_sha.as_ref())),
            ("version", request.version.as_deref().into()),
            ("skillPath", text(request.skill_path.as_ref())),
            ("move", i64::from(request.move_source).into()),
            ("providers", names(&request.providers).into()),
        ]);
        let audit = audit(scheduling, "skill.published", &request.name, &repo, detail);
        let most = Some(block_limits);
        let asked = self.ask(batch, &request.name, &repo, scans, token, scheduling, audit, most);
        let (state, leased, rate_limited) = asked.await?;
        match state {
            Some(state) if state.skill.repo_url == request.repo_url => {
                Ok((state, leased, rate_limited))
            }
            Some(SkillState { skill, .. }) if !request.move_source => {
                Err(AppError::Conflict(format!(
                    "{} is published from {}; send \"move\": true to move it",
                    skill.name, skill.repo_url
                )))
            }
            _ => Err(AppError::Conflict(format!(
                "a skill whose name differs from {name} in case alone is published from {repo}"
            ))),
        }
    }

    /// Scans a skill again as it is published: one scan for each provider that has none active, or
    /// for each at all with `force`, which ends the active ones as `superseded`.
    ///
    /// # Errors
    /// [`AppError::Conflict`] where the skill has moved since `skill` was read: nothing was done.
    pub async fn scan_again(
        &self,
        skill: &SkillRow,
        scans: &[NewScan],
        force: bool,
        token: &str,
        scheduling: Scheduling,
    ) -> Result<(SkillState, Vec<LeasedScan>), AppError> {
        let (name, repo, now) = (skill.name.as_str(), skill.repo_url.to_string(), scheduling.now);
        let mut batch = Batch::new();
        batch.exec_all(time_outs(&skill.name, token, scheduling));
        if force {
            for scan in scans {
                let provider = scan.provider.as_str();
                batch.exec(statement!(
                    sql::AUDIT_SUPERSEDED,
                    now,
                    skill = name,
                    provider,
                    repo = repo.as_str(),
                ));
                batch.exec(statement!(
                    sql::SUPERSEDE,
                    skill = name,
                    provider,
                    now,
                    token,
                    repo = repo.as_str(),
                ));
            }
        }
        batch.exec(statement!(sql::REVISE_NAMED_SKILL, skill = name, now));
        let providers: Vec<_> = scans.iter().map(|scan| scan.provider).collect();
        let detail = detail(&[
            ("commitSha", text(skill.commit_sha.as_ref())),
            ("providers", names(&providers).into()),
            ("force", i64::from(force).into()),
        ]);
        let audit = audit(scheduling, "skill.scan_asked", &skill.name, &repo, detail);
        let asked = self.ask(batch, &skill.name, &repo, scans, token, scheduling, audit, None);
        let (state, leased, _) = asked.await?;
        match state {
            Some(state) if state.skill.repo_url == skill.repo_url => Ok((state, leased)),
            _ => Err(AppError::Conflict(format!("{name} has just moved; ask again"))),
        }
    }

    /// After what `batch` does first: new scans where none is active, the audit line, the lease of what is due, and
    /// with `block_limits` the blocklist entry.
    #[allow(clippy::too_many_arguments, reason = "the common end of two batches, called here only")]
    async fn ask(
        &self,
        mut batch: Batch,
        skill: &SkillName,
        repo: &str,
        scans: &[NewScan],
        token: &str,
        scheduling: Scheduling,
        audit: Statement,
        block_limits: Option<BlockLimits>,
    ) -> Result<(Option<SkillState>, Vec<LeasedScan>, Option<Waiting>), AppError> {
        let (due, deadline) = scheduling.first_send_and_deadline();
        batch.exec_all(scans.iter().map(|scan| {
            statement!(
                sql::NEW_SCAN,
                id = scan.id.as_str(),
                skill = skill.as_str(),
                bare = skill.bare(),
                provider = scan.provider.as_str(),
                repo,
                now = scheduling.now,
                due,
                deadline,
            )
        }));
        let ids: Vec<_> = scans.iter().map(|scan| scan.id.as_str()).collect();
        batch.exec(created(scheduling.now, "admin", &ids));
        batch.exec_all(follow_and_give_up(skill, token, scheduling));
        batch.exec(audit);
        let leased = scheduling
            .sends_anything()
            .then(|| take(&mut batch, scheduling, token, Some((skill.as_str(), repo))));
        let state = select_state(&mut batch, skill);
        let linked = block_limits.map(|most| block(&mut batch, skill, token, scheduling.now, most));

        let mut results = self.run(batch).await?;
        let leased = leased.map_or(Ok(Vec::new()), |leased| results.take(leased))?;
        Ok((results.skill_state(state)?, leased, results.rate_limited(linked)?))
    }
}

/// The audit lines of the scans that a batch has created, of the ids that were drawn for it.
pub(super) fn created(now: Millis, actor: &str, ids: &[&str]) -> Statement {
    let ids = serde_json::to_string(ids).unwrap_or_default();
    statement!(sql::AUDIT_CREATED, now, actor, ids)
}

fn audit(
    scheduling: Scheduling,
    action: &str,
    skill: &SkillName,
    repo: &str,
    detail: String,
) -> Statement {
    statement!(
        sql::AUDIT_PUBLISH,
        now = scheduling.now,
        action,
        skill = skill.as_str(),
        repo,
        detail,
    )
}

fn names(providers: &[Provider]) -> String {
    providers.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(",")
}
