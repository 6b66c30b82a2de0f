//! What one skill of a scan of many would have come to in a scan of its own.
//!
//! Counts are those of the scanner: a rule counts `PER_RULE_AND_FILE` times in a file, `MEDIUM_PER_RULE` or
//! `LOW_PER_RULE` times in a skill. Where the report cannot tell, there is no answer: the caller scans again, with fewer.

use super::report::{Match, Report, Status};
use skillgate_contract::{Counts, Severity, Verdict};
use std::collections::{BTreeSet, HashMap};

/// As `MAX_PER_RULE_AND_FILE` of the scanner.
const PER_RULE_AND_FILE: usize = 5;
/// As `MAX_MEDIUM_PER_RULE` of the scanner.
const MEDIUM_PER_RULE: usize = 4;
/// As `MAX_LOW_PER_RULE` of the scanner.
const LOW_PER_RULE: usize = 10;

/// What a scan says of one skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its findings by severity.
    pub counts: Counts,
    /// What it came to.
    pub status: Status,
    /// Each rule that fired, with the severity that it had.
    pub fired: BTreeSet<(Severity, String)>,
    /// Rule and file of each finding that is high or worse.
    pub grave: BTreeSet<(Severity, String, String)>,
}

impl Outcome {
    /// Of a scan of this skill alone.
    #[must_use]
    pub fn alone(report: &Report) -> Self {
        let matches = report.found.iter().map(|found| &found.finding);
        let (fired, grave) = named(matches, "");
        Self { counts: report.counts, status: report.status, fired, grave }
    }
}

/// The outcome of each skill of a scan, by its folder in the repository; nothing for a skill that has to be scanned alone
/// because a finding joins it with another one. Nothing at all where the report leaves something out, or says something
/// that is about no skill.
#[must_use]
pub fn attribute(report: &Report, folders: &[String]) -> Option<Vec<Option<Outcome>>> {
    if report.truncated {
        return None;
    }
    let mut of: HashMap<&str, Vec<&Match>> = HashMap::new();
    let (mut joined, mut unread) = (BTreeSet::new(), BTreeSet::new());
    for found in &report.found {
        let skill = owner(&found.finding.file, folders)?;
        if folders.iter().any(|other| other != skill && names(&found.message, other)) {
            joined.insert(skill);
        }
        of.entry(skill).or_default().push(&found.finding);
    }
    for repeat in report.found.iter().flat_map(|found| &found.repeats) {
        of.entry(owner(&repeat.file, folders)?).or_default().push(repeat);
    }
    for file in &report.unread {
        unread.insert(owner(file, folders)?);
    }
    // A problem of the run as a whole is of no file.
    if report.status == Status::Incomplete && unread.is_empty() {
        return None;
    }
    let outcomes = folders.iter().map(|folder| {
        if joined.contains(folder.as_str()) {
            return None;
        }
        let matches = of.remove(folder.as_str()).unwrap_or_default();
        let counts = counted(&matches);
        let status = match counts.verdict() {
            Verdict::Fail => Status::Fail,
            Verdict::Pass if unread.contains(folder.as_str()) => Status::Incomplete,
            Verdict::Pass => Status::Pass,
        };
        let (fired, grave) = named(matches, folder);
        Some(Outcome { counts, status, fired, grave })
    });
    Some(outcomes.collect())
}

/// The folder that a path is in.
fn owner<'a>(file: &str, folders: &'a [String]) -> Option<&'a str> {
    let (first, _) = file.split_once('/')?;
    folders.iter().map(String::as_str).find(|folder| *folder == first)
}

/// Whether a message names a file of the folder.
fn names(message: &str, folder: &str) -> bool {
    message.split_inclusive('/').any(|part| {
        part.strip_suffix('/').and_then(|part| part.strip_suffix(folder)).is_some_and(|before| {
            !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        })
    })
}

fn counted(matches: &[&Match]) -> Counts {
    let mut in_file: HashMap<(&str, &str), usize> = HashMap::new();
    let mut in_skill: HashMap<(&str, Severity), usize> = HashMap::new();
    Counts::of(matches.iter().map(|found| (&found.rule, &found.file, found.severity)).filter_map(
        |(rule, file, severity)| {
            let here = in_file.entry((rule, file)).or_default();
            *here += 1;
            if *here > PER_RULE_AND_FILE {
                return None;
            }
            let most = match severity {
                Severity::Medium => MEDIUM_PER_RULE,
                Severity::Low => LOW_PER_RULE,
                Severity::High | Severity::Critical => usize::MAX,
            };
            let all = in_skill.entry((rule, severity)).or_default();
            *all += 1;
            (*all <= most).then_some(severity)
        },
    ))
}

