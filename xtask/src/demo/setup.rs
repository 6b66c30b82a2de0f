//! Gets the tools and builds worker and scanner, side by side, so that the network, both cores and each other's waiting are used.
//!
//! trufflehog takes longer than all the rest: whoever asks gets the rest first, and trufflehog when it is there.

use crate::glue;
use crate::process;
use crate::scanner_build;
use crate::tools::{ScannerTools, Tool, ToolError, Tools, WorkerTools};
use crate::ui::Ui;
use crate::worker_build::{self, SizeLimit};
use crate::workspace::Workspace;
use std::error::Error;
use std::path::PathBuf;
use std::thread::{self, ScopedJoinHandle};

/// Everything but trufflehog, ready to run.
#[derive(Debug)]
pub(super) struct Ready {
    /// The tools; the path of trufflehog is where it will be.
    pub(super) tools: Tools,
    /// The scanner's program.
    pub(super) scanner: PathBuf,
}

/// trufflehog, which may still be under way.
#[derive(Debug)]
pub(super) struct Late<'scope>(ScopedJoinHandle<'scope, Result<Tool, ToolError>>);

impl Late<'_> {
    /// Whether it has come to its end, good or bad.
    pub(super) fn is_here(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits for it, and puts it among `tools`.
    pub(super) fn add_to(self, tools: &mut Tools) -> Result<(), ToolError> {
        tools.scanner.trufflehog = self.0.join().map_err(|_| ToolError::Panicked)??;
        Ok(())
    }
}

/// Gets and builds everything, and calls `then` as soon as all but trufflehog is there.
///
/// # Errors
/// When something cannot be had or built, and what `then` returns. What is still being built is then stopped.
pub(super) fn run<T>(
    ui: &Ui,
    workspace: &Workspace,
    then: impl FnOnce(Ready, Late<'_>) -> Result<T, Box<dyn Error>>,
) -> Result<T, Box<dyn Error>> {
    thread::scope(|scope| {
        let late = scope.spawn(|| ScannerTools::ensure_trufflehog(ui, workspace));
        let scanner = scope.spawn(|| scanner(ui, workspace));
        let compiled = scope.spawn(|| glue::compile_ahead(ui, workspace));
        let all = || {
            let worker = WorkerTools::ensure(ui, workspace)?;
            compiled.join().map_err(|_| ToolError::Panicked)??;
            worker_build::build(ui, workspace, &worker, SizeLimit::Report)?;
            let scanner = scanner.join().map_err(|_| ToolError::Panicked)?;
            let (scanner, program) = scanner.map_err(|error| -> Box<dyn Error> { error })?;
            then(Ready { tools: Tools { worker, scanner }, scanner: program }, Late(late))
        };
        // Without this, an error would be shown only once the others have come to their end.
        all().inspect_err(|_| process::terminate_waited())
    })
}

/// The scanner's tools but trufflehog, and the scanner.
fn scanner(
    ui: &Ui,
    workspace: &Workspace,
) -> Result<(ScannerTools, PathBuf), Box<dyn Error + Send + Sync>> {
    let tools = ScannerTools::ensure_all_but_trufflehog(ui, workspace)?;
    Ok((tools, scanner_build::build(ui, workspace)?))
}
