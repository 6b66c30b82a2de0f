//! The part of the gate that runs no test: formats, workflows, dependencies, lints, documentation.

use super::{cargo, dependencies, step};
use crate::process::ProcessError;
use crate::tools::LintTools;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::error::Error;
use std::process::Command;

const WASM: [&str; 4] = ["--package", "skillgate-worker", "--target", "wasm32-unknown-unknown"];
const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

/// Runs the checks, fastest first.
///
/// # Errors
/// The first check that fails, or a tool that cannot be had.
pub(super) fn lint(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    step(ui, workspace, "formatting", &mut cargo(workspace, &["fmt", "--all", "--check"]))?;
    let tools = LintTools::ensure(ui, workspace)?;
    workflows(ui, workspace, &tools)?;
    dependencies::graph(ui, workspace, &tools)?;
    let host = [&["clippy", "--locked", "--workspace", "--all-targets"], &DENY_WARNINGS[..]];
    step(ui, workspace, "lints, host", &mut cargo(workspace, &host.concat()))?;
    let wasm = [&["clippy", "--locked"], &WASM[..], &DENY_WARNINGS];
    step(ui, workspace, "lints, wasm", &mut cargo(workspace, &wasm.concat()))?;
    for (what, of) in
        [("documentation, host", &["--workspace"][..]), ("documentation, wasm", &WASM)]
    {
        let args = [&["doc", "--locked", "--no-deps"], of].concat();
        let mut doc = cargo(workspace, &args);
        step(ui, workspace, what, doc.env("RUSTDOCFLAGS", "--deny warnings"))?;
    }
    Ok(())
}

/// Checks the workflows with two programs. Neither asks a server, and neither has exceptions: what they find is mended.
fn workflows(ui: &Ui, workspace: &Workspace, tools: &LintTools) -> Result<(), ProcessError> {
    let mut actionlint = Command::new(&tools.actionlint.path);
    // What it would look for on PATH by itself differs from machine to machine.
    actionlint.args(["-shellcheck=", "-pyflakes="]).current_dir(workspace.root());
    step(ui, workspace, "workflows: types", &mut actionlint)?;
    let mut zizmor = Command::new(&tools.zizmor.path);
    zizmor.args(["--offline", "--no-progress", "--strict-collection", "."]);
    step(ui, workspace, "workflows: safety", zizmor.current_dir(workspace.root()))
}
