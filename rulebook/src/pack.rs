//! The files of the bundled pack, as they are in the repository.

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

/// The name of the file with the pack's version.
pub const VERSION: &str = "VERSION";
/// The name of the list of rules that may block a skill.
pub const CRITICAL: &str = "critical.txt";
/// The name of the file with the canaries.
pub const CANARY: &str = "canary.yaml";
/// What the id of a canary begins with.
pub const CANARY_ID: &str = "skillgate-canary-";

/// The pack: names below its folder, and texts.
#[must_use]
pub fn files() -> &'static [(&'static str, &'static str)] {
    embedded::RULES
}

/// The text of one file of the pack; empty where there is none of this name.
#[must_use]
pub fn file(name: &str) -> &'static str {
    files().iter().find(|(known, _)| *known == name).map_or("", |(_, text)| *text)
}

/// The annotated targets that test the pack: names below `rules-tests`, and texts.
pub(crate) fn targets() -> &'static [(&'static str, &'static str)] {
    embedded::TARGETS
}

/// The ids of a list such as [`CRITICAL`]: one a line, comments behind `#`.
pub fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_may_explain_itself() {
        let ids = listed("# why\nskillgate.a.b # caught 3 families\n\n skillgate.c.d \n");
        assert_eq!(ids.collect::<Vec<_>>(), ["skillgate.a.b", "skillgate.c.d"]);
    }

    #[test]
    fn the_pack_has_its_version_its_list_and_targets() {
        for name in [VERSION, CRITICAL, CANARY, "text/crypto.yaml", "ast/bash.yaml"] {
            assert!(!file(name).trim().is_empty(), "{name}");
        }
        assert!(targets().len() > 100, "{}", targets().len());
        assert_eq!(file("README.md"), "", "documents are no part of it");
    }
}
