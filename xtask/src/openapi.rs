//! `cargo xtask openapi`: the API's own description, from the contract's types.

use crate::files::{self, FileError};
use crate::ui::Ui;
use crate::workspace::Workspace;

/// Writes `docs/openapi.json`. That it is up to date is a test of the crate that makes it.
///
/// # Errors
/// When the file cannot be written.
pub fn write(ui: &Ui, workspace: &Workspace) -> Result<(), FileError> {
    let text = skillgate_openapi::text();
    let kilobytes = text.len().div_ceil(1024);
    files::write(&workspace.root().join("docs/openapi.json"), text)?;
    ui.good(format_args!("docs/openapi.json: {kilobytes} KB"));
    Ok(())
}
