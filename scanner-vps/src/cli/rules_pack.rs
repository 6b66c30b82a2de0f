//! The checks of a rule pack of one's own: `rules lint` and `rules test`.
//!
//! First the rule files are read here, which says file and line of what is wrong. Then semgrep reads them, with the
//! arguments of a scan, on a line of each language: it judges the patterns. That needs no network, as `--validate` would.

use super::{EXIT_FAIL, EXIT_UNKNOWN, terminal};
use crate::{
    exec::Finished,
    scratch::ScratchDir,
    tools::{
        self, ToolDirs, ToolPath, ToolSettings, Toolbox,
        rules::{RulesOnDisk, rule_files},
        semgrep,
    },
};
use serde_json::Value;
use skillgate_contract::text;
use skillgate_rulebook::{
    lint::{self, Problem},
    pack,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// How long semgrep may take.
const TIMEOUT: Duration = Duration::from_secs(600);
/// Every code that semgrep ends with.
const CODES: [i32; 14] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
/// What semgrep ends with where a test of a pack fails.
const TEST_FAILED: i32 = 1;
/// Characters of one line that is printed.
const LINE_CHARS: usize = 400;

/// A line for each language: semgrep reads the patterns of a language only where a file of it is read.
const TARGETS: [(&str, &str); 20] = [
    ("a.txt", "a\n"),
    ("a.py", "a = 1\n"),
    ("a.js", "let a = 1;\n"),
    ("a.ts", "let a = 1;\n"),
    ("a.tsx", "let a = 1;\n"),
    ("a.sh", "a=1\n"),
    ("a.rb", "a = 1\n"),
    ("a.go", "package a\n"),
    ("a.rs", "fn a() {}\n"),
    ("a.java", "class A {}\n"),
    ("a.php", "<?php $a = 1;\n"),
    ("a.c", "int a;\n"),
    ("a.cpp", "int a;\n"),
    ("a.cs", "class A {}\n"),
    ("a.kt", "val a = 1\n"),
    ("a.lua", "local a = 1\n"),
    ("a.json", "{}\n"),
    ("a.yaml", "a: 1\n"),
    ("a.tf", "locals {}\n"),
    ("Dockerfile", "FROM scratch\n"),
];

/// Checks a pack and prints each problem with its file and line.
pub(super) async fn lint(folder: &Path) -> ExitCode {
    let problems = match of_files(folder) {
        Ok(problems) => problems,
        Err(why) => return unknown(&why),
    };
    let problems = if problems.is_empty() {
        match of_semgrep(folder).await {
            Ok(problems) => problems,
            Err(why) => {
                return unknown(&format!(
                    "the files are in order, but semgrep has not read them: {why}"
                ));
            }
        }
    } else {
        problems
    };
    for problem in &problems {
        let line = text::line(&problem.to_string(), LINE_CHARS);
        terminal::result(&format!("{line}\n"));
    }
    if problems.is_empty() {
        terminal::result("the pack is in order\n");
        return ExitCode::SUCCESS;
    }
    ExitCode::from(EXIT_FAIL)
}

/// Runs semgrep's tests of a pack and prints what it says.
pub(super) async fn test(folder: &Path, targets: Option<&Path>) -> ExitCode {
    let ran = async {
        let folder = canonical(folder)?;
        let mut args: Vec<std::ffi::OsString> =
            ["scan", "--test", "--metrics=off", "--disable-version-check"].map(Into::into).into();
        if let Some(targets) = targets {
            args.extend(["--config".into(), folder.into(), canonical(targets)?.into()]);
        } else {
            args.push(folder.into());
        }
        run(|_| Ok(args)).await
    };
    match ran.await {
        Ok(finished) => {
            let said =
                String::from_utf8_lossy(&finished.stdout).into_owned() + &finished.stderr_tail;
            for line in said.lines() {
                terminal::result(&format!("{}\n", text::line(line, LINE_CHARS)));
            }
            match finished.code {
                Some(0) => ExitCode::SUCCESS,
                Some(TEST_FAILED) => ExitCode::from(EXIT_FAIL),
                _ => ExitCode::from(EXIT_UNKNOWN),
            }
        }
        Err(why) => unknown(&why),
    }
}

fn unknown(why: &str) -> ExitCode {
    terminal::notice(&text::line(why, LINE_CHARS));
    ExitCode::from(EXIT_UNKNOWN)
}

fn canonical(folder: &Path) -> Result<PathBuf, String> {
    fs::canonicalize(folder).map_err(|e| format!("{}: {e}", folder.display()))
}

/// What is wrong by the files alone.
fn of_files(folder: &Path) -> Result<Vec<Problem>, String> {
    let files = rule_files(folder).map_err(|e| e.to_string())?;
    if files.is_empty() {
        return Err(format!("{} holds no rule file", folder.display()));
    }
    let mut problems = lint::problems(&files);
    let mut problem = |file: &str, line: usize, what: String| {
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        problems.push(Problem { file: file.to_owned(), line, what });
    };
    for name in [pack::VERSION, pack::CRITICAL] {
        match fs::read_to_string(folder.join(name)) {
            Err(error) => problem(name, 1, format!("it cannot be read: {error}")),
            Ok(text) if name == pack::VERSION && text.trim().is_empty() => {
                problem(name, 1, "it is empty".to_owned());
            }
            Ok(text) if name == pack::CRITICAL => {
                for (at, line) in text.lines().enumerate() {
                    for id in pack::listed(line).filter(|id| lint::place(&files, id).is_none()) {
                        problem(name, at + 1, format!("{id} is no rule of this pack"));
                    }
                }
            }
            Ok(_) => {}
        }
    }
    Ok(problems)
}

/// What semgrep says is wrong, with the arguments of a scan.
async fn of_semgrep(folder: &Path) -> Result<Vec<Problem>, String> {
    let folder = canonical(folder)?;
    let all = folder.clone();
    let finished = run(|scratch| {
        let copy = scratch.join("copy");
        fs::create_dir(&copy).map_err(|e| e.to_string())?;
        for (name, text) in TARGETS {
            fs::write(copy.join(name), text).map_err(|e| e.to_string())?;
        }
        Ok(semgrep::args(&RulesOnDisk { all, text_only: Vec::new() }, &copy))
    })
    .await?;
    let files = rule_files(&folder).map_err(|e| e.to_string())?;
    said(&finished.stdout, &folder, &files)
}

/// Runs the tool that reads the rules, without the settings for rules: a wrong pack is what is looked for.
async fn run(
    args: impl FnOnce(&Path) -> Result<Vec<std::ffi::OsString>, String>,
) -> Result<Finished, String> {
    let tool = tools::all().find(|tool| tool.uses_rule_pack()).ok_or("no tool reads rules")?;
    let settings = ToolSettings { rules: None, severities: None, ..ToolSettings::from_env() };
    let toolbox = Toolbox::discover(&settings).map_err(|e| e.to_string())?;
    let path: ToolPath = toolbox.tool(tool.provider());
    let scratch = ScratchDir::new(&super::work_dir()).map_err(|e| e.to_string())?;
    let dirs = ToolDirs::new(scratch.path()).map_err(|e| e.to_string())?;
    let args = args(scratch.path())?;
    terminal::progress("semgrep reads the rules …");
    let finished = tools::start(tool, &path, args, &dirs, TIMEOUT, &CODES).await;
    terminal::progress("");
    finished.map_err(|e| e.to_string())
}

/// The problems in semgrep's JSON. An error of the whole run stands for others, and counts where there is none.
fn said(stdout: &[u8], folder: &Path, files: &[(String, String)]) -> Result<Vec<Problem>, String> {
    let report: Value = serde_json::from_slice(stdout).map_err(|e| format!("its output: {e}"))?;
    let errors =
        report.get("errors").and_then(Value::as_array).ok_or("its output has no errors")?;
    let (mut placed, mut others) = (Vec::new(), Vec::new());
    for error in errors {
        let word =
            |key: &str| error.get(key).and_then(Value::as_str).filter(|said| !said.is_empty());
        let what = ["long_msg", "message", "short_msg", "type"].iter().find_map(|key| word(key));
        let what = what.unwrap_or("an error without words").to_owned();
        let span = error.pointer("/spans/0").and_then(|span| {
            let file = Path::new(span.get("file")?.as_str()?);
            let file = file.strip_prefix(folder).unwrap_or(file).display().to_string();
            let line = span.pointer("/start/line")?.as_u64()?;
            Some((file, u32::try_from(line).unwrap_or(u32::MAX)))
        });
        match span.or_else(|| lint::place(files, word("rule_id")?)) {
            Some((file, line)) => placed.push(Problem { file, line, what }),
            None => others.push(Problem { file: ".".to_owned(), line: 1, what }),
        }
    }
    Ok(if placed.is_empty() { others } else { placed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_semgrep_says_gets_its_file_and_line() {
        let files =
            [("b.yaml".to_owned(), "rules:\n- id: own.b\n  languages: [python]\n".to_owned())];
        let said = |errors: Value| {
            let stdout = json!({ "errors": errors }).to_string();
            let problems = said(stdout.as_bytes(), Path::new("/p"), &files).unwrap();
            problems.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let schema = json!({"long_msg": "not valid", "spans": [{"file": "/p/text/a.yaml", "start": {"line": 2}}]});
        let whole = json!({"message": "invalid configuration file found"});
        assert_eq!(said(json!([schema, whole])), ["text/a.yaml:2: not valid"]);
        let pattern = json!({"rule_id": "own.b", "message": "Invalid pattern for Python"});
        assert_eq!(said(json!([pattern])), ["b.yaml:2: Invalid pattern for Python"]);
        assert_eq!(said(json!([whole])), [".:1: invalid configuration file found"]);
        assert_eq!(said(json!([])), [""; 0]);
    }

    #[test]
    fn the_list_of_critical_rules_and_the_version_are_checked_too() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        assert!(of_files(folder.path()).is_err(), "a folder without rules is no pack");
        write("canary.yaml", pack::file(pack::CANARY));
        write(pack::VERSION, " \n");
        write(pack::CRITICAL, "# none\nskillgate-canary-text\nown.gone\n");
        let problems = of_files(folder.path()).unwrap();
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            ["VERSION:1: it is empty", "critical.txt:3: own.gone is no rule of this pack"]
        );
    }
}
