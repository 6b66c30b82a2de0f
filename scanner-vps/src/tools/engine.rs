//! semgrep's two engines: its native program, and its Python command line as the fallback.
//!
//! The wheel of semgrep holds one native program, `semgrep-core`. Started as `osemgrep` with
//! `scan --experimental` it takes the arguments of the Python command line and never starts Python, which
//! saves seconds a scan. It is believed by the same checks, and only for the scan that it proved itself in:
//! after any [`Doubt`] that scan runs again on the Python command line, with as much time, as far as the scan's own lasts
//! ([`super::ToolRun::ends`]).
//!
//! What both did on the same small inputs (semgrep 1.182.0 and 1.185.0, which do not differ here, and 1.172.0 in njsscan's
//! environment):
//!
//! | input | native | Python |
//! | --- | --- | --- |
//! | findings, their lines and columns, `version` | equal | |
//! | broken JavaScript, Python, TypeScript | `PartialParsing` with the path, exit 0 | equal |
//! | `--timeout` | `Timeout` with rule and path, exit 0 | equal |
//! | `--max-memory` | `Out of memory` with the path, exit 0 | equal |
//! | a pattern that gives up | the two lines of the debug log, as often | equal |
//! | `--exclude-rule`, `--max-target-bytes=0`, folders of rules | equal | |
//! | a rule whose pattern is broken | `Rule parse error`, exit 2 | equal |
//! | a rule of an unknown language | reads on without it, exit 2 | reads nothing, exit 8 |
//! | rules that are no YAML | exit 7 | equal, another kind |
//! | rules that are not there | no JSON, exit 2 | JSON, exit 7 |
//! | a file that is not there | reads the others, exit 2 | reads nothing, exit 2 |
//! | a named symbolic link | follows it | refuses it, exit 2 |
//! | `--debug` | 37,000 lines, rules among them | 700 lines |
//! | variable `SEMGREP_TIMEOUT` | not read | read |
//! | `--version` | starts Python | Python |
//!
//! The exit code 2 of the native engine becomes 0 where a file does not parse in the same run; the complaint without a path
//! stays in `errors`. So each input that only one of them takes ends in an exit code that no scan accepts, or in
//! [`Doubt::Fault`] and a problem of the scan, but for a link, and the copy holds none.

use super::{Launch, ToolError, brief, toolbox::is_executable};
use skillgate_contract::{Provider, callback::Engine};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
    pin::Pin,
    str::FromStr,
    time::Duration,
};

/// The name that makes the native program a command line.
pub(crate) const ARG0: &str = "osemgrep";
/// The native program of the wheel, below the folder of its packages.
const CORE: &str = "semgrep/bin/semgrep-core";
/// First bytes of programs: ELF, Mach-O of one and of several processors.
const MAGIC: [[u8; 4]; 3] = [*b"\x7fELF", [0xcf, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe]];

/// `SEMGREP_ENGINE`: which engine reads the files, in the scans of semgrep and of njsscan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// The native one where there is one, and Python after any doubt.
    #[default]
    Auto,
    /// The native one alone: without it, there is no scan.
    Native,
    /// The Python command line alone.
    Python,
}

impl FromStr for EngineChoice {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.trim() {
            "auto" => Ok(Self::Auto),
            "native" => Ok(Self::Native),
            "python" => Ok(Self::Python),
            _ => Err("it is another word"),
        }
    }
}

/// A native program that may understand semgrep's command line. Nothing is known of it before its first scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeEngine {
    /// Its absolute path.
    pub program: PathBuf,
    /// The version of the Python program that it came with, which it must report too; `None` where it came alone.
    pub version: Option<String>,
}

impl NativeEngine {
    /// The engine of a semgrep: in the virtual environment that it stands in, or the program itself where that is
    /// native.
    #[must_use]
    pub fn of_semgrep(program: &Path) -> Option<Self> {
        let own =
            || is_native(program).then(|| Self { program: program.to_owned(), version: None });
        Self::beside(program).or_else(own)
    }

    /// The engine in the virtual environment whose program this is; links are followed. `None` where there is none,
    /// several, or one of unknown version.
    #[must_use]
    pub fn beside(program: &Path) -> Option<Self> {
        let real = program.canonicalize().ok()?;
        let library = real.parent()?.parent()?.join("lib");
        let mut found = children(&library)
            .filter(|(name, _)| name.starts_with("python3"))
            .flat_map(|(_, path)| ["site-packages", "dist-packages"].map(|name| path.join(name)))
            .filter(|packages| is_executable(&packages.join(CORE)));
        let packages = found.next()?;
        if found.next().is_some() {
            return None;
        }
        let mut versions = children(&packages).filter_map(|(name, _)| {
            Some(name.strip_prefix("semgrep-")?.strip_suffix(".dist-info")?.to_owned())
        });
        let version = versions.next()?;
        versions
            .next()
            .is_none()
            .then(|| Self { program: packages.join(CORE), version: Some(version) })
    }

