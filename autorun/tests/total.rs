//! The inventory of any bytes: it comes, it is bounded, and it is the same each time.

use proptest::prelude::*;
use skillgate_autorun::{
    Entry, Folder, Inventory, MAX_ENTRIES, MAX_FILE_BYTES, UnreadReason, inventory,
};

/// The names that some reader takes.
const NAMES: [&str; 36] = [
    "SKILL.md",
    "a/SKILL.md",
    "skill.md",
    ".claude-plugin/plugin.json",
    ".claude-plugin/marketplace.json",
    ".codex-plugin/plugin.json",
    ".cursor-plugin/plugin.json",
    "plugin.json",
    "mcp.json",
    ".mcp.json",
    ".lsp.json",
    "hooks/hooks.json",
    "monitors/monitors.json",
    "settings.json",
    "commands/a.md",
    "bin/x",
    "workflows/a.js",
    ".claude/settings.json",
    ".claude/commands/a.md",
    ".claude/agents/a.md",
    "agents/openai.yaml",
    ".codex/hooks.json",
    ".codex/config.toml",
    "gemini-extension.json",
    ".gemini/settings.json",
    "commands/a.toml",
    ".github/hooks/a.json",
    "com.github.copilot/hooks/a.json",
    ".cursor/hooks.json",
    ".vscode/tasks.json",
    ".vscode/mcp.json",
    "opencode.json",
    ".opencode/command/a.md",
    ".devcontainer/devcontainer.json",
    "package.json",
    ".kiro/hooks/a.kiro.hook",
];

fn of(files: &[(&str, &[u8])]) -> Inventory {
    let mut folder = Folder::new();
    for (path, bytes) in files {
        folder.insert(*path, Entry::File((*bytes).into()));
    }
    inventory(&folder)
}

/// Text made of what these files are made of, so that parsers get far.
fn near_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "---",
        "\n",
        "\r\n",
        "\r",
        "  ",
        "\t",
        ": ",
        "- ",
        "hooks",
        "SessionStart",
        "allowed-tools",
        "Bash(*)",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "'",
        "&a",
        "*a",
        "<<",
        "!`",
        "`",
        "```!",
        "```",
        "|",
        ">-",
        "#",
        "\\u006f",
        "\\",
        "command",
        "type",
        "true",
        "mcpServers",
        "[mcp_servers.x]",
        "=",
        "\u{feff}",
        "\u{2028}",
        "é",
        "../",
        "./x",
        "!{",
        "metadata",
        "openclaw",
        "install",
        "kind",
        "node",
        "package",
        "\u{0}",
        "\"\"\"",
        "'''",
        "0x",
        "%YAML",
        "...",
        "? ",
        "!!str",
    ]);
    prop::collection::vec(words, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_under_any_name_give_an_inventory(bytes in prop::collection::vec(any::<u8>(), 0..300), text in near_text()) {
        for name in NAMES {
            for content in [bytes.as_slice(), text.as_bytes(), format!("---\n{text}\n---\n{text}").as_bytes()] {
                let files: [(&str, &[u8]); 2] = [(name, content), (".claude-plugin/plugin.json", b"{\"name\": \"p\"}")];
                let files = if name == ".claude-plugin/plugin.json" { &files[..1] } else { &files[..] };
                let first = of(files);
                prop_assert!(first.entries.len() <= MAX_ENTRIES);
                prop_assert!(first.entries.iter().all(|entry| entry.line > 0));
                prop_assert_eq!(first, of(files));
            }
        }
    }

    #[test]
    fn links_of_any_shape_end(targets in prop::collection::vec("[a-c./]{0,8}", 1..6)) {
        let mut folder = Folder::new();
        for (index, target) in targets.into_iter().enumerate() {
            folder.insert(["SKILL.md", "a", "b", "c", ".claude-plugin"][index % 5], Entry::Link(target.into()));
        }
        folder.insert("a/b/SKILL.md", Entry::File(b"---\nname: a\n---\n"[..].into()));
        prop_assert!(inventory(&folder).entries.is_empty());
    }
}

#[test]
fn aliases_that_stand_for_gigabytes_are_unread() {
    let mut text = String::from("---\nhooks: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (from, to) in ('a'..='y').zip('b'..='z') {
        text.push_str(&format!("k{to}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]\n"));
    }
    let found = of(&[("SKILL.md", format!("{text}---\n").as_bytes())]);
    assert!(
        matches!(found.unread.as_slice(), [unread] if matches!(unread.reason, UnreadReason::Yaml(_))),
        "{found:?}"
    );
}

#[test]
fn anchors_around_anchors_do_not_multiply_what_they_name() {
    let open: String = (0..60).map(|level| format!("&a{level} [")).collect();
    let text = format!("---\nhooks: {open}\"{}\"{}\n---\n", "x".repeat(100_000), "]".repeat(60));
    assert_eq!(of(&[("SKILL.md", text.as_bytes())]).unread.len(), 1);
}

#[test]
fn nesting_beyond_the_limits_is_unread() {
    let deep = "[".repeat(100_000);
    for (name, text) in [
        ("SKILL.md", format!("---\nhooks: {deep}\n---\n")),
        (".claude/settings.json", deep.clone()),
        (".codex/config.toml", format!("a = {deep}")),
        ("agents/openai.yaml", format!("a: {deep}")),
    ] {
        assert!(!of(&[(name, text.as_bytes())]).unread.is_empty(), "{name}");
    }
}

