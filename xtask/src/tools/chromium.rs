//! The browser that the tests look at pages with: a Chromium on PATH, else Debian's package of it.
//!
//! It is the one tool that no language's package client brings. Only the tests of the pages need it, so it is no part of
//! [`Tools`](super::Tools): neither a demo nor a deployment asks for a browser.

use super::error::Found;
use super::{Tool, ToolError, Version};
use crate::files::find_on_path;
use crate::process;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::process::Command;

/// The first with today's headless mode as the only one of `--headless`, and with all that our stylesheet uses.
const LEAST: Version = Version::new(132, 0, 0);
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const GET_IT: &str = "install it so that `chromium` is on PATH (Debian, as root: apt-get update && apt-get install -y chromium), \
     or run this command as root, which does that";

/// Finds a Chromium that is new enough, or installs it where that is allowed: as root, by apt-get.
///
/// # Errors
/// When there is none and it cannot be installed; the error says what to do.
pub fn ensure(ui: &Ui, workspace: &Workspace) -> Result<Tool, ToolError> {
    let found = match find() {
        Ok(tool) => return Ok(tool),
        Err(found) => found,
    };
    let Some(apt) = find_on_path("apt-get").filter(|_| rustix::process::geteuid().is_root()) else {
        return Err(missing(found));
    };
    let step = ui.step("Chromium: apt-get install");
    for args in [&["update"][..], &["install", "--yes", "chromium"]] {
        let mut command = Command::new(&apt);
        command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command, &workspace.log_file("chromium"), &step)
            .map_err(|source| ToolError::Install { tool: "Chromium", source })?;
    }
    let tool = find().map_err(missing)?;
    step.done();
    Ok(tool)
}

/// The first on PATH that is new enough, else the newest version that there is.
fn find() -> Result<Tool, Option<Version>> {
    let mut newest = None;
    for (name, path) in NAMES.iter().filter_map(|name| Some((*name, find_on_path(name)?))) {
        match Version::ask_browser(&path) {
            Some(version) if version >= LEAST => return Ok(Tool { name, version, path }),
            older => newest = newest.max(older),
        }
    }
    Err(newest)
}

fn missing(found: Option<Version>) -> ToolError {
    ToolError::Missing { program: "Chromium", wanted: LEAST, found: Found(found), fix: GET_IT }
}
