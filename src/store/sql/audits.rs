//! Lists over all skills.

use super::text::generated;

/// The newest scans before `:before`, latest first; `:provider` and `:status` may be NULL. `first` is 0 where
/// another scan that is asked for, of the same skill, comes before.
macro_rules! latest {
    ($($from:expr),+) => {
        concat!(
            "SELECT CAST(s.seq AS TEXT) AS place, s.skill_name AS name, s.provider, NOT EXISTS (
    SELECT 1 FROM external_scan_result n
    WHERE n.skill_name = s.skill_name AND n.seq > s.seq AND n.newest = 1 AND n.unsolicited = 0
      AND (:provider IS NULL OR n.provider = :provider) AND (:status IS NULL OR n.status = :status)) AS first
FROM external_scan_result s WHERE ",
            $($from,)+
            " ORDER BY s.seq DESC LIMIT :limit"
        )
    };
}

/// The scans of any provider, each provider's read through the index that begins with it, so that none reads more
/// rows than it gives.
macro_rules! of_each {
    ($status:literal) => {
        concat!(
            "s.seq IN ([[SELECT seq FROM (SELECT seq FROM external_scan_result WHERE provider = '{provider}' \
             AND (:provider IS NULL OR :provider = '{provider}') AND newest = 1 AND unsolicited = 0 AND seq < :before",
            $status,
            " ORDER BY seq DESC LIMIT :limit)| UNION ALL ]])"
        )
    };
}

/// Of any provider and status. A walk by number: among the latest scans few have been replaced.
pub(in crate::store) const SELECT_LATEST: &str = latest!(
    "s.seq < :before AND s.newest = 1 AND s.unsolicited = 0 AND :provider IS NULL AND :status IS NULL"
);

/// Of one provider.
pub(in crate::store) const SELECT_LATEST_OF_PROVIDER: &str =
    generated!(latest!(of_each!(""), " AND :status IS NULL"));

/// Of one status.
pub(in crate::store) const SELECT_LATEST_OF_STATUS: &str =
    generated!(latest!(of_each!(" AND status = :status")));

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
