//! What KV holds of each skill.

use super::{SkillState, Store, rows::NameRow, select_state, sql, statement};
use crate::{
    error::AppError,
    ports::{Database, Statement},
};
use skillgate_contract::{Millis, SkillName};

/// How long one drain keeps the others away. Longer than any request that puts four values lives: a
/// put that lands behind its lease could replace a newer one.
const LEASE: i64 = Millis::MINUTE;

/// The right to put a skill's summaries into KV, and what is to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvLease {
    /// What the summaries are made of.
    pub state: SkillState,
    until: Millis,
}

impl KvLease {
    fn end(&self, holds: Option<i64>) -> Statement {
        let SkillState { skill, .. } = &self.state;
        statement!(sql::END_KV_WRITE_LEASE, skill.name.as_str(), holds, self.until)
    }
}

impl<D: Database> Store<'_, D> {
    /// Skills of which KV is behind, at most 30.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn behind_in_kv(&self) -> Result<Vec<SkillName>, AppError> {
        let names: Vec<NameRow> =
            self.run(vec![statement!(sql::SELECT_STALE_IN_KV)]).await?.rows()?;
        Ok(names.into_iter().map(|row| row.name).collect())
    }

    /// Notes what has been put under a lease, and takes the next one, unless KV holds all there is
    /// or somebody else is at work on this skill.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn lease_kv(
        &self,
        name: &SkillName,
        put: Option<&KvLease>,
        now: Millis,
    ) -> Result<Option<KvLease>, AppError> {
        let until = now.plus(LEASE);
        let mut batch = Vec::from_iter(put.map(|put| put.end(Some(put.state.skill.revision))));
        let noted = batch.len();
        batch.push(statement!(sql::TAKE_KV_WRITE_LEASE, name.as_str(), now, until));
        batch.extend(select_state(name));
        let mut results = self.run(batch).await?;
        results.skip(noted);
        let is_taken = !results.raw().is_empty();
        let state = results.skill_state()?;
        Ok(state.filter(|_| is_taken).map(|state| KvLease { state, until }))
    }

    /// Ends a lease whose put failed: KV is as far behind as it was.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn end_kv_lease(&self, failed: &KvLease) -> Result<(), AppError> {
        self.run(vec![failed.end(None)]).await.map(drop)
    }
}
