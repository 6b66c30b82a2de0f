//! One fixture for each kind of thing that runs by itself, each beside a look-alike that does not.

mod others;
mod plugin;
mod skill;

use skillgate_autorun::{Entry, Folder, Inventory, inventory};

fn of(files: &[(&str, &str)]) -> Inventory {
    let mut folder = Folder::new();
    for (path, text) in files {
        let entry = match text.strip_prefix("-> ") {
            Some(target) => Entry::Link(target.into()),
            None => Entry::File(text.as_bytes().into()),
        };
        folder.insert(*path, entry);
    }
    inventory(&folder)
}

/// `agent file:line key when gate language: command`, one a line.
fn listed(files: &[(&str, &str)]) -> Vec<String> {
    let entries = of(files).entries.into_iter();
    entries
        .map(|e| {
            let words = [e.when.as_str(), e.gate.as_str(), e.language.as_str()].join(" ");
            format!("{} {}:{} {} {words}: {}", e.agent, e.file, e.line, e.key, e.command)
        })
        .collect()
}

fn unread(files: &[(&str, &str)]) -> Vec<String> {
    of(files).unread.iter().map(ToString::to_string).collect()
}

const HOOK: &str = r#"[{"hooks": [{"type": "command", "command": "make lint"}]}]"#;
const NOTHING: [&str; 0] = [];
