//! One thing that a tool found, and how many of them travel.

use crate::{
    Provider, Severity,
    json::FromJson,
    part::{self, Nested, Part},
    text,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::LazyLock;

/// At most this many findings of a scan are listed; the counts are of all of them.
pub const MAX_FINDINGS: usize = 100;
/// Unicode scalar values in any one string of a finding.
pub const MAX_STRING_CHARS: usize = 2_000;
/// Bytes of the findings' JSON: a D1 row ends at 1 MB, a callback at 1 MiB.
const MAX_FINDINGS_BYTES: usize = 512 * 1024;

/// One finding, at its place in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The id of the rule that found it.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was found and why it matters, for people.
    #[serde(default)]
    pub message: String,
    /// The path in the repository.
    #[serde(default)]
    pub file: String,
    /// The first line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The last line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The code at that place; secrets in it are masked.
    #[serde(default)]
    pub code: String,
    /// The provider that found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
}

impl FromJson for Finding {
    fn from_json(value: Value) -> Option<Self> {
        part::plain(value)
    }
}

/// What a finding's `provider` may be. Made once: a body has up to 100 findings.
static PROVIDERS: LazyLock<String> = LazyLock::new(|| Provider::names(" or "));

impl Nested for Finding {
    fn read(part: &mut Part<'_>) -> Option<Self> {
        const TEXT: &str = "a string";
        const LINE: &str = "a line's number";
        let rule = part.required("rule", TEXT);
        let severity = part.required("severity", "critical, high, medium or low");
        let message = part.optional("message", TEXT);
        let file = part.optional("file", TEXT);
        let line = part.optional("line", LINE);
        let end_line = part.optional("endLine", LINE);
        let code = part.optional("code", TEXT);
        let provider = part.optional("provider", &PROVIDERS);
        Some(Self {
            rule: rule?,
            severity: severity?,
            message,
            file,
            line,
            end_line,
            code,
            provider,
        })
    }
}

/// The findings that travel, and whether some stayed behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CappedFindings {
    /// At most [`MAX_FINDINGS`], worst first.
    pub findings: Vec<Finding>,
    /// More were found than are listed.
    pub truncated: bool,
}

/// Sorts worst first, cuts every string to [`MAX_STRING_CHARS`] without control characters, and
/// keeps at most [`MAX_FINDINGS`] and 512 KiB of JSON.
#[must_use]
pub fn cap_findings(mut findings: Vec<Finding>) -> CappedFindings {
    let found = findings.len();
    // Four passes instead of a sort, which is 5 KB of wasm.
    let mut worst_first = Vec::with_capacity(found);
    for severity in Severity::WORST_FIRST {
        worst_first.extend(findings.extract_if(.., |f| f.severity == severity));
    }
    let mut bytes = 2;
    let findings: Vec<_> = worst_first
        .iter()
        .take(MAX_FINDINGS)
        .map(shown)
        .take_while(|f| {
            bytes += serde_json::to_vec(f).map_or(0, |json| json.len() + 1);
            bytes <= MAX_FINDINGS_BYTES
        })
        .collect();
    CappedFindings { truncated: findings.len() < found, findings }
}

fn shown(f: &Finding) -> Finding {
    Finding {
        rule: text::line(&f.rule, MAX_STRING_CHARS),
        message: text::block(&f.message, MAX_STRING_CHARS),
        file: text::line(&f.file, MAX_STRING_CHARS),
        code: text::block(&f.code, MAX_STRING_CHARS),
        ..*f
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(severity: Severity, message: &str) -> Finding {
        Finding {
            rule: "r".into(),
            severity,
            message: message.into(),
            file: "a\u{202e}.js".into(),
            line: Some(1),
            end_line: None,
            code: String::new(),
            provider: Some(Provider::Semgrep),
        }
    }

    #[test]
    fn g37_a_thousand_findings_keep_the_worst_hundred() {
        let mut many: Vec<_> = (0..1000).map(|_| finding(Severity::Low, "x")).collect();
        many.push(finding(Severity::Critical, "worst"));
        let capped = cap_findings(many);
        assert_eq!(capped.findings.len(), MAX_FINDINGS);
        assert_eq!(capped.findings[0].message, "worst");
        assert!(capped.truncated);
    }

    #[test]
    fn strings_and_bytes_are_cut() {
        let capped = cap_findings(vec![finding(Severity::High, &"♥".repeat(1_000_000))]);
        assert_eq!(capped.findings[0].message.chars().count(), MAX_STRING_CHARS);
        assert_eq!(capped.findings[0].file, "a\u{fffd}.js");
        assert!(!capped.truncated);

        let mut fat = finding(Severity::High, &"♥".repeat(2_000));
        fat.code = "♥".repeat(2_000);
        let capped = cap_findings(vec![fat; 100]);
        assert!(capped.truncated);
        assert!(serde_json::to_vec(&capped.findings).unwrap().len() <= MAX_FINDINGS_BYTES);
    }
}
