//! All skills that are known.

/// Skills by the words of their names that begin with `:key`. `:end` is the first text behind all words that begin
/// so.
pub(in crate::store) const SEARCH_BY_WORD: &str = concat!(
    "SELECT w.word, s.name, s.repo_url, s.commit_sha, s.version, s.installs, ",
    super::blocklist::standing!(),
    "
FROM skill_word w CROSS JOIN skill s ON s.name = w.name
WHERE w.word >= :key AND w.word < :end ORDER BY w.word, w.name LIMIT :limit"
);

/// The first skills of all, as [`SEARCH_BY_WORD`] gives them.
pub(in crate::store) const FIRST_SKILLS: &str = concat!(
    "SELECT '' AS word, s.name, s.repo_url, s.commit_sha, s.version, s.installs, ",
    super::blocklist::standing!(),
    "
FROM skill s WHERE s.name > '' ORDER BY s.name LIMIT :limit"
);

/// Counts an install of each of `:names`, a JSON list. An exact name of several segments is meant first, else the one skill whose last
/// segment it is, else the one that differs in case alone. A skill counts one install a second at most.
pub(in crate::store) const COUNT_INSTALLS: &str = "\
UPDATE skill SET installs = installs + 1, installed_at = :now
WHERE installed_at <= :now - 1000 AND name IN (
    SELECT coalesce(
        (SELECT exact.name FROM skill AS exact WHERE exact.name = asked.value AND exact.name <> exact.bare_name),
        (SELECT CASE WHEN count(*) = 1 THEN max(name) END FROM (
            SELECT bare.name AS name FROM skill AS bare
            WHERE bare.bare_name = asked.value LIMIT 2)),
        (SELECT CASE WHEN count(*) = 1 THEN max(name) END FROM (
            SELECT alike.name AS name FROM skill AS alike WHERE alike.bare_name = asked.value COLLATE NOCASE
            UNION SELECT alike.name FROM skill AS alike WHERE alike.name = asked.value COLLATE NOCASE LIMIT 2)))
    FROM json_each(:names) AS asked)
RETURNING name";
