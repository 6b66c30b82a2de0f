//! semgrep's command lines.

use super::coverage::CANARY;
use crate::tools::rules::RulesOnDisk;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// One rule on one file, parsing included: enough for 2 MB of code on a busy machine, and with
/// two strikes half a minute for a file that no parser comes to an end with.
const RULE_SECONDS: &str = "15";
/// In the second reading only text rules run, on few files: time to finish a large one.
const TEXT_RULE_SECONDS: &str = "20";
/// The heap of one file, in MiB: beyond it the file is reported, not the machine lost.
const MAX_MEMORY_MIB: &str = "2048";

/// The arguments of the first reading: every rule on the whole copy.
#[must_use]
pub fn args(rules: &RulesOnDisk, copy: &Path) -> Vec<OsString> {
    all_rules(rules, [copy.to_owned()])
}

pub(super) fn all_rules(
    rules: &RulesOnDisk,
    targets: impl IntoIterator<Item = PathBuf>,
) -> Vec<OsString> {
    let mut args = common(RULE_SECONDS);
    args.extend(["--timeout-threshold".into(), "2".into()]);
    args.extend(["--config".into(), rules.all.clone().into()]);
    args.push("--".into());
    args.extend(targets.into_iter().map(OsString::from));
    args
}

/// The arguments of the second reading: the text rules alone on the files that the first one
/// could not take whole. No strikes: every rule gets its turn.
#[must_use]
pub fn text_args(rules: &RulesOnDisk, copy: &Path, names: &[String]) -> Vec<OsString> {
    let mut args = common(TEXT_RULE_SECONDS);
    args.extend(["--timeout-threshold".into(), "0".into()]);
    // A file that no parser comes to an end with would only cost its time again.
    for language in ["js", "python", "bash"] {
        args.extend(["--exclude-rule".into(), format!("{CANARY}{language}").into()]);
    }
    for config in &rules.text_only {
        args.extend(["--config".into(), config.clone().into()]);
    }
    args.push("--".into());
    args.extend(names.iter().map(|name| copy.join(name).into()));
    args
}

fn common(rule_seconds: &str) -> Vec<OsString> {
    [
        "scan",
        "--metrics=off",
        "--disable-version-check",
        "--json",
        // For the one word on a pattern that gave up.
        "--debug",
        "--no-rewrite-rule-ids",
        // Nothing in the repository decides what is read: the copy knows no ignore file, and
        // size, comments and magic bytes do not count either.
        "--no-git-ignore",
        "--disable-nosem",
        "--max-target-bytes=0",
        "--no-exclude-binary-files",
        "--jobs=1",
        "--max-memory",
        MAX_MEMORY_MIB,
        "--timeout",
        rule_seconds,
    ]
    .map(OsString::from)
    .into()
}
