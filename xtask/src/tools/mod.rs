//! The external tools: which ones, at which versions, and how each is got.
//!
//! A tool on PATH in a fitting version is used as it is. Otherwise it is installed once into the user's cache, one folder per
//! tool and version, through its language's own package client; every step can be interrupted and goes on where it stopped.
//! Versions are held in three places, each next to its mechanism: constants here, `package-lock.json`, and the files in `tools/`.

mod cache;
pub mod chromium;
mod error;
mod go;
mod node;
mod python;
mod rust;
mod version;

pub use error::ToolError;
pub use node::NodeTools;
pub(crate) use rust::ensure_wasm_target;
pub use version::Version;

use crate::ui::Ui;
use crate::workspace::Workspace;
use cache::Cache;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::thread;

/// Every tool that building, running and testing need.
#[derive(Debug, Clone)]
pub struct Tools {
    /// What builds and serves the worker.
    pub worker: WorkerTools,
    /// What the scanner runs.
    pub scanner: ScannerTools,
}

/// What builds the worker and serves it locally.
#[derive(Debug, Clone)]
pub struct WorkerTools {
    /// Makes the JavaScript glue, in the version of the worker's own `wasm-bindgen`.
    pub bindgen: Tool,
    /// wrangler, workerd, wasm-opt, esbuild and the Node that runs them.
    pub node: NodeTools,
}

/// The three providers' programs.
#[derive(Debug, Clone)]
pub struct ScannerTools {
    /// Pattern rules over source code.
    pub semgrep: Tool,
    /// Node.js security rules.
    pub njsscan: Tool,
    /// Secrets, in files and in history.
    pub trufflehog: Tool,
}

/// What runs the workflows in `.github` without GitHub.
#[derive(Debug, Clone)]
pub struct WorkflowTools {
    /// Runs a workflow on this machine.
    pub act: Tool,
}

/// What checks workflows and dependencies without running anything of them.
#[derive(Debug, Clone)]
pub struct LintTools {
    /// Types, expressions and conditions of workflows.
    pub actionlint: Tool,
    /// Injections, loose pins and wide permissions in workflows.
    pub zizmor: Tool,
    /// Licences, sources and advisories of crates.
    pub cargo_deny: Tool,
    /// Crates that a manifest names and no code uses.
    pub cargo_shear: Tool,
}

/// One program, ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// What people call it.
    pub name: &'static str,
    /// The version that it is known to be.
    pub version: Version,
    /// Where it is.
    pub path: PathBuf,
}

impl Tools {
    /// Gets every tool, the worker's and the scanner's side by side.
    ///
    /// # Errors
    /// When one of them cannot be had; the error says what to do.
    pub fn ensure(ui: &Ui, workspace: &Workspace) -> Result<Self, ToolError> {
        thread::scope(|scope| {
            let scanner = scope.spawn(|| ScannerTools::ensure(ui, workspace));
            let worker = WorkerTools::ensure(ui, workspace)?;
            let scanner = scanner.join().map_err(|_| ToolError::Panicked)??;
            Ok(Self { worker, scanner })
        })
    }

    /// Name, version and path of each tool, for a table.
    #[must_use]
    pub fn list(&self) -> Vec<&Tool> {
        let WorkerTools { bindgen, node } = &self.worker;
        let ScannerTools { semgrep, njsscan, trufflehog } = &self.scanner;
        let mut tools = vec![bindgen];
        tools.extend(node.list());
        tools.extend([semgrep, njsscan, trufflehog]);
        tools
    }

    /// The PATH for children: the scanner's tools and the Node tools before what the person has.
    #[must_use]
    pub fn path_env(&self) -> OsString {
        let ScannerTools { semgrep, njsscan, trufflehog } = &self.scanner;
        let own = [semgrep, njsscan, trufflehog].into_iter().filter_map(|tool| tool.path.parent());
        path_with(own.chain([self.worker.node.bin_dir()]))
    }
}

impl WorkerTools {
    /// Gets what builds and serves the worker.
    ///
    /// # Errors
    /// When one of them cannot be had; the error says what to do.
    pub fn ensure(ui: &Ui, workspace: &Workspace) -> Result<Self, ToolError> {
        let node = NodeTools::ensure(ui, workspace)?;
        ensure_wasm_target(ui, workspace)?;
        Ok(Self { bindgen: rust::ensure_bindgen(ui, workspace)?, node })
    }
}

