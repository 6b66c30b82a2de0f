//! 248 harmless skills and what real programs did with each (`testdata/agents-2026-11.jsonl`): every hook and grant
//! that Claude Code honoured is in the inventory, and none that it did not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "the data is a file of this repository, and a panic is how a test says that it is broken"
)]

use serde_json::Value;
use skillgate_autorun::{Agent, AutoRun, Entry, Folder, Gate, Inventory, inventory};
use std::collections::BTreeMap;

struct Case {
    id: String,
    /// Path to text, or how else the data gives a file.
    files: serde_json::Map<String, Value>,
    folder: Folder<'static>,
    seen: BTreeMap<String, String>,
}

fn cases() -> Vec<Case> {
    include_str!("../testdata/agents-2026-11.jsonl")
        .lines()
        .map(|line| {
            let case: Value = serde_json::from_str(line).unwrap();
            let mut folder = Folder::new();
            for (path, file) in case["files"].as_object().unwrap() {
                folder.insert(path.clone(), entry(file));
            }
            let seen = case["seen"].as_object().unwrap().iter();
            let seen = seen
                .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                .collect();
            let files = case["files"].as_object().unwrap().clone();
            Case { id: case["id"].as_str().unwrap().to_owned(), files, folder, seen }
        })
        .collect()
}

fn entry(file: &Value) -> Entry<'static> {
    if let Some(text) = file.as_str() {
        return Entry::File(text.as_bytes().to_vec().into());
    }
    if let Some(target) = file["link"].as_str() {
        return Entry::Link(target.to_owned().into());
    }
    let hex = file["hex"].as_str().unwrap();
    let bytes =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap());
    Entry::File(bytes.collect::<Vec<_>>().into())
}

/// What the run saw of Claude Code: the tools granted and the number of hooks registered.
struct Seen {
    tools: Option<Vec<String>>,
    hooks: usize,
}

/// None where the skill was not called, or was none.
fn seen_claude(text: &str) -> Option<Seen> {
    let (tools, hooks) = text.split_once("tools=")?.1.split_once(" hooks=")?;
    Some(Seen {
        tools: (tools != "None").then(|| python_list(tools)),
        hooks: hooks.parse().unwrap(),
    })
}

/// A printed Python list of texts.
fn python_list(text: &str) -> Vec<String> {
    let mut rest = text.strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    let mut list = Vec::new();
    while let Some(quote) = rest.chars().next() {
        let end = rest[1..].find(quote).unwrap() + 1;
        list.push(rest[1..end].replace("\\n", "\n"));
        rest = rest[end + 1..].trim_start_matches(", ");
    }
    list
}

/// Cases in which the run did not show what Claude Code honours, with the reason.
const NOT_SHOWN: [(&str, &str); 5] = [
    ("j18 space name", "the run could not call a skill whose folder has a blank in its name"),
    ("d59-userinvocable-false", "the run could not call a skill that users may not call"),
    (
        "m7-tab",
        "the dynamic command was refused before the grant was printed: the one tool holds a tab",
    ),
    ("m27-wild", "the dynamic command was refused before the grant was printed: `B*` is no tool"),
    ("j21-skillmd-dir", "SKILL.md is a folder: not a skill"),
];

/// The skill that the run called: the one at the top, or the one of a plugin without it.
fn called(case: &Case) -> Vec<&'static str> {
    match case.id.as_str() {
        "j10-linkfile" => vec!["real.md"],
        "p15-nested-skillonly" => vec!["skills/a/SKILL.md"],
        _ => vec!["SKILL.md"],
    }
}

fn hooks_of<'a>(inventory: &'a Inventory, file: &'a str) -> impl Iterator<Item = &'a AutoRun> {
    inventory.entries.iter().filter(move |entry| {
        entry.agent == Agent::ClaudeCode && entry.file == file && entry.key.starts_with("hooks.")
    })
}