    /// How it is started.
    pub(crate) fn launch(&self) -> Launch {
        Launch { arg0: Some(ARG0), ..Launch::of(&self.program) }
    }
}

/// The native form of a command line of semgrep's. The switch must stand before any `--`.
#[must_use]
pub fn native_args(mut args: Vec<OsString>) -> Vec<OsString> {
    if args.first().is_some_and(|first| first == "scan") {
        args.insert(1, "--experimental".into());
    }
    args
}

fn children(folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

fn is_native(file: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(file).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && MAGIC.contains(&magic) && is_executable(file)
}

/// Why a run of the native engine is not believed, though it ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// It is another version than the Python program that it came with.
    #[error("it is version {reported}, not {expected}")]
    Version {
        /// What it says.
        reported: String,
        /// What it must say.
        expected: String,
    },
    /// A file's canary is missing, and no complaint about that file explains it.
    #[error("it lost {name} without a word")]
    Lost {
        /// The file's name in the copy.
        name: String,
    },
    /// It complained of something that a file alone does not explain.
    #[error("it reported {0}")]
    Fault(String),
    /// njsscan ran without it.
    #[error("njsscan did not start it")]
    NotStarted,
}

/// The engines that a scan may use, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Engines {
    provider: Provider,
    native: Option<NativeEngine>,
    /// Whether the Python command line may run.
    python: bool,
    /// What was in doubt of an output that stands because the Python command line did not end.
    doubted: Option<String>,
}

/// One try of an engine, or of the Python command line where there is none, within a time.
pub(crate) type Attempt<'a, T> =
    Pin<Box<dyn Future<Output = Result<(T, Option<Doubt>), ToolError>> + Send + 'a>>;

impl Engines {
    /// The engines of a provider.
    ///
    /// # Errors
    /// The native one must be used, and there is none.
    pub(crate) fn choose(
        choice: EngineChoice,
        provider: Provider,
        native: Option<NativeEngine>,
    ) -> Result<Self, ToolError> {
        match (choice, native) {
            (EngineChoice::Native, None) => Err(ToolError::NoNativeEngine { provider }),
            (EngineChoice::Native, native) => Ok(Self::new(provider, native, false)),
            (EngineChoice::Auto, native) => Ok(Self::new(provider, native, true)),
            (EngineChoice::Python, _) => Ok(Self::new(provider, None, true)),
        }
    }

    const fn new(provider: Provider, native: Option<NativeEngine>, python: bool) -> Self {
        Self { provider, native, python, doubted: None }
    }

    /// Makes one attempt, or a second one on the Python command line where the first fails or is in doubt. Each has
    /// `wall`, which the attempt itself holds to the scan's time. From then on the native engine is not tried again. Where the second one does not end, an
    /// output that was only in doubt stands: what it found is not lost, and [`Self::problem`] says what was in doubt.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub(crate) async fn run<'a, T>(
        &mut self,
        wall: Duration,
        attempt: impl Fn(Option<NativeEngine>, Duration) -> Attempt<'a, T>,
    ) -> Result<T, ToolError> {
        let mut doubted = None;
        if let Some(native) = self.native.clone() {
            let reason = match attempt(Some(native), wall).await {
                Ok((learnt, None)) => return Ok(learnt),
                // No other engine may run: the scan's own checks decide, as they always do.
                Ok((learnt, Some(_))) if !self.python => return Ok(learnt),
                Err(error) if !self.python => return Err(error),
                Ok((learnt, Some(doubt))) => {
                    doubted = Some((learnt, doubt.to_string()));
                    doubt.to_string()
                }
                Err(error) => error.to_string(),
            };
            tracing::warn!(
                event = "engine.fallback",
                provider = %self.provider,
                reason = brief(&reason),
                "the native engine is not believed: the scan runs again on the Python command line"
            );
        }
        let native = self.native.take();
        match (attempt(None, wall).await, doubted) {
            (Ok((learnt, _)), _) => Ok(learnt),
            (Err(_), Some((learnt, doubt))) => {
                self.native = native;
                self.doubted.get_or_insert(doubt);
                Ok(learnt)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// What keeps the result from being complete: an output in doubt stands.
    pub(crate) fn problem(&self) -> Option<String> {
        let doubt = self.doubted.as_deref()?;
        Some(format!(
            "the native engine was in doubt ({}), and the second run did not end",
            brief(doubt)
        ))
    }

    /// The engine that was believed; Python where both had a part.
    pub(crate) const fn believed(&self) -> Engine {
        if self.native.is_some() { Engine::Native } else { Engine::Python }
    }
}
