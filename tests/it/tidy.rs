//! Holds the import rules between the folders of the worker, and the list of banned words.

mod imports;
mod rules;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One source file: its path from the root of the repository, with `/`, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }
}

/// The text files below a folder of the repository.
fn sources(folder: &str) -> Vec<Source> {
    const KINDS: [&str; 4] = ["rs", "sql", "js", "css"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
            {
                files.push(path);
            }
        }
    }
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        Source { path: name, text: fs::read_to_string(path).unwrap() }
    };
    files.iter().map(read).collect()
}

/// Fails with one line for each fault.
fn assert_tidy(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
