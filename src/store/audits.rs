//! Lists over all skills.

use super::{
    ScanRow, Scheduling, SkillRow, SkillState, Store, Totals, WriteToken,
    batch::Batch,
    row::{FromRow, Row},
    sql, statement, text,
    time_outs::{follow_and_give_up, time_outs},
};
use crate::{
    error::AppError,
    ports::{Database, Statement},
};
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

/// A line of a list over all skills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it stands: the number of its scan, or the word that it was found by.
    pub place: String,
    /// The skill's full name.
    pub name: SkillName,
    /// Whose scan it is; none in a search.
    pub provider: Option<Provider>,
    /// 0 where another line of the same skill comes before it, on this page or an earlier one.
    pub first: i64,
}

impl FromRow for Listed {
    fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            place: row.parsed("place")?,
            name: row.parsed("name")?,
            provider: row.maybe_parsed("provider")?,
            first: row.number("first")?,
        })
    }
}

/// The newest scans before the one numbered `before`, latest first.
#[must_use]
pub fn latest(filter: LatestFilter, before: i64, limit: u32) -> Statement {
    let (provider, status) = (text(filter.provider.as_ref()), text(filter.status.as_ref()));
    statement!(
        match (filter) {
            LatestFilter { status: Some(_), .. } => sql::SELECT_LATEST_OF_STATUS,
            LatestFilter { .. } => sql::SELECT_LATEST,
        },
        before,
        limit,
        provider,
        status,
    )
}

/// Words that begin with `key`, with the names that they stand in, in the order of both, from a
/// word and name on.
#[must_use]
pub fn words(key: &str, from: (&str, &str), limit: u32) -> Statement {
    // Words are of ASCII letters and digits, all of which stand before `~`.
    statement!(sql::SELECT_WORDS, key, end = format!("{key}~"), word = from.0, name = from.1, limit)
}

impl<D: Database> Store<'_, D> {
    /// The lines of a list, by a query of [`latest`] or [`words`], and what there is all in all.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn listed(&self, query: Statement) -> Result<(Vec<Listed>, Totals), AppError> {
        let mut batch = Batch::new();
        let listed = batch.select(query);
        let totals = batch.select(statement!(sql::SELECT_TOTALS));
        let mut results = self.run(batch).await?;
        Ok((results.take(listed)?, results.take_one(totals)?.unwrap_or_default()))
    }

    /// Skills by their full names with their newest scans, in the order asked for.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn listed_skills(&self, names: &[SkillName]) -> Result<Vec<SkillState>, AppError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let list = serde_json::to_string(names).unwrap_or_default();
        let mut batch = Batch::new();
        let skills =
            batch.select::<SkillRow>(statement!(sql::SELECT_SKILLS_NAMED, names = list.as_str()));
        let scans =
            batch.select::<ScanRow>(statement!(sql::SELECT_NEWEST_SCANS_NAMED, names = list));
        let mut results = self.run(batch).await?;
        let (skills, mut scans) = (results.take(skills)?, results.take(scans)?);
        let listed = skills.into_iter().map(|skill| SkillState {
            scans: scans.extract_if(.., |scan| scan.skill_name == skill.name).collect(),
            skill,
        });
        Ok(listed.collect())
    }

    /// Promotes the overdue scans of several skills, as [`Store::promote_time_outs`] does of one.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn promote_time_outs_of(
        &self,
        skills: impl Iterator<Item = (&SkillName, WriteToken)>,
        scheduling: Scheduling,
    ) -> Result<(), AppError> {
        let mut batch = Batch::new();
        for (skill, token) in skills {
            batch.exec_all(time_outs(skill, &token, scheduling));
            batch.exec_all(follow_and_give_up(skill, &token, scheduling));
        }
        if batch.is_empty() { Ok(()) } else { self.run(batch).await.map(drop) }
    }
}
