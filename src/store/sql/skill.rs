//! Skills, and what KV holds of them.

/// ?1 name, ?2 bare, ?3 repo, ?4 commit, ?5 version, ?6 path, ?7 now, ?8 may move (0/1).
/// A known name stays with its repository unless it may move. Two names that differ in case alone are never
/// of one repository.
pub(in crate::store) const PUBLISH_SKILL: &str = "\
INSERT INTO skill (name, bare_name, repo_url, commit_sha, version, skill_path, created_at, updated_at, published_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?7
WHERE ?1 = ifnull((SELECT name FROM skill WHERE name = ?1 COLLATE NOCASE AND repo_url = ?3 ORDER BY name = ?1 DESC LIMIT 1), ?1)
ON CONFLICT (name) DO UPDATE SET
    repo_url = excluded.repo_url, commit_sha = excluded.commit_sha, version = excluded.version,
    skill_path = excluded.skill_path, updated_at = excluded.updated_at, published_at = excluded.published_at,
    revision = skill.revision + 1
WHERE skill.repo_url = excluded.repo_url OR ?8 = 1";

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

/// ?1 full name.
pub(in crate::store) const SELECT_SKILL: &str =
    concat!(skill_columns!(), "FROM skill s WHERE s.name = ?1");

/// ?1 a name, full or bare, ?2 source or NULL. The skills that it may stand for in whatever case, those of
/// just this case first. D1 reads the whole table where `OR` is between the two. Nobody is shown more than 20; one more tells that there are more.
pub(in crate::store) const SELECT_SKILLS_LIKE: &str = concat!(
    skill_columns!(),
    "FROM skill s WHERE s.name IN (SELECT name FROM skill WHERE bare_name = ?1 COLLATE NOCASE
                           UNION ALL SELECT name FROM skill WHERE name = ?1 COLLATE NOCASE)
  AND (?2 IS NULL OR s.repo_url = ?2)
ORDER BY ?1 IN (s.name, s.bare_name) DESC, s.name LIMIT 21"
);

/// Whether the head that the scan `r` was of may be the head that the skill `s` was published at: the
/// scanner was sent for it after the last publish call.
macro_rules! resolves {
    () => {
        "s.name = ?1 AND s.repo_url = ?2 AND s.commit_sha IS NULL AND r.id = ?4 AND r.write_token = ?5
  AND ifnull(r.dispatched_at, r.created_at) >= s.published_at"
    };
}

/// As [`RESOLVE_COMMIT`], before it in the same batch, and ?6 now.
pub(in crate::store) const AUDIT_RESOLVED: &str = concat!(
    "\
INSERT INTO audit_event (at, actor, action, skill_name, scan_id, detail)
SELECT ?6, 'scanner', 'skill.commit_resolved', s.name, r.id, json_object('commitSha', ?3)
FROM skill s JOIN external_scan_result r ON r.skill_name = s.name WHERE ",
    resolves!()
);

/// ?1 skill, ?2 repo, ?3 commit, ?4 scan id, ?5 token. The first scanner's HEAD becomes the published commit.
pub(in crate::store) const RESOLVE_COMMIT: &str = concat!(
    "\
UPDATE skill AS s SET commit_sha = ?3 FROM external_scan_result r WHERE ",
    resolves!()
);

/// ?1 skill, ?2 now, ?3 scan id, ?4 token.
pub(in crate::store) const REVISE_SKILL: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = ?2
WHERE name = ?1 AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?3 AND write_token = ?4)";

/// ?1 skill, ?2 now, ?3 when the lease expires. Gives a row where the projection is stale and no lease is held.
pub(in crate::store) const TAKE_KV_WRITE_LEASE: &str = "\
UPDATE skill SET kv_write_lease_until = ?3
WHERE name = ?1 AND kv_revision < revision AND kv_write_lease_until <= ?2
RETURNING name";

/// ?1 skill, ?2 the revision that KV now holds or NULL where the put failed, ?3 when the lease expires.
/// Where another worker holds the lease by now, it is unknown what KV holds: it is put again.
pub(in crate::store) const END_KV_WRITE_LEASE: &str = "\
UPDATE skill SET kv_revision = iif(kv_write_lease_until = ?3, ifnull(?2, kv_revision), 0), kv_write_lease_until = 0
WHERE name = ?1";

/// Skills whose projection in KV is stale.
pub(in crate::store) const SELECT_STALE_IN_KV: &str =
    "SELECT name FROM skill WHERE kv_revision < revision ORDER BY updated_at LIMIT 30";

/// ?1 skill, ?2 now.
pub(in crate::store) const REVISE_NAMED_SKILL: &str =
    "UPDATE skill SET revision = revision + 1, updated_at = ?2 WHERE name = ?1";
