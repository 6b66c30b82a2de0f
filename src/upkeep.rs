//! What the cron handler does, and what a read does on the way: time-outs, resends, the copy in KV.

use crate::{
    app::App,
    domain::overall,
    error::AppError,
    handlers::blocklist_copy,
    ports::{Cache, Ports},
    store::{Resolved, SkillState},
};
use serde::Serialize;
use skillgate_contract::{
    Millis, SkillName,
    api::{ProviderRow, SecurityAnswer},
};

/// How long KV keeps a summary: 365 days, in seconds.
const SUMMARY_TTL_SECONDS: u64 = 31_536_000;

/// Batches of scans that one cron run sends: with six in each, more than an hour's usual budget.
const MOST_BATCHES: usize = 20;

/// Batches of skills that a list promotes before it is read: more than become overdue between two
/// runs of cron, and fewer statements than the thousand that D1 allows.
const MOST_OVERDUE_BATCHES: usize = 5;

/// `external-scans:{name}`.
#[derive(Serialize)]
struct Overview<'a> {
    skill: &'a SkillName,
    revision: i64,
    /// When it was read from D1, in milliseconds.
    #[serde(rename = "readAt")]
    read_at: i64,
    #[serde(flatten)]
    security: &'a SecurityAnswer,
}

/// `external-scan:{name}:{provider}`.
#[derive(Serialize)]
struct Summary<'a> {
    skill: &'a SkillName,
    revision: i64,
    #[serde(flatten)]
    row: &'a ProviderRow,
}

/// The key of what KV holds of a skill as a whole.
pub(crate) fn overview_key(skill: &str) -> String {
    format!("external-scans:{skill}")
}

impl<P: Ports> App<P> {
    /// Sends what is due, promotes what nobody reads, brings KV up to date. Each on its own: one
    /// that fails keeps none of the others from running.
    pub async fn upkeep(&self) {
        self.note(self.store().adopt(self.scheduling()).await);
        self.note(self.send_due().await);
        self.note(self.time_out_all().await);
        self.note(self.drain_all().await);
        self.note(blocklist_copy::refresh(self).await);
        self.note(self.remind().await);
    }

    /// Logs what nobody is told of.
    pub(crate) fn note(&self, result: Result<(), AppError>) {
        if let Err(error) = result
            && let Some(line) = error.log_line()
        {
            self.ports.log(&line);
        }
    }

    async fn send_due(&self) -> Result<(), AppError> {
        if !self.config.may_send() {
            return Ok(());
        }
        for _ in 0..MOST_BATCHES {
            let leased = self.store().take_due(&self.token(), self.scheduling()).await?;
            if !self.send(leased).await {
                break;
            }
        }
        Ok(())
    }

    /// Says what only an admin can mend, for as long as it stands or, of scans, for a day: the line of
    /// the request that made it so may be lost with its answer.
    async fn remind(&self) -> Result<(), AppError> {
        let since = self.ports.now().plus(-24 * Millis::HOUR);
        let [proposed, given_up, unsent] = self.store().left_to_admin(since).await?;
        if proposed > 0 {
            self.ports.log(&format!(
                "ALARM blocklist.proposed: {proposed} entries do not block before an admin confirms them"
            ));
        }
        if unsent > 0 {
            self.ports.log("ALARM dispatch.waiting: a scan has waited to be sent for over a day");
        }
        if given_up > 0 {
            self.ports.log(&format!(
                "ALARM scan.given_up: {given_up} scans timed out three times within a day and are not sent again"
            ));
        }
        Ok(())
    }

    async fn time_out_all(&self) -> Result<(), AppError> {
        let now = self.ports.now();
        let mut outcome = Ok(());
        for name in self.store().overdue_skills(now).await? {
            let promoted =
                self.store().promote_time_outs(&name, &self.token(), self.scheduling()).await;
            outcome = outcome.and(promoted);
        }
        outcome
    }

    async fn drain_all(&self) -> Result<(), AppError> {
        for name in self.store().behind_in_kv().await? {
            self.drain_quietly(&name).await;
        }
        Ok(())
    }

