//! One thing that a tool found, and how many of them travel.

use crate::{
    Provider, Severity,
    json::{self, FromJson},
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
/// Steps of a chain; no rule has more.
const MAX_CHAIN_STEPS: usize = 20;
/// Bytes of a chain's JSON. A chain beyond it would be of names that nobody reads: its finding travels without it.
const MAX_CHAIN_BYTES: usize = 16 * 1024;
/// Bytes of the findings' JSON with their chains: a D1 row ends at 1 MB, a callback at 1 MiB.
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
    /// The facts that together are the finding, in the order of the data; empty where one place is all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<ChainStep>,
}

/// One fact of a chain, at its place in the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainStep {
    /// What happens there, as lower-case words joined by hyphens: `fetch`, `run`, `read-secret` and others.
    pub fact: String,
    /// The path in the repository.
    pub file: String,
    /// The first line, counted from 1.
    pub line: u32,
    /// The last line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The code at that place; secrets in it are masked.
    #[serde(default)]
    pub code: String,
}

impl FromJson for Finding {
    fn from_json(value: Value) -> Option<Self> {
        part::plain(value)
    }
}

/// What a finding's `provider` may be. Made once: a body has up to 100 findings.
static PROVIDERS: LazyLock<String> = LazyLock::new(|| Provider::names(" or "));

impl ChainStep {
    /// The fact as words for people.
    #[must_use]
    pub fn words(&self) -> String {
        text::replace(&self.fact, "-", " ")
    }
}

const TEXT: &str = "a string";
const LINE: &str = "a line's number";

impl Nested for ChainStep {
    fn read(part: &mut Part<'_>) -> Option<Self> {
        let fact = part.required("fact", TEXT);
        let file = part.required("file", TEXT);
        let line = part.required("line", LINE);
        let end_line = part.optional("endLine", LINE);
        let code = part.optional("code", TEXT);
        Some(Self { fact: fact?, file: file?, line: line?, end_line, code })
    }
}

impl Nested for Finding {
    fn read(part: &mut Part<'_>) -> Option<Self> {
        let rule = part.required("rule", TEXT);
        let severity = part.required("severity", "critical, high, medium or low");
        let message = part.optional("message", TEXT);
        let file = part.optional("file", TEXT);
        let line = part.optional("line", LINE);
        let end_line = part.optional("endLine", LINE);
        let code = part.optional("code", TEXT);
        let provider = part.optional("provider", &PROVIDERS);
        let chain = part.list("chain");
        Some(Self {
            rule: rule?,
            severity: severity?,
            message,
            file,
            line,
            end_line,
            code,
            provider,
            chain,
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
/// keeps at most [`MAX_FINDINGS`] and 512 KiB of JSON with their chains. The mildest findings are cut first.
/// A chain has at most 20 steps; one of more than 16 KiB is left out of its finding.
#[must_use]
pub fn cap_findings(mut findings: Vec<Finding>) -> CappedFindings {
    let found = findings.len();
    // Four passes instead of a sort, which is 5 KB of wasm.
    let mut worst_first = Vec::with_capacity(found);
    for severity in Severity::WORST_FIRST {
        worst_first.extend(findings.extract_if(.., |f| f.severity == severity));
    }
    let shown = worst_first.iter().take(MAX_FINDINGS).map(shown);
    let findings = json::within(shown, MAX_FINDINGS_BYTES);
    CappedFindings { truncated: findings.len() < found, findings }
}

fn shown(f: &Finding) -> Finding {
    Finding {
        rule: text::line(&f.rule, MAX_STRING_CHARS),
        message: text::block(&f.message, MAX_STRING_CHARS),
        file: text::line(&f.file, MAX_STRING_CHARS),
        code: text::block(&f.code, MAX_STRING_CHARS),
        chain: chain(&f.chain),
        ..*f
    }
}

fn chain(steps: &[ChainStep]) -> Vec<ChainStep> {
    let shown = |step: &ChainStep| ChainStep {
        fact: text::line(&step.fact, MAX_STRING_CHARS),
        file: text::line(&step.file, MAX_STRING_CHARS),
        code: text::block(&step.code, MAX_STRING_CHARS),
        ..*step
    };
    let steps: Vec<_> = steps.iter().take(MAX_CHAIN_STEPS).map(shown).collect();
    match serde_json::to_vec(&steps) {
        Ok(json) if json.len() <= MAX_CHAIN_BYTES => steps,
        _ => Vec::new(),
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
            chain: Vec::new(),
        }
    }

    fn step(code: &str) -> ChainStep {
        ChainStep {
            fact: "fetch".into(),
            file: "a\u{202e}.sh".into(),
            line: 3,
            end_line: None,
            code: code.into(),
        }
    }

    #[test]
    fn chains_are_cut_and_the_worst_findings_keep_theirs() {
        let mut found = finding(Severity::High, "x");
        found.chain = vec![step(&"c\u{1b}".repeat(100)); 30];
        let capped = cap_findings(vec![found.clone()]);
        let chain = &capped.findings[0].chain;
        assert_eq!(chain.len(), MAX_CHAIN_STEPS);
        assert_eq!(chain[0].file, "a\u{fffd}.sh");
        assert!(chain[0].code.starts_with("c\u{fffd}c"));
        assert_eq!(cap_findings(capped.findings.clone()), capped, "cut once");

        found.chain = vec![step(&"♥".repeat(1_000)); 5];
        let many: Vec<_> = (0..100)
            .map(|n| Finding {
                severity: if n == 99 { Severity::Critical } else { Severity::Low },
                ..found.clone()
            })
            .collect();
        let capped = cap_findings(many);
        assert!(capped.truncated && capped.findings.len() > 30);
        assert_eq!(capped.findings[0].severity, Severity::Critical);
        assert_eq!(capped.findings[0].chain.len(), 5);
        assert!(serde_json::to_vec(&capped.findings).unwrap().len() <= MAX_FINDINGS_BYTES);

        found.chain = vec![step(&"♥".repeat(2_000)); 5];
        let capped = cap_findings(vec![found]);
        assert_eq!((capped.findings[0].chain.len(), capped.truncated), (0, false));
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
