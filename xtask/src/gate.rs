//! `cargo xtask test`: everything that has to hold before anything lands.

use crate::process;
use crate::scanner_build;
use crate::tools::{self, Tools, WorkflowTools, chromium};
use crate::ui::Ui;
use crate::worker_build::{self, SizeLimit};
use crate::workspace::Workspace;
use std::env;
use std::error::Error;
use std::process::Command;
use std::time::Instant;

/// Formats, workflows, lints (host and wasm), tests, rules, end to end: in the order in which a fault shows soonest.
///
/// # Errors
/// The first that does not hold; the error shows the end of its log.
pub fn test(ui: &Ui, workspace: &Workspace, filter: &[String]) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    cargo(ui, workspace, "formatting", &["fmt", "--all", "--check"])?;
    let tools = Tools::ensure(ui, workspace)?;
    chromium::ensure(ui, workspace)?;
    workflows(ui, workspace, &WorkflowTools::ensure(ui, workspace)?)?;
    tools::ensure_schemathesis(ui, workspace)?;
    let deny = ["--", "--deny", "warnings"];
    let lint = ["clippy", "--locked", "--workspace", "--all-targets"];
    cargo(ui, workspace, "lints, host", &[&lint[..], &deny].concat())?;
    let wasm = ["clippy", "--locked", "--package", "skillgate-worker", "--target"];
    let wasm = [&wasm[..], &["wasm32-unknown-unknown"], &deny].concat();
    cargo(ui, workspace, "lints, wasm", &wasm)?;
    let unit = ["test", "--locked", "--workspace", "--exclude", "skillgate-e2e"];
    cargo(ui, workspace, "unit, property and router tests", &unit)?;
    rules(ui, workspace, &tools)?;
    worker_build::build(ui, workspace, &tools.worker, SizeLimit::Enforce)?;
    scanner_build::build(ui, workspace)?;
    let e2e = [
        "test",
        "--locked",
        "--package",
        "skillgate-e2e",
        "--",
        "--test-threads",
        "1",
        "--show-output",
    ];
    let filter: Vec<&str> = filter.iter().map(String::as_str).collect();
    cargo(ui, workspace, "end-to-end tests", &[&e2e[..], &filter].concat())?;
    ui.good(format_args!("everything holds ({})", crate::ui::duration(began.elapsed())));
    Ok(())
}

fn cargo(
    ui: &Ui,
    workspace: &Workspace,
    what: &str,
    args: &[&str],
) -> Result<(), process::ProcessError> {
    let step = ui.step(what);
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(args).current_dir(workspace.root());
    let log = workspace.log_file(&what.replace([' ', ','], "-"));
    process::run(&mut cargo, &log, &step)?;
    step.done();
    Ok(())
}

/// The workflows, as two programs see them. Neither asks anybody, and neither has exceptions: what they find is mended.
fn workflows(
    ui: &Ui,
    workspace: &Workspace,
    tools: &WorkflowTools,
) -> Result<(), process::ProcessError> {
    let mut actionlint = Command::new(&tools.actionlint.path);
    // What it would look for on PATH by itself differs from machine to machine.
    actionlint.args(["-shellcheck=", "-pyflakes="]);
    let mut zizmor = Command::new(&tools.zizmor.path);
    zizmor.args(["--offline", "--no-progress", "--strict-collection", "."]);
    for (what, command) in [("types", &mut actionlint), ("safety", &mut zizmor)] {
        let step = ui.step(format!("workflows: {what}"));
        command.current_dir(workspace.root());
        process::run(command, &workspace.log_file(&format!("workflows-{what}")), &step)?;
        step.done();
    }
    Ok(())
}

/// The rule pack's own tests, in semgrep's own form. Its `--validate` is no part of it: that one asks a server for lints.
fn rules(ui: &Ui, workspace: &Workspace, tools: &Tools) -> Result<(), process::ProcessError> {
    let step = ui.step("rules: positive and negative samples");
    let mut semgrep = Command::new(&tools.scanner.semgrep.path);
    semgrep
        .args(["scan", "--test", "--metrics=off", "--disable-version-check"])
        .args(["--config", "scanner-vps/rules", "scanner-vps/rules-tests"])
        .env("SEMGREP_ENABLE_VERSION_CHECK", "0")
        .current_dir(workspace.root());
    process::run(&mut semgrep, &workspace.log_file("rules"), &step)?;
    step.done();
    let step = ui.step("rules: padded samples");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["test", "--locked", "--package", "skillgate-scanner", "--test", "rules"])
        .args(["--", "--ignored"])
        .env("SEMGREP_BIN", &tools.scanner.semgrep.path)
        .current_dir(workspace.root());
    process::run(&mut cargo, &workspace.log_file("rules-padded"), &step)?;
    step.done();
    Ok(())
}