    /// Promotes a skill's overdue scans on the read that meets them, and reads it again.
    pub(crate) async fn settled(&self, state: SkillState) -> Result<SkillState, AppError> {
        let now = self.ports.now();
        if !state.scans.iter().any(|scan| scan.is_overdue(now)) {
            return Ok(state);
        }
        let name = state.skill.name.clone();
        self.store().promote_time_outs(&name, &self.token(), self.scheduling()).await?;
        let settled = self.store().skill_state(&name).await?.unwrap_or(state);
        self.drain_quietly(&name).await;
        Ok(settled)
    }

    /// Promotes what is overdue before a list is read that is picked by status.
    pub(crate) async fn settle_all(&self) -> Result<(), AppError> {
        for _ in 0..MOST_OVERDUE_BATCHES {
            let skills = self.store().overdue_skills(self.ports.now()).await?;
            if skills.is_empty() {
                break;
            }
            let overdue = skills.iter().map(|name| (name, self.token()));
            self.store().promote_time_outs_of(overdue, self.scheduling()).await?;
        }
        Ok(())
    }

    /// The one skill that a name means, with what is overdue promoted.
    ///
    /// # Errors
    /// 404 where there is none, 409 for a bare name that several skills end in.
    pub(crate) async fn settled_one(&self, name: &SkillName) -> Result<SkillState, AppError> {
        match self.store().resolve(name).await? {
            Resolved::Nobody => Err(AppError::NO_SKILL),
            Resolved::Several(_) => Err(AppError::Conflict(
                "several skills end in this name; ask by the full name".to_owned(),
            )),
            Resolved::One(state) => self.settled(*state).await,
        }
    }

    /// Skills by their full names, in that order, each once, with their newest scans; what is overdue
    /// is promoted first. KV follows with the next cron run: a list may hold a hundred skills.
    pub(crate) async fn settled_skills(
        &self,
        names: impl Iterator<Item = SkillName>,
    ) -> Result<Vec<SkillState>, AppError> {
        let mut each: Vec<SkillName> = Vec::new();
        for name in names {
            if !each.contains(&name) {
                each.push(name);
            }
        }
        let now = self.ports.now();
        let skills = self.store().listed_skills(&each).await?;
        let is_overdue = |state: &&SkillState| state.scans.iter().any(|scan| scan.is_overdue(now));
        let overdue = skills.iter().filter(is_overdue);
        let overdue = overdue.map(|state| (&state.skill.name, self.token()));
        let overdue: Vec<_> = overdue.collect();
        if overdue.is_empty() {
            return Ok(skills);
        }
        self.store().promote_time_outs_of(overdue.into_iter(), self.scheduling()).await?;
        self.store().listed_skills(&each).await
    }

    /// Brings KV up to date, and lets the cron handler try again where that fails: KV is a copy.
    pub(crate) async fn drain_quietly(&self, name: &SkillName) {
        self.note(self.drain(name).await);
    }

    /// Writes a skill's summaries until the revision stands still behind a put. One drain of a skill
    /// is at work at a time, so that none puts what is older behind another; what changes meanwhile
    /// is put by the one that is. Behind the last round its lease lapses, and the cron handler goes on.
    async fn drain(&self, name: &SkillName) -> Result<(), AppError> {
        const MOST_ROUNDS: usize = 5;
        let mut put = None;
        for _ in 0..MOST_ROUNDS {
            put = self.store().lease_kv(name, put.as_ref(), self.ports.now()).await?;
            let Some(lease) = &put else { break };
            if let Err(error) = self.put_summaries(&lease.state).await {
                self.ports.log(&format!("{error}; {name} is put again later"));
                return self.store().end_kv_lease(lease).await;
            }
        }
        Ok(())
    }

    async fn put_summaries(&self, state: &SkillState) -> Result<(), crate::ports::CacheError> {
        let (skill, revision) = (&state.skill.name, state.skill.revision);
        let security = overall::security_answer(state);
        let cache = self.ports.cache();
        for row in &security.providers {
            let summary = serde_json::to_string(&Summary { skill, revision, row });
            let key = format!("external-scan:{skill}:{}", row.provider);
            cache.put(&key, summary.unwrap_or_default(), Some(SUMMARY_TTL_SECONDS)).await?;
        }
        let read_at = self.ports.now().0;
        let overview = Overview { skill, revision, read_at, security: &security };
        let overview = serde_json::to_string(&overview);
        cache
            .put(
                &overview_key(skill.as_str()),
                overview.unwrap_or_default(),
                Some(SUMMARY_TTL_SECONDS),
            )
            .await
    }
}
