//! Skills, and what KV holds of them.

/// ?1 name, ?2 bare, ?3 repo, ?4 commit, ?5 version, ?6 path, ?7 now, ?8 may move (0/1).
/// A known name stays with its repository unless it may move.
pub(in crate::store) const PUBLISH_SKILL: &str = "\
INSERT INTO skill (name, bare_name, repo_url, commit_sha, version, skill_path, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
ON CONFLICT (name) DO UPDATE SET
    repo_url = excluded.repo_url, commit_sha = excluded.commit_sha, version = excluded.version,
    skill_path = excluded.skill_path, updated_at = excluded.updated_at, revision = skill.revision + 1
WHERE skill.repo_url = excluded.repo_url OR ?8 = 1";

/// ?1 full name.
pub(in crate::store) const SELECT_SKILL: &str = "\
SELECT name, repo_url, commit_sha, version, skill_path, updated_at, revision, kv_revision FROM skill WHERE name = ?1";

/// ?1 bare name. Nobody is shown more than 20; one more tells that there are more.
pub(in crate::store) const SELECT_SKILLS_BY_BARE_NAME: &str = "\
SELECT name, repo_url, commit_sha, version, skill_path, updated_at, revision, kv_revision FROM skill
WHERE bare_name = ?1 ORDER BY name LIMIT 21";

/// ?1 skill, ?2 repo, ?3 commit, ?4 scan id, ?5 token. The first scanner's HEAD becomes the published commit.
pub(in crate::store) const RESOLVE_COMMIT: &str = "\
UPDATE skill SET commit_sha = ?3
WHERE name = ?1 AND repo_url = ?2 AND commit_sha IS NULL
  AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?4 AND last_write = ?5)";

/// ?1 skill, ?2 now, ?3 scan id, ?4 token.
pub(in crate::store) const REVISE_SKILL: &str = "\
UPDATE skill SET revision = revision + 1, updated_at = ?2
WHERE name = ?1 AND EXISTS (SELECT 1 FROM external_scan_result WHERE id = ?3 AND last_write = ?4)";

/// ?1 skill, ?2 the revision that KV now holds.
pub(in crate::store) const KV_HOLDS: &str =
    "UPDATE skill SET kv_revision = ?2 WHERE name = ?1 AND kv_revision < ?2";

/// ?1 skill. What KV holds is not known.
pub(in crate::store) const KV_UNKNOWN: &str = "UPDATE skill SET kv_revision = 0 WHERE name = ?1";

/// Skills of which KV is behind.
pub(in crate::store) const SELECT_BEHIND_IN_KV: &str =
    "SELECT name FROM skill WHERE kv_revision < revision ORDER BY updated_at LIMIT 50";

/// ?1 skill, ?2 now.
pub(in crate::store) const REVISE_NAMED_SKILL: &str =
    "UPDATE skill SET revision = revision + 1, updated_at = ?2 WHERE name = ?1";
