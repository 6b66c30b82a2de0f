//! What runs by itself, in the table and in the JSON of `scan`.

use serde_json::{Value, json};
use skillgate_autorun::{Grant, Inventory};
use skillgate_contract::{AutoRun, MAX_STRING_CHARS, text};
use std::fmt::Write as _;

/// Grants that are listed.
const LISTED: usize = 200;
/// Bytes of JSON of the list of grants, so that a result file stays within what `github report` reads.
const MAX_JSON_BYTES: usize = 256 * 1024;
/// Characters of a command in the table.
const COMMAND_CHARS: usize = 100;

/// The section of the table, with the entries as they travel; empty where nothing runs by itself.
pub(super) fn section(out: &mut String, entries: &[AutoRun], found: &Inventory) {
    if found.entries.is_empty() && found.grants.is_empty() {
        return;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\nruns by itself, or is allowed in advance:");
    for AutoRun { agent, file, line, key, when, gate, command, .. } in entries {
        let _ = writeln!(
            out,
            "  {agent:<13} {}:{line}  {}  {}; {}\n                {}",
            text::line(file, 200),
            text::line(key, 200),
            when.words(),
            gate.words(),
            text::line(command, COMMAND_CHARS)
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
    let more = found.entries.len().saturating_sub(entries.len())
        + found.grants.len().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(out, "  … and {more} more");
    }
}

/// Adds the field `autoRunGrants` to a result: a list of at most 200 items and 256 KiB.
pub(super) fn add_grants(result: &mut Value, found: &Inventory) {
    let Some(object) = result.as_object_mut() else { return };
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
    let mut left = MAX_JSON_BYTES;
    let mut fits = |item: &Value| {
        let bytes = item.to_string().len();
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    };
    let grants: Vec<_> =
        found.grants.iter().map(grant).take(LISTED).take_while(|item| fits(item)).collect();
    object.insert("autoRunGrants".into(), grants.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::autorun_entries;
    use skillgate_autorun::{Entry, Folder, inventory};

    fn found(skill: &str) -> Inventory {
        let mut folder = Folder::new();
        folder.insert("SKILL.md", Entry::File(skill.as_bytes().into()));
        inventory(&folder)
    }

    fn table(found: &Inventory) -> String {
        let mut text = String::new();
        section(&mut text, &autorun_entries(found).entries, found);
        text
    }

    const SKILL: &str = "---\nallowed-tools: Bash, Read\nhooks:\n  SessionStart:\n    - hooks:\n        - {type: command, command: \"a\\e[31m\\nb\"}\n---\n!`git status`\n";

    #[test]
    fn the_table_says_who_runs_what_and_moves_no_cursor() {
        let text = table(&found(SKILL));
        for part in [
            "claude-code   SKILL.md:6  hooks.SessionStart[0].hooks[0].command  when a session starts; the skill has to be called",
            "claude-code   SKILL.md:8  dynamic[0]",
            "git status",
            "claude-code   SKILL.md:2  allows Bash, Read  every shell command",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert!(!text.contains('\u{1b}'));
        assert_eq!(table(&found("---\nname: a\n---\n")), "");
    }

    #[test]
    fn the_json_has_what_is_allowed_in_advance() {
        let mut result = json!({"provider": "semgrep"});
        add_grants(&mut result, &found(SKILL));
        assert_eq!(
            result["autoRunGrants"],
            json!([{"agent": "claude-code", "file": "SKILL.md", "line": 2, "tools": ["Bash", "Read"], "allShell": true}])
        );
    }

    #[test]
    fn the_table_says_how_many_are_not_listed() {
        let long = format!("---\nname: a\n---\n!`{}`\n{}", "x".repeat(5_000), "!`b`\n".repeat(300));
        let text = table(&found(&long));
        assert!(text.contains("… and 402 more"), "{text}");
    }
}