#[test]
fn more_entries_than_the_limit_are_cut_and_said() {
    let spans = "!`echo ok`\n".repeat(MAX_ENTRIES + 1);
    let found = of(&[("SKILL.md", spans.as_bytes())]);
    assert_eq!(found.entries.len(), MAX_ENTRIES);
    assert_eq!(found.unread.first().map(|unread| &unread.reason), Some(&UnreadReason::TooMany));
}

#[test]
fn a_file_beyond_the_limit_is_unread() {
    let large = vec![b' '; MAX_FILE_BYTES + 1];
    assert_eq!(
        of(&[("SKILL.md", &large)]).unread.first().map(|unread| &unread.reason),
        Some(&UnreadReason::TooLarge)
    );
    let mut folder = Folder::new();
    folder.insert(".mcp.json", Entry::Large);
    assert_eq!(
        inventory(&folder).unread.first().map(|unread| &unread.reason),
        Some(&UnreadReason::TooLarge)
    );
    assert_eq!(of(&[("notes.md", &large)]), Inventory::default());
}

#[test]
fn a_folder_behind_a_link_beyond_the_limit_of_names_is_unread() {
    let unread = |count: usize| {
        let mut folder = Folder::new();
        for index in 0..count {
            folder.insert(format!("big/{index}"), Entry::File(b""[..].into()));
        }
        folder.insert("!a", Entry::Link("big".into()));
        folder.insert(".claude", Entry::Link("conf".into()));
        let settings = br#"{"apiKeyHelper": "a"}"#;
        folder.insert("conf/settings.json", Entry::File(settings[..].into()));
        let found = inventory(&folder);
        let files = found.unread.into_iter().map(|unread| (unread.file, unread.reason));
        (found.entries.len(), files.collect::<Vec<_>>())
    };
    assert_eq!(unread(4_095), (1, vec![]));
    assert_eq!(unread(4_096), (0, vec![(".claude".into(), UnreadReason::TooMany)]));
    let both = ["!a", ".claude"].map(|link| (link.to_owned(), UnreadReason::TooMany));
    assert_eq!(unread(4_097), (0, both.to_vec()));
}

#[test]
fn a_path_beyond_the_limits_is_unread_and_one_within_is_read() {
    let unread = |path: String| {
        let found = of(&[(&path, b"---\nname: a\n---\n!`b`\n")]);
        (found.entries.len(), found.unread.into_iter().map(|unread| unread.reason).next())
    };
    let long = |bytes: usize| format!("{}/SKILL.md", "a".repeat(bytes - "/SKILL.md".len()));
    assert_eq!(unread(long(4_096)).1, None);
    assert_eq!(unread(long(4_097)), (0, Some(UnreadReason::Link)));
    let deep = |parts: usize| format!("{}SKILL.md", "a/".repeat(parts - 1));
    assert_eq!(unread(deep(256)).1, None);
    assert_eq!(unread(deep(257)), (0, Some(UnreadReason::Link)));
    // Half a million parts, in a path and in a manifest: no agent opens the file that the manifest names.
    assert_eq!(unread(deep(500_000)), (0, Some(UnreadReason::Link)));
    let manifest = format!(r#"{{"name": "p", "hooks": "./{}h.json"}}"#, "a/".repeat(500_000));
    assert_eq!(of(&[(".claude-plugin/plugin.json", manifest.as_bytes())]), Inventory::default());
    // What is short once its steps back are taken is read.
    let manifest = format!(r#"{{"name": "p", "hooks": "./{}h.json"}}"#, "a/../".repeat(100_000));
    let hooks = br#"{"modules": ["a.js"]}"#;
    let found = of(&[(".claude-plugin/plugin.json", manifest.as_bytes()), ("h.json", hooks)]);
    assert_eq!(found.entries.len(), 1);
}

#[test]
fn a_long_name_above_many_things_is_not_repeated_in_full() {
    let name = "é".repeat(200_000);
    let spans = "!`a` ".repeat(100_000);
    let command = format!(r#"{{"command": {{"{name}": {{"template": "{spans}"}}}}}}"#);
    let found = of(&[("opencode.json", command.as_bytes())]);
    assert_eq!(found.entries.len(), MAX_ENTRIES);
    assert!(found.entries.iter().all(|entry| entry.key.len() < 300));
    // No agent has an event of this name.
    let handlers = vec![r#"{"hooks": [{"command": "a"}]}"#; 10_000].join(",");
    let hooks = |event: &str| format!(r#"{{"hooks": {{"{event}": [{handlers}]}}}}"#);
    for file in [".codex/hooks.json", ".cursor/hooks.json"] {
        assert_eq!(of(&[(file, hooks(&name).as_bytes())]), Inventory::default(), "{file}");
        assert_eq!(of(&[(file, hooks("Stop").as_bytes())]).entries.len(), MAX_ENTRIES, "{file}");
    }
}

#[test]
fn tasks_that_wait_for_each_other_are_each_looked_up_once() {
    let task = |index: usize| {
        let first = if index == 0 { r#""runOptions":{"runOn":"folderOpen"},"# } else { "" };
        format!(r#"{{{first}"label":"{index}","dependsOn":"{}"}}"#, index + 1)
    };
    let tasks: Vec<String> = (0..20_000).map(task).collect();
    let last = r#"{"label":"20000","dependsOn":["0","7"],"command":"a"}"#;
    let text = format!(r#"{{"tasks":[{},{last}]}}"#, tasks.join(","));
    let found = of(&[(".vscode/tasks.json", text.as_bytes())]);
    assert_eq!(found.entries.len(), 1);
}
