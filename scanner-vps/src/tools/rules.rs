//! The rule pack: in the binary, or in a folder that `SKILLGATE_RULES` names.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));
}

const VERSION: &str = "VERSION";
const CRITICAL: &str = "critical.txt";
const CANARY: &str = "canary.yaml";
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
        let file = |name| embedded::FILES.iter().find(|(n, _)| *n == name).map_or("", |(_, t)| *t);
        Self { folder: None, version: version(file(VERSION)), critical: listed(file(CRITICAL)) }
    }

    /// A pack in a folder of the operator's.
    ///
    /// # Errors
    /// The folder is no rule pack: it lacks its version or its list of critical rules.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            folder: Some(fs::canonicalize(folder)?),
            version: version(&fs::read_to_string(folder.join(VERSION))?),
            critical: listed(&fs::read_to_string(folder.join(CRITICAL))?),
        })
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
                for (name, text) in embedded::FILES {
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

fn version(text: &str) -> String {
    text.trim().to_owned()
}

fn listed(text: &str) -> BTreeSet<String> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
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
        let all: String = embedded::FILES.iter().map(|(_, text)| *text).collect();
        for id in &pack.critical {
            assert!(all.contains(&format!("id: {id}\n")), "{id} is on the list but is no rule");
        }
        for canary in ["js", "python", "bash", "text"] {
            assert!(all.contains(&format!("skillgate-canary-{canary}")), "{canary}");
        }
    }

    #[test]
    fn a_list_may_explain_itself() {
        let ids = listed("# why\nskillgate.a.b # caught 3 families\n\n skillgate.c.d \n");
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["skillgate.a.b", "skillgate.c.d"]);
    }
}
