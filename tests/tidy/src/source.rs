//! Source files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// One source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path from the crate's folder, with `/`: `src/git/mod.rs`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// A file of this path and text.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }
}

/// The files below a folder whose names end in one of these extensions, in the order of their paths.
///
/// # Errors
/// A folder or file cannot be read, or is no UTF-8.
pub fn sources(root: &Path, folder: &str, extensions: &[&str]) -> io::Result<Vec<Source>> {
    let mut folders = vec![root.join(folder)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| extensions.iter().any(|e| found == *e)) {
                files.push(path);
            }
        }
    }
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        Ok(Source { path: name, text: fs::read_to_string(path)? })
    };
    files.iter().map(read).collect()
}

/// Whether a path is this module's file or lies in its folder: `src/git.rs` and `src/git/blobs.rs` are below
/// `src/git`.
#[must_use]
pub fn is_below(path: &str, of: &str) -> bool {
    path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
}
