//! Lists over all skills.

use super::text::generated;

/// The newest scans before `:before`, latest first; `:provider` and `:status` may be NULL. `first` is 0 where
/// another scan that is asked for, of the same skill, comes before. Each provider's scans are read through the index
/// that begins with it, and of the skill the newest scan of each provider, so that no scan that was replaced is read,
/// wherever a cursor begins.
macro_rules! latest {
    ($status:literal) => {
        generated!(concat!(
            "SELECT CAST(s.seq AS TEXT) AS place, s.skill_name AS name, s.provider, NOT EXISTS (
    SELECT 1 FROM external_scan_result n
    WHERE n.seq IN ([[(SELECT max(seq) FROM external_scan_result WHERE skill_name = s.skill_name AND provider = '{provider}' AND unsolicited = 0)|, ]])
      AND n.seq > s.seq AND (:provider IS NULL OR n.provider = :provider) AND (:status IS NULL OR n.status = :status)) AS first
FROM external_scan_result s WHERE s.seq IN (SELECT seq FROM ([[\
             SELECT seq FROM (SELECT seq FROM external_scan_result WHERE provider = '{provider}' \
             AND (:provider IS NULL OR :provider = '{provider}') AND newest = 1 AND unsolicited = 0 AND seq < :before AND ",
            $status,
            " ORDER BY seq DESC LIMIT :limit)| UNION ALL ]]) ORDER BY seq DESC LIMIT :limit) ORDER BY s.seq DESC"
        ))
    };
}

/// Of any status.
pub(in crate::store) const SELECT_LATEST: &str = latest!(":status IS NULL");

/// Of one status.
pub(in crate::store) const SELECT_LATEST_OF_STATUS: &str = latest!("status = :status");

/// Words that begin with `:key`, from `:word` and `:name` on. `:end` is the first text behind all words that begin
/// so.
pub(in crate::store) const SELECT_WORDS: &str = "\
SELECT word AS place, name, NULL AS provider, 1 AS first FROM skill_word
WHERE word >= :key AND word < :end AND (word, name) >= (:word, :name) ORDER BY word, name LIMIT :limit";

/// `:names` is a JSON list of full names.
pub(in crate::store) const SELECT_SKILLS_NAMED: &str = concat!(
    super::skill::skill_columns!(),
    "FROM json_each(:names) j CROSS JOIN skill s ON s.name = j.value"
);

/// What the home page counts.
pub(in crate::store) const SELECT_TOTALS: &str = "\
SELECT skills, blocked, ifnull((SELECT max(seq) FROM external_scan_result), 0) AS scans FROM catalogue WHERE id = 1";
