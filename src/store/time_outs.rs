//! Silence: scans that nothing was heard of in time.

use super::{Scheduling, Store, batch::Batch, publishing::created, rows::NameRow, sql, statement};
use crate::{
    error::AppError,
    ports::{Database, Statement},
};
use skillgate_contract::{Millis, Provider, SkillName};

impl<D: Database> Store<'_, D> {
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
        let mut batch = Batch::new();
        batch.exec_all(time_outs(skill, token, scheduling));
        batch.exec_all(follow_and_give_up(skill, token, scheduling));
        self.run(batch).await.map(drop)
    }

    /// Skills with overdue scans, at most 30.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn overdue_skills(&self, now: Millis) -> Result<Vec<SkillName>, AppError> {
        let names: Vec<NameRow> =
            self.run_one(statement!(sql::SELECT_OVERDUE_SKILLS, now)).await?.only()?;
        Ok(names.into_iter().map(|row| row.name).collect())
    }
}

/// The three statements that promote a skill's overdue scans.
pub(super) fn time_outs(skill: &SkillName, token: &str, scheduling: Scheduling) -> [Statement; 3] {
    let (now, skill) = (scheduling.now, skill.as_str());
    let again = scheduling.send_again();
    [
        statement!(sql::AUDIT_TIME_OUTS, now, skill),
        statement!(sql::REVISE_TIMED_OUT_SKILL, now, skill),
        statement!(sql::PROMOTE_TIME_OUTS, now, skill, token, again),
    ]
}

/// Behind [`time_outs`]: the scan of a commit that was published meanwhile with its audit line, and
/// the end of the offers of what a newer scan has replaced.
pub(super) fn follow_and_give_up(
    skill: &SkillName,
    token: &str,
    scheduling: Scheduling,
) -> [Statement; 3] {
    let (due, deadline) = scheduling.first_send_and_deadline();
    let (now, skill) = (scheduling.now, skill.as_str());
    let ids = Provider::ALL.map(|provider| format!("{token}-{provider}"));
    [
        statement!(sql::FOLLOW_TIMED_OUT, skill, token, now, due, deadline),
        created(now, "worker", &ids.each_ref().map(String::as_str)),
        statement!(sql::GIVE_UP_REPLACED, now, skill),
    ]
}
