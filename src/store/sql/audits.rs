//! Lists over all skills.

/// The newest scans, latest first; ?1 the scan before, ?2 how many, ?3 provider or NULL, ?4 status
/// or NULL, ?5 1 for each skill once. Each provider is a walk of its own through an index, so that
/// none reads more than it gives.
macro_rules! latest {
    ($status:literal) => {
        concat!(
            "SELECT CAST(seq AS TEXT) AS place, skill_name AS name, provider FROM external_scan_result WHERE seq IN (",
            latest!("semgrep", $status),
            " UNION ALL ",
            latest!("njsscan", $status),
            " UNION ALL ",
            latest!("trufflehog", $status),
            ") ORDER BY seq DESC LIMIT ?2"
        )
    };
    ($provider:literal, $status:literal) => {
        concat!(
            "SELECT seq FROM (SELECT s.seq FROM external_scan_result s
WHERE s.provider = '",
            $provider,
            "' AND (?3 IS NULL OR ?3 = '",
            $provider,
            "') AND s.newest = 1 AND s.stray = 0 AND s.seq < ?1 AND ",
            $status,
            "
  AND (?5 = 0 OR NOT EXISTS (
      SELECT 1 FROM external_scan_result n
      WHERE n.skill_name = s.skill_name AND n.seq > s.seq AND n.newest = 1 AND n.stray = 0
        AND (?3 IS NULL OR n.provider = ?3) AND (?4 IS NULL OR n.status = ?4)))
ORDER BY s.seq DESC LIMIT ?2)"
        )
    };
}

/// Of any status.
pub(in crate::store) const SELECT_LATEST: &str = latest!("?4 IS NULL");

/// Of one status.
pub(in crate::store) const SELECT_LATEST_OF_STATUS: &str = latest!("s.status = ?4");

/// ?1 the beginning of a word, ?2 the first text behind all words that begin so, ?3 word and ?4
/// name to begin with, ?5 how many.
pub(in crate::store) const SELECT_WORDS: &str = "\
SELECT word AS place, name, NULL AS provider FROM skill_word
WHERE word >= ?1 AND word < ?2 AND (word, name) >= (?3, ?4) ORDER BY word, name LIMIT ?5";

/// ?1 JSON list of full names.
pub(in crate::store) const SELECT_SKILLS_NAMED: &str = "\
SELECT s.name, s.repo_url, s.commit_sha, s.version, s.skill_path, s.updated_at, s.revision, s.kv_revision
FROM json_each(?1) j CROSS JOIN skill s ON s.name = j.value";

/// What the home page counts.
pub(in crate::store) const SELECT_TOTALS: &str = "\
SELECT skills, blocked, ifnull((SELECT max(seq) FROM external_scan_result), 0) AS scans FROM catalogue WHERE id = 1";
