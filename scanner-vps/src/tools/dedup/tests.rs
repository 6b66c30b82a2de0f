//! What counts, and what is only named.

use super::*;
use skillgate_contract::Provider;

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
        chain: Vec::new(),
    }
}

fn list(findings: Vec<Finding>) -> Vec<Finding> {
    dedup(findings, |finding| finding).kept
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

/// A line for each place: the finding's own, and what its message names.
fn places(findings: &[Finding]) -> Vec<String> {
    let named = findings.iter().flat_map(|f| {
        let more = f.message.split_once(ALSO).map_or("", |(_, more)| more);
        let more = more.split_once(": ").map_or("", |(_, places)| places).trim_end_matches('.');
        let own = format!("{}:{}", f.file, f.line.unwrap());
        std::iter::once(own).chain(more.split(", ").filter(|p| !p.is_empty()).map(str::to_owned))
    });
    let mut places: Vec<_> = named.collect();
    places.sort();
    places
}

#[test]
fn one_rule_counts_five_times_in_a_file_and_names_every_line() {
    let many = (1..=40).map(|line| finding("eval_nodejs", Severity::High, "a.js", line, line));
    let all = dedup(many.rev().collect(), |f: &Finding| f);
    assert_eq!((all.kept.len(), all.repeats.len()), (MAX_PER_RULE_AND_FILE, 35));
    let (named, left_out) = name_repeats(all.kept, all.repeats);
    assert!(!left_out);
    let mut expected: Vec<_> = (1..=40).map(|line| format!("a.js:{line}")).collect();
    expected.sort();
    assert_eq!(places(&named), expected);
    assert_eq!(named.iter().filter(|f| f.message.contains(ALSO)).count(), 1);
}

#[test]
fn what_is_beyond_a_cap_and_is_another_s_evidence_is_not_named() {
    let one = |line| finding("skillgate.a.one", Severity::High, "a.js", line, line);
    let mut all: Vec<_> = (1..=7).map(one).collect();
    all.push(finding("skillgate.a.two", Severity::Critical, "a.js", 7, 7));
    let all = dedup(all, |f: &Finding| f);
    let repeats: Vec<_> = all.repeats.iter().map(|r| (r.rule.as_str(), r.line)).collect();
    assert_eq!(repeats, [("skillgate.a.one", Some(6))]);
}

#[test]
fn g06_suppressions_of_a_whole_repository_are_one_finding() {
    let asked = |n: u32| finding(SUPPRESSION, Severity::Medium, &format!("src/f{n:02}.js"), n, n);
    let other = finding("skillgate.evasion.ignore-file", Severity::Low, ".njsscan", 1, 1);
    let mut all: Vec<_> = (1..=18).rev().map(asked).collect();
    all.push(other.clone());
    let one = suppressions_as_one(all);
    assert_eq!(one.kept.len(), 2);
    let (named, left_out) = name_repeats(one.kept, one.repeats);
    let first = named.iter().find(|f| f.rule == SUPPRESSION).unwrap();
    assert_eq!((first.file.as_str(), first.line, left_out), ("src/f01.js", Some(1), false));
    assert!(first.message.contains("18 files") && first.message.ends_with("src/f18.js:18."));
    assert_eq!(suppressions_as_one(vec![other.clone()]).kept, [other]);
    let alone = asked(3);
    assert_eq!(suppressions_as_one(vec![alone.clone()]).kept, [alone]);
}

#[test]
fn habits_of_a_large_repository_do_not_add_up_and_evidence_does() {
    let many = |rule: &str, severity| -> Vec<Finding> {
        (10..50).map(|n| finding(rule, severity, &format!("d{n}.md"), 1, 1)).collect()
    };
    for (severity, most) in [
        (Severity::Medium, MAX_MEDIUM_PER_RULE),
        (Severity::Low, MAX_LOW_PER_RULE),
        (Severity::High, 40),
        (Severity::Critical, 40),
    ] {
        let capped = cap_habits(many("a", severity));
        assert_eq!(capped.kept.len(), most);
        let (named, left_out) = name_repeats(capped.kept, capped.repeats);
        let all: Vec<_> = (10..50).map(|n| format!("d{n}.md:1")).collect();
        assert_eq!((places(&named), named.len(), left_out), (all, most, false));
    }
    let mut secrets = many("a", Severity::Medium);
    secrets.iter_mut().for_each(|f| f.provider = Some(Provider::Trufflehog));
    assert_eq!(cap_habits(secrets).kept.len(), 40);
}

#[test]
fn what_a_message_has_no_room_for_is_counted_and_said() {
    let many = |length: usize, count: u32| {
        let file = |n: u32| format!("{n:04}{}.md", "字".repeat(length));
        let findings = (0..count).map(|n| finding("a", Severity::Medium, &file(n), 1, 1));
        let capped = cap_habits(findings.collect());
        let (named, left_out) = name_repeats(capped.kept, capped.repeats);
        (named.last().unwrap().message.clone(), left_out)
    };
    let (message, left_out) = many(30, 504);
    assert!(left_out && message.chars().count() <= MAX_STRING_CHARS, "{message}");
    assert!(message.starts_with(" The same in 500 more places: 0004"), "{message}");
    let named = message.matches(".md:1").count();
    let rest = format!(", and {} that are not named here.", 500 - named);
    assert!(named > 40 && message.ends_with(&rest), "{message}");
    let (message, left_out) = many(3_000, 6);
    assert_eq!((message.as_str(), left_out), (" The same in 2 more places.", true));
    let (message, _) = many(1, 5);
    assert_eq!(message, " The same in 1 more place: 0004字.md:1.");
}

#[test]
fn a_place_that_is_listed_or_named_already_is_not_named_again() {
    let kept = vec![finding("a", Severity::Medium, "a.md", 1, 1)];
    let repeat = |rule: &str, line| Repeat { rule: rule.into(), file: "a.md".into(), line };
    let repeats = vec![repeat("a", Some(1)), repeat("a", Some(2)), repeat("a", Some(2))];
    let (named, left_out) = name_repeats(kept.clone(), repeats);
    assert_eq!((places(&named).len(), left_out), (2, false));
    assert!(name_repeats(kept, vec![repeat("gone", Some(1))]).1, "no finding could name it");
}

#[test]
fn findings_without_a_line_are_not_one_another() {
    let mut a = finding("x", Severity::Low, "a", 1, 1);
    a.line = None;
    assert_eq!(list(vec![a.clone(), a]).len(), 2);
}
