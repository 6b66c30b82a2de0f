//! `cargo xtask detection`: how much malice the rules find and how much honest material they accuse.
//!
//! The real scanner reads samples whose truth is known, and pinned packages that are taken for honest:
//!
//! - [`sample`] reads the samples, [`packages`] gets the packages and cuts them into skills;
//! - [`report`] is what the scanner prints of one scan, [`scan`] runs it;
//! - [`batch`] joins skills into one scan, [`attribution`] gives each skill its part of the report, [`measure`] uses both;
//! - [`wilson`] gives the intervals, [`tables`] and [`package_table`] the Markdown, [`page`] puts it into `docs/detection.md`;
//! - [`pack_time`] measures the scanner on one core, [`tool_clock`] the tool in it;
//! - [`command`] is what a person calls.

pub mod attribution;
pub mod batch;
pub mod command;
pub mod measure;
pub mod pack_time;
pub mod package_table;
pub mod packages;
pub mod page;
pub mod report;
pub mod sample;
pub mod scan;
pub mod tables;
pub mod tool_clock;
pub mod wilson;

use crate::files::FileError;
use crate::process::ProcessError;
use crate::stack::repo::RepoError;
use crate::tools::ToolError;
use std::io;

pub use command::{Options, detection};

/// Path and content of each file of a skill, relative to its folder.
pub type Files = Vec<(String, Vec<u8>)>;

/// Why detection could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum DetectionError {
    /// A line of the samples is not as it must be.
    #[error("{file}:{line}: {problem}")]
    Sample {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is nothing to measure.
    #[error("{folder} holds no samples")]
    NoSamples {
        /// Where they should be.
        folder: String,
    },
    /// The scanner came to no result.
    #[error("the scanner came to no result: {said}")]
    NoResult {
        /// What it printed.
        said: String,
    },
    /// The scanner could not be started.
    #[error("cannot start the scanner")]
    Start(#[source] io::Error),
    /// The list of packages is not as it must be.
    #[error("tools/detection/packages.tsv:{line}: {problem}")]
    PackageList {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// What the registry served is not what was pinned.
    #[error("{package} has the SHA-256 {found}, and {pinned} is pinned")]
    Integrity {
        /// Name and version.
        package: String,
        /// Of the file that came.
        found: String,
        /// Of the list.
        pinned: String,
    },
    /// The package client left no file or several.
    #[error("the package client left {files} files for {package} where one is wanted")]
    Download {
        /// Name and version.
        package: String,
        /// How many there are.
        files: usize,
    },
    /// The page lacks a marker comment.
    #[error("docs/detection.md has no section {0:?}")]
    NoSection(&'static str),
    /// A skill that was scanned with others has another result alone.
    #[error("scanned alone, these have another result than with others: {0:?}")]
    Mixed(Vec<String>),
    /// A sample has no result, which is a fault of this program.
    #[error("a skill was left without a result")]
    Unjudged,
    /// The packages hold too little for a skill of the size that is measured.
    #[error(
        "the packages hold {found} files of the kinds that are wanted, and {wanted} are needed"
    )]
    TooFewFiles {
        /// How many there are.
        found: usize,
        /// How many are needed.
        wanted: usize,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A repository cannot be made.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// A package client failed.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A tool cannot be had.
    #[error(transparent)]
    Tool(#[from] ToolError),
}
