//! What a scan of a skill of a given size takes on one core: the tool's own part, and ours.
//!
//! Ours is fetching, staging, reading what runs by itself, following chains and judging: the scan without the tool's runs in it.

use super::page::RULE_PACK;
use super::scan::Scanner;
use super::tables::row;
use super::tool_clock::{Cost, ToolClock};
use super::{DetectionError, Files, batch};
use crate::process;
use crate::stack::RepoBuilder;
use crate::ui::Ui;
use std::fs;
use std::time::{Duration, Instant};

/// Files of the skill that is measured.
pub const FILES: usize = 200;
/// Endings of its files, and how many of 200 have each.
const KINDS: [(&str, usize); 5] = [("md", 95), ("py", 45), ("js", 37), ("json", 18), ("sh", 5)];
/// A larger file is generated or bundled: no skill holds 200 of them.
const MAX_FILE_BYTES: usize = 64 << 10;

/// A scan and the tool's part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    scan: Cost,
    tool: Cost,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackTime {
    /// Of the skill of [`FILES`] files.
    large: Parts,
    /// Of a skill of one short file: what each scan takes whatever it reads.
    small: Parts,
    /// Bytes of the large skill.
    bytes: usize,
    /// Version of the rule pack.
    rules: String,
    /// Runs of each, of which the one with the median of CPU time is kept.
    runs: u8,
}

/// Scans a skill of [`FILES`] files out of `packages` on one core.
///
/// # Errors
/// When there are too few files, or something cannot be run.
pub fn measure(
    ui: &Ui,
    scanner: &Scanner,
    packages: &[Files],
    runs: u8,
) -> Result<PackTime, DetectionError> {
    let skill = skill(packages)?;
    let bytes = skill.iter().map(|(_, content)| content.len()).sum();
    let one = vec![("SKILL.md".to_owned(), b"# One\n".to_vec())];
    let dir = tempfile::tempdir().map_err(DetectionError::Start)?;
    let clock = ToolClock::new(&scanner.tools.semgrep.path, dir.path())?;
    let mut scanner = Scanner { on_one_core: true, ..scanner.clone() };
    scanner.tools.semgrep.path = clock.program().to_path_buf();
    let step = ui.step(format!("{FILES} files and one on one core, {runs} runs of each"));
    let (mut large, mut small, mut rules) = (Vec::new(), Vec::new(), String::new());
    for _ in 0..runs {
        let (parts, version) = timed(&scanner, &clock, &batch::alone(&skill))?;
        large.push(parts);
        small.push(timed(&scanner, &clock, &batch::alone(&one))?.0);
        rules = version;
        step.tick();
    }
    step.done();
    Ok(PackTime { large: median(large), small: median(small), bytes, rules, runs })
}

/// One scan, and the version of its rules.
fn timed(
    scanner: &Scanner,
    clock: &ToolClock,
    repo: &RepoBuilder,
) -> Result<(Parts, String), DetectionError> {
    let before = process::cpu_time_of_children().unwrap_or_default();
    let began = Instant::now();
    let report = scanner.scan(repo)?;
    let wall = began.elapsed();
    let after = process::cpu_time_of_children().unwrap_or_default();
    let scan = Cost { wall, cpu: after.saturating_sub(before) };
    Ok((Parts { scan, tool: clock.read()? }, report.rules))
}

fn median(mut runs: Vec<Parts>) -> Parts {
    runs.sort_by_key(|parts| parts.scan.cpu);
    runs.get(runs.len() / 2).copied().unwrap_or_default()
}

