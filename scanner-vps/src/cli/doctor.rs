//! `skillgate-scanner doctor`: is everything here that a scan needs?

use super::{EXIT_UNKNOWN, Format, terminal};
use crate::{
    git::GitVersion,
    scratch::ScratchDir,
    tools::{self, Requirement, ToolDirs, ToolPath, ToolSettings, Toolbox, version},
};
use serde::Serialize;
use std::{fmt::Write as _, path::PathBuf, process::ExitCode};

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
            terminal::progress("");
            checks.push(rules_check(toolbox.rules.version()));
        }
        Err(error) => checks.push(Check {
            name: "rules".into(),
            ok: false,
            found: error.to_string(),
            needed: None,
            help: Some(format!("unset {} to use what is bundled", error.setting)),
        }),
    }
    checks.push(work_check(work_dir));
    checks
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
    match said.map(version::numbers) {
        None => check(false, format!("{at} does not start"), get()),
        // A trufflehog built from source calls itself "dev".
        Some(None) => check(true, format!("of unknown version at {at}"), None),
        Some(Some(found)) => {
            let shown = version::shown(&found);
            let fits = version::numbers(minimum).is_none_or(|least| found >= least);
            let help = match fits {
                true if requirement == Requirement::GIT => said.and_then(holes_of_git),
                true => None,
                false => get(),
            };
            check(fits, format!("{shown} at {at}"), help)
        }
    }
}

/// What to look after with a git whose number tells nothing of the fixes: no reason to refuse it,
/// since distributions close holes under the old number.
fn holes_of_git(said: &str) -> Option<String> {
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
    Check { name: "rules".into(), ok, found, needed: None, help: None }
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
    use skillgate_contract::Provider;

    fn semgrep() -> Requirement {
        tools::of(Provider::Semgrep).requirement()
    }

    #[test]
    fn an_old_a_silent_and_a_missing_tool_each_get_help() {
        let path = ToolPath::Found("/opt/semgrep".into());
        let check = |path: &ToolPath, said| tool_check(semgrep(), path, said);
        assert!(check(&path, Some("1.182.0")).ok && check(&path, Some("2.0.0")).ok);
        for bad in [
            check(&path, Some("1.99.9")),
            check(&path, None),
            check(&ToolPath::Missing(semgrep()), None),
        ] {
            assert!(!bad.ok);
            assert!(bad.help.as_deref().unwrap().contains("SEMGREP_BIN"));
            assert!(render(&[bad]).starts_with("MISSING  semgrep"));
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
