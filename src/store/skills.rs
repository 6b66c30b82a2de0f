//! Reading skills with their newest scans.

use super::{
    EntryRow, ScanDetailRow, ScanRow, SkillRow, SkillState, Store,
    batch::{Batch, Results, Selected},
    blocklist::blocklist_matches,
    sql, statement,
};
use crate::{error::AppError, ports::Database};
use skillgate_contract::{Provider, ScanId, SkillName};

/// What a page of a skill shows beside its newest scans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillPage {
    /// Of its name and source, in the states that stand.
    pub entries: Vec<EntryRow>,
    /// Scans of any tool, newest first.
    pub history: Vec<ScanRow>,
    /// What newest scans found and read.
    pub details: Vec<(Provider, ScanDetailRow)>,
}

/// Which scans a page of a skill shows beside its newest.
#[derive(Debug, Clone, Copy)]
pub enum History<'a> {
    /// At most so many before the one of this number, newest first.
    Before(i64, u32),
    /// This one, of whichever skill it is.
    One(&'a ScanId),
}

/// What a name that somebody asked for stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// One skill.
    One(Box<SkillState>),
    /// A bare name that several skills end in: one more than are shown, where there are more.
    Several(Vec<SkillRow>),
    /// None.
    Nobody,
}

impl<D: Database> Store<'_, D> {
    /// What a name stands for: an exact name of several segments first, else the skills whose last segment it is,
    /// among them one of one segment, else those that differ in case alone.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn resolve(&self, name: &SkillName) -> Result<Resolved, AppError> {
        let mut batch = Batch::new();
        let state = select_state(&mut batch, name);
        let alike =
            statement!(sql::SELECT_SKILLS_LIKE, name = name.as_str(), source = None::<String>);
        let alike = batch.select::<SkillRow>(alike);
        let mut results = self.run(batch).await?;
        let mut candidates = results.take(alike)?;
        let is_exact = |skill: &SkillRow| skill.name.bare() == name.as_str();
        if candidates.first().is_some_and(is_exact) {
            candidates.retain(is_exact);
        }
        let is_of_several = candidates.len() > 1;
        if !(is_of_several && name.is_bare())
            && let Some(state) = results.skill_state(state)?
        {
            return Ok(Resolved::One(Box::new(state)));
        }
        if is_of_several {
            return Ok(Resolved::Several(candidates));
        }
        let Some(skill) = candidates.pop() else { return Ok(Resolved::Nobody) };
        let scans = self.newest_scans(&skill.name).await?;
        Ok(Resolved::One(Box::new(SkillState { skill, scans })))
    }

    async fn newest_scans(&self, name: &SkillName) -> Result<Vec<ScanRow>, AppError> {
        self.run_one(statement!(sql::SELECT_NEWEST_SCANS, skill = name.as_str())).await?.only()
    }

    /// A skill by its full name, with its newest scans.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn skill_state(&self, name: &SkillName) -> Result<Option<SkillState>, AppError> {
        let mut batch = Batch::new();
        let state = select_state(&mut batch, name);
        self.run(batch).await?.skill_state(state)
    }

    /// What a page of a skill shows beside its newest scans: the entries of its name and source,
    /// what some of its scans found and read, in the order asked for, and the scans of `history`.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn skill_page(
        &self,
        skill: &SkillRow,
        scans: &[(Provider, &ScanId)],
        history: History<'_>,
    ) -> Result<SkillPage, AppError> {
        let name = skill.name.as_str();
        let mut batch = Batch::new();
        let matches = blocklist_matches(skill.name.bare(), Some(name), Some(&skill.repo_url));
        let entries = batch.select(matches);
        let history = batch.select(match history {
            History::Before(seq, limit) => {
                statement!(sql::SELECT_HISTORY, skill = name, before = seq, limit)
            }
            History::One(id) => statement!(sql::SELECT_SCAN, id = id.as_str()),
        });
        let details: Vec<(Provider, Selected<ScanDetailRow>)> = scans
            .iter()
            .map(|(provider, id)| {
                (*provider, batch.select(statement!(sql::SELECT_SCAN_DETAIL, id = id.as_str())))
            })
            .collect();
        let mut results = self.run(batch).await?;
        let mut page = SkillPage {
            entries: results.take(entries)?,
            history: results.take(history)?,
            details: Vec::new(),
        };
        for (provider, detail) in details {
            page.details.extend(results.take_one(detail)?.map(|detail| (provider, detail)));
        }
        Ok(page)
    }
}

/// The handles of [`select_state`].
pub(super) struct SelectedState {
    skill: Selected<SkillRow>,
    scans: Selected<ScanRow>,
}

/// Reads a skill and its newest scans.
pub(super) fn select_state(batch: &mut Batch, name: &SkillName) -> SelectedState {
    let name = name.as_str();
    SelectedState {
        skill: batch.select(statement!(sql::SELECT_SKILL, name)),
        scans: batch.select(statement!(sql::SELECT_NEWEST_SCANS, skill = name)),
    }
}

impl Results {
    /// The rows of [`select_state`]; `None` where there is no such skill.
    pub(super) fn skill_state(
        &mut self,
        of: SelectedState,
    ) -> Result<Option<SkillState>, AppError> {
        let skill = self.take_one(of.skill)?;
        let scans = self.take(of.scans)?;
        Ok(skill.map(|skill| SkillState { skill, scans }))
    }
}
