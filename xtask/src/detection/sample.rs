//! Samples: small skills as lines of data, each with what it is known to be.
//!
//! The folder has `malicious` and `honest`, with a file `<class>.jsonl` for each class and a file `<class>.held-back.jsonl`
//! of samples that nobody who writes rules has read.

use super::{DetectionError, Files};
use crate::files::{self, FileError};
use serde_json::Value;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

const ENDING: &str = ".jsonl";
const HELD_BACK_ENDING: &str = ".held-back.jsonl";

/// What a sample is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It attacks whoever installs it; it is inert.
    Malicious,
    /// It looks like an attack, and is none.
    Honest,
}

/// Who may read a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Everybody.
    Open,
    /// Nobody who writes rules.
    HeldBack,
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its name, unique among all samples.
    pub id: String,
    /// What kind of attack it makes or resembles.
    pub class: String,
    /// What it is known to be.
    pub truth: Truth,
    /// Whether its bytes alone prove the malice, without knowledge about hosts or persons.
    pub provable: bool,
    /// The language of its prose.
    pub language: String,
    /// Who may read it.
    pub split: Split,
    /// Its files.
    pub files: Files,
}

/// Reads every sample below `folder`, in the order of the files' names.
///
/// # Errors
/// A file cannot be read, a line is not a sample, an id stands twice, or there is no sample.
pub fn read(folder: &Path) -> Result<Vec<Sample>, DetectionError> {
    let mut samples = Vec::new();
    for (truth, name) in [(Truth::Malicious, "malicious"), (Truth::Honest, "honest")] {
        for path in lists(&folder.join(name))? {
            let text = files::read(&path)?;
            let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let file = file.unwrap_or_default();
            let split =
                if file.ends_with(HELD_BACK_ENDING) { Split::HeldBack } else { Split::Open };
            let text = String::from_utf8_lossy(&text);
            for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.is_empty()) {
                let sample = parse(text, truth).and_then(|sample| {
                    (sample.split == split)
                        .then_some(sample)
                        .ok_or("its split is not that of its file")
                });
                samples.push(sample.map_err(|problem| DetectionError::Sample {
                    file: format!("{name}/{file}"),
                    line,
                    problem,
                })?);
            }
        }
    }
    let mut ids = HashSet::new();
    if samples.iter().any(|sample| !ids.insert(&sample.id)) {
        let problem = "an id stands twice among all samples";
        return Err(DetectionError::Sample { file: "malicious, honest".into(), line: 0, problem });
    }
    if samples.is_empty() {
        return Err(DetectionError::NoSamples { folder: folder.display().to_string() });
    }
    Ok(samples)
}

fn lists(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut lists = files::list(folder)?;
    lists.retain(|path| path.to_string_lossy().ends_with(ENDING));
    lists.sort();
    Ok(lists)
}

fn parse(line: &str, truth: Truth) -> Result<Sample, &'static str> {
    let value: Value = serde_json::from_str(line).map_err(|_| "it is no JSON")?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let split = match text("split").as_deref() {
        Some("open") => Split::Open,
        Some("held-back") => Split::HeldBack,
        _ => return Err("`split` is neither \"open\" nor \"held-back\""),
    };
    let content = value.get("files").and_then(Value::as_object).ok_or("`files` is no object")?;
    let content: Option<Files> = content
        .iter()
        .map(|(path, text)| Some((path.clone(), text.as_str()?.as_bytes().to_vec())))
        .collect();
    let content = content.filter(|files| !files.is_empty()).ok_or("`files` holds no text")?;
    let provable = value.get("provable").and_then(Value::as_bool);
    Ok(Sample {
        id: text("id").ok_or("`id` is no text")?,
        class: text("class").ok_or("`class` is no text")?,
        language: text("language").ok_or("`language` is no text")?,
        provable: provable.ok_or("`provable` is neither true nor false")?,
        truth,
        split,
        files: content,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    fn line(id: &str, split: &str) -> String {
        json!({
            "id": id, "class": "hook", "provable": true, "language": "en", "split": split,
            "note": "why", "files": {"SKILL.md": "# x\n"},
        })
        .to_string()
    }

    fn folder(lists: &[(&str, String)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in lists {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn truth_and_split_come_from_folder_and_line() {
        let folder = folder(&[
            ("malicious/hook.jsonl", line("a", "open")),
            ("malicious/hook.held-back.jsonl", line("b", "held-back")),
            ("honest/hook.jsonl", line("c", "open")),
        ]);
        let samples = read(folder.path()).unwrap();
        let found: Vec<_> = samples.iter().map(|s| (s.id.as_str(), s.truth, s.split)).collect();
        let malicious =
            [("b", Truth::Malicious, Split::HeldBack), ("a", Truth::Malicious, Split::Open)];
        assert_eq!(found, [&malicious[..], &[("c", Truth::Honest, Split::Open)]].concat());
    }

    #[test]
    fn a_line_that_is_no_sample_is_named() {
        let lists = [
            ("honest/hook.jsonl", format!("{}\n{{}}\n", line("a", "open"))),
            ("honest/hook.jsonl", line("a", "held-back")),
            ("honest/hook.jsonl", format!("{0}\n{0}\n", line("a", "open"))),
            ("honest/other.txt", String::new()),
        ];
        for (list, end) in lists.into_iter().zip([
            "honest/hook.jsonl:2: `split` is neither \"open\" nor \"held-back\"",
            "honest/hook.jsonl:1: its split is not that of its file",
            "malicious, honest:0: an id stands twice among all samples",
            "holds no samples",
        ]) {
            let error = read(folder(&[list]).path()).unwrap_err().to_string();
            assert!(error.ends_with(end), "{error}");
        }
    }
}
