//! The parts of the gate that run tests.

use super::{cargo, step};
use crate::process::ProcessError;
use crate::scanner_build;
use crate::tools::{self, ScannerTools, Tools, chromium};
use crate::ui::Ui;
use crate::worker_build::{self, SizeLimit};
use crate::workspace::Workspace;
use std::error::Error;
use std::process::Command;

/// Runs the tests that start neither the worker's wasm nor a server, and need no tool: the answer within minutes.
///
/// # Errors
/// The first test program that fails.
pub(super) fn unit(ui: &Ui, workspace: &Workspace) -> Result<(), ProcessError> {
    let mut tests = cargo(workspace, &["test", "--locked", "--workspace"]);
    // The end-to-end tests have a part of their own; the other has no tests, and takes minutes to compile.
    tests.args(["--exclude", "skillgate-e2e", "--exclude", "skillgate-bindgen"]);
    // An answer that differs from its file is a failure here, never a new file.
    tests.env("INSTA_UPDATE", "no");
    step(ui, workspace, "unit, property and router tests", &mut tests)
}

/// Runs what compiles router and scanner a second time, with a fourth provider, and what needs semgrep: the rule pack's tests.
///
/// # Errors
/// The first test program that fails, or a tool that cannot be had.
pub(super) fn extended(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    fourth_provider(ui, workspace)?;
    rules(ui, workspace)?;
    engines(ui, workspace)
}

/// Runs router and scanner with a provider that is not one of the product's: nothing may rely on how many there are.
fn fourth_provider(ui: &Ui, workspace: &Workspace) -> Result<(), ProcessError> {
    let with = ["test", "--locked", "--features", "fourth-provider", "--package"];
    let only = ["--", "fourth_provider"];
    let router = [&with[..], &["skillgate-worker", "--test", "it"], &only].concat();
    step(ui, workspace, "a fourth provider: router", &mut cargo(workspace, &router))?;
    let scanner = [&with[..], &["skillgate-scanner", "--lib"], &only].concat();
    step(ui, workspace, "a fourth provider: scanner", &mut cargo(workspace, &scanner))
}

/// Builds worker and scanner, and runs the end-to-end tests whose name has one of `filter` in it; all without one.
///
/// # Errors
/// When something does not build, the worker is too large, a test fails, or a tool cannot be had.
pub(super) fn e2e(ui: &Ui, workspace: &Workspace, filter: &[String]) -> Result<(), Box<dyn Error>> {
    let tools = Tools::ensure(ui, workspace)?;
    tools::ensure_schemathesis(ui, workspace)?;
    chromium::ensure(ui, workspace)?;
    worker_build::build(ui, workspace, &tools.worker, SizeLimit::Enforce)?;
    scanner_build::build(ui, workspace)?;
    let args = ["test", "--locked", "--package", "skillgate-e2e", "--"];
    let mut e2e = cargo(workspace, &args);
    e2e.args(["--test-threads", "1", "--show-output"]).args(filter);
    step(ui, workspace, "end-to-end tests", &mut e2e)?;
    Ok(())
}

/// Compares semgrep's two engines on the samples of the rules.
fn engines(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let tools = ScannerTools::ensure_all_but_trufflehog(ui, workspace)?;
    let args = ["test", "--locked", "--package", "skillgate-scanner", "--test", "engines"];
    let mut compared = cargo(workspace, &args);
    compared
        .args(["--", "--ignored"])
        .env("SEMGREP_BIN", &tools.semgrep.path)
        .env("NJSSCAN_BIN", &tools.njsscan.path);
    step(ui, workspace, "engines: native beside Python", &mut compared)?;
    Ok(())
}

/// The rule pack's own tests, in semgrep's own form. Its `--validate` is no part of it: that one asks a server for lints.
fn rules(ui: &Ui, workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let semgrep = ScannerTools::ensure_semgrep(ui, workspace)?;
    let mut samples = Command::new(&semgrep.path);
    samples
        .args(["scan", "--test", "--metrics=off", "--disable-version-check"])
        .args(["--config", "scanner-vps/rules", "scanner-vps/rules-tests"])
        .env("SEMGREP_ENABLE_VERSION_CHECK", "0")
        .current_dir(workspace.root());
    step(ui, workspace, "rules: positive and negative samples", &mut samples)?;
    let args = ["test", "--locked", "--package", "skillgate-scanner", "--test", "rules"];
    let mut padded = cargo(workspace, &args);
    padded.args(["--", "--ignored"]).env("SEMGREP_BIN", &semgrep.path);
    step(ui, workspace, "rules: padded samples", &mut padded)?;
    Ok(())
}
