//! Holds the import rules between the folders of the worker, and the list of banned words.

mod rules;
mod words;

use skillgate_tidy::Source;
use std::path::Path;

/// The text files below a folder of the repository.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    skillgate_tidy::sources(root, folder, &["rs", "sql", "js", "css"]).unwrap()
}

/// Fails with one line for each fault.
fn assert_tidy(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
