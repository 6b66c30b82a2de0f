//! All skills that are known.

macro_rules! found_columns {
    () => {
        "SELECT name, repo_url, commit_sha, version, installs FROM skill"
    };
}

/// ?1 how the last segment begins, ?2 what sorts behind all of these, ?3 how many.
pub(in crate::store) const SEARCH_BY_BARE_NAME: &str = concat!(
    found_columns!(),
    " WHERE bare_name COLLATE NOCASE >= ?1 AND bare_name COLLATE NOCASE < ?2
ORDER BY bare_name COLLATE NOCASE, name LIMIT ?3"
);

/// ?1 how the full name begins, ?2 what sorts behind all of these, ?3 how many.
pub(in crate::store) const SEARCH_BY_NAME: &str =
    concat!(found_columns!(), " WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3");

/// ?1 JSON list of names, ?2 now. An exact name is meant first, else the one skill whose last segment
/// it is. A skill counts one install a second at most.
pub(in crate::store) const COUNT_INSTALLS: &str = "\
UPDATE skill SET installs = installs + 1, installed_at = ?2
WHERE installed_at <= ?2 - 1000 AND name IN (
    SELECT ifnull(
        (SELECT exact.name FROM skill AS exact WHERE exact.name = asked.value),
        (SELECT CASE WHEN count(*) = 1 THEN max(name) END
         FROM (SELECT bare.name AS name FROM skill AS bare WHERE bare.bare_name = asked.value LIMIT 2)))
    FROM json_each(?1) AS asked)
RETURNING name";
