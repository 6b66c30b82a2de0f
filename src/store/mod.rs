//! What is kept, and each atomic change of it.
//!
//! A method is one batch, and a batch is one transaction in one round trip. Decisions are made
//! elsewhere, in [`crate::domain`]; what has to hold whatever arrives at once is held here, by
//! guards in the statements and by the database's own constraints.

mod audits;
mod blocklist;
mod catalogue;
mod copies;
mod dispatching;
mod outlet;
mod publishing;
mod queue;
mod results;
mod row;
mod rows;
mod sql;
mod time_outs;

pub use audits::{LatestFilter, Listed, latest, words};
pub use blocklist::{AuditFilter, Lifted};
pub use copies::KvLease;
pub use dispatching::{Scheduling, SendOutcome};
pub use publishing::NewScan;
pub use results::{EndOfScan, Stored, Target};
pub use rows::{
    AdminEntryRow, AuditRow, BlocklistRevision, CircuitKey, CriticalScan, DispatchTarget, EntryId,
    EntryRow, EntryState, Evidence, FailingScanner, FoundRow, LeasedScan, MOST_CANDIDATES,
    OfferedScan, RetryBudget, ScanDetailRow, ScanRow, SkillRow, SkillState, Totals, UnsentScan,
    WriteToken,
};

use crate::{
    error::AppError,
    ports::{Database, Rows, Statement, Value},
};
use blocklist::charges;
use row::{FromRow, decode};
use skillgate_contract::{Provider, ScanId, SkillName};

/// The database, in the words of the product.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a, D>(pub &'a D);

/// A statement with its parameters.
macro_rules! statement {
    ($sql:expr $(,)?) => {
        $crate::ports::Statement::new($sql)
    };
    ($sql:expr $(, $param:expr)+ $(,)?) => {{
        let mut statement = $crate::ports::Statement::new($sql);
        $(statement.bind($param);)+
        statement
    }};
}
pub(crate) use statement;

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
    async fn run(&self, statements: Vec<Statement>) -> Result<Results, AppError> {
        Ok(Results(self.0.batch(statements).await?.into_iter()))
    }

    /// What a name stands for: an exact name first, else the skills whose last segment it is, else those
    /// that differ in case alone.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn resolve(&self, name: &SkillName) -> Result<Resolved, AppError> {
        let mut batch = Vec::from(select_state(name));
        batch.push(statement!(sql::SELECT_SKILLS_LIKE, name.as_str(), None::<String>));
        let mut results = self.run(batch).await?;
        if let Some(state) = results.skill_state()? {
            return Ok(Resolved::One(Box::new(state)));
        }
        let mut candidates: Vec<SkillRow> = results.rows()?;
        let is_exact = |skill: &SkillRow| skill.name.bare() == name.as_str();
        if candidates.first().is_some_and(is_exact) {
            candidates.retain(is_exact);
        }
        if candidates.len() > 1 {
            return Ok(Resolved::Several(candidates));
        }
        let Some(skill) = candidates.pop() else { return Ok(Resolved::Nobody) };
        let scans = self.newest_scans(&skill.name).await?;
        Ok(Resolved::One(Box::new(SkillState { skill, scans })))
    }

    async fn newest_scans(&self, name: &SkillName) -> Result<Vec<ScanRow>, AppError> {
        self.run(vec![statement!(sql::SELECT_NEWEST_SCANS, name.as_str())]).await?.rows()
    }

    /// A skill by its full name, with its newest scans.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn skill_state(&self, name: &SkillName) -> Result<Option<SkillState>, AppError> {
        self.run(select_state(name).into()).await?.skill_state()
    }

    /// A scan by its id.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn scan(&self, id: &ScanId) -> Result<Option<ScanRow>, AppError> {
        Ok(self.run(vec![statement!(sql::SELECT_SCAN, id.as_str())]).await?.rows()?.pop())
    }

    /// What one scan found and read.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn scan_detail(&self, id: &ScanId) -> Result<Option<ScanDetailRow>, AppError> {
        Ok(self.run(vec![statement!(sql::SELECT_SCAN_DETAIL, id.as_str())]).await?.rows()?.pop())
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
        let mut batch = vec![
            charges(skill.name.bare(), Some(name), Some(&skill.repo_url)),
            match history {
                History::Before(seq, limit) => statement!(sql::SELECT_HISTORY, name, seq, limit),
                History::One(id) => statement!(sql::SELECT_SCAN, id.as_str()),
            },
        ];
        batch.extend(scans.iter().map(|(_, id)| statement!(sql::SELECT_SCAN_DETAIL, id.as_str())));
        let mut results = self.run(batch).await?;
        let (entries, history) = (results.rows()?, results.rows()?);
        let mut details = Vec::new();
        for (provider, _) in scans {
            details.extend(results.rows()?.pop().map(|detail| (*provider, detail)));
        }
        Ok(SkillPage { entries, history, details })
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
        self.run(vec![statement!(sql::SELECT_HISTORY, skill.as_str(), before, limit)]).await?.rows()
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
        let query = statement!(sql::SELECT_SCAN_OF, skill.as_str(), provider.as_str());
        Ok(self.run(vec![query]).await?.rows()?.pop())
    }
}

/// The results of a batch, taken one statement after the other.
struct Results(std::vec::IntoIter<Rows>);

impl Results {
    fn rows<T: FromRow>(&mut self) -> Result<Vec<T>, AppError> {
        decode(self.raw())
    }

    /// Of [`select_state`].
    fn skill_state(&mut self) -> Result<Option<SkillState>, AppError> {
        let skill = self.rows::<SkillRow>()?.pop();
        let scans = self.rows()?;
        Ok(skill.map(|skill| SkillState { skill, scans }))
    }

    fn raw(&mut self) -> Rows {
        self.0.next().unwrap_or_default()
    }

    fn skip(&mut self, statements: usize) {
        for _ in 0..statements {
            self.0.next();
        }
    }
}

/// Reads a skill and its newest scans.
fn select_state(name: &SkillName) -> [Statement; 2] {
    let name = name.as_str();
    [statement!(sql::SELECT_SKILL, name), statement!(sql::SELECT_NEWEST_SCANS, name)]
}

/// The value of an optional text.
fn text<T: ToString>(value: Option<&T>) -> Value {
    value.map(ToString::to_string).into()
}

/// The detail of an audit line, as a JSON object.
fn detail(facts: &[(&str, Value)]) -> String {
    struct Facts<'a>(&'a [(&'a str, Value)]);
    impl serde::Serialize for Facts<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (*name, value)))
        }
    }
    serde_json::to_string(&Facts(facts)).unwrap_or_default()
}
