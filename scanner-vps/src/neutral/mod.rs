//! The neutral copy: what the tools read instead of a checkout.
//!
//! Made from git blobs under names of our own (`f000001.js`), outside any repository, it knows no
//! ignore file, attribute, symlink, odd name or extension trick; the map leads every place back
//! to the path and line in the repository.

mod balance;
mod binary;
mod build;
pub mod canary;
pub mod defang;
mod embedded;
pub mod encoding;
pub mod fences;
mod finding;
mod folder;
mod index;
pub mod language;
mod links;
mod locate;
pub mod names;
pub mod notebook;
mod packed;
pub mod profile;
mod reach;
mod references;
pub mod scripts;
mod sift;
pub mod source_encoding;
mod writer;

#[cfg(test)]
mod tests;

pub use build::{CopyError, CopyPlan, build};
pub use folder::FolderError;
pub use locate::Place;
pub use profile::StagingProfile;

use skillgate_contract::{Finding, callback::FileNote};
use std::{collections::HashMap, path::PathBuf};

/// What a copied file is written in; decides its extension and which canary ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// JavaScript, with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Python.
    Python,
    /// POSIX shell and bash.
    Shell,
    /// Markdown.
    Markdown,
    /// HTML and template files that njsscan's pattern rules read.
    Template,
    /// Any other text.
    Text,
}

/// Where a copied file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file of the commit.
    File,
    /// Code inside of a file: a code block of Markdown, a cell of a notebook, a script of a page.
    /// Its first line of code is this line there.
    Fence {
        /// Counted from 1.
        first_line: u32,
    },
    /// A blob that only the history holds, or a commit's message.
    History {
        /// The blob's, or the commit's, object id.
        oid: String,
    },
    /// A planted positive, which must be found.
    Planted,
}

/// One file of the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedFile {
    /// `f000001`.
    pub id: String,
    /// `f000001.js`: the name in the copy's one folder.
    pub name: String,
    /// The path in the repository, fit to be shown.
    pub path: String,
    /// What it is written in.
    pub language: Language,
    /// Where it comes from.
    pub origin: Origin,
    /// Lines put before the content in the copy.
    pub lines_before: u32,
    /// Lines of the content itself; what lies behind them is the canary.
    pub content_lines: u32,
    /// The language is a guess (an untagged code block, a second reading of a file with two
    /// faces): that its parser fails on it proves nothing, and takes nothing from the coverage.
    pub guessed: bool,
    /// Copied byte for byte, without lines before it and without a canary (a binary, for the
    /// tool that looks into archives).
    pub raw: bool,
}

/// The whole copy.
#[derive(Debug, Default)]
pub struct NeutralCopy {
    /// The folder; removed when the value is dropped by its owner's temporary directory.
    pub root: PathBuf,
    /// The skill's folder in the repository, where links in its path lead to another one.
    pub folder: Option<String>,
    /// Every file in it, by number.
    pub files: Vec<CopiedFile>,
    /// What was met while copying: suppression comments, code in binaries.
    pub findings: Vec<Finding>,
    /// What can hold code and could not be copied. Not empty means not complete.
    pub unscanned: Vec<FileNote>,
    /// What holds no text that a tool would read, and was not read: worth saying, and no reason
    /// for doubt.
    pub not_read: Vec<FileNote>,
    /// The commit itself holds text, whether or not this provider's tool reads any of it.
    pub holds_text: bool,
    /// Bytes of framed text written, for tools that count what they read.
    pub bytes: u64,
    /// Part of the canaries of tools whose line numbers prove nothing: made anew for each copy, so
    /// that no repository can hold it.
    pub mark: String,
    /// What [`defang`] and [`StagingProfile::overwrite`] changed, by the file's place in `files`: offset of the
    /// content, and the byte that stood there.
    pub(crate) defanged: HashMap<usize, Vec<(usize, u8)>>,
    /// The lines in the repository of a file's lines, by the file's place in `files`, where they
    /// do not follow one another.
    pub(crate) lines: HashMap<usize, Vec<u32>>,
}
