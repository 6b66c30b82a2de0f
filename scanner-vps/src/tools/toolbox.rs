//! Where the tools are: in a setting, else on PATH.

use super::{ToolError, engine::EngineChoice, overrides::Overrides, rules::RulePack};
use crate::{
    git::GitVersion,
    program_path::program_on_path,
    renamed_setting::{self, SEVERITY_OVERRIDES_FILE},
};
use skillgate_contract::{HostPolicy, Provider};
use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// A program that the scanner needs, and how people get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// The program's name.
    pub name: &'static str,
    /// The setting that names its path.
    pub setting: &'static str,
    /// The oldest version that the scanner was tried with.
    pub minimum: &'static str,
    /// How to get it.
    pub how: &'static str,
}

impl Requirement {
    /// The git that fetches repositories.
    pub const GIT: Self = Self {
        name: "git",
        setting: "GIT_BIN",
        minimum: GitVersion::MINIMUM_TEXT,
        how: "your system's package manager",
    };
}

/// A program that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolPath {
    /// It is here: an absolute path to something executable.
    Found(PathBuf),
    /// It is nowhere.
    Missing(Requirement),
}

impl ToolPath {
    /// The program's path.
    ///
    /// # Errors
    /// It is missing.
    pub fn found(&self) -> Result<&Path, ToolError> {
        match self {
            Self::Found(path) => Ok(path),
            Self::Missing(Requirement { name, setting, .. }) => {
                Err(ToolError::Missing { provider: name, setting })
            }
        }
    }

    fn look(requirement: Requirement, setting: Option<&OsStr>, path: &OsStr) -> Self {
        // A setting that names nothing is an error to show, never a reason to take another one.
        let candidate = match setting {
            Some(named) => Some(PathBuf::from(named)),
            None => program_on_path(requirement.name, path),
        };
        match candidate.and_then(|file| std::path::absolute(file).ok()) {
            Some(file) if is_executable(&file) => Self::Found(file),
            _ => Self::Missing(requirement),
        }
    }
}

pub(super) fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// The settings that say where the tools are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolSettings {
    /// The settings that name tools, such as `SEMGREP_BIN`, by provider.
    pub tools: BTreeMap<Provider, OsString>,
    /// `GIT_BIN`.
    pub git: Option<OsString>,
    /// `SKILLGATE_RULES`: a folder with a rule pack in place of the bundled one.
    pub rules: Option<OsString>,
    /// `SEVERITY_OVERRIDES_FILE`: a file with the operator's own severities, and the name, new or old, that
    /// it was set under.
    pub severities: Option<(&'static str, OsString)>,
    /// `SEMGREP_ENGINE`.
    pub engine: Option<OsString>,
    /// `SCANNER_PRIVATE_REPO_HOSTS`.
    pub private_repo_hosts: Option<OsString>,
    /// `PATH`.
    pub path: OsString,
}

impl ToolSettings {
    /// Reads the settings; an empty one counts as not set.
    pub fn read(get: impl Fn(&str) -> Option<OsString>) -> Self {
        let severities = renamed_setting::current_name(SEVERITY_OVERRIDES_FILE, &get);
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        Self {
            tools: super::all()
                .filter_map(|tool| Some((tool.provider(), get(tool.requirement().setting)?)))
                .collect(),
            git: get(Requirement::GIT.setting),
            rules: get("SKILLGATE_RULES"),
            severities: get(severities).map(|file| (severities, file)),
            engine: get("SEMGREP_ENGINE"),
            private_repo_hosts: get("SCANNER_PRIVATE_REPO_HOSTS"),
            path: get("PATH").unwrap_or_default(),
        }
    }

    /// The settings of this process.
    #[must_use]
    pub fn from_env() -> Self {
        Self::read(|name| env::var_os(name))
    }
}

/// Everything that a scan starts, and the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolbox {
    /// Absolute paths of the tools that are here, by provider; see [`Self::tool`].
    pub tools: BTreeMap<Provider, PathBuf>,
    /// The git that fetches repositories.
    pub git: ToolPath,
    /// The hosts of repositories that may have private addresses.
    pub private_repo_hosts: Option<HostPolicy>,
    /// The rule pack.
    pub rules: RulePack,
    /// What the operator has decided about single rules.
    pub severities: Overrides,
    /// Which of semgrep's engines may run.
    pub engine: EngineChoice,
    /// This scanner's program, which stands in for the semgrep that njsscan starts. Without it njsscan keeps its
    /// own.
    pub launcher: Option<PathBuf>,
}

/// A setting that is not what it must be: its file, its folder, or its word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting} must be {must}: {why}")]
pub struct WrongFile {
    /// Its name.
    pub setting: &'static str,
    must: &'static str,
    why: String,
}

