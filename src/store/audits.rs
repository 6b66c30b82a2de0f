//! Lists over all skills.

use super::{
    ScanRow, Scheduling, SkillRow, SkillState, Store,
    row::{FromRow, Row},
    sql, statement, text,
    time_outs::{follow_and_give_up, time_outs},
};
use crate::{error::AppError, ports::Database};
use skillgate_contract::{Provider, ScanStatus, SkillName};

/// Which of the newest scans are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LatestFilter {
    /// Only this tool's.
    pub provider: Option<Provider>,
    /// Only of this exact status.
    pub status: Option<ScanStatus>,
}

impl LatestFilter {
    /// Whether a scan is asked for.
    #[must_use]
    pub fn fits(&self, scan: &ScanRow) -> bool {
        self.provider.is_none_or(|provider| scan.provider == provider)
            && self.status.is_none_or(|status| scan.status == status)
    }
}

/// A newest scan, by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// Grows with every scan.
    pub seq: i64,
    /// Full name.
    pub skill_name: SkillName,
    /// Which tool.
    pub provider: Provider,
}

impl FromRow for Latest {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            seq: row.number("seq")?,
            skill_name: row.parsed("skill_name")?,
            provider: row.parsed("provider")?,
        })
    }
}

/// What there is, all in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Skills.
    pub skills: i64,
    /// Scans that were ever asked for.
    pub scans: i64,
    /// Entries that block.
    pub blocked: i64,
}

impl FromRow for Totals {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            skills: row.number("skills")?,
            scans: row.number("scans")?,
            blocked: row.number("blocked")?,
        })
    }
}

struct WordRow(String, SkillName);

impl FromRow for WordRow {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self(row.parsed("word")?, row.parsed("name")?))
    }
}

impl<D: Database> Store<'_, D> {
    /// The newest scans before the one numbered `before`, latest first; with `once`, of each skill
    /// only the latest that is asked for.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn latest(
        &self,
        filter: &LatestFilter,
        once: bool,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Latest>, AppError> {
        let query =
            if filter.status.is_some() { sql::SELECT_LATEST_OF_STATUS } else { sql::SELECT_LATEST };
        let query = statement!(
            query,
            before,
            limit,
            text(filter.provider.as_ref()),
            text(filter.status.as_ref()),
            i64::from(once)
        );
        self.run(vec![query]).await?.rows()
    }

    /// Words that begin with `key`, with the names that they stand in, in the order of both, from a
    /// word and name on.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn words(
        &self,
        key: &str,
        from: (&str, &str),
        limit: u32,
    ) -> Result<Vec<(String, SkillName)>, AppError> {
        // Words are of ASCII letters and digits, all of which stand before `~`.
        let end = format!("{key}~");
        let query = statement!(sql::SELECT_WORDS, key, end, from.0, from.1, limit);
        let rows: Vec<WordRow> = self.run(vec![query]).await?.rows()?;
        Ok(rows.into_iter().map(|WordRow(word, name)| (word, name)).collect())
    }

    /// Skills by their full names with their newest scans, in the order asked for.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn skill_states(&self, names: &[SkillName]) -> Result<Vec<SkillState>, AppError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let list = serde_json::to_string(names).unwrap_or_default();
        let mut results = self
            .run(vec![
                statement!(sql::SELECT_SKILLS_NAMED, list.as_str()),
                statement!(sql::SELECT_NEWEST_SCANS_NAMED, list),
            ])
            .await?;
        let skills: Vec<SkillRow> = results.rows()?;
        let mut scans: Vec<ScanRow> = results.rows()?;
        let state = |skill: SkillRow| {
            let scans = scans.extract_if(.., |scan| scan.skill_name == skill.name).collect();
            SkillState { skill, scans }
        };
        Ok(skills.into_iter().map(state).collect())
    }

    /// Promotes the overdue scans of several skills, as [`Store::promote_time_outs`] does of one.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn promote_time_outs_of(
        &self,
        skills: impl Iterator<Item = (&SkillName, String)>,
        scheduling: Scheduling,
    ) -> Result<(), AppError> {
        let mut batch = Vec::new();
        for (skill, token) in skills {
            batch.extend(time_outs(skill, &token, scheduling));
            batch.extend(follow_and_give_up(skill, &token, scheduling));
        }
        if batch.is_empty() { Ok(()) } else { self.run(batch).await.map(drop) }
    }

    /// What there is, all in all.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn totals(&self) -> Result<Totals, AppError> {
        let rows: Vec<Totals> = self.run(vec![statement!(sql::SELECT_TOTALS)]).await?.rows()?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }
}
