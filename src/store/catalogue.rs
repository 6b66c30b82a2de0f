//! All skills that are known: finding them, and counting who installs them.

use super::{Store, rows::FoundRow, rows::NameRow, sql, statement};
use crate::{error::AppError, ports::Database};
use skillgate_contract::{Millis, SkillName};

impl<D: Database> Store<'_, D> {
    /// At most `limit` skills, once for each word of their names that begins with `key`, in the order
    /// of these words; without a key, the first of all.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn search(&self, key: Option<&str>, limit: u32) -> Result<Vec<FoundRow>, AppError> {
        let query = match key {
            // A word has no character that sorts behind '~'.
            Some(key) => statement!(sql::SEARCH_BY_WORD, key, end = format!("{key}~"), limit),
            None => statement!(sql::FIRST_SKILLS, limit),
        };
        self.run_one(query).await?.only()
    }

    /// Counts an install of each of these skills, and answers how many were counted: not what is
    /// unknown or ambiguous, and no skill more than once in a second, so that nobody can buy more
    /// writes than that.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn count_installs(
        &self,
        names: &[SkillName],
        now: Millis,
    ) -> Result<usize, AppError> {
        if names.is_empty() {
            return Ok(0);
        }
        let names = serde_json::to_string(names).unwrap_or_default();
        let counted: Vec<NameRow> =
            self.run_one(statement!(sql::COUNT_INSTALLS, names, now)).await?.only()?;
        Ok(counted.len())
    }
}
