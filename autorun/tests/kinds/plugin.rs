//! Plugins, projects and marketplaces of Claude Code.

use super::{HOOK, NOTHING, listed, of, unread};

#[test]
fn links_to_skills_and_manifests_are_followed() {
    let skill = "---\nhooks:\n  Stop:\n    - hooks:\n        - {type: command, command: a}\n---\n";
    assert_eq!(listed(&[("SKILL.md", "-> text/real.md"), ("text/real.md", skill)]).len(), 1);
    let manifest = format!(r#"{{"name": "p", "hooks": {{"Stop": {HOOK}}}}}"#);
    let linked = listed(&[(".claude-plugin", "-> real"), ("real/plugin.json", &manifest)]);
    assert_eq!(
        linked.first().map(String::as_str),
        Some(
            "claude-code real/plugin.json:1 hooks.Stop[0].hooks[0].command other none shell: make lint"
        )
    );
}

#[test]
fn folders_of_a_plugin_and_of_a_project_are_followed_through_links() {
    let plugin = (".claude-plugin/plugin.json", r#"{"name": "p", "commands": "./k"}"#);
    let command = ("o/a.md", "!`a`\n");
    for link in ["commands", "k", "commands/deep"] {
        let to = if link == "commands/deep" { "-> ../o" } else { "-> o" };
        assert_eq!(
            listed(&[plugin, (link, to), command]),
            ["claude-code o/a.md:1 dynamic[0] invoke skill-invoked shell: a"],
            "{link}"
        );
    }
    assert_eq!(
        listed(&[plugin, ("bin", "-> o"), ("o/git", "")]),
        ["claude-code o/git:1 bin/git tool-use none none: git"]
    );
    // A link below a link, and circles of links.
    let below = [(".claude", "-> c"), ("c/commands", "-> ../o"), command];
    assert_eq!(listed(&below).len(), 1);
    let circles = [("a/x", "-> ../b"), ("b/y", "-> ../a"), ("c", "-> ."), ("d", "-> c"), command];
    assert_eq!((listed(&circles), unread(&circles)), (vec![], vec![]));
}

#[test]
fn a_plugin_lists_what_its_manifest_names_and_what_lies_in_its_places() {
    let files = [
        (
            ".claude-plugin/plugin.json",
            "{\"name\": \"p\", \"h\\u006foks\": [\"./o/h.json\", {\"Stop\": [{\"hooks\": [\n{\"type\": \"command\", \"command\": \"a \\u0026\\u0026 b\"}]}]}],\n\"mcpServers\": {\"s\": {\"command\": \"npx\",\n\"args\": [\"-y\", \"a b\"], \"env\": {\"K\": \"v\"}, \"headersHelper\": \"h.sh\"}}, \"lspServers\": {\"l\": {\"command\": \"lsp\"}}, \"commands\": \"./more\"}",
        ),
        (
            "o/h.json",
            r#"{"hooks": {"SessionEnd": [{"hooks": [{"type": "command", "command": "c"}]}]}}"#,
        ),
        (
            "hooks/hooks.json",
            r#"{"modules": ["./m.js", "../n.ts"], "hooks": {"SessionStart": [{"hooks": [{"type": "prompt", "prompt": "d"}]}]}}"#,
        ),
        (".mcp.json", r#"{"t": {"url": "https://example.invalid/"}}"#),
        ("monitors/monitors.json", r#"[{"command": "e", "when": "on-skill-invoke:x"}]"#),
        ("bin/git", "#!/bin/sh\n"),
        (
            "settings.json",
            r#"{"subagentStatusLine": {"command": "f"}, "statusLine": {"command": "dropped"}, "env": {"A": "b"}}"#,
        ),
        ("commands/g.md", "!`g`\n"),
        ("more/h.md", "\n!`h`\n"),
        (
            "agents/i.md",
            "---\nhooks:\n  Stop:\n    - hooks:\n        - {type: command, command: i}\n---\n",
        ),
        ("package.json", r#"{"scripts": {"postinstall": "j", "test": "k"}}"#),
        ("package-lock.json", "{}"),
    ];
    let claude: Vec<String> =
        listed(&files).into_iter().filter(|line| !line.starts_with("codex")).collect();
    assert_eq!(
        claude,
        [
            "claude-code .claude-plugin/plugin.json:2 hooks[1].Stop[0].hooks[0].command other none shell: a && b",
            "claude-code .claude-plugin/plugin.json:3 mcpServers.s.command server-start none shell: K=v npx -y 'a b'",
            "claude-code .claude-plugin/plugin.json:4 lspServers.l.command server-start none shell: lsp",
            "claude-code .claude-plugin/plugin.json:4 mcpServers.s.headersHelper server-start none shell: h.sh",
            "claude-code .mcp.json:1 t.url server-start none none: https://example.invalid/",
            "claude-code bin/git:1 bin/git tool-use none none: git",
            "claude-code commands/g.md:1 dynamic[0] invoke skill-invoked shell: g",
            "claude-code hooks/hooks.json:1 hooks.SessionStart[0].hooks[0].prompt session-start none none: d",
            "claude-code hooks/hooks.json:1 modules[0] session-start none javascript: ./m.js",
            "claude-code hooks/hooks.json:1 modules[1] session-start none javascript: ../n.ts",
            "claude-code monitors/monitors.json:1 [0].command invoke none shell: e",
            "claude-code more/h.md:2 dynamic[0] invoke skill-invoked shell: h",
            "claude-code o/h.json:1 hooks.SessionEnd[0].hooks[0].command other none shell: c",
            "claude-code package.json:1 dependencies install user-action shell: npm ci",
            "npm package.json:1 scripts.postinstall install user-action shell: j",
            "claude-code settings.json:1 subagentStatusLine.command session-start none shell: f",
        ]
    );
    let hooks = listed(&files)
        .into_iter()
        .filter(|line| line.starts_with("codex") && line.contains("hash-trusted"));
    assert_eq!(hooks.count(), 3);
    let targets: Vec<_> = of(&files).entries.into_iter().filter_map(|entry| entry.target).collect();
    assert_eq!(targets, ["bin/git", "hooks/m.js", "n.ts"]);
}

#[test]
fn forms_that_no_agent_takes_in_a_plugin_are_not_listed() {
    let plugin = |name: &'static str, text: &'static str| {
        let files = if name == ".claude-plugin/plugin.json" {
            vec![(name, text)]
        } else {
            vec![(".claude-plugin/plugin.json", r#"{"name": "p"}"#), (name, text)]
        };
        listed(&files).into_iter().filter(|line| line.starts_with("claude")).collect::<Vec<_>>()
    };
    let wrapped = r#"{"name": "p", "hooks": {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "a"}]}]}}}"#;
    assert_eq!(plugin(".claude-plugin/plugin.json", wrapped), NOTHING);
    assert_eq!(
        plugin(
            "hooks/hooks.json",
            r#"{"Stop": [{"hooks": [{"type": "command", "command": "a"}]}]}"#
        ),
        NOTHING
    );
    assert_eq!(
        plugin(
            ".claude-plugin/plugin.json",
            r#"{"name": "p", "Hooks": {"Stop": [{"hooks": [{"type": "command", "command": "a"}]}]}}"#
        ),
        NOTHING
    );
    assert_eq!(plugin("mcp.json", r#"{"mcpServers": {"a": {"command": "b"}}}"#), NOTHING);
    let nodot = [
        (".claude-plugin/plugin.json", r#"{"name": "p", "hooks": "o/h.json"}"#),
        ("o/h.json", r#"{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "a"}]}]}}"#),
    ];
    assert_eq!(listed(&nodot), NOTHING);
    // Comments fail in every agent; what is in there is then not known.
    let comments = [(".claude-plugin/plugin.json", "{// c\n}")];
    assert_eq!((listed(&comments).len(), unread(&comments).len()), (0, 1));
    let guard = r#"{"hooks": {"PreToolUse": [{"hooks": [{"command": "a"}]}], "Stop": [{"hooks": [{"type": "command", "command": "a"}]}]}}"#;
    assert_eq!(plugin("hooks/hooks.json", guard), NOTHING);
    let hooks = "---\nhooks:\n  Stop:\n    - hooks:\n        - {type: command, command: a}\n---\n";
    assert_eq!(plugin("commands/a.md", hooks), NOTHING);
    let bom = [
        (".claude-plugin/plugin.json", "\u{feff}{\"name\": \"p\"}"),
        ("hooks/hooks.json", "\u{feff}{}"),
    ];
    assert_eq!(unread(&bom), ["hooks/hooks.json: it is not JSON: Unexpected token"]);
}

#[test]
fn a_plugin_that_nobody_loads_by_itself_waits_for_the_user() {
    let hooks = format!(r#"{{"hooks": {{"Stop": {HOOK}}}}}"#);
    let gate = |files: &[(&str, &str)]| {
        let entries =
            of(files).entries.into_iter().filter(|entry| entry.agent.as_str() == "claude-code");
        entries.map(|entry| entry.gate.as_str()).collect::<Vec<_>>()
    };
    let plugin =
        |manifest| [(".claude-plugin/plugin.json", manifest), ("hooks/hooks.json", hooks.as_str())];
    assert_eq!(gate(&plugin(r#"{"name": "p"}"#)), ["none"]);
    assert_eq!(gate(&plugin(r#"{"name": "p", "defaultEnabled": false}"#)), ["user-action"]);
    // Without a name the manifest counts for nothing.
    assert_eq!(gate(&plugin("{}")), ["user-action"]);
    let nested = [
        ("SKILL.md", ""),
        ("x/.claude-plugin/plugin.json", r#"{"name": "p"}"#),
        ("x/hooks/hooks.json", &hooks),
    ];
    assert_eq!(gate(&nested), ["user-action"]);
    assert_eq!(gate(nested.get(1..).unwrap()), ["none"]);
    let without = listed(&[("hooks/hooks.json", &hooks)]);
    assert_eq!(
        without,
        [
            "claude-code hooks/hooks.json:1 hooks.Stop[0].hooks[0].command other user-action shell: make lint"
        ]
    );
}

#[test]
fn a_bundle_of_a_server_in_the_folder_is_unread() {
    let manifest = (".claude-plugin/plugin.json", r#"{"name": "p", "mcpServers": "./x.mcpb"}"#);
    assert_eq!(unread(&[manifest]), NOTHING);
    assert_eq!(
        unread(&[manifest, ("x.mcpb", "PK")]),
        ["x.mcpb: it is an archive that an agent unpacks and starts"]
    );
}

#[test]
fn a_project_of_claude_code_lists_settings_servers_commands_and_agents() {
    let settings = "{\"hooks\": {\"Setup\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"a\"}]}]},\n\"apiKeyHelper\": \"b\", \"statusLine\": {\"type\": \"command\", \"command\": \"c\"},\n\"env\": {\"ANTHROPIC_BASE_URL\": \"https://example.invalid\"},\n\"extraKnownMarketplaces\": {\"m\": {\"source\": {\"source\": \"github\", \"repo\": \"o/r\"}}}, \"enabledPlugins\": {\"p@m\": true, \"q@m\": false},\n\"permissions\": {\"allow\": [\"Bash(*)\"], \"defaultMode\": \"bypassPermissions\"}, \"enableAllProjectMcpServers\": true}";
    let files = [
        (".claude/settings.json", settings),
        (
            ".mcp.json",
            "{\"mcpServers\": {\"s\": {\"command\": \"bash\", \"args\": [\"-c\",\n\"x | sh\"]}}}",
        ),
        (
            ".claude/commands/d/e.md",
            "---\nhooks:\n  Stop:\n    - hooks:\n        - {type: command, command: e}\n---\n",
        ),
        (".claude/agents/f.md", "---\nmcpServers:\n  s: {command: f}\n---\n!`not run`\n"),
    ];
    assert_eq!(
        listed(&files),
        [
            "claude-code .claude/agents/f.md:3 mcpServers.s.command server-start trust shell: f",
            "claude-code .claude/commands/d/e.md:5 hooks.Stop[0].hooks[0].command other skill-invoked shell: e",
            "claude-code .claude/settings.json:1 hooks.Setup[0].hooks[0].command session-start trust shell: a",
            "claude-code .claude/settings.json:2 apiKeyHelper session-start trust shell: b",
            "claude-code .claude/settings.json:2 statusLine.command session-start trust shell: c",
            "claude-code .claude/settings.json:3 env.ANTHROPIC_BASE_URL session-start trust none: ANTHROPIC_BASE_URL=https://example.invalid",
            "claude-code .claude/settings.json:4 enabledPlugins.p@m install trust none: p@m",
            "claude-code .claude/settings.json:4 extraKnownMarketplaces.m.source.repo install trust none: o/r",
            "claude-code .mcp.json:2 mcpServers.s.command server-start per-server shell: bash -c 'x | sh'",
        ]
    );
    let grants: Vec<_> = of(&files)
        .grants
        .into_iter()
        .map(|grant| (grant.tools.join(" "), grant.all_shell))
        .collect();
    assert_eq!(
        grants,
        [
            ("Bash permissions.defaultMode=bypassPermissions".to_owned(), true),
            ("Bash(*)".to_owned(), true),
            ("enableAllProjectMcpServers".to_owned(), false),
        ]
    );
    assert_eq!(listed(&[("claude/settings.json", settings)]), NOTHING);
}

#[test]
fn a_marketplace_lists_its_commands() {
    let text = r#"{"plugins": [{"name": "p", "source": {"source": "command", "command": "a"}, "headersHelper": "b"}, {"name": "q", "source": "./q"}]}"#;
    assert_eq!(
        listed(&[(".claude-plugin/marketplace.json", text)]),
        [
            "claude-code .claude-plugin/marketplace.json:1 plugins[0].headersHelper install user-action shell: b",
            "claude-code .claude-plugin/marketplace.json:1 plugins[0].source.command install user-action shell: a",
        ]
    );
}
