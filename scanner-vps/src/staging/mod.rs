//! Staging: the files of a commit, laid out for one tool.
//!
//! Tools read the staged tree in place of a checkout. It is made from git blobs under names of our
//! own (`f000001.js`) in one folder outside of any repository, so that no ignore file, attribute,
//! symlink, odd name or extension of the repository changes what a tool reads. The map in
//! [`StagedTree`] leads from each staged line back to the path and line in the repository. Staging
//! imports git and no tool; what differs between tools is in [`StagingProfile`].

mod archive;
mod binary;
mod brackets;
mod bytecode;
pub mod canary;
mod classify;
pub mod defang;
mod document;
mod embedded;
pub mod encoding;
mod evidence;
pub mod fences;
mod finding;
mod folder;
pub mod language;
mod linked;
mod links;
mod locate;
mod members;
pub mod names;
pub mod notebook;
mod packed_code;
mod picture;
pub mod profile;
mod reading;
mod reference_closure;
mod references;
pub mod scripts;
pub mod source_encoding;
mod stage;
mod tree_index;
mod writer;

#[cfg(test)]
mod tests;

pub use evidence::Evidence;
pub(crate) use evidence::dialect;
pub use folder::FolderError;
pub use locate::SourcePosition;
pub use profile::StagingProfile;
#[cfg(test)]
pub(crate) use reading::SCAN_LIMIT;
pub(crate) use reading::{READING_LIMIT, readings_are_full, refused_readings, within};
pub use stage::{StagingError, StagingPlan, stage, stage_planted};

use skillgate_contract::{Finding, callback::FileNote};
use std::{collections::HashMap, path::PathBuf};

/// What a staged file is written in; decides its extension and its canary.
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

/// Where a staged file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file of the commit.
    File,
    /// A file in an archive of the commit, or what a picture or a document holds beside itself: no
    /// agent and no loader knows it by its path.
    Member,
    /// The text that stands in a compiled program.
    Strings,
    /// Code embedded in a file: a code block of Markdown, a cell of a notebook, a script of a page.
    /// Its first line of code is `first_line` of that file.
    Embedded {
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

impl Origin {
    /// Whether it is, or lies in, a file of the commit, at the lines of its own.
    #[must_use]
    pub const fn is_of_commit(&self) -> bool {
        matches!(self, Self::File | Self::Member | Self::Strings)
    }
}

/// One file of the staged tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// `f000001`.
    pub id: String,
    /// `f000001.js`: the name in the one folder of the staged tree.
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

/// All staged files, and what was met while they were staged.
#[derive(Debug, Clone, Default)]
pub struct StagedTree {
    /// The folder; removed when the value is dropped by its owner's temporary directory.
    pub root: PathBuf,
    /// The skill's folder in the repository, where links in its path lead to another one.
    pub folder: Option<String>,
    /// Every file in it, by number.
    pub files: Vec<StagedFile>,
    /// Names in it of files that an agent reads or runs by itself: they are read alone where a tool does not come to its
    /// end with all.
    pub first: Vec<String>,
    /// What staging reports itself: suppression comments, code in binaries.
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
    /// The chains of evidence in a file's content, by the file's place in `files`.
    pub(crate) evidence: HashMap<usize, Vec<Evidence>>,
}
