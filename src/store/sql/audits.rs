//! Lists over all skills.

use super::text::generated;

/// The newest scans, latest first; ?1 the scan before, ?2 how many, ?3 provider or NULL, ?4 status or
/// NULL. `first` is 0 where another scan that is asked for, of the same skill, comes before.
macro_rules! latest {
    ($($from:expr),+) => {
        concat!(
            "SELECT CAST(s.seq AS TEXT) AS place, s.skill_name AS name, s.provider, NOT EXISTS (
    SELECT 1 FROM external_scan_result n
    WHERE n.skill_name = s.skill_name AND n.seq > s.seq AND n.newest = 1 AND n.unsolicited = 0
      AND (?3 IS NULL OR n.provider = ?3) AND (?4 IS NULL OR n.status = ?4)) AS first
FROM external_scan_result s WHERE ",
            $($from,)+
            " ORDER BY s.seq DESC LIMIT ?2"
        )
    };
}

/// The scans of any provider, each provider's read through the index that begins with it, so that none reads more
/// rows than it gives.
macro_rules! of_each {
    ($status:literal) => {
        concat!(
            "s.seq IN ([[SELECT seq FROM (SELECT seq FROM external_scan_result WHERE provider = '{provider}' \
             AND (?3 IS NULL OR ?3 = '{provider}') AND newest = 1 AND unsolicited = 0 AND seq < ?1",
            $status,
            " ORDER BY seq DESC LIMIT ?2)| UNION ALL ]])"
        )
    };
}

/// Of any provider and status. A walk by number: among the latest scans few have been replaced.
pub(in crate::store) const SELECT_LATEST: &str =
    latest!("s.seq < ?1 AND s.newest = 1 AND s.unsolicited = 0 AND ?3 IS NULL AND ?4 IS NULL");

/// Of one provider.
pub(in crate::store) const SELECT_LATEST_OF_PROVIDER: &str =
    generated!(latest!(of_each!(""), " AND ?4 IS NULL"));

/// Of one status.
pub(in crate::store) const SELECT_LATEST_OF_STATUS: &str =
    generated!(latest!(of_each!(" AND status = ?4")));

/// ?1 the beginning of a word, ?2 the first text behind all words that begin so, ?3 word and ?4
/// name to begin with, ?5 how many.
pub(in crate::store) const SELECT_WORDS: &str = "\
SELECT word AS place, name, NULL AS provider, 1 AS first FROM skill_word
WHERE word >= ?1 AND word < ?2 AND (word, name) >= (?3, ?4) ORDER BY word, name LIMIT ?5";

/// ?1 JSON list of full names.
pub(in crate::store) const SELECT_SKILLS_NAMED: &str = concat!(
    super::skill::skill_columns!(),
    "FROM json_each(?1) j CROSS JOIN skill s ON s.name = j.value"
);

/// What the home page counts.
pub(in crate::store) const SELECT_TOTALS: &str = "\
SELECT skills, blocked, ifnull((SELECT max(seq) FROM external_scan_result), 0) AS scans FROM catalogue WHERE id = 1";
