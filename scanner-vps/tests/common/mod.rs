//! Helpers of the tests that scan a repository of their own.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Runs git in `folder` as a made-up author; fails the test if git fails.
pub(crate) fn git(folder: &Path, args: &[&str]) {
    let done = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.invalid"])
        .args(args)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success(), "{args:?}");
}
