//! Skills, and what KV holds of them.

/// A known name stays with its repository unless it `:may_move` (0 or 1). Two names that differ in case alone are
/// never of one repository.
pub(in crate::store) const PUBLISH_SKILL: &str = "\
INSERT INTO skill (name, bare_name, repo_url, commit_sha, version, skill_path, created_at, updated_at, published_at)
SELECT :name, :bare, :repo, :commit, :version, :path, :now, :now, :now
WHERE :name = ifnull((SELECT name FROM skill WHERE name = :name COLLATE NOCASE AND repo_url = :repo ORDER BY name = :name DESC LIMIT 1), :name)
ON CONFLICT (name) DO UPDATE SET
    repo_url = excluded.repo_url, commit_sha = excluded.commit_sha, version = excluded.version,
    skill_path = excluded.skill_path, updated_at = excluded.updated_at, published_at = excluded.published_at,
    revision = skill.revision + 1
WHERE skill.repo_url = excluded.repo_url OR :may_move = 1";

/// What [`crate::store::SkillRow`] is read from.
macro_rules! skill_columns {
    () => {
        concat!(
            "SELECT s.name, s.repo_url, s.commit_sha, s.version, s.skill_path, s.updated_at, s.revision, ",
            super::blocklist::standing!(),
            "\n"
        )
    };
}
pub(super) use skill_columns;

/// One skill, by its full name.
pub(in crate::store) const SELECT_SKILL: &str =
    concat!(skill_columns!(), "FROM skill s WHERE s.name = :name");

/// Names of skills of which `$column` is `:name`, and of `:source`, which may be NULL.
macro_rules! named {
    ($column:literal) => {
        concat!(
            "SELECT name FROM (SELECT name FROM skill WHERE ",
            $column,
            " AND (:source IS NULL OR repo_url = :source) ORDER BY name LIMIT 21)"
        )
    };
}

/// The skills that a name, full or bare, may stand for in whatever case, those of just this case first; `:source`
/// may be NULL. D1 reads the whole table where `OR` is between the two. Nobody is shown more than 20; one more
/// tells that there are more, and no more are read.
pub(in crate::store) const SELECT_SKILLS_LIKE: &str = concat!(
    skill_columns!(),
    "FROM skill s WHERE s.name IN (",
    named!("bare_name = :name"),
    " UNION ALL ",
    named!("bare_name = :name COLLATE NOCASE"),
    " UNION ALL ",
    named!("name = :name COLLATE NOCASE"),
    ")
ORDER BY :name IN (s.name, s.bare_name) DESC, s.name LIMIT 21"
);

/// Whether the head that the scan `r` was of may be the head that the skill `s` was published at: the
/// scanner was sent for it after the last publish call.
macro_rules! resolves {
    () => {
        "s.name = :skill AND s.repo_url = :repo AND s.commit_sha IS NULL AND r.id = :scan AND r.write_token = :token
  AND ifnull(r.dispatched_at, r.created_at) >= s.published_at"
    };
}

/// As [`RESOLVE_COMMIT`], before it in the same batch.
pub(in crate::store) const AUDIT_RESOLVED: &str = concat!(
    "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT :now, 'scanner', 'skill.commit_resolved', s.name, r.id, json_object('commitSha', :commit)
FROM skill s JOIN external_scan_result r ON r.skill_name = s.name WHERE ",
    resolves!()
);

/// The first scanner's HEAD becomes the published commit. `:token` is the write that stored its result.
pub(in crate::store) const RESOLVE_COMMIT: &str = concat!(
    "\
UPDATE skill AS s SET commit_sha = :commit FROM external_scan_result r WHERE ",
    resolves!()
);

/// What is shown of a skill has changed, if the write of `:token` was applied to the scan.
pub(in crate::store) const REVISE_SKILL: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = :now
WHERE name = :skill AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = :scan AND write_token = :token)";

/// Gives a row where the projection is stale and no lease is held; the new one lasts until `:until`.
pub(in crate::store) const TAKE_KV_WRITE_LEASE: &str = "\
UPDATE skill SET kv_write_lease_until = :until
WHERE name = :skill AND kv_revision < revision AND kv_write_lease_until <= :now
RETURNING name";

/// KV now `:holds` a revision; NULL where the put failed. Where another worker holds the lease by now, which
/// `:until` tells, it is unknown what KV holds: it is put again.
pub(in crate::store) const END_KV_WRITE_LEASE: &str = "\
UPDATE skill SET kv_revision = iif(kv_write_lease_until = :until, ifnull(:holds, kv_revision), 0), kv_write_lease_until = 0
WHERE name = :skill";

/// Skills whose projection in KV is stale.
pub(in crate::store) const SELECT_STALE_IN_KV: &str =
    "SELECT name FROM skill WHERE kv_revision < revision ORDER BY updated_at LIMIT 30";

/// What is shown of a skill has changed.
pub(in crate::store) const REVISE_NAMED_SKILL: &str =
    "UPDATE skill SET revision = revision + 1, updated_at = :now WHERE name = :skill";
