//! One piece of evidence, counted once.
//!
//! The text rules and the syntax rules of one family meet at one place; a code block of a Markdown
//! file is read twice, as code and as prose. The worst of such findings stays. After that, one
//! rule counts at most [`MAX_PER_RULE_AND_FILE`] times in one file: a rule that matches 200 lines
//! of a file is one habit, not 200 reasons to fail. Counts and score are taken behind both steps.

use skillgate_contract::Finding;
use std::collections::HashMap;

/// One rule's findings in one file that are kept and counted.
pub const MAX_PER_RULE_AND_FILE: usize = 5;

/// Drops repeats, worst first, and caps what one rule says about one file. `finding` gives the
/// finding of an item.
#[must_use]
pub fn dedup<T>(mut items: Vec<T>, finding: impl Fn(&T) -> &Finding) -> Vec<T> {
    items.sort_by(|a, b| {
        let (a, b) = (finding(a), finding(b));
        b.severity
            .cmp(&a.severity)
            .then_with(|| a.file.cmp(&b.file))
            .then_with(|| a.line.cmp(&b.line))
    });
    // By file and family, so that a file of many findings stays cheap to compare.
    let mut seen: HashMap<(String, String), Vec<(u32, u32)>> = HashMap::new();
    let mut per_rule: HashMap<(String, String), usize> = HashMap::new();
    items.retain(|item| {
        let finding = finding(item);
        let count = per_rule.entry((finding.rule.clone(), finding.file.clone())).or_default();
        if *count >= MAX_PER_RULE_AND_FILE {
            return false;
        }
        let spans = seen.entry((finding.file.clone(), family(finding).to_owned())).or_default();
        let span = span(finding);
        if span.is_some_and(|span| spans.iter().any(|other| overlap(*other, span))) {
            return false;
        }
        *count += 1;
        spans.extend(span);
        true
    });
    items
}

/// `skillgate.<family>.<variant>`; any other rule is a family of its own.
fn family(finding: &Finding) -> &str {
    finding
        .rule
        .strip_prefix("skillgate.")
        .and_then(|rest| rest.split('.').next())
        .unwrap_or(&finding.rule)
}

fn span(finding: &Finding) -> Option<(u32, u32)> {
    let first = finding.line?;
    Some((first, finding.end_line.unwrap_or(first).max(first)))
}

const fn overlap(a: (u32, u32), b: (u32, u32)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::{Provider, Severity};

    fn finding(rule: &str, severity: Severity, file: &str, line: u32, end: u32) -> Finding {
        Finding {
            rule: rule.into(),
            severity,
            message: String::new(),
            file: file.into(),
            line: Some(line),
            end_line: Some(end),
            code: String::new(),
            provider: Some(Provider::Semgrep),
        }
    }

    fn list(findings: Vec<Finding>) -> Vec<Finding> {
        dedup(findings, |finding| finding)
    }

    #[test]
    fn of_one_family_at_one_place_the_worst_stays() {
        let kept = list(vec![
            finding("skillgate.reverse-shell.leg", Severity::High, "a.js", 3, 5),
            finding("skillgate.reverse-shell.node", Severity::Critical, "a.js", 4, 4),
            finding("skillgate.exfiltration.env", Severity::High, "a.js", 4, 4),
            finding("skillgate.reverse-shell.leg", Severity::High, "a.js", 6, 6),
            finding("skillgate.reverse-shell.leg", Severity::High, "b.js", 4, 4),
        ]);
        let rules: Vec<_> =
            kept.iter().map(|f| (f.rule.as_str(), f.file.as_str(), f.line.unwrap())).collect();
        assert_eq!(
            rules,
            [
                ("skillgate.reverse-shell.node", "a.js", 4),
                ("skillgate.exfiltration.env", "a.js", 4),
                ("skillgate.reverse-shell.leg", "a.js", 6),
                ("skillgate.reverse-shell.leg", "b.js", 4),
            ]
        );
    }

    #[test]
    fn one_rule_counts_five_times_in_a_file() {
        let many =
            (1..=200).map(|line| finding("eval_nodejs", Severity::Medium, "a.js", line, line));
        assert_eq!(list(many.collect()).len(), MAX_PER_RULE_AND_FILE);
    }

    #[test]
    fn findings_without_a_line_are_not_one_another() {
        let mut a = finding("x", Severity::Low, "a", 1, 1);
        a.line = None;
        assert_eq!(list(vec![a.clone(), a]).len(), 2);
    }
}
