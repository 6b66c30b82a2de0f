//! Reading scans.

use super::{ScanDetailRow, ScanRow, Store, sql, statement};
use crate::{error::AppError, ports::Database};
use skillgate_contract::{Provider, ScanId, SkillName};

impl<D: Database> Store<'_, D> {
    /// A scan by its id.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn scan(&self, id: &ScanId) -> Result<Option<ScanRow>, AppError> {
        Ok(self.run_one(statement!(sql::SELECT_SCAN, id = id.as_str())).await?.only()?.pop())
    }

    /// What one scan found and read.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn scan_detail(&self, id: &ScanId) -> Result<Option<ScanDetailRow>, AppError> {
        Ok(self.run_one(statement!(sql::SELECT_SCAN_DETAIL, id = id.as_str())).await?.only()?.pop())
    }

    /// Scans of a skill before the one numbered `before`, newest first.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn history(
        &self,
        skill: &SkillName,
        before: i64,
        limit: u32,
    ) -> Result<Vec<ScanRow>, AppError> {
        self.run_one(statement!(sql::SELECT_HISTORY, skill = skill.as_str(), before, limit))
            .await?
            .only()
    }

    /// The active or timed-out scan of a skill and provider, else the newest.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn scan_of(
        &self,
        skill: &SkillName,
        provider: Provider,
    ) -> Result<Option<ScanRow>, AppError> {
        let query =
            statement!(sql::SELECT_SCAN_OF, skill = skill.as_str(), provider = provider.as_str());
        Ok(self.run_one(query).await?.only()?.pop())
    }
}
