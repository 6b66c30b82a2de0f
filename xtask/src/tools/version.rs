//! Versions as programs print them.

use crate::process;
use std::fmt;
use std::path::Path;
use std::process::Command;

/// A version of three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// The version `major.minor.patch`.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// The first number: what compatibility is judged by.
    #[must_use]
    pub const fn major(self) -> u32 {
        self.major
    }

    /// The first version in a program's answer, whatever is around it; `1.26` counts as `1.26.0`.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        text.split(|c: char| c != '.' && !c.is_ascii_digit()).find_map(|word| {
            let mut numbers = word.trim_matches('.').split('.').map(str::parse::<u32>);
            let major = numbers.next()?.ok()?;
            let minor = numbers.next()?.ok()?;
            let patch = numbers.next().unwrap_or(Ok(0)).ok()?;
            numbers.next().is_none().then_some(Self { major, minor, patch })
        })
    }

    /// What the program at `path` answers to `--version`.
    pub(crate) fn ask(path: &Path) -> Option<Self> {
        Self::ask_with(path, &["--version"])
    }

    /// What a browser answers to `--version`: its versions have four numbers, of which the last is left out.
    pub(crate) fn ask_browser(path: &Path) -> Option<Self> {
        Self::find_of_four(&process::ask(Command::new(path).arg("--version"))?)
    }

    /// The first version of four numbers in a text, by its first three.
    fn find_of_four(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let (three, last) = word.rsplit_once('.')?;
            last.parse::<u32>().ok()?;
            (three.split('.').count() == 3).then(|| Self::find(three))?
        })
    }

    /// What the program at `path` answers to `args`.
    pub(crate) fn ask_with(path: &Path, args: &[&str]) -> Option<Self> {
        let mut command = Command::new(path);
        // semgrep asks a server for news when it is asked for its version, and waits for the answer.
        command
            .args(args)
            .envs([("SEMGREP_ENABLE_VERSION_CHECK", "0"), ("SEMGREP_SEND_METRICS", "off")]);
        Self::find(&process::ask(&mut command)?)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_real_answers() {
        for (answer, version) in [
            ("wasm-bindgen 0.2.130\n", Version::new(0, 2, 130)),
            (
                "\u{1b}[34m\nnjsscan: v1.0.2 | Ajin Abraham | opensecurity.in\u{1b}[0m\n",
                Version::new(1, 0, 2),
            ),
            ("go version go1.26 linux/amd64", Version::new(1, 26, 0)),
            ("v22.23.3", Version::new(22, 23, 3)),
        ] {
            assert_eq!(Version::find(answer), Some(version), "{answer}");
        }
    }

    #[test]
    fn answers_without_a_version_have_none() {
        for answer in ["trufflehog dev", "wasm-opt version 132 (version_132)", "", "1.2.3.4"] {
            assert_eq!(Version::find(answer), None, "{answer}");
        }
    }

    #[test]
    fn a_browser_s_fourth_number_is_left_out() {
        let answer =
            "sh: 9: [: 25276063744: unexpected operator\nChromium 156.0.8078.108 built on Debian\n";
        assert_eq!(Version::find_of_four(answer), Some(Version::new(156, 0, 8078)));
        assert_eq!(Version::find_of_four("snap 2.61.3 has no such package"), None);
    }

    #[test]
    fn versions_order_by_number_not_by_text() {
        assert!(Version::new(3, 100, 0) > Version::new(3, 90, 5));
    }
}
