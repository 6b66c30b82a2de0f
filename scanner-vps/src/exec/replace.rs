//! Becoming another program.

use std::{ffi::OsString, io, os::unix::process::CommandExt as _, path::Path, process::Command};

/// Replaces this process by a program that is started under the name `arg0`, with this process's own environment,
/// folder and open files. It returns only where that fails, with the reason.
#[must_use]
pub fn replace(program: &Path, arg0: &str, args: Vec<OsString>) -> io::Error {
    Command::new(program).arg0(arg0).args(args).exec()
}
