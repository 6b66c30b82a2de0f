//! All skills that are known: finding them, and counting who installs them.

use super::{Store, rows::FoundRow, rows::NameRow, sql, statement};
use crate::{error::AppError, ports::Database};
use skillgate_contract::{Millis, SkillName};

impl<D: Database> Store<'_, D> {
    /// At most `limit` skills whose last segment begins with `q` in any case, then those whose full
    /// name does; each once.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn search(&self, q: &str, limit: u32) -> Result<Vec<FoundRow>, AppError> {
        // Behind every name that begins so: a name has no character that sorts behind '~'.
        let end = format!("{q}~");
        let mut results = self
            .run(vec![
                statement!(sql::SEARCH_BY_BARE_NAME, q, end.as_str(), limit),
                statement!(sql::SEARCH_BY_NAME, q, end.as_str(), limit),
            ])
            .await?;
        let mut found: Vec<FoundRow> = results.rows()?;
        let more: Vec<FoundRow> = results.rows()?;
        for row in more {
            if found.iter().all(|other| other.name != row.name) {
                found.push(row);
            }
        }
        Ok(found)
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
            self.run(vec![statement!(sql::COUNT_INSTALLS, names, now)]).await?.rows()?;
        Ok(counted.len())
    }
}
