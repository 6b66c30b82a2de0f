//! Builds the scanner for this machine.

use crate::native_build;
use crate::process::ProcessError;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::path::PathBuf;

/// Builds the scanner as tests and demo run it, and says where it is.
///
/// # Errors
/// When it does not build.
pub fn build(ui: &Ui, workspace: &Workspace) -> Result<PathBuf, ProcessError> {
    let step = ui.step("scanner: building");
    let path = native_build::build(workspace, "skillgate-scanner", "scanner-build", &step)?;
    step.done();
    Ok(path)
}
