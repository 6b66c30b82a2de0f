//! The pages that say what the rules look for: where a finding's rule is explained.

use crate::Provider;

/// The path of the page of all families. Each section of it has an id; below it lies the page of each rule.
pub const RULES_PATH: &str = "/rules";

/// The families of our own rules that the page has a section for.
pub const FAMILIES: [&str; 16] = [
    "agent-memory",
    "agent-settings",
    "coverage",
    "crypto",
    "decode-exec",
    "destruction",
    "download-exec",
    "evasion",
    "exfiltration",
    "fake-prerequisite",
    "hidden-unicode",
    "persistence",
    "prompt-injection",
    "reverse-shell",
    "supply-chain",
    "windows",
];

/// The family of one of our own rules: `decode-exec` of `skillgate.decode-exec.node`. `None` for the
/// rules of others, and where it is not made of lower-case letters and hyphens: rule ids come
/// from scanners, and the family becomes part of a URL.
#[must_use]
pub fn family(rule: &str) -> Option<&str> {
    let family = rule.strip_prefix("skillgate.")?.split('.').next()?;
    let is_plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
    (!family.is_empty() && family.bytes().all(is_plain)).then_some(family)
}

/// Whether a text may be the last part of an address below [`RULES_PATH`]: 1 to 100 lower-case letters, digits, hyphens
/// and full stops, with a letter or digit at both ends and no two stops in a row. No path leads out of a folder with it.
#[must_use]
pub fn is_page_name(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = [name.bytes().next(), name.bytes().next_back()];
    name.len() <= 100
        && ends.iter().all(|end| end.is_some_and(is_plain))
        && name.bytes().all(|b| is_plain(b) || matches!(b, b'-' | b'.'))
        && !name.as_bytes().windows(2).any(|pair| pair == b"..")
}

/// The section of the family of one of our own rules. `None` for the rules of others and for families without one.
#[must_use]
pub fn section(rule: &str) -> Option<String> {
    let family = family(rule).filter(|family| FAMILIES.contains(family))?;
    Some(format!("{RULES_PATH}#{family}"))
}

/// The path of the page of one of our own rules. `None` for the rules of others, those of families that have no
/// section, and ids that no address may hold: rule ids come from scanners. Where no page is deployed for such an id (a
/// rule that was removed, of a newer pack, or of a pack of one's own), the path leads on to the family's section.
#[must_use]
pub fn page(rule: &str) -> Option<String> {
    section(rule).filter(|_| is_page_name(rule))?;
    Some(format!("{RULES_PATH}/{rule}"))
}

/// The path where a finding's rule is explained: its own page, else the section of its family, else that of its provider.
#[must_use]
pub fn address(provider: Provider, rule: &str) -> String {
    let of_provider = || format!("{RULES_PATH}#{}", provider.as_str());
    page(rule).or_else(|| section(rule)).unwrap_or_else(of_provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_rules_have_pages_and_those_of_others_a_section() {
        let of = |rule| address(Provider::Semgrep, rule);
        assert_eq!(of("skillgate.decode-exec.x"), "/rules/skillgate.decode-exec.x");
        assert_eq!(of("skillgate.decode-exec"), "/rules/skillgate.decode-exec");
        assert_eq!(of("skillgate.decode-exec.X"), "/rules#decode-exec");
        assert_eq!(of("skillgate.decode-exec.a/../b"), "/rules#decode-exec");
        for foreign in
            ["skillgate.<b>.x", "skillgate.own.x", "skillgate..x", "skillgate.", "x", "", "my.rule"]
        {
            assert_eq!(of(foreign), "/rules#semgrep", "{foreign}");
        }
        assert_eq!(address(Provider::Trufflehog, "trufflehog.Aws"), "/rules#trufflehog");
        assert_eq!(address(Provider::Njsscan, "javascript:alert(1)"), "/rules#njsscan");
    }

    #[test]
    fn a_page_name_leads_nowhere_else() {
        for good in ["a", "agents", "skillgate.decode-exec.js-eval2"] {
            assert!(is_page_name(good), "{good}");
        }
        let long = "a".repeat(101);
        for bad in [
            "", ".", "..", "a..b", ".a", "a.", "-a", "a/b", "a\\b", "A", "a b", "a%2fb", "a?b",
            "a#b", "ä", "a\0", &long,
        ] {
            assert!(!is_page_name(bad), "{bad}");
        }
    }
}
