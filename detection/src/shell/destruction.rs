//! Commands that destroy what belongs to the user, where a remote host decides whether they run.

use super::{command::Call, flow::Flow, options::part};
use crate::{Fact, Rule, Step, judge::shown, value::Value};

/// A fetch on whose success the next commands depend.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) step: Step,
    /// What is fetched is kept in a file: the next commands may need it.
    pub(super) stores: bool,
}

/// What parts the files that `find` takes from all others.
const FILTERS: [&str; 14] = [
    "-name",
    "-iname",
    "-path",
    "-ipath",
    "-wholename",
    "-regex",
    "-iregex",
    "-mtime",
    "-mmin",
    "-atime",
    "-ctime",
    "-newer",
    "-size",
    "-empty",
];

impl Flow {
    /// Reports a command that destroys a whole home folder, disk or repository behind the answer of a host.
    pub(super) fn destroyed(&mut self, name: &str, call: Call<'_>) {
        let Call { words, line, .. } = call;
        if matches!(name, "rm" | "shred" | "srm" | "unlink") {
            let parted = part(words, &[]);
            let folder = name == "rm" && parted.has(&["r", "R", "recursive"]);
            for word in parted.operands {
                self.removed(&word.text, folder);
            }
        }
        let Some(gate) = self.gate.clone() else { return };
        let has = |texts: &[&str]| words.iter().any(|word| texts.contains(&word.text.as_str()));
        let target = match name {
            "rm" | "shred" | "srm" => {
                let parted = part(words, &[]);
                let folder = name != "rm" || parted.has(&["r", "R", "recursive"]);
                parted.operands.into_iter().find(|word| folder && is_whole(&word.text))
            }
            "find" if has(&["-delete", "rm", "shred"]) && !filters(words) => {
                words.iter().take(1).find(|word| is_whole(&word.text))
            }
            // An image that is written to a card is what a program for that does.
            "dd" if !gate.stores && has(&["if=/dev/zero", "if=/dev/urandom", "if=/dev/random"]) => {
                words
                    .iter()
                    .find(|word| word.text.starts_with("of=/dev/") && word.text != "of=/dev/null")
            }
            "gh" if words.iter().any(|word| word.text == "delete") => {
                words.first().filter(|word| word.text == "repo")
            }
            _ => None,
        };
        if let Some(target) = target {
            let what = format!("runs {name} on {}", shown(&target.text));
            self.report(
                Rule::RemoteDestruction,
                &[gate.step, Step { fact: Fact::Destroy, line, what }],
            );
        }
    }
}

/// Whether `find` takes some files only.
fn filters(words: &[Value]) -> bool {
    let is = |word: &Value, texts: &[&str]| texts.contains(&word.text.as_str());
    // What is negated or one of two is not less than all.
    let widens = words.iter().any(|word| is(word, &["!", "-not", "-o", "-or"]));
    let everything = |word: Option<&Value>| word.is_none_or(|word| is(word, &["*", ".*", "+0"]));
    let filter = |(at, word): (usize, &Value)| is(word, &FILTERS) && !everything(words.get(at + 1));
    !widens && words.iter().enumerate().any(filter)
}

/// Whether a path is a folder in which people keep their own files, as a whole.
pub(crate) fn is_personal(path: &str) -> bool {
    const FOLDERS: [&str; 8] = [
        "~",
        "~/Documents",
        "~/Desktop",
        "~/Pictures",
        "~/Photos",
        "~/Music",
        "~/Videos",
        "~/Movies",
    ];
    let path = path.trim_end_matches('/');
    FOLDERS.contains(&path.strip_suffix("/*").unwrap_or(path))
}

/// Whether a path is a whole home folder or system.
fn is_whole(path: &str) -> bool {
    if path.is_empty() {
        return false;
    }
    let path = path.trim_end_matches('/');
    let path = path
        .strip_suffix("/*")
        .or_else(|| path.strip_suffix("/.*"))
        .or_else(|| path.strip_suffix("/.[!.]*"))
        .unwrap_or(path);
    matches!(
        path,
        "" | "~"
            | "/*"
            | "/home"
            | "/Users"
            | "/root"
            | "/etc"
            | "/var"
            | "/usr"
            | "/boot"
            | "~/Documents"
            | "~/.ssh"
    )
}
