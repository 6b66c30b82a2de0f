//! The tables of what was found among samples.

use super::attribution::Outcome;
use super::measure::Versions;
use super::page::RULE_PACK;
use super::report::Status;
use super::sample::{Sample, Split, Truth};
use super::wilson;
use skillgate_contract::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// A sample with what its scan came to.
pub type Judged<'a> = (&'a Sample, &'a Outcome);

/// A question about a sample: whether it counts, and whether it is a hit.
type Measure = (&'static str, fn(&Sample) -> bool, fn(&Outcome) -> bool);

const MEASURES: [Measure; 9] = [
    ("malicious, provable: critical", provable, critical),
    ("malicious, provable: high or critical", provable, grave),
    ("malicious, all: critical", malicious, critical),
    ("malicious, all: high or critical", malicious, grave),
    ("malicious, all: PASS", malicious, pass),
    ("honest: critical", honest, critical),
    ("honest: high or critical", honest, grave),
    ("honest: FAIL", honest, fail),
    ("honest: INCOMPLETE", honest, incomplete),
];

fn malicious(sample: &Sample) -> bool {
    sample.truth == Truth::Malicious
}

fn provable(sample: &Sample) -> bool {
    malicious(sample) && sample.provable
}

fn honest(sample: &Sample) -> bool {
    !malicious(sample)
}

fn critical(outcome: &Outcome) -> bool {
    outcome.counts.critical > 0
}

fn grave(outcome: &Outcome) -> bool {
    critical(outcome) || outcome.counts.high > 0
}

fn pass(outcome: &Outcome) -> bool {
    outcome.status == Status::Pass
}

fn fail(outcome: &Outcome) -> bool {
    outcome.status == Status::Fail
}

fn incomplete(outcome: &Outcome) -> bool {
    outcome.status == Status::Incomplete
}

/// Every table, as the page shows them.
#[must_use]
pub fn markdown(judged: &[Judged<'_>], versions: &Versions) -> String {
    let Versions { rules, tool } = versions;
    let open = judged.iter().filter(|(s, _)| s.split == Split::Open).count();
    let head = format!(
        "{RULE_PACK}{rules}, semgrep {tool}. {} samples, of which {} are held back.\n",
        judged.len(),
        judged.len() - open
    );
    let class = |sample: &Sample| sample.class.clone();
    let language = |sample: &Sample| sample.language.clone();
    let parts = [
        head,
        totals(judged),
        "Malicious samples by class:\n".to_owned(),
        grouped(judged, "class", class, [0, 1, 2, 3]),
        "Honest samples by class:\n".to_owned(),
        grouped(judged, "class", class, [5, 6, 7, 8]),
        "By language of the prose:\n".to_owned(),
        grouped(judged, "language", language, [2, 3, 5, 6]),
        "By rule, where it was high or critical (a sample may have several):\n".to_owned(),
        rules_table(judged),
    ];
    parts.join("\n")
}

/// The measures of the open samples, those held back, and all.
fn totals(judged: &[Judged<'_>]) -> String {
    let mut table = row(["measure", "open", "held back", "all"].map(str::to_owned));
    table.push_str(&row(["---"; 4].map(str::to_owned)));
    for (name, counts, hits) in MEASURES {
        let cell = |split: Option<Split>| {
            let within = judged.iter().filter(|(s, _)| split.is_none_or(|split| s.split == split));
            share(within, counts, hits)
        };
        let cells = [Some(Split::Open), Some(Split::HeldBack), None].map(cell);
        let [open, held_back, all] = cells;
        table.push_str(&row([name.to_owned(), open, held_back, all]));
    }
    table
}

/// Four measures, by their indices, of each group of samples; groups of which none counts are left out.
fn grouped(
    judged: &[Judged<'_>],
    what: &str,
    group: impl Fn(&Sample) -> String,
    measures: [usize; 4],
) -> String {
    let measures = measures.map(|index| MEASURES.get(index).copied());
    let names = measures.map(|m| m.map_or("", |(name, ..)| name).to_owned());
    let [a, b, c, d] = names;
    let mut table = row([what.to_owned(), a, b, c, d]);
    table.push_str(&row(["---"; 5].map(str::to_owned)));
    let mut groups: BTreeMap<String, Vec<Judged<'_>>> = BTreeMap::new();
    for judged in judged {
        groups.entry(group(judged.0)).or_default().push(*judged);
    }
    for (name, members) in groups {
        let cells = measures.map(|measure| {
            measure
                .map_or_else(String::new, |(_, counts, hits)| share(members.iter(), counts, hits))
        });
        if cells.iter().any(|cell| cell != NONE) {
            let [a, b, c, d] = cells;
            table.push_str(&row([name, a, b, c, d]));
        }
    }
    table
}

fn rules_table(judged: &[Judged<'_>]) -> String {
    let mut table =
        row(["rule", "malicious: critical", "malicious: high", "honest: critical", "honest: high"]
            .map(str::to_owned));
    table.push_str(&row(["---"; 5].map(str::to_owned)));
    let mut rules: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for (sample, outcome) in judged {
        let fired: BTreeSet<_> = outcome.fired.iter().collect();
        for (severity, rule) in fired {
            let column = match (severity, malicious(sample)) {
                (Severity::Critical, true) => 0,
                (Severity::High, true) => 1,
                (Severity::Critical, false) => 2,
                (Severity::High, false) => 3,
                _ => continue,
            };
            if let Some(count) = rules.entry(rule).or_default().get_mut(column) {
                *count += 1;
            }
        }
    }
    for (rule, counts) in rules {
        let [a, b, c, d] = counts.map(|count| count.to_string());
        table.push_str(&row([format!("`{rule}`"), a, b, c, d]));
    }
    table
}

/// What stands where nothing counts.
const NONE: &str = "–";

/// `hits of all: percent (95 % interval)` of those that count.
fn share<'a>(
    judged: impl Iterator<Item = &'a Judged<'a>>,
    counts: fn(&Sample) -> bool,
    is_hit: fn(&Outcome) -> bool,
) -> String {
    let (mut hits, mut all) = (0, 0);
    for (_, outcome) in judged.filter(|(sample, _)| counts(sample)) {
        all += 1;
        hits += u32::from(is_hit(outcome));
    }
    ratio(hits, all)
}

/// A share with its interval in whole percent.
#[must_use]
pub fn ratio(hits: u32, all: u32) -> String {
    let Some((low, high)) = wilson::interval(hits, all) else { return NONE.to_owned() };
    let percent = 100.0 * f64::from(hits) / f64::from(all);
    format!("{hits}/{all}: {percent:.0} % ({:.0}–{:.0})", 100.0 * low, 100.0 * high)
}

/// A row of a Markdown table.
pub(super) fn row<const N: usize>(cells: [String; N]) -> String {
    format!("| {} |\n", Vec::from(cells).join(" | "))
}

/// Provable malicious samples without a critical, malicious ones without even a high, honest ones with a high or critical: by
/// class, with the rules that fired.
#[must_use]
pub fn mistakes(judged: &[Judged<'_>]) -> Vec<Vec<String>> {
    let mut mistakes = vec![["mistake", "class", "id", "rules"].map(str::to_owned).to_vec()];
    for (sample, outcome) in judged {
        let mistake = match sample.truth {
            Truth::Malicious if !grave(outcome) => "missed",
            Truth::Malicious if sample.provable && !critical(outcome) => "not critical",
            Truth::Honest if critical(outcome) => "false critical",
            Truth::Honest if fail(outcome) => "false FAIL",
            Truth::Honest if grave(outcome) => "false high",
            Truth::Honest if incomplete(outcome) => "INCOMPLETE",
            _ => continue,
        };
        let fired = outcome.fired.iter().map(|(severity, rule)| format!("{severity} {rule}"));
        mistakes.push(vec![
            mistake.to_owned(),
            sample.class.clone(),
            sample.id.clone(),
            fired.collect::<Vec<_>>().join(", "),
        ]);
    }
    if let Some(found) = mistakes.get_mut(1..) {
        found.sort();
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::Counts;

    fn sample(truth: Truth, split: Split) -> Sample {
        Sample {
            id: "a".into(),
            class: "hook".into(),
            truth,
            provable: true,
            language: "en".into(),
            split,
            files: Vec::new(),
        }
    }

    fn outcome(severities: &[Severity], status: Status) -> Outcome {
        let fired = severities.iter().map(|severity| (*severity, "r".to_owned())).collect();
        let counts = Counts::of(severities.iter().copied());
        Outcome { counts, status, fired, grave: BTreeSet::new() }
    }

    #[test]
    fn each_measure_counts_its_own_samples() {
        let samples = [
            (Truth::Malicious, Split::Open),
            (Truth::Malicious, Split::HeldBack),
            (Truth::Honest, Split::Open),
        ]
        .map(|(truth, split)| sample(truth, split));
        let found = [
            outcome(&[Severity::Critical], Status::Fail),
            outcome(&[Severity::High], Status::Pass),
            outcome(&[], Status::Incomplete),
        ];
        let judged: Vec<_> = samples.iter().zip(&found).collect();
        let text = totals(&judged);
        for line in [
            "| malicious, provable: critical | 1/1: 100 % (21–100) | 0/1: 0 % (0–79) | 1/2: 50 % (9–91) |",
            "| malicious, all: PASS | 0/1: 0 % (0–79) | 1/1: 100 % (21–100) | 1/2: 50 % (9–91) |",
            "| honest: INCOMPLETE | 1/1: 100 % (21–100) | – | 1/1: 100 % (21–100) |",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(rules_table(&judged).ends_with("| `r` | 1 | 1 | 0 | 0 |\n"));
        let lists = mistakes(&judged);
        let kinds: Vec<_> = lists.iter().skip(1).map(|list| list[0].as_str()).collect();
        assert_eq!(kinds, ["INCOMPLETE", "not critical"]);
    }
}
