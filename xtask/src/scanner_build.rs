//! Builds the scanner for this machine.

use crate::process::{self, ProcessError};
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Builds the scanner as tests and demo run it, and says where it is.
///
/// # Errors
/// When it does not build.
pub fn build(ui: &Ui, workspace: &Workspace) -> Result<PathBuf, ProcessError> {
    let step = ui.step("scanner: building");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--package", "skillgate-scanner"]);
    cargo.current_dir(workspace.root());
    process::run(&mut cargo, &workspace.log_file("scanner-build"), &step)?;
    step.done();
    Ok(workspace.target_dir().join("debug/skillgate-scanner"))
}
