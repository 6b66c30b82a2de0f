//! The local database: migrated once per set of migrations, then copied for every start.
//!
//! wrangler's first migration call takes seconds, a copy takes milliseconds.

use super::wrangler::{StackError, Wrangler};
use crate::files;
use crate::tools::NodeTools;
use crate::ui::Ui;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};

/// Puts a migrated database into `persist_dir`, or migrates the one that is there.
pub(super) fn prepare(
    ui: &Ui,
    workspace: &Workspace,
    wrangler: &Wrangler<'_>,
    persist_dir: &Path,
) -> Result<(), StackError> {
    if persist_dir.join("v3").is_dir() {
        return migrate(ui, wrangler, persist_dir);
    }
    let template = template(ui, workspace, wrangler)?;
    Ok(files::copy_dir(&template, persist_dir)?)
}

/// Runs one statement, by D1 itself, in the database that a worker keeps in `persist_dir`.
///
/// # Errors
/// When D1 refuses it; the error shows why.
pub fn execute(
    ui: &Ui,
    workspace: &Workspace,
    node: &NodeTools,
    persist_dir: &Path,
    sql: &str,
) -> Result<(), StackError> {
    let config = workspace.root().join("wrangler.toml");
    let step = ui.step("database: one statement");
    Wrangler::new(workspace, node, &config)?.execute(persist_dir, sql, &step)
}

/// The folder with a fresh, migrated database: made by whoever comes first, and named after all that decides what is in it.
fn template(
    ui: &Ui,
    workspace: &Workspace,
    wrangler: &Wrangler<'_>,
) -> Result<PathBuf, StackError> {
    let templates = workspace.state_dir().join("d1-template");
    files::create_dir(&templates)?;
    let template = templates.join(fingerprint(workspace, wrangler)?);
    let _lock = files::lock(ui, &templates.join("lock"))?;
    if !template.is_dir() {
        let partial = template.with_extension("partial");
        files::remove_dir(&partial)?;
        migrate(ui, wrangler, &partial)?;
        files::rename(&partial, &template)?;
    }
    Ok(template)
}

fn fingerprint(workspace: &Workspace, wrangler: &Wrangler<'_>) -> Result<String, StackError> {
    let mut parts = vec![wrangler.version().into_bytes(), files::read(wrangler.config())?];
    for migration in files::list(&workspace.root().join("d1-migrations"))? {
        parts.push(migration.file_name().unwrap_or_default().as_encoded_bytes().to_vec());
        parts.push(files::read(&migration)?);
    }
    Ok(files::fingerprint(parts.iter().map(Vec::as_slice)))
}

fn migrate(ui: &Ui, wrangler: &Wrangler<'_>, persist_dir: &Path) -> Result<(), StackError> {
    let step = ui.step("database: applying its migrations");
    wrangler.migrate(persist_dir, &step)?;
    step.done();
    Ok(())
}
