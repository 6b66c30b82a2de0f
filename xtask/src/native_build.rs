//! Builds a program of ours for this machine, as tests and demo run it.

use crate::process::{self, ProcessError};
use crate::ui::Step;
use crate::workspace::Workspace;
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Whoever has one of these programs built needs them all.
const TOGETHER: [&str; 3] = ["xtask", "skillgate-bindgen", "skillgate-scanner"];

/// Builds `program`, which is a package of this name too, and says where it is.
///
/// Cargo turns on, of each crate below, the features that the named packages want. If each build named its own package alone,
/// then serde, syn and what depends on them would be compiled once for each.
///
/// # Errors
/// When it does not build.
pub(crate) fn build(
    workspace: &Workspace,
    program: &str,
    log: &str,
    step: &Step,
) -> Result<PathBuf, ProcessError> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--bin", program]).current_dir(workspace.root());
    cargo.args(TOGETHER.into_iter().flat_map(|package| ["--package", package]));
    process::run(&mut cargo, &workspace.log_file(log), step)?;
    Ok(workspace.target_dir().join("debug").join(program))
}
