//! The table of what the scanner says of honest packages.

use super::attribution::Outcome;
use super::measure::Measured;
use super::packages::{Package, Registry};
use super::page::RULE_PACK;
use super::report::Status;
use super::tables::{ratio, row};

/// A package with what was found in it.
#[derive(Debug, Clone)]
pub struct Tally {
    /// The package.
    pub package: Package,
    /// Files that were scanned.
    pub files: usize,
    /// One of each skill, and of the rest.
    pub outcomes: Vec<Outcome>,
}

impl Tally {
    fn count(&self, counts: impl Fn(&Outcome) -> u32) -> u32 {
        self.outcomes.iter().map(counts).sum()
    }
}

/// The columns behind the name of a package.
fn numbers(tallies: &[&Tally]) -> [u32; 4] {
    let sum = |counts: fn(&Outcome) -> u32| tallies.iter().map(|tally| tally.count(counts)).sum();
    [
        sum(|outcome| outcome.counts.critical),
        sum(|outcome| outcome.counts.high),
        sum(|outcome| u32::from(outcome.status == Status::Fail)),
        sum(|outcome| u32::from(outcome.status == Status::Incomplete)),
    ]
}

/// The table, and what the whole of it cost. `pinned` is how many packages the list has.
#[must_use]
pub fn markdown(
    tallies: &[Tally],
    pinned: usize,
    measured: &Measured,
    load: Option<&str>,
) -> String {
    let versions = &measured.versions;
    let files: usize = tallies.iter().map(|tally| tally.files).sum();
    let all: Vec<_> = tallies.iter().collect();
    let mut text = format!(
        "{RULE_PACK}{}, semgrep {}. {} of {pinned} pinned packages, {files} files, {} skills (what is in no skill counts as one for each package).\n\n",
        versions.rules,
        versions.tool,
        tallies.len(),
        measured.outcomes.len(),
    );
    let head = [
        "package",
        "version",
        "licence",
        "files",
        "skills",
        "criticals",
        "highs",
        "FAIL",
        "INCOMPLETE",
    ];
    text.push_str(&row(head.map(str::to_owned)));
    text.push_str(&row(["---"; 9].map(str::to_owned)));
    for tally in tallies {
        let Package { registry, name, version, licence, .. } = &tally.package;
        let registry = match registry {
            Registry::Npm => "npm",
            Registry::Pypi => "PyPI",
        };
        let [critical, high, fail, incomplete] = numbers(&[tally]);
        text.push_str(&row([
            format!("{name} ({registry})"),
            version.clone(),
            licence.clone(),
            tally.files.to_string(),
            tally.outcomes.len().to_string(),
            critical.to_string(),
            high.to_string(),
            fail.to_string(),
            incomplete.to_string(),
        ]));
    }
    text.push('\n');
    let [critical, high, fail, incomplete] = numbers(&all);
    let skills = u32::try_from(measured.outcomes.len()).unwrap_or(u32::MAX);
    let accused = |grave: fn(&Outcome) -> bool| {
        let hits = measured.outcomes.iter().filter(|outcome| grave(outcome)).count();
        ratio(u32::try_from(hits).unwrap_or(u32::MAX), skills)
    };
    let per_thousand = |count: u32| format!("{:.2}", per(f64::from(count) * 1000.0, files));
    text.push_str(&row(
        ["measure", "findings or skills", "per 1,000 files", "skills"].map(str::to_owned)
    ));
    text.push_str(&row(["---"; 4].map(str::to_owned)));
    let critical_skills = accused(|outcome| outcome.counts.critical > 0);
    let high_skills = accused(|outcome| outcome.counts.high + outcome.counts.critical > 0);
    let failed = accused(|outcome| outcome.status == Status::Fail);
    let incomplete_skills = accused(|outcome| outcome.status == Status::Incomplete);
    for (name, count, skills) in [
        ("critical findings", critical, critical_skills),
        ("high findings (skills: high or critical)", high, high_skills),
        ("FAIL", fail, failed),
        ("INCOMPLETE", incomplete, incomplete_skills),
    ] {
        text.push_str(&row([name.to_owned(), count.to_string(), per_thousand(count), skills]));
    }
    let wall = measured.wall.as_secs_f64();
    let cpu =
        measured.cpu.map(|cpu| format!("{:.3} s of CPU time and ", per(cpu.as_secs_f64(), files)));
    let load = load.map(|load| format!(", at a load of {load} from other work at first"));
    text.push_str(&format!(
        "\n{} scans; for each file {}{:.3} s by the clock{}, the starts of semgrep included.\n",
        measured.scans,
        cpu.unwrap_or_default(),
        per(wall, files),
        load.unwrap_or_default(),
    ));
    text
}

/// `amount` for each of `parts`; 0 where there is none.
fn per(amount: f64, parts: usize) -> f64 {
    let parts = f64::from(u32::try_from(parts).unwrap_or(u32::MAX));
    if parts > 0.0 { amount / parts } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::measure::Versions;
    use super::*;
    use skillgate_contract::{Counts, Severity};
    use std::collections::BTreeSet;
    use std::time::Duration;

    #[test]
    fn findings_are_summed_for_each_package_and_for_all() {
        let outcome = |severities: &[Severity], status| Outcome {
            counts: Counts::of(severities.iter().copied()),
            status,
            fired: BTreeSet::new(),
            grave: BTreeSet::new(),
        };
        let outcomes = vec![
            outcome(&[Severity::High, Severity::High], Status::Pass),
            outcome(&[Severity::Critical], Status::Fail),
        ];
        let package = Package {
            registry: Registry::Npm,
            name: "a".into(),
            version: "1.0.0".into(),
            sha256: String::new(),
            licence: "MIT".into(),
        };
        let tally = Tally { package, files: 500, outcomes: outcomes.clone() };
        let measured = Measured {
            outcomes,
            versions: Versions::default(),
            scans: 2,
            wall: Duration::from_secs(5),
            cpu: None,
        };
        let text = markdown(&[tally], 3, &measured, Some("0.50"));
        for line in [
            "1 of 3 pinned packages, 500 files, 2 skills",
            "| a (npm) | 1.0.0 | MIT | 500 | 2 | 1 | 2 | 1 | 0 |",
            "| critical findings | 1 | 2.00 | 1/2: 50 % (9–91) |",
            "| high findings (skills: high or critical) | 2 | 4.00 | 2/2: 100 % (34–100) |",
            "2 scans; for each file 0.010 s by the clock, at a load of 0.50 from",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }
}
