//! The page that says what the rules look for: where on it a finding's rule is explained.

use crate::Provider;

/// The page's path on the platform. Each section of it has an id: [`section`].
pub const RULES_PATH: &str = "/rules";

/// The families of our own rules that the page has a section for.
pub const FAMILIES: [&str; 15] = [
    "agent-memory",
    "agent-settings",
    "coverage",
    "crypto",
    "decode-exec",
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

/// The id of the section for a rule: its family's, else its provider's.
#[must_use]
pub fn section(provider: Provider, rule: &str) -> &str {
    family(rule).unwrap_or(provider.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_rules_have_a_section_for_their_family() {
        assert_eq!(section(Provider::Semgrep, "skillgate.decode-exec.x"), "decode-exec");
        assert_eq!(section(Provider::Semgrep, "skillgate.decode-exec"), "decode-exec");
        for foreign in ["skillgate.<b>.x", "skillgate..x", "skillgate.", "trufflehog.Aws", "x", ""]
        {
            assert_eq!(section(Provider::Trufflehog, foreign), "trufflehog", "{foreign}");
        }
    }
}