#[test]
fn hooks_and_grants_are_exactly_those_that_claude_code_honoured() {
    let mut wrong = Vec::new();
    for case in cases() {
        if NOT_SHOWN.iter().any(|(id, _)| *id == case.id) {
            continue;
        }
        let inventory = inventory(&case.folder);
        let files = called(&case);
        let hooks: usize = files.iter().map(|file| hooks_of(&inventory, file).count()).sum();
        let tools: Vec<String> = inventory
            .grants
            .iter()
            .filter(|grant| {
                grant.agent == Agent::ClaudeCode && files.contains(&grant.file.as_str())
            })
            .flat_map(|grant| grant.tools.clone())
            .collect();
        let seen = seen_claude(&case.seen["claude"]);
        let (want_hooks, want_tools) =
            seen.map_or((0, Vec::new()), |seen| (seen.hooks, seen.tools.unwrap_or_default()));
        if (hooks, &tools) != (want_hooks, &want_tools) {
            wrong.push(format!(
                "{}: {hooks} hooks and {tools:?}, not {want_hooks} and {want_tools:?}",
                case.id
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Hooks that Claude Code 2.1.332 registered of the cases that are plugins, each in the personal folder of skills,
/// without a network. Of every other case of these kinds it registered none.
const OF_PLUGINS: [(&str, usize); 11] = [
    ("e2-plugin-inlinehooks", 2),
    ("e22-plugin-noskill", 2),
    ("e28-plugin-dupkeys", 2),
    ("e33-plugin-othername", 2),
    ("e41-plugin-unknownevent", 2),
    ("e45-plugin-hooksboth", 2),
    ("e47-plugindir-symlink", 2),
    ("p6-hooks-mixed", 3),
    ("p11-hooks-escape-key", 2),
    ("p16-userconfig", 2),
    ("p17-hook-exec", 1),
];

#[test]
fn hooks_of_plugins_are_exactly_those_that_claude_code_registered() {
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.id.starts_with(['e', 'p'])) {
        let entries = inventory(&case.folder).entries.into_iter();
        let by_itself = |entry: &AutoRun| {
            entry.agent == Agent::ClaudeCode && entry.event.is_some() && entry.gate == Gate::None
        };
        let found = entries.filter(by_itself).count();
        let want = OF_PLUGINS.iter().find(|(id, _)| *id == case.id).map_or(0, |(_, hooks)| *hooks);
        if found != want {
            wrong.push(format!("{}: {found}, not {want}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn opencode_runs_the_spans_of_exactly_the_files_that_it_lists() {
    let mut wrong = Vec::new();
    for case in cases() {
        // Of two skills with one name it lists one, and it looks into no hidden folder.
        if case.id == "j20-samename-b" || case.id == ".j13-hidden" {
            continue;
        }
        let Some(Value::String(text)) = case.files.get("SKILL.md") else { continue };
        if !text.contains("!`") || case.id == "d54-in-description" {
            continue;
        }
        let runs = inventory(&case.folder).entries.iter().any(|entry| {
            entry.agent == Agent::OpenCode
                && entry.file == "SKILL.md"
                && entry.key.starts_with("dynamic[")
        });
        let listed = case.seen["opencode"] != "NO";
        // Without closing dashes the whole file is front matter: there is no body.
        let has_body = case.id != "i4h-noclose";
        if runs != (listed && has_body) {
            wrong.push(format!("{}: runs {runs}, listed {listed}", case.id));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_entry_stands_on_the_line_that_it_names() {
    for case in cases() {
        for entry in inventory(&case.folder).entries {
            let Some(Value::String(text)) = case.files.get(&entry.file) else { continue };
            let line = text.split('\n').nth(entry.line as usize - 1);
            let line = line.unwrap_or_else(|| panic!("{}: no line {}", case.id, entry.line));
            let first = entry.command.lines().next().unwrap_or("");
            let word = first.split(' ').next().unwrap_or("");
            assert!(
                line.contains(word) || entry.target.is_some() || entry.agent == Agent::OpenClaw,
                "{}: {entry:?} is not in {line:?}",
                case.id
            );
        }
    }
}
