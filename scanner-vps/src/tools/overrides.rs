//! What this scanner's operator has decided about single rules, over the table of severities.

use serde::Deserialize;
use skillgate_contract::{Finding, Severity};
use std::{collections::BTreeMap, fs, path::Path};

/// Longest reason, in characters: it stands behind each message.
const MAX_REASON_CHARS: usize = 300;

/// Severities by rule, each with its reason: `{"rule": {"severity": "medium", "reason": "…"}}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Overrides(BTreeMap<String, Override>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    severity: Severity,
    reason: String,
}

impl Overrides {
    /// Reads a file of them.
    ///
    /// # Errors
    /// Why it is none, for the operator.
    pub fn read(path: &Path) -> Result<Self, String> {
        Self::parse(&fs::read_to_string(path).map_err(|e| e.to_string())?)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let overrides: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let is_reason = |text: &str| {
            !text.trim().is_empty()
                && text.chars().count() <= MAX_REASON_CHARS
                && !text.chars().any(char::is_control)
        };
        match overrides.0.iter().find(|(_, with)| !is_reason(&with.reason)) {
            Some((rule, _)) => Err(format!(
                "{rule} needs a reason of 1 to {MAX_REASON_CHARS} characters, in one line"
            )),
            None => Ok(overrides),
        }
    }

    /// One line for each, for the log at the start.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(rule, with)| format!("{rule} is {}: {}", with.severity, with.reason))
    }

    /// Gives findings of these rules their severity, and says so in each.
    pub fn apply(&self, findings: &mut [Finding]) {
        for finding in findings {
            let Some(with) = self.0.get(&finding.rule) else { continue };
            if with.severity != finding.severity {
                finding.message = format!(
                    "{} ({} by the table, {} by this scanner's operator: {})",
                    finding.message, finding.severity, with.severity, with.reason
                );
                finding.severity = with.severity;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::{Critical, Low, Medium};

    fn finding(rule: &str, severity: Severity) -> Finding {
        Finding {
            rule: rule.into(),
            severity,
            message: "It runs.".into(),
            file: "a.js".into(),
            line: None,
            end_line: None,
            code: String::new(),
            provider: None,
            chain: Vec::new(),
        }
    }

    #[test]
    fn a_rule_has_the_severity_that_the_operator_gave_it_and_says_why() {
        let text = r#"{"a.b": {"severity": "medium", "reason": "known to misfire"}, "c": {"severity": "critical", "reason": "ours"}}"#;
        let overrides = Overrides::parse(text).unwrap();
        let mut findings = [
            finding("a.b", Critical),
            finding("a.b", Medium),
            finding("a", Critical),
            finding("c", Low),
        ];
        overrides.apply(&mut findings);
        let severities = findings.each_ref().map(|finding| finding.severity);
        assert_eq!(severities, [Medium, Medium, Critical, Critical]);
        assert_eq!(
            findings[0].message,
            "It runs. (critical by the table, medium by this scanner's operator: known to misfire)"
        );
        assert_eq!(
            (findings[1].message.as_str(), findings[2].message.as_str()),
            ("It runs.", "It runs.")
        );
        assert_eq!(
            overrides.lines().collect::<Vec<_>>(),
            ["a.b is medium: known to misfire", "c is critical: ours"]
        );
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in [
            "",
            "[]",
            r#"{"a": "low"}"#,
            r#"{"a": {"severity": "low"}}"#,
            r#"{"a": {"severity": "none", "reason": "x"}}"#,
            r#"{"a": {"severity": "low", "reason": "x", "until": 1}}"#,
        ] {
            assert!(Overrides::parse(text).is_err(), "{text}");
        }
        for reason in ["".to_owned(), "  ".to_owned(), "x".repeat(301), "a\\nb".to_owned()] {
            let text = format!(r#"{{"a.b": {{"severity": "low", "reason": "{reason}"}}}}"#);
            assert!(Overrides::parse(&text).unwrap_err().contains("a.b needs a reason"), "{text}");
        }
        assert_eq!(Overrides::parse("{}").unwrap(), Overrides::default());
    }
}
