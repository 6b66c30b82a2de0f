//! Which critical findings are the same, so that what an admin has lifted does not block again.

use skillgate_contract::{Finding, Severity};

/// One digest for each critical finding that is listed, twice where one is listed twice. It holds
/// rule, file and code; provider, repository and commit are the scan's own. As 32 hex digits.
///
/// A result whose list is shorter than its count of criticals is compared by that number too.
#[must_use]
pub fn digests(findings: &[Finding]) -> Vec<String> {
    let criticals = findings.iter().filter(|finding| finding.severity == Severity::Critical);
    criticals.map(Finding::database_fingerprint).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(severity: Severity, rule: &str, file: &str, code: &str) -> Finding {
        Finding {
            rule: rule.to_owned(),
            severity,
            message: String::new(),
            file: file.to_owned(),
            line: None,
            end_line: None,
            code: code.to_owned(),
            provider: None,
            chain: Vec::new(),
        }
    }

    #[test]
    fn a_finding_is_its_rule_file_and_code_wherever_it_stands() {
        let here = finding(Severity::Critical, "r", "a.js", "eval(x)");
        let mut moved = here.clone();
        (moved.line, moved.message) = (Some(7), "another text".to_owned());
        let same = digests(&[here.clone(), moved]);
        assert_eq!(same[0], same[1]);
        assert_eq!((same[0].len(), same.len()), (32, 2));
        for other in [
            finding(Severity::Critical, "r2", "a.js", "eval(x)"),
            finding(Severity::Critical, "r", "b.js", "eval(x)"),
            finding(Severity::Critical, "r", "a.js", "eval(y)"),
            finding(Severity::Critical, "ra", ".js", "eval(x)"),
        ] {
            assert_ne!(digests(&[other]), digests(std::slice::from_ref(&here)));
        }
    }

    #[test]
    fn only_criticals_count() {
        assert!(digests(&[finding(Severity::High, "r", "a.js", "x")]).is_empty());
    }
}
