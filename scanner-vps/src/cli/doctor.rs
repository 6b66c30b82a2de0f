//! `skillgate-scanner doctor`: checks that everything is here that a scan needs.

use super::{EXIT_UNKNOWN, Format, terminal};
use crate::{
    git::GitVersion,
    scratch::ScratchDir,
    staging,
    tools::{self, Requirement, ToolDirs, ToolPath, ToolRun, ToolSettings, Toolbox, version},
};
use serde::Serialize;
use skillgate_contract::{Provider, callback::Engine};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

/// Wall clock limit of a trial on planted files.
const TRIAL: Duration = Duration::from_secs(180);

/// The arguments of `doctor`.
#[derive(Debug, Clone, clap::Args)]
pub struct DoctorArgs {
    /// How to print the result.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// The result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    /// It is not there, does not start or cannot be used.
    Missing,
    /// Its version is older than the minimum.
    TooOld,
}

impl Status {
    const fn of(ok: bool) -> Self {
        if ok { Self::Ok } else { Self::Missing }
    }
}

/// One thing that a scan needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Check {
    name: String,
    ok: bool,
    status: Status,
    /// The version or path that was found, or what is wrong.
    found: String,
    /// The minimum version.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<&'static str>,
    /// How to correct it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// Runs all checks and prints them. Exit code 0: a scan can run; 2: it cannot.
