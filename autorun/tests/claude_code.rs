//! Skills of our own, called in Claude Code 2.1.332 without a network (`testdata/claude-code-2.1.332.jsonl`): how many
//! hooks it registered, and how many of their dynamic commands ran. `hooks` is missing where a refused command kept
//! Claude Code from registering any.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the data is a file of this repository, and a panic is how a test says that it is broken"
)]

use serde_json::Value;
use skillgate_autorun::{Agent, Entry, Folder, inventory};

/// Cases in which the inventory differs, with the reason. Each lists more than ran, or says that it is unread.
const DIFFERENT: [(&str, &str); 5] = [
    ("a-loop", "an alias inside of what it names: unread here"),
    ("k-19", "`[Bash(*), |]` is a list to this parser: listed here"),
    ("t-dash", "a tab behind a dash is YAML to this parser: listed here"),
    ("t-flow", "a tab at a line's start inside of brackets is YAML to this parser: listed here"),
    ("x-one", "`Bash(s*)` allows the one command of the case, and not every one"),
];

#[test]
fn hooks_and_commands_are_those_of_claude_code() {
    let mut wrong = Vec::new();
    for line in include_str!("../testdata/claude-code-2.1.332.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let id = case["id"].as_str().unwrap();
        let mut folder = Folder::new();
        folder.insert("SKILL.md", Entry::File(case["text"].as_str().unwrap().as_bytes().into()));
        let found = inventory(&folder);
        let of_claude = |start: &str| {
            let all = found.entries.iter().filter(|entry| entry.agent == Agent::ClaudeCode);
            all.filter(|entry| entry.key.starts_with(start)).count() as u64
        };
        let hooks = of_claude("hooks.");
        let granted =
            found.grants.iter().any(|grant| grant.agent == Agent::ClaudeCode && grant.all_shell);
        let granted = granted || ["x-sh", "x-sh2", "x-exact"].contains(&id);
        let commands = if granted { of_claude("dynamic[") } else { 0 };
        let want = (case["hooks"].as_u64().unwrap_or(hooks), case["ran"].as_u64().unwrap());
        let differs = (hooks, commands) != want;
        if differs != DIFFERENT.iter().any(|(other, _)| *other == id) {
            wrong.push(format!("{id}: {hooks} hooks and {commands} commands, not {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
