//! One piece of evidence, counted once.
//!
//! The text rules and the syntax rules of one family meet at one place; a code block of a Markdown
//! file is read twice, as code and as prose. The worst of such findings stays. After that, one
//! rule counts at most [`MAX_PER_RULE_AND_FILE`] times in one file: a rule that matches 200 lines
//! of a file is one habit, not 200 reasons to fail. Over the whole repository the same holds for
//! what is no more than medium: habits add up with the size of a repository, not with its malice.
//! High and critical findings all count. Counts and score are taken behind these steps.

use skillgate_contract::{Finding, Provider, Severity};
use std::collections::HashMap;

/// One rule's findings in one file that are kept and counted.
pub const MAX_PER_RULE_AND_FILE: usize = 5;

/// One rule's medium findings in a repository that are kept and counted: five rules have to agree
/// before mediums alone fail a skill.
pub const MAX_MEDIUM_PER_RULE: usize = 4;
/// One rule's low findings in a repository that are kept and counted.
pub const MAX_LOW_PER_RULE: usize = 10;
/// Comments that ask to look away: one habit of a repository, whatever its size.
const SUPPRESSION: &str = "skillgate.evasion.suppression";
/// Files that the one finding about them names.
const FILES_NAMED: usize = 5;

/// Makes one finding of all that say that a comment asks the scanner to look away. It stands at
/// the first place and names the others.
#[must_use]
pub fn suppressions_as_one(findings: Vec<Finding>) -> Vec<Finding> {
    let (mut asked, mut all): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.rule == SUPPRESSION);
    asked.sort_by(|a, b| a.file.cmp(&b.file).then_with(|| a.line.cmp(&b.line)));
    let files = asked.len();
    let named: Vec<String> = asked.iter().take(FILES_NAMED).map(place).collect();
    let Some(mut first) = asked.into_iter().next() else { return all };
    if files > 1 {
        let more = if files > FILES_NAMED { ", …" } else { "" };
        first.message = format!(
            "Comments in {files} files ask the scanner to look away ({}{more}); they were not \
             obeyed.",
            named.join(", ")
        );
    }
    all.push(first);
    all
}

fn place(finding: &Finding) -> String {
    finding.line.map_or_else(|| finding.file.clone(), |line| format!("{}:{line}", finding.file))
}

/// Drops what a rule says too often about one repository: see [`MAX_MEDIUM_PER_RULE`]. Secrets
/// are exempt, since each is to be revoked.
#[must_use]
pub fn cap_habits(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut per_rule: HashMap<(String, Severity), usize> = HashMap::new();
    findings.retain(|finding| {
        let most = match finding.severity {
            Severity::Medium => MAX_MEDIUM_PER_RULE,
            Severity::Low => MAX_LOW_PER_RULE,
            Severity::High | Severity::Critical => return true,
        };
        if finding.provider == Some(Provider::Trufflehog) {
            return true;
        }
        let count = per_rule.entry((finding.rule.clone(), finding.severity)).or_default();
        *count += 1;
        *count <= most
    });
    findings
}

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
    fn g06_suppressions_of_a_whole_repository_are_one_finding() {
        let asked =
            |n: u32| finding(SUPPRESSION, Severity::Medium, &format!("src/f{n:02}.js"), n, n);
        let other = finding("skillgate.evasion.ignore-file", Severity::Low, ".njsscan", 1, 1);
        let mut all: Vec<_> = (1..=18).rev().map(asked).collect();
        all.push(other.clone());
        let kept = suppressions_as_one(all);
        assert_eq!(kept.len(), 2);
        let one = kept.iter().find(|f| f.rule == SUPPRESSION).unwrap();
        assert_eq!((one.file.as_str(), one.line), ("src/f01.js", Some(1)));
        assert!(one.message.contains("18 files") && one.message.contains("src/f05.js:5, …"));
        assert_eq!(suppressions_as_one(vec![other.clone()]), [other]);
        let alone = asked(3);
        assert_eq!(suppressions_as_one(vec![alone.clone()]), [alone]);
    }

    #[test]
    fn habits_of_a_large_repository_do_not_add_up_and_evidence_does() {
        let many = |rule: &str, severity| -> Vec<Finding> {
            (0..40).map(|n| finding(rule, severity, &format!("d{n}.md"), 1, 1)).collect()
        };
        assert_eq!(cap_habits(many("a", Severity::Medium)).len(), MAX_MEDIUM_PER_RULE);
        assert_eq!(cap_habits(many("a", Severity::Low)).len(), MAX_LOW_PER_RULE);
        assert_eq!(cap_habits(many("a", Severity::High)).len(), 40);
        assert_eq!(cap_habits(many("a", Severity::Critical)).len(), 40);
        let mut secrets = many("a", Severity::Medium);
        secrets.iter_mut().for_each(|f| f.provider = Some(Provider::Trufflehog));
        assert_eq!(cap_habits(secrets).len(), 40);
    }

    #[test]
    fn findings_without_a_line_are_not_one_another() {
        let mut a = finding("x", Severity::Low, "a", 1, 1);
        a.line = None;
        assert_eq!(list(vec![a.clone(), a]).len(), 2);
    }
}
