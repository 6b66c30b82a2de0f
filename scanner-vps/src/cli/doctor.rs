//! `skillgate-scanner doctor`: is everything here that a scan needs?

use super::{EXIT_UNKNOWN, Format, terminal};
use crate::{
    exec::{self, Run},
    neutral::is_neutral_path,
    tools::{Requirement, ToolPath, ToolSettings, Toolbox, WorkDir, environment},
    workplace::Workplace,
};
use serde::Serialize;
use std::{fmt::Write as _, path::PathBuf, process::ExitCode, time::Duration};

/// A tool that needs longer than this to say its version is not fit to scan with. The first start
/// of a Python program compiles it, on a cold disk.
const VERSION_TIMEOUT: Duration = Duration::from_secs(180);

/// How to print.
#[derive(Debug, Clone, clap::Args)]
pub struct DoctorArgs {
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    name: String,
    ok: bool,
    /// What was found.
    found: String,
    /// The oldest version that will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<&'static str>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// Looks at everything and prints it. Exit code 0: a scan can run; 2: it cannot.
pub async fn run(args: DoctorArgs) -> ExitCode {
    let checks = look().await;
    terminal::result(&match args.format {
        Format::Table => render(&checks),
        Format::Json => serde_json::to_string_pretty(&checks).unwrap_or_default() + "\n",
    });
    if checks.iter().all(|check| check.ok) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EXIT_UNKNOWN)
    }
}

async fn look() -> Vec<Check> {
    let work_dir = super::work_dir();
    let mut checks = Vec::new();
    match Toolbox::discover(&ToolSettings::from_env()) {
        Ok(toolbox) => {
            let scratch = Workplace::new(&work_dir).and_then(|place| {
                let work = WorkDir::new(place.path())?;
                Ok((place, work))
            });
            for (requirement, path) in [
                (Requirement::GIT, &toolbox.git),
                (Requirement::SEMGREP, &toolbox.semgrep),
                (Requirement::NJSSCAN, &toolbox.njsscan),
                (Requirement::TRUFFLEHOG, &toolbox.trufflehog),
            ] {
                terminal::progress(&format!("asking {} for its version …", requirement.name));
                let said = match (&scratch, path) {
                    (Ok((_, work)), ToolPath::Found(program)) => version(program, work).await,
                    _ => None,
                };
                checks.push(tool_check(requirement, path, said.as_deref()));
            }
            terminal::progress("");
            checks.push(rules_check(toolbox.rules.version()));
        }
        Err(error) => checks.push(Check {
            name: "rules".into(),
            ok: false,
            found: format!("SKILLGATE_RULES: {error}"),
            needed: None,
            help: Some("unset SKILLGATE_RULES to use the bundled pack".into()),
        }),
    }
    checks.push(work_check(work_dir));
    checks
}

async fn version(program: &std::path::Path, work: &WorkDir) -> Option<String> {
    let run = Run {
        program: program.to_owned(),
        args: vec!["--version".into()],
        env: environment(program, &work.home),
        cwd: work.home.clone(),
        timeout: VERSION_TIMEOUT,
        max_stdout: 64 * 1024,
        stdin: None,
        watch: None,
    };
    let finished = exec::run(run).await.ok()?;
    // trufflehog says it on standard error.
    let said = String::from_utf8_lossy(&finished.stdout).into_owned() + &finished.stderr_tail;
    (finished.code == Some(0)).then_some(said)
}

/// `found` is all that the tool said when asked for its version.
fn tool_check(requirement: Requirement, path: &ToolPath, said: Option<&str>) -> Check {
    let Requirement { name, setting, minimum, how } = requirement;
    let check = |ok, found: String, help: Option<String>| Check {
        name: name.to_owned(),
        ok,
        found,
        needed: Some(minimum),
        help,
    };
    let get = || {
        Some(format!(
            "{how}; or set {setting} to its path; inside this repository `cargo xtask tools` gets it"
        ))
    };
    let ToolPath::Found(path) = path else {
        return check(false, format!("not found ({setting} or PATH)"), get());
    };
    let at = path.display();
    match said.map(numbers) {
        None => check(false, format!("{at} does not start"), get()),
        // A trufflehog built from source calls itself "dev".
        Some(None) => check(true, format!("of unknown version at {at}"), None),
        Some(Some(found)) => {
            let shown = found.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
            let fits = numbers(minimum).is_none_or(|least| found >= least);
            check(fits, format!("{shown} at {at}"), if fits { None } else { get() })
        }
    }
}

/// The first `1.2.3` in a text.
fn numbers(text: &str) -> Option<Vec<u64>> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|word| word.split('.').map_while(|part| part.parse().ok()).collect::<Vec<u64>>())
        .find(|parts| parts.len() >= 2)
}

fn rules_check(version: &str) -> Check {
    let ok = !version.is_empty();
    let found = if ok { format!("version {version}") } else { "without a version".to_owned() };
    Check { name: "rules".into(), ok, found, needed: None, help: None }
}

fn work_check(work_dir: PathBuf) -> Check {
    let shown = work_dir.display().to_string();
    let real = work_dir.canonicalize().unwrap_or(work_dir);
    let (ok, found) = match (is_neutral_path(&real), Workplace::new(&real)) {
        (false, _) => (false, format!("{shown}: njsscan skips every file below such a name")),
        (true, Err(error)) => (false, format!("{shown}: {error}")),
        (true, Ok(_)) => (true, shown),
    };
    let help = (!ok).then(|| {
        "set SCANNER_WORK_DIR to a folder that you can write to, without spec, example, fixtures, \
         jquery, .git or node_modules in its path"
            .to_owned()
    });
    Check { name: "work folder".into(), ok, found, needed: None, help }
}

fn render(checks: &[Check]) -> String {
    let mut out = String::new();
    for check in checks {
        let mark = if check.ok { "ok" } else { "MISSING" };
        // Writing to a string cannot fail.
        let _ = write!(out, "{mark:<8} {:<12} {}", check.name, check.found);
        if let Some(needed) = check.needed {
            let _ = write!(out, " (at least {needed})");
        }
        out.push('\n');
        if let Some(help) = &check.help {
            let _ = writeln!(out, "         {:<12} {help}", "");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_a_tool_says() {
        for (said, found) in [
            ("1.182.0\n", Some(vec![1, 182, 0])),
            ("git version 2.39.5 (Apple Git-1)", Some(vec![2, 39, 5])),
            ("\u{1b}[34m\nnjsscan: v1.0.2 | Ajin", Some(vec![1, 0, 2])),
            ("trufflehog dev", None),
            ("", None),
        ] {
            assert_eq!(numbers(said), found, "{said}");
        }
    }

    #[test]
    fn an_old_a_silent_and_a_missing_tool_each_get_help() {
        let path = ToolPath::Found("/opt/semgrep".into());
        let check = |path: &ToolPath, said| tool_check(Requirement::SEMGREP, path, said);
        assert!(check(&path, Some("1.182.0")).ok && check(&path, Some("2.0.0")).ok);
        for bad in [
            check(&path, Some("1.99.9")),
            check(&path, None),
            check(&ToolPath::Missing(Requirement::SEMGREP), None),
        ] {
            assert!(!bad.ok);
            assert!(bad.help.as_deref().unwrap().contains("SEMGREP_BIN"));
            assert!(render(&[bad]).starts_with("MISSING  semgrep"));
        }
    }

    #[test]
    fn g07_a_work_folder_that_njsscan_would_skip_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let bad = parent.path().join("code-inspector");
        std::fs::create_dir(&bad).unwrap();
        assert!(!work_check(bad).ok);
    }
}
