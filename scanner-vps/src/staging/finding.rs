//! Findings that staging makes itself, without a tool.

use skillgate_contract::{Finding, Provider, Severity};

/// A finding of `provider`'s scan on a whole file, or on one line of it. It shows no code.
pub(super) fn finding(
    provider: Provider,
    rule: &str,
    severity: Severity,
    message: &str,
    file: &str,
    line: Option<u32>,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message: message.to_owned(),
        file: file.to_owned(),
        line,
        end_line: line,
        code: String::new(),
        provider: Some(provider),
        chain: Vec::new(),
    }
}
