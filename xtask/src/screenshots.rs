//! `cargo xtask screenshots`: pictures of every page in every state, to be looked at before a page changes hands.

use crate::files;
use crate::process;
use crate::tools::{Tools, chromium};
use crate::ui::Ui;
use crate::worker_build::{self, SizeLimit};
use crate::workspace::Workspace;
use std::env;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Where the pictures are.
#[must_use]
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.state_dir().join("screenshots")
}

/// Builds the worker, starts it, brings it into every state, and takes the pictures.
///
/// # Errors
/// When a tool cannot be had, or a page does not come; the error shows the end of its log.
pub fn screenshots(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let tools = Tools::ensure(ui, workspace)?;
    chromium::ensure(ui, workspace)?;
    worker_build::build(ui, workspace, &tools.worker, SizeLimit::Report)?;
    let folder = folder(workspace);
    if folder.exists() {
        // Pictures of states that are no more would be taken for ones of today.
        fs::remove_dir_all(&folder).map_err(files::failed("remove", &folder))?;
    }
    let step = ui.step("screenshots");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["test", "--locked", "--package", "skillgate-e2e", "--"])
        .args(["--ignored", "--exact", "browser::screenshots::screenshots"])
        .current_dir(workspace.root());
    process::run(&mut cargo, &workspace.log_file("screenshots"), &step)?;
    step.done();
    ui.good(format_args!("the screenshots are in {}", folder.display()));
    Ok(())
}