pub async fn run(args: DoctorArgs) -> ExitCode {
    let checks = run_checks().await;
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

async fn run_checks() -> Vec<Check> {
    let work_dir = super::work_dir();
    let mut checks = Vec::new();
    match Toolbox::discover(&ToolSettings::from_env()) {
        Ok(toolbox) => {
            let scratch = ScratchDir::new(&work_dir).and_then(|place| {
                let work = ToolDirs::new(place.path())?;
                Ok((place, work))
            });
            for (requirement, path) in toolbox.programs() {
                terminal::progress(&format!("asking {} for its version …", requirement.name));
                let said = match (&scratch, &path) {
                    (Ok((_, work)), ToolPath::Found(program)) => version::said(program, work).await,
                    _ => None,
                };
                checks.push(tool_check(requirement, &path, said.as_deref()));
            }
            for tool in tools::all().filter(|tool| tool.has_engines()) {
                let provider = tool.provider();
                if let ToolPath::Found(_) = toolbox.tool(provider) {
                    terminal::progress(&format!("trying {provider} on planted files …"));
                    checks.push(engine_check(&toolbox, provider, &work_dir).await);
                }
            }
            terminal::progress("");
            checks.push(rules_check(toolbox.rules.version()));
        }
        Err(error) => checks.push(Check {
            name: "rules".into(),
            ok: false,
            status: Status::Missing,
            found: error.to_string(),
            needed: None,
            help: Some(format!("unset {} to use what is bundled", error.setting)),
        }),
    }
    checks.push(work_check(work_dir));
    checks
}

/// The check of one tool. `said` is its whole output when asked for its version.
fn tool_check(requirement: Requirement, path: &ToolPath, said: Option<&str>) -> Check {
    let Requirement { name, setting, minimum, how } = requirement;
    let check = |status, found: String, help: Option<String>| Check {
        name: name.to_owned(),
        ok: status == Status::Ok,
        status,
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
        return check(Status::Missing, format!("not found ({setting} or PATH)"), get());
    };
    let at = path.display();
    match said.map(version::numbers) {
        None => check(Status::Missing, format!("{at} does not start"), get()),
        // A trufflehog built from source calls itself "dev".
        Some(None) => check(Status::Ok, format!("of unknown version at {at}"), None),
        Some(Some(found)) => {
            let shown = version::shown(&found);
            let fits = version::numbers(minimum).is_none_or(|least| found >= least);
            let help = match fits {
                true if requirement == Requirement::GIT => said.and_then(advice_on_git),
                true => None,
                false => get(),
            };
            let status = if fits { Status::Ok } else { Status::TooOld };
            check(status, format!("{shown} at {at}"), help)
        }
    }
}

/// The check of what reads the files: a scan of the planted positives alone.
async fn engine_check(toolbox: &Toolbox, provider: Provider, work_dir: &Path) -> Check {
    let started = Instant::now();
    let tried = try_on_planted(toolbox, provider, work_dir).await;
    let seconds = started.elapsed().as_secs_f64();
    let (status, found) = match tried {
        Ok(engine) => {
            let engine = engine.map_or("its own", Engine::as_str);
            (Status::Ok, format!("{engine} engine, found what was planted in {seconds:.1} s"))
        }
        Err(why) => (Status::Missing, why),
    };
    let help = (status != Status::Ok).then(|| {
        "SEMGREP_ENGINE=auto lets the other engine run; see what the log says above".to_owned()
    });
    let name = format!("{provider} run");
    Check { name, ok: status == Status::Ok, status, found, needed: None, help }
}

async fn try_on_planted(
    toolbox: &Toolbox,
    provider: Provider,
    work_dir: &Path,
) -> Result<Option<Engine>, String> {
    let place = ScratchDir::new(work_dir).map_err(|e| e.to_string())?;
    let dirs = ToolDirs::new(place.path()).map_err(|e| e.to_string())?;
    let copy = staging::stage_planted(&tools::plan(provider, None), place.path())
        .map_err(|e| e.to_string())?;
    // More than the trial, so that it has its whole time.
    let ends = Instant::now() + 2 * TRIAL;
    let run = ToolRun { toolbox, copy: &copy, dirs: &dirs, root: None, wall: TRIAL, ends };
    let report = tools::of(provider).run(run).await.map_err(|e| e.to_string())?;
    match report.problems.first() {
        Some(problem) => Err(problem.clone()),
        None => Ok(report.tool.engine),
    }
}

/// The advice for a git whose version number does not show whether its known holes are fixed. It is not
/// refused, since distributions fix holes without raising the number.
fn advice_on_git(said: &str) -> Option<String> {
    let version = GitVersion::parse(said)?;
    (!version.is_fixed_by_number()).then(|| {
        "must be one patched by its distribution, or 2.50.1 or newer: by its number it has the \
         holes that were closed in July 2025 (CVE-2025-48384 and others)"
            .to_owned()
    })
}

fn rules_check(version: &str) -> Check {
    let ok = !version.is_empty();
    let found = if ok { format!("version {version}") } else { "without a version".to_owned() };
    let status = Status::of(ok);
    Check { name: "rules".into(), ok, status, found, needed: None, help: None }
}

fn work_check(work_dir: PathBuf) -> Check {
    let shown = work_dir.display().to_string();
    let real = work_dir.canonicalize().unwrap_or(work_dir);
    let (ok, found) = match (tools::read_below(&real), ScratchDir::new(&real)) {
        (false, _) => (false, format!("{shown}: njsscan skips every file below such a name")),
        (true, Err(error)) => (false, format!("{shown}: {error}")),
        (true, Ok(_)) => (true, shown),
    };
    let help = (!ok).then(|| {
        "set SCANNER_WORK_DIR to a folder that you can write to, without spec, example, fixtures, \
         jquery, .git or node_modules in its path"
            .to_owned()
    });
    let status = Status::of(ok);
    Check { name: "work folder".into(), ok, status, found, needed: None, help }
}

fn render(checks: &[Check]) -> String {
    let mut out = String::new();
    for check in checks {
        let mark = match check.status {
            Status::Ok => "ok",
            Status::Missing => "MISSING",
            Status::TooOld => "TOO OLD",
        };
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

    fn semgrep() -> Requirement {
        tools::all().next().unwrap().requirement()
    }

    #[test]
    fn an_old_a_silent_and_a_missing_tool_each_get_help() {
        let path = ToolPath::Found("/opt/semgrep".into());
        let check = |path: &ToolPath, said| tool_check(semgrep(), path, said);
        assert!(check(&path, Some("1.185.0")).ok && check(&path, Some("2.0.0")).ok);
        for (bad, mark) in [
            (check(&path, Some("1.99.9")), "TOO OLD "),
            (check(&path, None), "MISSING "),
            (check(&ToolPath::Missing(semgrep()), None), "MISSING "),
        ] {
            assert!(!bad.ok);
            assert!(bad.help.as_deref().unwrap().contains("SEMGREP_BIN"));
            assert!(render(&[bad]).starts_with(&format!("{mark} semgrep")));
        }
    }

    #[test]
    fn a_git_with_known_holes_by_its_number_is_hinted_at_and_not_missing() {
        let path = ToolPath::Found("/usr/bin/git".into());
        let check = |said| tool_check(Requirement::GIT, &path, Some(said));
        let patched = check("git version 2.39.5\n");
        assert!(patched.ok && render(std::slice::from_ref(&patched)).starts_with("ok "));
        let help = patched.help.unwrap();
        assert!(help.contains("patched by its distribution") && help.contains("2.50.1"), "{help}");
        assert_eq!(check("git version 2.50.1").help, None);
        assert_eq!(check("git version 2.43.7").help, None);
        let old = check("git version 2.38.9");
        assert!(!old.ok && old.help.unwrap().contains("GIT_BIN"));
    }

    #[test]
    fn g07_a_work_folder_that_njsscan_would_skip_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let bad = parent.path().join("code-inspector");
        std::fs::create_dir(&bad).unwrap();
        assert!(!work_check(bad).ok);
    }
}
