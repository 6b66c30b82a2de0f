//! semgrep's two engines on the same files, finding by finding: `SEMGREP_BIN` and `NJSSCAN_BIN` name the real tools,
//! so `cargo xtask test` runs this.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

mod common;

use common::git;
use serde_json::Value;
use skillgate_scanner::tools::{
    engine::{NativeEngine, native_args},
    output::ToolOutput,
    rules::RulePack,
    semgrep::{args, parse},
};
use std::{
    env, fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// Files that no parser takes whole, that are no text, empty or large.
fn odd_files() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("js", text("function (((((;\n;__vs_canary(\"f1\");\n// __vs_canary_text_f000001\n")),
        ("ts", text("let a: number = ;\n;__vs_canary(\"f1\");\n")),
        ("py", text("print \"hi\"\nfoo(]\n__vs_canary(\"f1\")\n")),
        ("sh", text("cat <<EOF\nabc\n__vs_canary f1\n")),
        ("txt", b"\xff\xfe\x00abc\n__vs_canary_text_f000001\n".to_vec()),
        ("js", Vec::new()),
        ("py", text(&("x = [1, 2, 3]\n".repeat(1_000) + "__vs_canary(\"f1\")\n"))),
        ("js", text(&("const a = f(1, 'b');\n".repeat(600) + "__vs_canary(\"f1\");\n"))),
        (
            "txt",
            text(&("lorem ipsum dolor sit amet\n".repeat(20_000) + "__vs_canary_text_f000001\n")),
        ),
    ]
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
        .into_iter()
        .flat_map(|entry| if entry.is_dir() { files_below(&entry) } else { vec![entry] })
        .collect()
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules-tests")
}

/// All samples of the rules and the odd files, in one folder.
fn copy_to(folder: &Path) -> usize {
    // Lists of cases are no files that a skill has.
    let is_sample = |file: &PathBuf| file.extension().is_none_or(|extension| extension != "jsonl");
    let of_rules = files_below(&samples()).into_iter().filter(is_sample).map(|file| {
        let extension = file.extension().and_then(|e| e.to_str()).unwrap_or("txt").to_owned();
        (extension, fs::read(file).unwrap())
    });
    let odd = odd_files().into_iter().map(|(extension, content)| (extension.to_owned(), content));
    let mut count = 0;
    for (extension, content) in of_rules.chain(odd) {
        count += 1;
        fs::write(folder.join(format!("f{count:06}.{extension}")), content).unwrap();
    }
    count
}

/// What a command printed, its exit code, and how many files its debug log names.
fn output(command: &mut Command, home: &Path) -> (ToolOutput, Option<i32>, usize) {
    let output = command
        .env("HOME", home)
        .env("SEMGREP_SEND_METRICS", "off")
        .env("SEMGREP_ENABLE_VERSION_CHECK", "0")
        .env("SEMGREP_LOG_SRCS", "semgrep.engine")
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let mut said = parse(&output.stdout).unwrap();
    said.hits.sort_by_cached_key(|hit| format!("{hit:?}"));
    said.faults.sort_by_cached_key(|fault| format!("{fault:?}"));
    (said, output.status.code(), log.matches("Core_scan analyzing ").count())
}

#[test]
#[ignore = "needs SEMGREP_BIN; run by `cargo xtask test`"]
fn both_engines_of_semgrep_find_the_same() {
    let program = PathBuf::from(env::var_os("SEMGREP_BIN").unwrap());
    let native = NativeEngine::of_semgrep(&program).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let (rules, copy) = (scratch.path().join("rules"), scratch.path().join("copy"));
    fs::create_dir(&rules).unwrap();
    fs::create_dir(&copy).unwrap();
    let count = copy_to(&copy);
    let args = args(&RulePack::embedded().lay_out(&rules).unwrap(), &copy);

    let mut ours = Command::new(&native.program);
    ours.arg0("osemgrep").args(native_args(args.clone()));
    let (ours, our_code, our_log) = output(&mut ours, scratch.path());
    let (theirs, code, log) = output(Command::new(program).args(args), scratch.path());

    eprintln!("{count} files, {} findings, {} complaints", ours.hits.len(), ours.faults.len());
    assert!(
        ours.hits.len() > 300 && ours.faults.len() >= 3,
        "{count} files: too little to compare"
    );
    assert_eq!(native.version.as_deref(), Some(ours.version.as_str()));
    assert_eq!((our_code, &ours.version), (code, &theirs.version));
    assert_eq!(our_log, log, "the debug log names other files");
    assert_eq!(ours.faults, theirs.faults);
    for (ours, theirs) in ours.hits.iter().zip(&theirs.hits) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours.hits.len(), theirs.hits.len());
}

/// What a scan on one engine prints, and the engine that it names.
fn scan(repository: &Path, provider: &str, engine: &str, dir: &Path) -> (Value, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_skillgate-scanner"))
        .args(["scan", "--format", "json", "--provider", provider])
        .arg(repository)
        .env("SEMGREP_ENGINE", engine)
        .env("SCANNER_WORK_DIR", dir.join("w"))
        .output()
        .unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut said = said.get(0).unwrap().clone();
    let engine = said.get_mut("tool").unwrap().as_object_mut().unwrap().remove("engine").unwrap();
    for volatile in ["durationMs", "timestamp", "deliveryId"] {
        said.as_object_mut().unwrap().remove(volatile);
    }
    (said, engine)
}

#[test]
#[ignore = "needs SEMGREP_BIN and NJSSCAN_BIN; run by `cargo xtask test`"]
fn a_scan_says_the_same_on_both_engines_and_names_the_one_that_ran() {
    let dir = tempfile::tempdir().unwrap();
    let repository = dir.path().join("r");
    fs::create_dir(&repository).unwrap();
    git(&repository, &["init", "-q"]);
    let handler = "const app = require('express')();\n\
         app.get('/', function (req, res) {\n  eval(req.query.x);\n  res.send(req.query.y);\n});\n";
    fs::write(repository.join("server.js"), handler).unwrap();
    fs::write(repository.join("page.html"), "<p>\n{{{name}}}\n</p>\n").unwrap();
    // No engine says that it lost the end of the shell script, which is a doubt.
    let odd = odd_files().into_iter().filter(|(extension, _)| *extension != "sh");
    for (n, (extension, content)) in odd.enumerate() {
        fs::write(repository.join(format!("odd{n}.{extension}")), content).unwrap();
    }
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "-qm", "a"]);
    for provider in ["semgrep", "njsscan"] {
        let (ours, engine) = scan(&repository, provider, "native", dir.path());
        assert_eq!(engine, "native", "{ours}");
        let (theirs, engine) = scan(&repository, provider, "python", dir.path());
        assert_eq!(engine, "python");
        assert_eq!(ours, theirs);
        assert!(!ours["findings"].as_array().unwrap().is_empty(), "{ours}");
        let (chosen, engine) = scan(&repository, provider, "auto", dir.path());
        assert_eq!((chosen, engine), (ours, "native".into()), "a doubt where there is none");
    }
}
