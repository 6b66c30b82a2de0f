//! What a scan of a skill of a given size lasts on one core: the tool's own part, and ours.
//!
//! Ours is fetching, staging, reading what runs by itself, following chains and judging. It is the scan's whole time without the
//! tool's: the tool is run a second time bare, with the same rules, on the same files, on the same core.

use super::scan::Scanner;
use super::{DetectionError, Files, batch};
use crate::files;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Files of the skill that is measured.
pub const FILES: usize = 200;
/// Endings of its files, and how many of 200 have each.
const KINDS: [(&str, usize); 5] = [("md", 90), ("py", 45), ("js", 35), ("json", 20), ("sh", 10)];
/// Runs of each; the median counts.
const RUNS: usize = 3;
/// A larger file is generated or bundled: no skill holds 200 of them.
const MAX_FILE_BYTES: usize = 64 << 10;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackTime {
    /// The scan from its first command to its result.
    pub scan: Duration,
    /// semgrep alone with the rules of the pack.
    pub tool: Duration,
    /// semgrep alone on one empty file: its start and the reading of the rules.
    pub start: Duration,
    /// Bytes of the skill.
    pub bytes: usize,
}

/// Scans a skill of [`FILES`] files out of `packages` on one core.
///
/// # Errors
/// When there are too few files, or something cannot be run.
pub fn measure(
    ui: &Ui,
    workspace: &Workspace,
    scanner: &Scanner,
    packages: &[Files],
) -> Result<PackTime, DetectionError> {
    let skill = skill(packages)?;
    let bytes = skill.iter().map(|(_, content)| content.len()).sum();
    let scanner = Scanner { on_one_core: true, ..scanner.clone() };
    let repo = batch::alone(&skill);
    let dir = tempfile::tempdir().map_err(DetectionError::Start)?;
    let (whole, empty) = (dir.path().join("whole"), dir.path().join("empty"));
    for (path, content) in &skill {
        let path = whole.join(path);
        files::create_dir(path.parent().unwrap_or(&whole))?;
        files::write(&path, content)?;
    }
    files::create_dir(&empty)?;
    files::write(&empty.join("a.md"), "\n")?;
    let step = ui.step(format!("{FILES} files on one core, {RUNS} runs"));
    let (mut scans, mut tools, mut starts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let began = Instant::now();
        scanner.scan(&repo)?;
        scans.push(began.elapsed());
        tools.push(bare(workspace, &scanner, &whole, dir.path())?);
        starts.push(bare(workspace, &scanner, &empty, dir.path())?);
        step.tick();
    }
    step.done();
    let (scan, tool, start) = (median(scans), median(tools), median(starts));
    Ok(PackTime { scan, tool, start, bytes })
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

/// What semgrep lasts with the rules of the pack on a folder, on one core.
fn bare(
    workspace: &Workspace,
    scanner: &Scanner,
    folder: &Path,
    home: &Path,
) -> Result<Duration, DetectionError> {
    let mut semgrep = Command::new("taskset");
    semgrep.args(["-c", "0"]).arg(&scanner.tools.semgrep.path);
    semgrep.args(["scan", "--metrics=off", "--disable-version-check", "--json", "--quiet"]);
    semgrep.args(["--no-git-ignore", "--jobs=1", "--config"]);
    semgrep.arg(workspace.root().join("scanner-vps/rules")).arg(folder);
    semgrep.env("HOME", home).env("SEMGREP_ENABLE_VERSION_CHECK", "0");
    let began = Instant::now();
    let output = semgrep.output().map_err(DetectionError::Start)?;
    let lasted = began.elapsed();
    match output.status.code() {
        Some(0 | 1) => Ok(lasted),
        _ => Err(DetectionError::NoResult {
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        }),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The load of the last minute, as the system says it; nothing where it does not.
#[must_use]
pub fn load() -> Option<String> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(str::to_owned)
}

/// The section of the page.
#[must_use]
pub fn markdown(time: &PackTime, rules: &str, load: Option<&str>) -> String {
    let PackTime { scan, tool, start, bytes } = time;
    let seconds = |time: &Duration| format!("{:.1} s", time.as_secs_f64());
    let ours = scan.saturating_sub(*tool);
    let load = load.map(|load| format!(" The machine's load was {load} before the first run."));
    format!(
        "Rule pack {rules}. A skill of {FILES} files ({} KB: Markdown, Python, JavaScript, JSON, shell) out of the packages above, the \
         scanner and semgrep on one core, medians of {RUNS} runs.{}\n\n\
         | part | time |\n| --- | --- |\n| the whole scan | {} |\n| semgrep alone with the rules of the pack, on the same files | {} |\n\
         | of that, its start on an empty file | {} |\n| the rest: git, staging, what runs by itself, chains, judging | {} |\n",
        bytes / 1024,
        load.unwrap_or_default(),
        seconds(scan),
        seconds(tool),
        seconds(start),
        seconds(&ours),
    )
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
    fn too_few_files_are_no_skill() {
        let package = vec![("a.md".to_owned(), b"x".to_vec())];
        let error = skill(&[package]).unwrap_err();
        assert!(matches!(error, DetectionError::TooFewFiles { found: 1, wanted: FILES }));
    }
}
