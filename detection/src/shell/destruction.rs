//! Commands that destroy what belongs to the user, where a remote host decides whether they run.

use super::{command::Call, flow::Flow, options::part};
use crate::{Fact, Rule, Step, judge::shown, value::Value};

impl Flow {
    /// Reports a command that destroys a whole home folder, disk or repository behind the answer of a host.
    pub(super) fn destroyed(&mut self, name: &str, call: Call<'_>) {
        let Call { words, line, .. } = call;
        let Some(gate) = self.gate.clone() else { return };
        let target = match name {
            "rm" | "shred" | "srm" => {
                let parted = part(words, &[]);
                let folder = name != "rm" || parted.has(&["r", "R", "recursive"]);
                parted.operands.into_iter().find(|word| folder && is_whole(&word.text))
            }
            "find"
                if words
                    .iter()
                    .any(|word| matches!(word.text.as_str(), "-delete" | "rm" | "shred")) =>
            {
                words.iter().take(1).find(|word| is_whole(&word.text))
            }
            "dd" => words
                .iter()
                .find(|word| word.text.starts_with("of=/dev/") && word.text != "of=/dev/null"),
            name if name.starts_with("mkfs") || name == "wipefs" => {
                words.iter().find(|word| word.text.starts_with("/dev/"))
            }
            "git" => mirrored(words),
            "gh" if words.iter().any(|word| word.text == "delete") => {
                words.first().filter(|word| word.text == "repo")
            }
            _ => None,
        };
        if let Some(target) = target {
            let what = format!("runs {name} on {}", shown(&target.text));
            self.report(Rule::RemoteDestruction, &[gate, Step { fact: Fact::Destroy, line, what }]);
        }
    }
}

fn mirrored(words: &[Value]) -> Option<&Value> {
    let has = |text: &str| words.iter().any(|word| word.text == text);
    words
        .first()
        .filter(|word| word.text == "push" && has("--mirror") && (has("-f") || has("--force")))
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
