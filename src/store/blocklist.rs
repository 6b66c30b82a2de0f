//! The blocklist: what stands against a name, the public list, and what admins do to entries.

use super::{
    AdminEntryRow, AuditRow, BlockLimits, BlocklistRevision, Charges, EntryId, EntryRow,
    EntryState, SkillRow, Store, Waiting,
    batch::{AnyRow, Batch},
    detail, sql, statement, text,
};
use crate::{
    error::AppError,
    ports::{Database, Statement},
};
use skillgate_contract::{
    Millis, RepoUrl, ScanId, SkillName,
    api::{AddEntry, LiftEntry},
};

/// A time that no entry has reached. D1 takes integers of 53 bits.
const END_OF_TIME: i64 = (1 << 53) - 1;

/// The outcome of an attempt to lift an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifted {
    /// It is withdrawn now.
    Now(Box<AdminEntryRow>),
    /// It has changed since the version that was named.
    Changed,
    /// There is none, or it was withdrawn before.
    Nothing,
}

/// Which audit events are asked for; all of them where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of one skill.
    pub skill: Option<SkillName>,
    /// Of one action.
    pub action: Option<String>,
    /// Of one scan.
    pub scan: Option<ScanId>,
}

impl<D: Database> Store<'_, D> {
    /// What stands against a name, of one source or of any, and the scans with criticals under it.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn blocklist_matches(
        &self,
        name: &SkillName,
        source: Option<&RepoUrl>,
    ) -> Result<Charges, AppError> {
        let (bare, full) = (name.bare(), Some(name.as_str()).filter(|_| !name.is_bare()));
        let taints =
            statement!(sql::SELECT_CRITICALS_BY_BARE_NAME, bare, full, source = text(source));
        let mut batch = Batch::new();
        let entries = batch.select(blocklist_matches(bare, full, source));
        let taints = batch.select(taints);
        let is_of_many = full.is_none() && source.is_none();
        let not_blocked =
            is_of_many.then(|| batch.select::<AnyRow>(statement!(sql::SELECT_NOT_BLOCKED, bare)));
        let mut results = self.run(batch).await?;
        Ok(Charges {
            entries: results.take(entries)?,
            criticals: results.take(taints)?,
            not_of_all: match not_blocked {
                Some(row) => results.take_one(row)?.is_some(),
                None => false,
            },
        })
    }

    /// How often the blocklist has changed, beside a copy of which this is the revision.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn blocklist_revision(
        &self,
        copy: Option<i64>,
    ) -> Result<BlocklistRevision, AppError> {
        the_revision(self.run_one(statement!(sql::SELECT_BLOCKLIST_REVISION, copy)).await?.only()?)
    }

    /// At most `limit` active entries behind one, oldest first, with the revision that they belong to.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn blocklist_page(
        &self,
        after: Option<&EntryRow>,
        limit: u32,
    ) -> Result<(BlocklistRevision, Vec<EntryRow>), AppError> {
        let (at, id) = after.map_or((-END_OF_TIME, ""), |row| (row.discovered_at.0, &*row.id));
        let mut batch = Batch::new();
        let revision = batch.select(statement!(sql::SELECT_BLOCKLIST_REVISION, copy = None::<i64>));
        let entries = batch.select(statement!(sql::SELECT_ACTIVE_ENTRIES, at, id, limit));
        let mut results = self.run(batch).await?;
        Ok((the_revision(results.take(revision)?)?, results.take(entries)?))
    }

    /// The oldest proposed entries that the hourly limit has room for become active, at most 20. Whether one did: where
    /// there is room for none, one statement finds that out.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn judge_proposed(
        &self,
        token: &str,
        now: Millis,
        limits: BlockLimits,
    ) -> Result<bool, AppError> {
        let hour_ago = now.plus(-Millis::HOUR);
        let judge = || {
            statement!(
                sql::JUDGE_PROPOSED,
                now,
                token,
                hour_ago,
                most_per_hour = limits.per_hour,
                most_per_puller = limits.per_puller,
            )
        };
        let first: Vec<Waiting> = self.run_one(judge()).await?.only()?;
        if first.is_empty() {
            return Ok(false);
        }
        let mut batch = Batch::new();
        batch.exec_all((1..20).map(|_| judge()));
        self.run(batch).await?;
        Ok(true)
    }

    /// How many entries wait for an admin, and how many current scans were given up after `since`: a
    /// hundred stand for more.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn left_to_admin(&self, since: Millis) -> Result<[Waiting; 2], AppError> {
        let mut batch = Batch::new();
        let counts = [
            batch.select::<Waiting>(statement!(sql::COUNT_PROPOSED)),
            batch.select(statement!(sql::COUNT_GIVEN_UP, since)),
        ];
        let mut results = self.run(batch).await?;
        let mut numbers: [Waiting; 2] = Default::default();
        for (number, count) in numbers.iter_mut().zip(counts) {
            *number = results.take_one(count)?.unwrap_or_default();
        }
        Ok(numbers)
    }

    /// Adds an entry by hand, or joins it with the one that stands for this skill and source. It is
    /// written as the published skill is that it is about.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn add_entry(
        &self,
        add: &AddEntry,
        id: &EntryId,
        token: &str,
        now: Millis,
    ) -> Result<AdminEntryRow, AppError> {
        let source = || text(add.source_url.as_ref());
        let alike =
            statement!(sql::SELECT_SKILLS_LIKE, name = add.skill_name.as_str(), source = source());
        let alike: Vec<SkillRow> = self.run_one(alike).await?.only()?;
        let name = &named(add, &alike);
        let urls = serde_json::to_string(&add.evidence_urls).unwrap_or_default();
        let facts = detail(&[
            ("sourceUrl", text(add.source_url.as_ref())),
            ("threatType", add.threat_type.as_str().into()),
            ("severity", add.severity.as_str().into()),
            ("reason", add.reason.as_str().into()),
            ("evidenceUrls", add.evidence_urls.join(" ").into()),
        ]);
        let mut batch = Batch::new();
        batch.exec(statement!(
            sql::AUDIT_ADD,
            now,
            skill = name.as_str(),
            source = source(),
            detail = facts,
            new_id = id.as_str(),
        ));
        batch.exec(statement!(
            sql::ADD_ENTRY,
            id = id.as_str(),
            skill = name.as_str(),
            bare = name.bare(),
            source = source(),
            threat = add.threat_type.as_str(),
            severity = add.severity.as_str(),
            reason = add.reason.as_str(),
            evidence_urls = urls,
            now,
            token,
        ));
        let written =
            batch.select(statement!(sql::SELECT_ENTRY_WRITTEN, bare = name.bare(), token));
        let written: Option<AdminEntryRow> = self.run(batch).await?.take_one(written)?;
        written.ok_or_else(|| AppError::Internal("an added entry is not there".to_owned()))
    }

    /// Withdraws an entry that stands.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn lift_entry(
        &self,
        id: &str,
        lift: &LiftEntry,
        token: &str,
        now: Millis,
    ) -> Result<Lifted, AppError> {
        let (version, reason) = (lift.version.as_deref(), lift.reason.as_str());
        let mut batch = Batch::new();
        batch.exec(statement!(sql::AUDIT_LIFT, now, id, version, reason));
        batch.exec(statement!(sql::LIFT_ENTRY, now, id, version, reason, token));
        let row = batch.select(statement!(sql::SELECT_ENTRY, id));
        let row: Option<AdminEntryRow> = self.run(batch).await?.take_one(row)?;
        Ok(match row {
            Some(row) if row.write_token == token => Lifted::Now(Box::new(row)),
            Some(row) if row.entry.state != EntryState::Withdrawn => Lifted::Changed,
            Some(_) | None => Lifted::Nothing,
        })
    }

    /// Entries in every state behind one, newest first.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn entries(
        &self,
        before: Option<(Millis, String)>,
        limit: u32,
    ) -> Result<Vec<AdminEntryRow>, AppError> {
        let (at, id) = before.unwrap_or((Millis(END_OF_TIME), String::new()));
        self.run_one(statement!(sql::SELECT_ENTRIES, at, id, limit)).await?.only()
    }

    /// Audit events before the one numbered `before`, newest first.
    ///
    /// # Errors
    /// [`AppError::Database`].
    pub async fn audit_events(
        &self,
        filter: &AuditFilter,
        before: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, AppError> {
        // The statement is the one whose index leaves least to look at.
        let query = statement!(
            match ((&filter.scan, &filter.skill, &filter.action)) {
                (Some(_), _, _) => sql::SELECT_AUDIT_BY_SCAN,
                (None, Some(_), _) => sql::SELECT_AUDIT_BY_SKILL,
                (None, None, Some(_)) => sql::SELECT_AUDIT_BY_ACTION,
                (None, None, None) => sql::SELECT_AUDIT,
            },
            before,
            limit,
            skill = text(filter.skill.as_ref()),
            action = filter.action.as_deref(),
            scan = text(filter.scan.as_ref()),
        );
        self.run_one(query).await?.only()
    }
}

/// Asks for what stands against a name, of one source or of any; without a full name, against every skill
/// that ends in its last segment.
pub(super) fn blocklist_matches(
    bare: &str,
    full: Option<&str>,
    source: Option<&RepoUrl>,
) -> Statement {
    statement!(sql::SELECT_BLOCKLIST_MATCHES, bare, full, source = text(source))
}

/// The name under which an entry by hand is kept, of the published skills that may be meant. A bare name
/// with a source that fits one of them is that one; else only the case is theirs.
fn named(add: &AddEntry, alike: &[SkillRow]) -> SkillName {
    match alike {
        [first, rest @ ..] => {
            let one = !add.skill_name.is_bare() || (rest.is_empty() && add.source_url.is_some());
            if one { Some(first.name.clone()) } else { first.name.bare().parse().ok() }
        }
        [] => None,
    }
    .unwrap_or_else(|| add.skill_name.clone())
}

fn the_revision(rows: Vec<BlocklistRevision>) -> Result<BlocklistRevision, AppError> {
    rows.into_iter().next().ok_or_else(|| AppError::Internal("no blocklist revision".to_owned()))
}