type Named = (BTreeSet<(Severity, String)>, BTreeSet<(Severity, String, String)>);

/// The rules that fired, and where the grave ones did, relative to the skill's folder.
fn named<'a>(matches: impl IntoIterator<Item = &'a Match>, folder: &str) -> Named {
    let (mut fired, mut grave) = (BTreeSet::new(), BTreeSet::new());
    for Match { rule, severity, file } in matches {
        fired.insert((*severity, rule.clone()));
        if *severity >= Severity::High {
            let inside = file.strip_prefix(folder).unwrap_or(file).trim_start_matches('/');
            grave.insert((*severity, rule.clone(), inside.to_owned()));
        }
    }
    (fired, grave)
}

#[cfg(test)]
mod tests {
    use super::super::report::Found;
    use super::*;

    fn found(severity: Severity, file: &str, message: &str) -> Found {
        let finding = Match { rule: "r".into(), severity, file: file.into() };
        Found { finding, repeats: Vec::new(), message: message.into() }
    }

    fn report(found: Vec<Found>, unread: &[&str]) -> Report {
        Report {
            status: Status::Fail,
            counts: Counts::of(found.iter().map(|f| f.finding.severity)),
            found,
            truncated: false,
            unread: unread.iter().map(|&file| file.to_owned()).collect(),
            rules: "1".into(),
            tool: "1".into(),
            duration_ms: 1,
        }
    }

    fn folders() -> Vec<String> {
        ["k1", "k2", "k3"].map(str::to_owned).to_vec()
    }

    fn statuses(report: &Report) -> Option<Vec<Option<Status>>> {
        let outcomes = attribute(report, &folders())?;
        Some(outcomes.into_iter().map(|outcome| Some(outcome?.status)).collect())
    }

    #[test]
    fn each_skill_has_its_own_findings_and_gaps() {
        let report = report(vec![found(Severity::Critical, "k1/SKILL.md", "Bad.")], &["k3/lib.so"]);
        let expected = [Status::Fail, Status::Pass, Status::Incomplete].map(Some);
        assert_eq!(statuses(&report), Some(expected.to_vec()));
        let outcomes = attribute(&report, &folders()).unwrap();
        let grave = (Severity::Critical, "r".to_owned(), "SKILL.md".to_owned());
        assert_eq!(outcomes[0].clone().unwrap().grave, [grave].into());
    }

    #[test]
    fn a_finding_that_names_another_skill_is_scanned_again() {
        let message = "Bad. Agent runs it by itself (k2/SKILL.md:7).";
        let report = report(vec![found(Severity::Critical, "k1/a.sh", message)], &[]);
        let expected = [None, Some(Status::Pass), Some(Status::Pass)];
        assert_eq!(statuses(&report), Some(expected.to_vec()));
        assert!(!names("of pack2/SKILL.md", "k2"));
        assert!(names("see k2/SKILL.md", "k2"));
    }

    #[test]
    fn what_is_about_no_skill_or_cut_off_has_no_attribution() {
        assert_eq!(statuses(&report(vec![found(Severity::Low, "README.md", "x")], &[])), None);
        assert_eq!(statuses(&report(vec![], &["(4 more)"])), None);
        let whole = Report { status: Status::Incomplete, ..report(vec![], &[]) };
        assert_eq!(statuses(&whole), None);
        let cut = Report { truncated: true, ..report(vec![], &[]) };
        assert_eq!(statuses(&cut), None);
    }

    #[test]
    fn repeats_count_in_their_own_skill_up_to_the_caps() {
        let mut one = found(Severity::Medium, "k1/a.sh", "Bad.");
        let repeat = |file: &str| Match { file: file.into(), ..one.finding.clone() };
        let mut repeats: Vec<_> = (0..9).map(|n| repeat(&format!("k1/b{n}.sh"))).collect();
        repeats.extend(["k2/a.sh", "k2/a.sh"].map(repeat));
        one.repeats = repeats;
        let outcomes = attribute(&report(vec![one], &[]), &folders()).unwrap();
        let mediums: Vec<_> =
            outcomes.into_iter().map(|outcome| outcome.unwrap().counts.medium).collect();
        assert_eq!(mediums, [4, 2, 0]);
    }
}