impl Toolbox {
    /// Looks for every tool. A missing one is not an error here: the others still work.
    ///
    /// # Errors
    /// `SKILLGATE_RULES` names no rule pack, `SEVERITY_OVERRIDES_FILE` no severities, `SEMGREP_ENGINE` no engine, or
    /// `SCANNER_PRIVATE_REPO_HOSTS` no hosts.
    pub fn discover(settings: &ToolSettings) -> Result<Self, WrongFile> {
        let look = |requirement, setting: Option<&OsString>| {
            ToolPath::look(requirement, setting.map(OsString::as_os_str), &settings.path)
        };
        Ok(Self {
            tools: super::all()
                .filter_map(|tool| {
                    let setting = settings.tools.get(&tool.provider());
                    match look(tool.requirement(), setting) {
                        ToolPath::Found(path) => Some((tool.provider(), path)),
                        ToolPath::Missing(_) => None,
                    }
                })
                .collect(),
            git: look(Requirement::GIT, settings.git.as_ref()),
            private_repo_hosts: match &settings.private_repo_hosts {
                Some(list) => {
                    Some(HostPolicy::parse(&list.to_string_lossy()).map_err(|entry| WrongFile {
                        setting: "SCANNER_PRIVATE_REPO_HOSTS",
                        must: "domain names, separated by commas",
                        why: format!("{entry} is none"),
                    })?)
                }
                None => None,
            },
            rules: match &settings.rules {
                Some(folder) => RulePack::in_folder(Path::new(folder)).map_err(|e| WrongFile {
                    setting: "SKILLGATE_RULES",
                    must: "a folder with a rule pack",
                    why: e.to_string(),
                })?,
                None => RulePack::embedded(),
            },
            severities: match &settings.severities {
                Some((setting, file)) => {
                    Overrides::read(Path::new(file)).map_err(|why| WrongFile {
                        setting,
                        must: "a JSON file of rules, each with a severity and a reason",
                        why,
                    })?
                }
                None => Overrides::default(),
            },
            engine: match &settings.engine {
                Some(word) => word.to_string_lossy().parse().map_err(|why: &str| WrongFile {
                    setting: "SEMGREP_ENGINE",
                    must: "auto, native or python",
                    why: why.to_owned(),
                })?,
                None => EngineChoice::default(),
            },
            launcher: env::current_exe().ok(),
        })
    }

    /// The program of a provider's tool.
    #[must_use]
    pub fn tool(&self, provider: Provider) -> ToolPath {
        match self.tools.get(&provider) {
            Some(path) => ToolPath::Found(path.clone()),
            None => ToolPath::Missing(super::of(provider).requirement()),
        }
    }

    /// Every program that a scan may start: git, and the tools in the order of the contract.
    pub fn programs(&self) -> impl Iterator<Item = (Requirement, ToolPath)> {
        let tools = super::all().map(|tool| (tool.requirement(), self.tool(tool.provider())));
        std::iter::once((Requirement::GIT, self.git.clone())).chain(tools)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_in_the_operators_network_are_names_or_an_error_that_says_so() {
        let discover = |list: &str| {
            let read = |name: &str| (name == "SCANNER_PRIVATE_REPO_HOSTS").then(|| list.into());
            Toolbox::discover(&ToolSettings::read(read)).map(|toolbox| toolbox.private_repo_hosts)
        };
        assert_eq!(discover(""), Ok(None));
        let hosts = discover("git.corp.example, code.corp.example").unwrap().unwrap();
        assert!(hosts.allows(&"https://code.corp.example/o/r".parse().unwrap()));
        assert!(!hosts.allows(&"https://github.com/o/r".parse().unwrap()));
        let wrong = discover("10.0.0.1").unwrap_err().to_string();
        assert!(wrong.starts_with("SCANNER_PRIVATE_REPO_HOSTS must be domain names"), "{wrong}");
    }

    #[test]
    fn a_setting_wins_over_path_even_when_it_is_wrong() {
        let path = OsStr::new("relative:/bin:/usr/bin");
        let sh = Requirement { name: "sh", ..Requirement::GIT };
        assert!(matches!(ToolPath::look(sh, None, path), ToolPath::Found(p) if p.is_absolute()));
        let wrong = ToolPath::look(sh, Some(OsStr::new("/nowhere/sh")), path);
        assert_eq!(wrong, ToolPath::Missing(sh));
        assert!(wrong.found().unwrap_err().to_string().contains("not installed"));
    }

    #[test]
    fn a_wrong_file_of_severities_is_reported_under_the_name_that_it_was_set_under() {
        let read = |new: Option<&'static str>, old: Option<&'static str>| {
            let settings = ToolSettings::read(|name| match name {
                "SEVERITY_OVERRIDES_FILE" => new.map(Into::into),
                "SKILLGATE_SEVERITIES" => old.map(Into::into),
                _ => None,
            });
            Toolbox::discover(&settings).unwrap_err().to_string()
        };
        let new = "SEVERITY_OVERRIDES_FILE must be a JSON file";
        for (said, beginning) in [
            (read(Some("/nowhere"), None), new),
            (read(None, Some("/nowhere")), "SKILLGATE_SEVERITIES must be a JSON file"),
            (read(Some("/nowhere"), Some("/elsewhere")), new),
        ] {
            assert!(said.starts_with(beginning), "{said}");
        }
    }

    #[test]
    fn an_engine_is_one_of_three_words() {
        let of = |word: &'static str| {
            Toolbox::discover(&ToolSettings { engine: Some(word.into()), ..Default::default() })
        };
        assert_eq!(of("native").unwrap().engine, EngineChoice::Native);
        assert_eq!(of(" python ").unwrap().engine, EngineChoice::Python);
        let error = of("Native").unwrap_err().to_string();
        assert!(error.starts_with("SEMGREP_ENGINE must be auto, native or python"), "{error}");
    }

    #[test]
    fn an_empty_setting_is_none() {
        let settings = ToolSettings::read(|name| (name != "PATH").then(OsString::new));
        assert_eq!(settings, ToolSettings::default());
    }
}
