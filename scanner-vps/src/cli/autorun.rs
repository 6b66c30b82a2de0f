//! What runs by itself, in the table and in the JSON of `scan`.

use crate::mask;
use serde_json::{Value, json};
use skillgate_autorun::{AutoRun, Grant, Inventory};
use skillgate_contract::{MAX_STRING_CHARS, text};
use std::fmt::Write as _;

/// Entries and grants that are listed, each.
const LISTED: usize = 200;
/// Bytes of JSON of each list, so that a result file stays within what `github report` reads.
const MAX_JSON_BYTES: usize = 256 * 1024;
/// Characters of a command in the table.
const COMMAND_CHARS: usize = 100;

/// The section of the table; empty where nothing runs by itself.
pub(super) fn section(out: &mut String, found: &Inventory) {
    if found.entries.is_empty() && found.grants.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\nruns by itself, or is allowed in advance:");
    for entry in found.entries.iter().take(LISTED) {
        let AutoRun { agent, file, line, key, when, gate, command, .. } = entry;
        let _ = writeln!(
            out,
            "  {agent:<13} {}:{line}  {}  {}; {}\n                {}",
            text::line(file, 200),
            text::line(key, 200),
            when.words(),
            gate.words(),
            text::line(&mask::redact(command), COMMAND_CHARS)
        );
    }
    for grant in found.grants.iter().take(LISTED) {
        let Grant { agent, file, line, all_shell, .. } = grant;
        let whole = if *all_shell { "  every shell command" } else { "" };
        let _ = writeln!(
            out,
            "  {agent:<13} {}:{line}  allows {}{whole}",
            text::line(file, 200),
            text::line(&grant.tools.join(", "), COMMAND_CHARS)
        );
    }
    let more =
        found.entries.len().saturating_sub(LISTED) + found.grants.len().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(out, "  … and {more} more");
    }
}

/// Adds the fields `autoRun` and `autoRunGrants` to a result. Both are lists of at most 200
/// items and 256 KiB.
pub(super) fn add(result: &mut Value, found: &Inventory) {
    let Some(object) = result.as_object_mut() else { return };
    let entry = |entry: &AutoRun| {
        let mut json = json!({
            "agent": entry.agent,
            "file": text::line(&entry.file, MAX_STRING_CHARS),
            "line": entry.line,
            "key": text::line(&entry.key, MAX_STRING_CHARS),
            "when": entry.when,
            "gate": entry.gate,
            "command": text::block(&mask::redact(&entry.command), MAX_STRING_CHARS),
            "language": entry.language,
        });
        let more = [
            ("event", entry.event.as_ref().map(|event| text::line(event, MAX_STRING_CHARS))),
            ("permission", entry.permission.map(|permission| permission.to_string())),
        ];
        if let Some(object) = json.as_object_mut() {
            object.extend(
                more.into_iter().filter_map(|(key, value)| Some((key.into(), value?.into()))),
            );
        }
        json
    };
    let grant = |grant: &Grant| {
        let tools = grant.tools.iter().take(LISTED).map(|tool| text::line(tool, MAX_STRING_CHARS));
        json!({
            "agent": grant.agent,
            "file": text::line(&grant.file, MAX_STRING_CHARS),
            "line": grant.line,
            "tools": tools.collect::<Vec<_>>(),
            "allShell": grant.all_shell,
        })
    };
    object.insert("autoRun".into(), fitting(found.entries.iter().map(entry)).into());
    object.insert("autoRunGrants".into(), fitting(found.grants.iter().map(grant)).into());
}

/// As many as are listed and as fit.
fn fitting(items: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut left = MAX_JSON_BYTES;
    let mut fits = |item: &Value| {
        let bytes = item.to_string().len();
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    };
    items.take(LISTED).take_while(|item| fits(item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_autorun::{Entry, Folder, inventory};

    fn found(skill: &str) -> Inventory {
        let mut folder = Folder::new();
        folder.insert("SKILL.md", Entry::File(skill.as_bytes().into()));
        inventory(&folder)
    }

    const SKILL: &str = "---\nallowed-tools: Bash, Read\nhooks:\n  SessionStart:\n    - hooks:\n        - {type: command, command: \"a\\e[31m\\nb\"}\n---\n!`git status`\n";

    #[test]
    fn the_table_says_who_runs_what_and_moves_no_cursor() {
        let mut text = String::new();
        section(&mut text, &found(SKILL));
        for part in [
            "claude-code   SKILL.md:6  hooks.SessionStart[0].hooks[0].command  when a session starts; the skill has to be called",
            "claude-code   SKILL.md:8  dynamic[0]",
            "git status",
            "claude-code   SKILL.md:2  allows Bash, Read  every shell command",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains('\u{1b}'));
        let mut nothing = String::new();
        section(&mut nothing, &found("---\nname: a\n---\n"));
        assert_eq!(nothing, "");
    }

    #[test]
    fn the_json_has_the_fields_of_the_contract() {
        let mut result = json!({"provider": "semgrep"});
        add(&mut result, &found(SKILL));
        assert_eq!(result["autoRun"][1]["permission"], "self-granted");
        assert_eq!(
            result["autoRun"][0],
            json!({
                "agent": "claude-code", "file": "SKILL.md", "line": 6, "event": "SessionStart",
                "key": "hooks.SessionStart[0].hooks[0].command", "when": "session-start",
                "gate": "skill-invoked", "command": "a\u{fffd}[31m\nb", "language": "shell",
            })
        );
        assert_eq!(
            result["autoRunGrants"],
            json!([{"agent": "claude-code", "file": "SKILL.md", "line": 2, "tools": ["Bash", "Read"], "allShell": true}])
        );
    }

    #[test]
    fn lists_and_strings_are_cut() {
        let long = format!("---\nname: a\n---\n!`{}`\n{}", "x".repeat(5_000), "!`b`\n".repeat(300));
        let mut result = json!({});
        add(&mut result, &found(&long));
        assert_eq!(result["autoRun"].as_array().map(Vec::len), Some(LISTED));
        assert_eq!(result["autoRun"][0]["command"].as_str().map(str::len), Some(MAX_STRING_CHARS));
        let mut text = String::new();
        section(&mut text, &found(&long));
        assert!(text.contains("… and 402 more"), "{text}");
    }
}
