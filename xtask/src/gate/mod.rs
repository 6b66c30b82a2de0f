//! `cargo xtask test`: everything that has to hold before anything lands.

mod dependencies;
mod lint;
mod suites;

use crate::process::{self, ProcessError};
use crate::tools::{self, LintTools, Tools, WorkflowTools, chromium};
use crate::ui::Ui;
use crate::workspace::Workspace;
use clap::Subcommand;
use std::env;
use std::error::Error;
use std::process::Command;
use std::time::Instant;

/// One part of the gate, as CI runs them on machines of their own.
#[derive(Debug, Subcommand)]
pub enum Part {
    /// Check formats, workflows, dependencies, lints and the documentation; run no test.
    Lint,
    /// Run the unit, property and router tests.
    Unit,
    /// Run router and scanner with a fourth provider, and the tests of the rule pack.
    Extended,
    /// Build worker and scanner, and run the end-to-end tests.
    E2e {
        /// Only the tests whose name has one of these in it.
        filter: Vec<String>,
    },
    /// Compare Cargo.lock with RustSec's advisories; needs GitHub, so it is no part of a plain `cargo xtask test`.
    Advisories,
}

/// Runs lint, unit, extended and end-to-end tests, in the order in which a fault shows soonest; `filter` picks end-to-end tests by name.
///
/// # Errors
/// The first check that fails; the error shows the end of its log.
pub fn test(ui: &Ui, workspace: &Workspace, filter: &[String]) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    // A tool that cannot be had stops the gate now, not after ten minutes of tests.
    Tools::ensure(ui, workspace)?;
    LintTools::ensure(ui, workspace)?;
    WorkflowTools::ensure(ui, workspace)?;
    tools::ensure_schemathesis(ui, workspace)?;
    chromium::ensure(ui, workspace)?;
    lint::lint(ui, workspace)?;
    suites::unit(ui, workspace)?;
    suites::extended(ui, workspace)?;
    suites::e2e(ui, workspace, filter)?;
    ui.note("advisories: not compared here; CI runs `cargo xtask test advisories` every day");
    ui.good(format_args!("everything holds ({})", crate::ui::duration(began.elapsed())));
    Ok(())
}

/// Runs one part, and gets only the tools that it needs.
///
/// # Errors
/// The first check of the part that fails; the error shows the end of its log.
pub fn part(ui: &Ui, workspace: &Workspace, part: &Part) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    match part {
        Part::Lint => lint::lint(ui, workspace)?,
        Part::Unit => suites::unit(ui, workspace)?,
        Part::Extended => suites::extended(ui, workspace)?,
        Part::E2e { filter } => suites::e2e(ui, workspace, filter)?,
        Part::Advisories => dependencies::advisories(ui, workspace)?,
    }
    ui.good(format_args!("this part holds ({})", crate::ui::duration(began.elapsed())));
    Ok(())
}

/// The cargo that started this program, else the one on PATH, in the workspace's root.
fn cargo(workspace: &Workspace, args: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(args).current_dir(workspace.root());
    cargo
}

/// Runs `command` as the step `what`, with its output in a log named after it.
fn step(
    ui: &Ui,
    workspace: &Workspace,
    what: &str,
    command: &mut Command,
) -> Result<(), ProcessError> {
    let step = ui.step(what);
    let name = what.replace([',', ':'], "").replace(' ', "-");
    process::run(command, &workspace.log_file(&name), &step)?;
    step.done();
    Ok(())
}
