//! The program that njsscan takes for semgrep: this scanner, under that name, becomes the native engine.
//!
//! njsscan starts whatever `semgrep` it finds on PATH. For its scan a folder with one link of that name, to this
//! scanner, stands first there. Started so, the scanner leaves a mark and replaces itself by the engine.

use super::{
    Launch,
    engine::{ARG0, NativeEngine, native_args},
};
use crate::exec;
use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write as _},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The name that njsscan looks for.
const NAME: &str = "semgrep";
/// Seconds of one rule on one file, as the Python command line reads it.
pub(super) const TIMEOUT: &str = "SEMGREP_TIMEOUT";
/// Holds the path of the engine.
const ENGINE: &str = "SKILLGATE_NATIVE_ENGINE";
/// Holds the path of the file that says that the engine was started.
const MARK: &str = "SKILLGATE_NATIVE_ENGINE_MARK";

/// A folder with the launcher in it.
#[derive(Debug)]
pub(crate) struct Launcher {
    folder: PathBuf,
    mark: PathBuf,
}

impl Launcher {
    /// Lays it out in a new folder below `parent`, as a link to the scanner's own program.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn lay_out(scanner: &Path, parent: &Path) -> io::Result<Self> {
        let folder = parent.join("engine");
        fs::create_dir_all(&folder)?;
        symlink(scanner, folder.join(NAME))?;
        Ok(Self { folder, mark: parent.join("engine-started") })
    }

    /// How to start njsscan so that it finds the engine.
    pub(crate) fn launch(&self, njsscan: &Path, engine: &NativeEngine) -> Launch {
        Launch {
            path_first: Some(self.folder.clone()),
            env: vec![(ENGINE, engine.program.clone()), (MARK, self.mark.clone())],
            ..Launch::of(njsscan)
        }
    }

    /// Whether the engine was started since this was last asked.
    pub(crate) fn take_mark(&self) -> bool {
        fs::remove_file(&self.mark).is_ok()
    }
}

/// The engine's arguments for those of a semgrep. It reads fewer variables than the Python command line: the limit
/// that the scanner sets by one becomes an argument.
fn engine_args(args: Vec<OsString>) -> Vec<OsString> {
    let mut args = native_args(args);
    if let (Some(seconds), Some("scan")) =
        (env::var_os(TIMEOUT), args.first().and_then(|a| a.to_str()))
    {
        args.splice(1..1, ["--timeout".into(), seconds]);
    }
    args
}

/// Becomes the native engine, where this process was started to do so; it returns only where it was not, or where
/// that fails, with the exit code.
#[must_use]
pub fn become_engine() -> Option<ExitCode> {
    let mut args = env::args_os();
    let name = args.next()?;
    if Path::new(&name).file_name() != Some(OsStr::new(NAME)) {
        return None;
    }
    let engine = env::var_os(ENGINE)?;
    let marked = env::var_os(MARK).map_or(Ok(()), |mark| fs::write(mark, ""));
    let error = match marked {
        Ok(()) => exec::replace(Path::new(&engine), ARG0, engine_args(args.collect())),
        Err(error) => error,
    };
    // njsscan repeats it as an error of its own.
    let _ = writeln!(io::stderr(), "the native engine cannot be started: {}", error.kind());
    Some(ExitCode::from(2))
}
