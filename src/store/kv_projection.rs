//! Which skills have a stale projection in KV, and the lease of the worker that writes it.

use super::{
    SkillState, Store,
    batch::{AnyRow, Batch},
    rows::NameRow,
    skills::select_state,
    sql, statement,
};
use crate::{
    error::AppError,
    ports::{Database, Statement},
};
use skillgate_contract::{Millis, SkillName};

/// The term of a lease, in milliseconds. Longer than a request lives that puts a value for each provider and one
/// more: a put after the end of its lease could replace a newer one.
const LEASE: i64 = Millis::MINUTE;

/// The right to put a skill's summaries into KV, and what is to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvWriteLease {
    /// What the summaries are made of.
    pub state: SkillState,
    until: Millis,
}

impl KvWriteLease {
    fn end(&self, holds: Option<i64>) -> Statement {
        let SkillState { skill, .. } = &self.state;
        statement!(sql::END_KV_WRITE_LEASE, skill = skill.name.as_str(), holds, until = self.until)
    }
}

impl<D: Database> Store<'_, D> {
    /// Skills whose projection in KV is stale, at most 30.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn stale_in_kv(&self) -> Result<Vec<SkillName>, AppError> {
        let names: Vec<NameRow> =
            self.run_one(statement!(sql::SELECT_STALE_IN_KV)).await?.only()?;
        Ok(names.into_iter().map(|row| row.name).collect())
    }

    /// Notes what has been put under a lease, and takes the next one. `None`: the projection is up to date, or
    /// another worker holds the lease of this skill.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn take_kv_write_lease(
        &self,
        name: &SkillName,
        put: Option<&KvWriteLease>,
        now: Millis,
    ) -> Result<Option<KvWriteLease>, AppError> {
        let until = now.plus(LEASE);
        let mut batch = Batch::new();
        batch.exec_all(put.map(|put| put.end(Some(put.state.skill.revision))));
        let lease = statement!(sql::TAKE_KV_WRITE_LEASE, skill = name.as_str(), now, until);
        let lease = batch.select::<AnyRow>(lease);
        let state = select_state(&mut batch, name);
        let mut results = self.run(batch).await?;
        let is_taken = !results.take(lease)?.is_empty();
        let state = results.skill_state(state)?;
        Ok(state.filter(|_| is_taken).map(|state| KvWriteLease { state, until }))
    }

    /// Ends a lease whose put failed: the projection is as stale as it was.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn end_kv_write_lease(&self, failed: &KvWriteLease) -> Result<(), AppError> {
        self.run_one(failed.end(None)).await.map(drop)
    }
}