impl ScannerTools {
    /// Gets the three providers' programs.
    ///
    /// # Errors
    /// When one of them cannot be had; the error says what to do.
    pub fn ensure(ui: &Ui, workspace: &Workspace) -> Result<Self, ToolError> {
        let cache = Cache::open(workspace)?;
        Ok(Self {
            semgrep: python::SEMGREP.ensure(ui, &cache)?,
            njsscan: python::NJSSCAN.ensure(ui, &cache)?,
            trufflehog: go::TRUFFLEHOG.ensure(ui, &cache)?,
        })
    }

    /// Gets semgrep and njsscan; trufflehog is named where [`Self::ensure_trufflehog`] will put it, and may not be there yet.
    ///
    /// # Errors
    /// When one of the two cannot be had; the error says what to do.
    pub fn ensure_all_but_trufflehog(ui: &Ui, workspace: &Workspace) -> Result<Self, ToolError> {
        let cache = Cache::open(workspace)?;
        Ok(Self {
            semgrep: python::SEMGREP.ensure(ui, &cache)?,
            njsscan: python::NJSSCAN.ensure(ui, &cache)?,
            trufflehog: go::TRUFFLEHOG.planned(&cache),
        })
    }

    /// Gets trufflehog alone.
    ///
    /// # Errors
    /// When it cannot be had; the error says what to do.
    pub fn ensure_trufflehog(ui: &Ui, workspace: &Workspace) -> Result<Tool, ToolError> {
        go::TRUFFLEHOG.ensure(ui, &Cache::open(workspace)?)
    }

    /// Gets semgrep alone, for the tests of the rule pack.
    ///
    /// # Errors
    /// When it cannot be had; the error says what to do.
    pub fn ensure_semgrep(ui: &Ui, workspace: &Workspace) -> Result<Tool, ToolError> {
        python::SEMGREP.ensure(ui, &Cache::open(workspace)?)
    }
}

/// The folder that everything downloaded is kept in.
///
/// # Errors
/// When there is no place for it.
pub(crate) fn cache_dir(workspace: &Workspace) -> Result<PathBuf, ToolError> {
    Ok(Cache::open(workspace)?.root().to_path_buf())
}

/// Gets schemathesis, which only the end-to-end tests run.
///
/// # Errors
/// When it cannot be had; the error says what to do.
pub fn ensure_schemathesis(ui: &Ui, workspace: &Workspace) -> Result<Tool, ToolError> {
    python::SCHEMATHESIS.ensure(ui, &Cache::open(workspace)?)
}

impl WorkflowTools {
    /// Gets what runs workflows.
    ///
    /// # Errors
    /// When it cannot be had; the error says what to do.
    pub fn ensure(ui: &Ui, workspace: &Workspace) -> Result<Self, ToolError> {
        Ok(Self { act: go::ACT.ensure(ui, &Cache::open(workspace)?)? })
    }
}

impl LintTools {
    /// Gets what checks workflows and dependencies.
    ///
    /// # Errors
    /// When one of them cannot be had; the error says what to do.
    pub fn ensure(ui: &Ui, workspace: &Workspace) -> Result<Self, ToolError> {
        let cache = Cache::open(workspace)?;
        Ok(Self {
            actionlint: go::ACTIONLINT.ensure(ui, &cache)?,
            zizmor: python::ZIZMOR.ensure(ui, &cache)?,
            cargo_deny: python::CARGO_DENY.ensure(ui, &cache)?,
            cargo_shear: python::CARGO_SHEAR.ensure(ui, &cache)?,
        })
    }

    /// Each of them, for a table.
    #[must_use]
    pub fn list(&self) -> [&Tool; 4] {
        [&self.actionlint, &self.zizmor, &self.cargo_deny, &self.cargo_shear]
    }
}

/// Gets cargo-deny alone, for the advisories.
///
/// # Errors
/// When it cannot be had; the error says what to do.
pub fn ensure_cargo_deny(ui: &Ui, workspace: &Workspace) -> Result<Tool, ToolError> {
    python::CARGO_DENY.ensure(ui, &Cache::open(workspace)?)
}

/// PATH with `first` in front.
pub(crate) fn path_with<'a>(first: impl IntoIterator<Item = &'a Path>) -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let folders = first.into_iter().map(Path::to_path_buf).chain(env::split_paths(&inherited));
    // Only a folder with a colon in its name cannot be joined; such a one cannot be on PATH at all.
    env::join_paths(folders).unwrap_or(inherited)
}
