//! `cargo xtask bench`: what a scan takes beside the bare tool, in one run on one machine.

use crate::process;
use crate::samples::Sample;
use crate::scanner_build;
use crate::stack::RepoBuilder;
use crate::tools::{ScannerTools, Tool, Tools};
use crate::ui::Ui;
use crate::workspace::Workspace;
use serde_json::Value;
use std::env;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs of each, in turn, so that a machine that slows down slows both.
const RUNS: usize = 3;
const FILES: usize = 10;

/// Scans a skill of ten files with each tool through the scanner and bare, and prints the medians and their ratio.
///
/// # Errors
/// When something cannot be had or built, or a run fails.
pub fn bench(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let tools = Tools::ensure(ui, workspace)?.scanner;
    let scanner = scanner_build::build(ui, workspace)?;
    let dir = tempfile::tempdir()?;
    let repository = skill().write(dir.path(), "demo", "bench")?;
    let checkout = dir.path().join("checkout");
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet"]).arg(&repository.path).arg(&checkout);
    let step = ui.step("bench: a checkout for the bare tools");
    process::run(&mut clone, &workspace.log_file("bench"), &step)?;
    step.done();

    let mut table = vec![["tool", "engine", "scan", "bare", "ratio"].map(str::to_owned).to_vec()];
    for (tool, args) in bare(workspace, &tools) {
        let step = ui.step(format!("bench: {}, {RUNS} runs of each", tool.name));
        // The first one warms the machine up and is not counted.
        let engines =
            engines(&timed(scan(&scanner, &tools, tool).arg(&repository.path), dir.path())?.1)?;
        let mut ours = vec![Vec::new(); engines.len()];
        let mut theirs = Vec::new();
        for _ in 0..RUNS {
            for (engine, times) in engines.iter().zip(&mut ours) {
                let mut scan = scan(&scanner, &tools, tool);
                scan.arg(&repository.path).env("SEMGREP_ENGINE", engine);
                times.push(timed(&mut scan, dir.path())?.0);
            }
            let mut alone = Command::new(&tool.path);
            alone.args(&args).arg(&checkout);
            theirs.push(timed(&mut alone, dir.path())?.0);
            step.tick();
        }
        step.done();
        let theirs = median(theirs);
        for (engine, times) in engines.iter().zip(ours) {
            table.push(row(tool.name, engine, median(times), theirs));
        }
    }
    ui.table(&table);
    Ok(())
}

/// The engines that a tool is measured with: a tool has a choice where its scan says which engine it believed.
fn engines(scan: &[u8]) -> Result<&'static [&'static str], serde_json::Error> {
    let said: Value = serde_json::from_slice(scan)?;
    let has_engines = said.pointer("/0/tool/engine").is_some_and(Value::is_string);
    Ok(if has_engines { &["native", "python"] } else { &["auto"] })
}

fn scan(scanner: &Path, tools: &ScannerTools, tool: &Tool) -> Command {
    let mut scan = Command::new(scanner);
    scan.args(["scan", "--format", "json", "--provider", tool.name])
        .env("SEMGREP_BIN", &tools.semgrep.path)
        .env("NJSSCAN_BIN", &tools.njsscan.path)
        .env("TRUFFLEHOG_BIN", &tools.trufflehog.path);
    scan
}

fn row(tool: &str, engine: &str, ours: Duration, theirs: Duration) -> Vec<String> {
    let (ours, theirs) = (ours.as_secs_f64(), theirs.as_secs_f64());
    let ratio = format!("{:.2}", ours / theirs);
    vec![
        tool.to_owned(),
        engine.to_owned(),
        format!("{ours:.1} s"),
        format!("{theirs:.1} s"),
        ratio,
    ]
}

fn skill() -> RepoBuilder {
    let script = "export const add = (a, b) => a + b;\n".repeat(50);
    (1..FILES)
        .fold(Sample::Clean.builder(), |repo, i| repo.file(format!("lib/part{i}.js"), &script))
        .commit("ten files")
}

/// Each tool as a person would run it, offline.
fn bare<'a>(workspace: &Workspace, tools: &'a ScannerTools) -> [(&'a Tool, Vec<String>); 3] {
    let rules = workspace.root().join("scanner-vps/rules").display().to_string();
    let semgrep = ["scan", "--metrics=off", "--disable-version-check", "--json", "--quiet"];
    let semgrep = [&semgrep[..], &["--jobs=1", "--config", rules.as_str()]].concat();
    let owned = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect();
    [
        (&tools.semgrep, owned(&semgrep)),
        (&tools.njsscan, owned(&["--json"])),
        (&tools.trufflehog, owned(&["filesystem", "--json", "--no-verification", "--no-update"])),
    ]
}

/// How long a command takes, and what it prints.
fn timed(command: &mut Command, home: &Path) -> Result<(Duration, Vec<u8>), Box<dyn Error>> {
    let program = Path::new(command.get_program()).parent().map(Path::to_path_buf);
    let path = env::var_os("PATH").unwrap_or_default();
    // njsscan finds its own semgrep by PATH.
    let path = env::join_paths(program.into_iter().chain(env::split_paths(&path)))?;
    command.env("PATH", path).env("HOME", home).env("SEMGREP_ENABLE_VERSION_CHECK", "0");
    let began = Instant::now();
    let output = command.output()?;
    let took = began.elapsed();
    match output.status.code() {
        Some(0 | 1) => Ok((took, output.stdout)),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
