//! Why a tool could not be had, and what to do about it.

use super::Version;
use crate::files::FileError;
use crate::process::ProcessError;
use std::path::PathBuf;

/// Why a tool could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// There is no place for the cache.
    #[error("no folder for the tools: set SKILLGATE_CACHE, or HOME")]
    NoCache,
    /// A program that an install needs is missing or too old.
    #[error("{program} {wanted} or newer is needed, {found}; {fix}")]
    Missing {
        /// The program.
        program: &'static str,
        /// The least version that will do.
        wanted: Version,
        /// What there is instead.
        found: Found,
        /// How to get it.
        fix: &'static str,
    },
    /// Python cannot make virtual environments.
    #[error(
        "{python} has no venv module; install it (Debian, Ubuntu: apt-get install python3-venv)"
    )]
    NoVenv {
        /// The Python that was tried.
        python: PathBuf,
    },
    /// The wasm standard library is not there and cannot be added.
    #[error(
        "Rust's {target} target is not installed and there is no rustup to add it; \
         install rustup, or your distribution's package of that target (Debian: libstd-rust-dev-wasm32)"
    )]
    NoWasmTarget {
        /// The target.
        target: &'static str,
    },
    /// An install went through, yet the program does not answer with its version.
    #[error(
        "{program} was installed as {path}, but {found} (wanted: {wanted}); remove its folder and try again"
    )]
    Unfit {
        /// The program.
        program: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What it answers.
        found: Found,
        /// What it should be.
        wanted: Version,
    },
    /// npm went through, yet a program of it is missing.
    #[error("npm left no usable {program} at {path}; remove node_modules and try again")]
    NodeIncomplete {
        /// The program.
        program: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// An install failed.
    #[error(
        "cannot install {tool}; is the package registry reachable? The same command goes on where this one stopped"
    )]
    Install {
        /// The tool.
        tool: &'static str,
        /// What went wrong.
        #[source]
        source: ProcessError,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A thread of ours panicked, which is a bug.
    #[error("installing the scanner's tools panicked; please report it with the output above")]
    Panicked,
}

/// What was found where another version was wanted.
#[derive(Debug, Clone, Copy)]
pub struct Found(
    /// The version, when there was any.
    pub Option<Version>,
);

impl std::fmt::Display for Found {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(version) => write!(out, "version {version} was found"),
            None => out.write_str("none was found"),
        }
    }
}
