//! The rule pack: in the binary, or in a folder that `SKILLGATE_RULES` names.

use skillgate_rulebook::{
    lint::{self, Problem},
    pack::{self, CANARY, CRITICAL, VERSION},
};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Rules that read text and need no parser.
const TEXT: &str = "text";

/// The rules that semgrep runs, and which of them may block a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePack {
    folder: Option<PathBuf>,
    version: String,
    critical: BTreeSet<String>,
}

/// The rules lie on disk for one scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesOnDisk {
    /// Everything.
    pub all: PathBuf,
    /// The text rules and the canaries alone.
    pub text_only: Vec<PathBuf>,
}

impl RulePack {
    /// The pack that this binary carries.
    #[must_use]
    pub fn embedded() -> Self {
        let (version, critical) = (version(pack::file(VERSION)), listed(pack::file(CRITICAL)));
        Self { folder: None, version, critical }
    }

    /// A pack in a folder of the operator's.
    ///
    /// # Errors
    /// The folder is no rule pack: it lacks its version or its list of critical rules, or a rule file is broken. One
    /// broken rule would cost the results of all others.
    pub fn in_folder(folder: &Path) -> Result<Self, PackError> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|source| PackError::File { path, source })
        };
        let (version, critical) = (version(&read(VERSION)?), listed(&read(CRITICAL)?));
        let broken = lint::broken(&rule_files(folder)?);
        if let Some(first) = broken.first() {
            return Err(PackError::Broken { first: first.clone(), more: broken.len() - 1 });
        }
        let canonical = fs::canonicalize(folder);
        let folder =
            canonical.map_err(|source| PackError::File { path: folder.to_owned(), source })?;
        Ok(Self { folder: Some(folder), version, critical })
    }

    /// The pack's version, for every result.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether a rule may block a skill.
    #[must_use]
    pub fn may_block(&self, rule: &str) -> bool {
        self.critical.contains(rule)
    }

    /// Lays the rules where semgrep can read them; `scratch` is a folder of the scan's own.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn lay_out(&self, scratch: &Path) -> io::Result<RulesOnDisk> {
        let all = match &self.folder {
            Some(folder) => folder.clone(),
            None => {
                for (name, text) in pack::files() {
                    let path = scratch.join(name);
                    if let Some(parent) = path.parent() {
                        fs::create_dir_all(parent)?;
                    }
                    fs::write(path, text)?;
                }
                scratch.to_owned()
            }
        };
        let text_only =
            [TEXT, CANARY].map(|name| all.join(name)).into_iter().filter(|p| p.exists()).collect();
        Ok(RulesOnDisk { all, text_only })
    }
}

/// Why a folder is no rule pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file or folder of it cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Rule files are broken.
    #[error("{first}{}", and_more(*more))]
    Broken {
        /// The first of them, with file and line.
        first: Problem,
        /// How many more there are.
        more: usize,
    },
    /// It holds more than a pack may.
    #[error(
        "it holds more than {MAX_FILES} files and folders, or a rule file of more than {MAX_BYTES} bytes"
    )]
    TooLarge,
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        _ => format!("; {more} more: `skillgate-scanner rules lint` lists them"),
    }
}

/// Files and folders of a pack that are looked at.
const MAX_FILES: usize = 5_000;
/// Bytes of one rule file.
const MAX_BYTES: u64 = 4 << 20;

/// The rule files of a pack's folder: names below it, sorted, and texts. Links to folders are not followed.
///
/// # Errors
/// One cannot be read, or there are too many.
pub fn rule_files(folder: &Path) -> Result<Vec<(String, String)>, PackError> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        |source| PackError::File { path, source }
    };
    let (mut files, mut open, mut seen) = (Vec::new(), vec![folder.to_owned()], 0_usize);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).map_err(fault(&next))? {
            let entry = entry.map_err(fault(&next))?;
            let path = entry.path();
            seen += 1;
            if seen > MAX_FILES {
                return Err(PackError::TooLarge);
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            if entry.file_type().map_err(fault(&path))?.is_dir() {
                open.push(path);
            } else if lint::is_rule_file(&name) {
                if fs::metadata(&path).map_err(fault(&path))?.len() > MAX_BYTES {
                    return Err(PackError::TooLarge);
                }
                files.push((name, fs::read_to_string(&path).map_err(fault(&path))?));
            }
        }
    }
    files.sort();
    Ok(files)
}

fn version(text: &str) -> String {
    text.trim().to_owned()
}

fn listed(text: &str) -> BTreeSet<String> {
    pack::listed(text).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_carries_a_versioned_pack_with_canaries_and_a_closed_list() {
        let pack = RulePack::embedded();
        assert!(!pack.version().is_empty());
        assert!(!pack.critical.is_empty());
        assert!(pack.critical.iter().all(|id| id.starts_with("skillgate.")));
        let all: String = pack::files().iter().map(|(_, text)| *text).collect();
        for id in &pack.critical {
            assert!(all.contains(&format!("id: {id}\n")), "{id} is on the list but is no rule");
        }
        for canary in ["js", "python", "bash", "text"] {
            assert!(all.contains(&format!("skillgate-canary-{canary}")), "{canary}");
        }
    }

    #[test]
    fn a_pack_that_would_break_a_run_says_which_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let said = || RulePack::in_folder(folder.path()).unwrap_err().to_string();
        assert!(said().contains("VERSION cannot be read"), "{}", said());
        write(VERSION, "1\n");
        write(CRITICAL, "");
        write(
            "a.yaml",
            "rules:\n- id: own.a\n  languages: [regex]\n  severity: ERROR\n  message: m\n",
        );
        assert!(said().starts_with("a.yaml:2: own.a: it has no pattern"), "{}", said());
        write("b.yaml", "rules: [");
        assert!(
            said().ends_with("; 1 more: `skillgate-scanner rules lint` lists them"),
            "{}",
            said()
        );
        write(
            "b.yaml",
            "rules:\n- id: own.b\n  languages: [regex]\n  severity: ERROR\n  message: m\n  pattern-regex: b\n",
        );
        fs::remove_file(folder.path().join("a.yaml")).unwrap();
        let pack = RulePack::in_folder(folder.path()).unwrap();
        assert_eq!(pack.version(), "1");
    }
}