/// Files of each kind from all packages in turn, so that none has most of them.
fn skill(packages: &[Files]) -> Result<Files, DetectionError> {
    let mut skill = Files::new();
    for (ending, wanted) in KINDS {
        let of = |files: &Files| -> Vec<Vec<u8>> {
            let fits = |(path, content): &&(String, Vec<u8>)| {
                let kind = path.rsplit_once('.').is_some_and(|(_, kind)| kind == ending);
                kind && (1..=MAX_FILE_BYTES).contains(&content.len())
            };
            files.iter().filter(fits).map(|(_, content)| content.clone()).collect()
        };
        let lists: Vec<_> = packages.iter().map(of).collect();
        let longest = lists.iter().map(Vec::len).max().unwrap_or_default();
        let in_turn = (0..longest).flat_map(|n| lists.iter().filter_map(move |list| list.get(n)));
        let contents: Vec<_> = in_turn.take(wanted).cloned().collect();
        let numbered = (1..).zip(contents);
        skill.extend(numbered.map(|(n, content)| (format!("{ending}/part{n}.{ending}"), content)));
    }
    let found = skill.len();
    if found == FILES {
        Ok(skill)
    } else {
        Err(DetectionError::TooFewFiles { found, wanted: FILES })
    }
}

/// The load of the last minute, as the system says it; nothing where it does not.
#[must_use]
pub fn load() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(str::to_owned)
}

/// The section of the page.
#[must_use]
pub fn markdown(time: &PackTime, build: &str, load: Option<&str>) -> String {
    let PackTime { large, small, bytes, rules, runs } = time;
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    let load = load.map(|load| format!(" The machine's load was {load} before the first run."));
    let mut text = format!(
        "{RULE_PACK}{rules}. A skill of {FILES} files ({} KB of Markdown, Python, JavaScript, JSON and shell) out of the packages \
         above; the scanner, {build}, and semgrep on one core; of {runs} runs the median by CPU time.{}\n\n",
        bytes / 1024,
        load.unwrap_or_default(),
    );
    let head = ["part", "CPU time", "by the clock", "CPU time, a skill of one file"];
    text.push_str(&row(head.map(str::to_owned)));
    text.push_str(&row(["---"; 4].map(str::to_owned)));
    let rest = "the rest: git, staging, what runs by itself, chains, judging";
    for (part, large, small) in [
        ("the whole scan", large.scan, small.scan),
        ("semgrep with the rules of the pack", large.tool, small.tool),
        (rest, large.scan - large.tool, small.scan - small.tool),
    ] {
        let [cpu, wall, small] = [large.cpu, large.wall, small.cpu].map(seconds);
        text.push_str(&row([part.to_owned(), cpu, wall, small]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_skill_has_its_kinds_out_of_all_packages_in_turn() {
        let package = |mark: u8| -> Files {
            KINDS
                .iter()
                .flat_map(|(ending, count)| {
                    (0..*count).map(move |n| (format!("a/{n}.{ending}"), vec![mark]))
                })
                .collect()
        };
        let skill = skill(&[package(1), package(2)]).unwrap();
        assert_eq!(skill.len(), FILES);
        let ones = skill.iter().filter(|(_, content)| content == &[1]).count();
        assert!((95..=105).contains(&ones), "{ones}");
    }

    #[test]
    fn our_part_is_the_scan_without_the_tool() {
        let cost = |seconds| Cost {
            wall: Duration::from_secs(2 * seconds),
            cpu: Duration::from_secs(seconds),
        };
        let parts = |scan, tool| Parts { scan: cost(scan), tool: cost(tool) };
        let time = PackTime {
            large: parts(9, 7),
            small: parts(5, 4),
            bytes: 2048,
            rules: "1.2.3".into(),
            runs: 3,
        };
        let text = markdown(&time, "as released", Some("0.50"));
        assert!(text.starts_with("Rule pack 1.2.3. A skill of 200 files (2 KB"), "{text}");
        assert!(text.contains("judging | 2.0 s | 4.0 s | 1.0 s |"), "{text}");
        let runs = [parts(9, 7), parts(5, 4), parts(6, 4)];
        assert_eq!(median(runs.to_vec()), parts(6, 4));
    }

    #[test]
    fn too_few_files_are_no_skill() {
        let package = vec![("a.md".to_owned(), b"x".to_vec())];
        let error = skill(&[package]).unwrap_err();
        assert!(matches!(error, DetectionError::TooFewFiles { found: 1, wanted: FILES }));
    }
}
