//! What the crates that this workspace depends on have to hold; `deny.toml` has the rules.

use super::step;
use crate::process::ProcessError;
use crate::tools::{self, LintTools};
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::error::Error;
use std::process::Command;

/// Checks licences, sources, wildcards and unused dependencies: all that Cargo.lock and the crates themselves tell.
///
/// # Errors
/// The first check that fails.
pub(super) fn graph(ui: &Ui, workspace: &Workspace, tools: &LintTools) -> Result<(), ProcessError> {
    let mut deny = Command::new(&tools.cargo_deny.path);
    deny.args(["--workspace", "--locked", "check", "--deny", "warnings"]);
    deny.args(["licenses", "bans", "sources"]).current_dir(workspace.root());
    step(ui, workspace, "dependencies: licences and sources", &mut deny)?;
    let mut shear = Command::new(&tools.cargo_shear.path);
    shear.args(["--locked", "--deny-warnings"]).current_dir(workspace.root());
    step(ui, workspace, "dependencies: unused", &mut shear)
}

/// Compares Cargo.lock with RustSec's database, fetched afresh from GitHub.
///
/// # Errors
/// When a crate has an advisory or was yanked, or the database cannot be fetched: it is never skipped.
pub(super) fn advisories(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let deny = tools::ensure_cargo_deny(ui, workspace)?;
    let mut deny = Command::new(&deny.path);
    deny.args(["--workspace", "--locked", "check", "--deny", "warnings", "advisories"]);
    step(ui, workspace, "dependencies: advisories", deny.current_dir(workspace.root()))?;
    Ok(())
}
