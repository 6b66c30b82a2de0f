//! The text rules against padding, on the real semgrep: `SEMGREP_BIN` names it, so `cargo xtask test`
//! runs this.
//!
//! PCRE2, which reads them, gives up on a whole file where one start costs more than a million
//! steps, and semgrep says so in its debug log alone. So each positive sample of each critical
//! text rule has to be found beside, before and behind text that nearly matches it.
//! Nothing of it is ever executed.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

use skillgate_scanner::tools::{
    rules::RulePack,
    semgrep::{args, parse},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// What a line of padding holds.
const SIZE: usize = 4_500;

/// A sample and the rules that report it.
struct Sample {
    rules: Vec<String>,
    text: String,
}

fn samples() -> Vec<Sample> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("rules-tests").join("text")];
    let mut samples = Vec::new();
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for entry in entries {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                samples.extend(in_file(&fs::read_to_string(entry).unwrap()));
            }
        }
    }
    samples
}

/// What follows each `ruleid:` line, as far as the next annotation.
fn in_file(text: &str) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((_, ids)) = line.split_once("ruleid: ") else { continue };
        let rules: Vec<_> =
            ids.trim_end_matches("-->").split(',').map(|id| id.trim().to_owned()).collect();
        let mut text = String::new();
        while let Some(next) = lines.next_if(|line| !line.contains(" ok: ")) {
            // One that begins inside the match is about another rule.
            if next.contains("ruleid: ") {
                if text.lines().count() > 1 {
                    break;
                }
                continue;
            }
            text.push_str(next);
            text.push('\n');
        }
        samples.push(Sample { rules, text: text.trim_end().to_owned() });
    }
    samples
}

/// Texts around a sample that must not hide it, each with what it is called.
fn padded(sample: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    // A line apart: no gap of a rule reaches over it.
    let apart = "\n.\n".repeat(900);
    for (name, unit) in [("blob", "QUJD"), ("blanks", "    ")] {
        let pad = unit.repeat(SIZE / unit.len());
        // Behind a joint: some rules ask for the place where a command stands.
        all.push((format!("{name} before"), format!("{pad} ; {sample}\n")));
        for eighth in [5, 7] {
            let Some(start) = sample.get(..sample.len() * eighth / 8) else { continue };
            let text = format!("{start}{pad}{apart}{sample}\n");
            all.push((format!("{name} in a torn copy, {eighth}/8"), text));
        }
    }
    all
}

fn semgrep(rules: &RulePack, copy: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let scratch = tempfile::tempdir().unwrap();
    let mut on_disk = rules.lay_out(scratch.path()).unwrap();
    on_disk.all = on_disk.text_only.first().unwrap().clone();
    let program = env::var_os("SEMGREP_BIN").unwrap();
    let output = Command::new(program).args(args(&on_disk, copy)).output().unwrap();
    let output = parse(&output.stdout).unwrap();
    assert_eq!(output.faults, [], "a rule was cut short");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for hit in output.hits {
        found.entry(hit.name).or_default().insert(hit.rule);
    }
    found
}

#[test]
#[ignore = "needs SEMGREP_BIN; run by `cargo xtask test`"]
fn g10_no_padding_blinds_a_critical_text_rule() {
    let pack = RulePack::embedded();
    let copy = TempDir::new().unwrap();
    let mut expected = Vec::new();
    for sample in samples() {
        let rules: Vec<_> =
            sample.rules.iter().filter(|rule| pack.may_block(rule)).cloned().collect();
        if rules.is_empty() {
            continue;
        }
        for (what, text) in padded(&sample.text) {
            let name = format!("f{:06}.txt", expected.len() + 1);
            fs::write(copy.path().join(&name), text).unwrap();
            expected.push((name, rules.clone(), what, sample.text.clone()));
        }
    }
    let found = semgrep(&pack, copy.path());
    let mut missed: Vec<String> = Vec::new();
    for (name, rules, what, sample) in &expected {
        for rule in rules {
            if !found.get(name).is_some_and(|found| found.contains(rule)) {
                missed.push(format!(
                    "{rule}: {what}: {}",
                    sample.chars().take(80).collect::<String>()
                ));
            }
        }
    }
    assert!(expected.len() > 500, "{}", expected.len());
    assert!(
        missed.is_empty(),
        "{} of {} missed:\n{}",
        missed.len(),
        expected.len(),
        missed.join("\n")
    );
}

#[test]
fn no_text_rule_has_a_run_that_gives_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/text");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for (at, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
            for run in
                [r"\s*", r"\s+", r"\S+", r"\S*", r"\w+", r"\w*", "]+", "]*", "]{24,}", "]{40,}"]
            {
                let gives_back = line.split(run).skip(1).any(|rest| !rest.starts_with('+'))
                    && line.contains("(?i)");
                assert!(!gives_back, "{}:{}: {run}", path.display(), at + 1);
            }
        }
    }
}
