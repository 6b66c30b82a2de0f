//! One fixture for each kind of thing that runs by itself, each beside a look-alike that does not.

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

#[test]
fn a_skill_lists_hooks_grants_and_dynamic_commands_with_their_lines() {
    let text = "---\nname: a\nallowed-tools: Bash(git:*), Read\nhooks:\n  PreToolUse:\n    - matcher: Bash\n      hooks:\n        - type: command\n          command: |\n\n            make lint\n            make test\n        - {type: http, url: 'https://example.invalid/x'}\n---\n\nNow: !`git status`\n\n```!\ngit log\n```\n";
    assert_eq!(
        listed(&[("SKILL.md", text)]),
        [
            "claude-code SKILL.md:11 hooks.PreToolUse[0].hooks[0].command tool-use skill-invoked shell: \nmake lint\nmake test\n",
            "claude-code SKILL.md:13 hooks.PreToolUse[0].hooks[1].url tool-use skill-invoked none: https://example.invalid/x",
            "claude-code SKILL.md:16 dynamic[0] invoke skill-invoked shell: git status",
            "opencode SKILL.md:16 dynamic[0] invoke skill-invoked shell: git status",
            "claude-code SKILL.md:19 dynamic[1] invoke skill-invoked shell: git log",
        ]
    );
    let grants = of(&[("SKILL.md", text)]).grants;
    assert_eq!(
        grants.iter().map(|grant| (grant.line, grant.all_shell)).collect::<Vec<_>>(),
        [(3, false)]
    );
    assert_eq!(
        listed(&[("SKILL.md", "---\nname: a\n---\nUse `git status`, and (!`x`) is `x`!\n")]),
        ["opencode SKILL.md:4 dynamic[0] invoke skill-invoked shell: x"]
    );
    assert_eq!(listed(&[("README.md", text)]), NOTHING);
}

#[test]
fn a_permission_is_self_granted_only_by_the_same_file() {
    let permission = |tools: &str| {
        let text = format!("---\nallowed-tools: {tools}\n---\n!`git status`\n");
        of(&[("SKILL.md", &text)])
            .entries
            .first()
            .and_then(|entry| entry.permission)
            .map(skillgate_autorun::Permission::as_str)
    };
    assert_eq!(permission("Bash(git:*)"), Some("self-granted"));
    assert_eq!(permission("Read, BashOutput"), Some("required"));
}

#[test]
fn hooks_that_cannot_be_loaded_take_the_grant_with_them() {
    let of_hooks = |hooks: &str| {
        let text = format!("---\nallowed-tools: Bash\nhooks: {hooks}\n---\n");
        let found = of(&[("SKILL.md", &text)]);
        (found.entries.len(), found.grants.len())
    };
    assert_eq!(of_hooks("{Stop: [{hooks: [{type: command, command: a}, {command: b}]}]}"), (1, 1));
    assert_eq!(
        of_hooks(
            "{Stop: [{hooks: [{type: command, command: a, timeout: 5}]}], No: [{hooks: [{type: command, command: b}]}]}"
        ),
        (1, 1)
    );
    assert_eq!(
        of_hooks(
            "{PreToolUse: [{hooks: [{command: b}]}], Stop: [{hooks: [{type: command, command: a}]}]}"
        ),
        (0, 0)
    );
    assert_eq!(of_hooks("[a]"), (0, 0));
    assert_eq!(of_hooks(""), (0, 1));
    assert_eq!(of_hooks("{Stop: [{matcher: 5, hooks: [{type: command, command: a}]}]}"), (0, 1));
}

#[test]
fn hooks_that_only_other_programs_see_are_listed_under_their_names() {
    let hooks = "hooks:\n  Stop:\n    - hooks:\n        - {type: command, command: make}\nallowed-tools: Bash\n";
    let hidden = format!("---\nname: a\ndescription: a --- b\n{hooks}---\n");
    assert_eq!(
        listed(&[("SKILL.md", &hidden)]),
        ["copilot SKILL.md:7 hooks.Stop[0].hooks[0].command other skill-invoked shell: make"]
    );
    let only_codex = format!(" ---\nname: a\n{hooks}---\n");
    assert_eq!(
        listed(&[("SKILL.md", &only_codex)]),
        ["codex SKILL.md:6 hooks.Stop[0].hooks[0].command other skill-invoked shell: make"]
    );
    assert_eq!(of(&[("SKILL.md", &only_codex)]).grants.len(), 1);
}

#[test]
fn a_label_is_flagged_and_a_front_matter_of_javascript_runs_in_opencode() {
    let js = [("SKILL.md", "---js\nfetch('https://example.invalid')\n---\n!`a`")];
    assert_eq!(
        listed(&js),
        [
            "opencode SKILL.md:2 ---js load none javascript: fetch('https://example.invalid')",
            "claude-code SKILL.md:4 dynamic[0] invoke skill-invoked shell: a",
            "opencode SKILL.md:4 dynamic[0] invoke skill-invoked shell: a",
        ]
    );
    assert_eq!(
        unread(&js),
        [
            "SKILL.md: a label behind the opening dashes names another language for the front matter: js"
        ]
    );
    assert_eq!(unread(&[("SKILL.md", "---\nname: a\n---\n--- js\n")]), NOTHING);
}

#[test]
fn what_may_hide_something_that_runs_is_unread() {
    let runs = "---\nhooks:\n  Stop:\n    - hooks:\n        - {type: command, command: a}\n---\n";
    assert_eq!(unread(&[("skill.md", runs)]).len(), 1);
    assert_eq!(unread(&[("skill.md", "---\nname: a\n---\n")]), NOTHING);
    assert_eq!(unread(&[("SKILL.md", &runs.replace('\n', "\r"))]).len(), 1);
    assert_eq!(unread(&[("SKILL.md", "---\nname: a\nhooks: {a: [}\n---\n")]).len(), 1);
    assert_eq!(unread(&[("SKILL.md", "---\nname: \"a\n---\n")]), NOTHING);
    assert_eq!(unread(&[("SKILL.md", "-> ../elsewhere.md")]).len(), 1);
    assert_eq!(unread(&[("notes.md", "-> ../elsewhere.md")]), NOTHING);
    let mut folder = Folder::new();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(runs.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    folder.insert("SKILL.md", Entry::File(utf16.into()));
    assert_eq!(inventory(&folder).unread.len(), 1);
}

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

#[test]
fn codex_lists_dependencies_hooks_and_configuration() {
    let yaml = "dependencies:\n  tools:\n    - {type: MCP, value: a, transport: Stdio, command: run a}\n    - {type: mcp, value: b, command: not run}\n    - {type: mcp, value: c, url: 'https://example.invalid/'}\n    - {value: d}\n    - {Type: mcp, value: e, transport: stdio, command: not run}\n";
    assert_eq!(
        listed(&[("agents/openai.yaml", yaml)]),
        [
            "codex agents/openai.yaml:3 dependencies.tools[0].command invoke user-action shell: run a",
            "codex agents/openai.yaml:5 dependencies.tools[2].url invoke user-action none: https://example.invalid/",
        ]
    );
    assert_eq!(listed(&[("agents/openai.yml", yaml)]), NOTHING);
    let hooks = format!(r#"{{"hooks": {{"SessionStart": {HOOK}}}}}"#);
    assert_eq!(listed(&[(".codex/hooks.json", &hooks)]).len(), 1);
    let toml = "notify = [\"a\", \"b c\"]\n[mcp_servers.s]\ncommand = \"c\"\nargs = [\"-d\"]\n[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = \"command\"\ncommand = '''\ne'''\n";
    assert_eq!(
        listed(&[(".codex/config.toml", toml)]),
        [
            "codex .codex/config.toml:1 notify other trust shell: a 'b c'",
            "codex .codex/config.toml:3 mcp_servers.s.command server-start trust shell: c -d",
            "codex .codex/config.toml:9 hooks.Stop[0].hooks[0].command other hash-trusted shell: e",
        ]
    );
    assert_eq!(unread(&[(".codex/config.toml", "a = ")]).len(), 1);
    assert_eq!(unread(&[("other/config.toml", "a = ")]), NOTHING);
}

#[test]
fn gemini_lists_extensions_settings_and_commands() {
    let files = [
        ("gemini-extension.json", r#"{"name": "g", "mcpServers": {"s": {"command": "a"}}}"#),
        (
            "hooks/hooks.json",
            r#"{"hooks": {"BeforeTool": [{"hooks": [{"type": "command", "command": "b"}]}]}}"#,
        ),
        ("commands/x/c.toml", "prompt = \"\"\"\nSee\n!{c {d}}\n\"\"\"\n"),
        (".gemini/settings.json", "{ // comment\n\"tools\": {\"discoveryCommand\": \"e\"}}"),
    ];
    assert_eq!(
        listed(&files),
        [
            "gemini-cli .gemini/settings.json:2 tools.discoveryCommand session-start trust shell: e",
            "gemini-cli commands/x/c.toml:3 prompt[0] invoke user-action shell: c {d}",
            "gemini-cli gemini-extension.json:1 mcpServers.s.command server-start user-action shell: a",
            "gemini-cli hooks/hooks.json:1 hooks.BeforeTool[0].hooks[0].command tool-use user-action shell: b",
        ]
    );
    assert_eq!(listed(&[("commands/c.toml", "prompt = '!{c}'\n")]), NOTHING);
}

#[test]
fn copilot_cursor_and_agent_plugins_list_their_hooks_and_servers() {
    let copilot = r#"{"version": 1, "hooks": {"sessionStart": [{"type": "command", "bash": "a", "powershell": "b"}]}}"#;
    assert_eq!(
        listed(&[(".github/hooks/x.json", copilot)]),
        [
            "copilot .github/hooks/x.json:1 hooks.sessionStart[0].bash session-start trust shell: a",
            "copilot .github/hooks/x.json:1 hooks.sessionStart[0].powershell session-start trust powershell: b",
        ]
    );
    assert_eq!(listed(&[("com.github.copilot/hooks/x.json", copilot)]).len(), 2);
    let cursor = r#"{"version": 1, "hooks": {"beforeShellExecution": [{"command": "a"}]}}"#;
    assert_eq!(
        listed(&[(".cursor/hooks.json", cursor)]),
        [
            "cursor .cursor/hooks.json:1 hooks.beforeShellExecution[0].command tool-use trust shell: a",
        ]
    );
    let plugin = [
        ("plugin.json", r#"{"name": "p"}"#),
        ("mcp.json", r#"{"mcpServers": {"s": {"command": "a"}}}"#),
    ];
    assert_eq!(
        listed(&plugin),
        ["agent-plugins mcp.json:1 mcpServers.s.command server-start user-action shell: a"]
    );
    assert_eq!(listed(plugin.get(1..).unwrap()), NOTHING);
}

#[test]
fn opencode_lists_configuration_commands_and_code() {
    let config = "{\n\"mcp\": {\"s\": {\"type\": \"local\", \"command\": [\"a\", \"b c\"]}}, // c\n\"plugin\": [\"p@1\"], \"command\": {\"d\": {\"template\": \"(!`e`)\"}}}";
    let files = [
        ("opencode.jsonc", config),
        (".opencode/plugin/f.ts", ""),
        (".opencode/command/g.md", "---\ndescription: g\n---\nx=!`h`\n"),
    ];
    assert_eq!(
        listed(&files),
        [
            "opencode .opencode/command/g.md:4 dynamic[0] invoke user-action shell: h",
            "opencode .opencode/plugin/f.ts:1 module load none javascript: .opencode/plugin/f.ts",
            "opencode opencode.jsonc:2 mcp.s.command server-start none shell: a 'b c'",
            "opencode opencode.jsonc:3 command.d.template[0] invoke user-action shell: e",
            "opencode opencode.jsonc:3 plugin[0] load none none: p@1",
        ]
    );
}

#[test]
fn openclaw_lists_packages_also_from_a_string_of_json5() {
    let map = "---\nname: a\ncommand-dispatch: tool\ncommand-tool: exec\nmetadata:\n  openclaw:\n    always: true\n    install:\n      - {kind: brew, formula: jq}\n      - {kind: other}\n---\n";
    assert_eq!(
        listed(&[("SKILL.md", map)]),
        [
            "openclaw SKILL.md:4 command-tool invoke user-action none: exec",
            "openclaw SKILL.md:7 metadata.openclaw.always load none none: always: true",
            "openclaw SKILL.md:9 metadata.openclaw.install[0] install user-action shell: brew install jq",
        ]
    );
    let text = "---\nname: a\nmetadata: \"{openclaw: {install: [{kind: 'node', package: 'left-pad',},],}}\"\n---\n";
    assert_eq!(
        listed(&[("SKILL.md", text)]),
        [
            "openclaw SKILL.md:3 metadata.openclaw.install[0] install user-action shell: npm install --global left-pad",
        ]
    );
}

#[test]
fn editors_list_tasks_containers_and_hooks() {
    let tasks = "{\"tasks\": [ // c\n{\"label\": \"a\", \"command\": \"a\", \"runOptions\": {\"runOn\": \"folderOpen\"}, \"dependsOn\": [\"b\"]},\n{\"label\": \"b\", \"linux\": {\"command\": \"b\"}}, {\"label\": \"c\", \"command\": \"c\"}]}";
    assert_eq!(
        listed(&[(".vscode/tasks.json", tasks)]),
        [
            "vscode .vscode/tasks.json:2 tasks[0].command load trust shell: a",
            "vscode .vscode/tasks.json:3 tasks[1].linux.command load trust shell: b",
        ]
    );
    let container =
        r#"{"initializeCommand": ["a", "b"], "postCreateCommand": {"x": "c"}, "image": "d"}"#;
    assert_eq!(listed(&[(".devcontainer/devcontainer.json", container)]).len(), 2);
    let kiro =
        r#"{"when": {"type": "fileEdited"}, "then": {"type": "runCommand", "command": "a"}}"#;
    assert_eq!(listed(&[(".kiro/hooks/a.kiro.hook", kiro)]).len(), 1);
    assert_eq!(listed(&[(".vscode/mcp.json", r#"{"servers": {"s": {"command": "a"}}}"#)]).len(), 1);
}

#[test]
fn skills_at_any_depth_are_read() {
    let text = "---\nhooks:\n  Stop:\n    - hooks:\n        - {type: command, command: a}\n---\n";
    for path in ["a/b/SKILL.md", "node_modules/x/SKILL.md", ".hidden/SKILL.md"] {
        assert_eq!(listed(&[("SKILL.md", "---\nname: a\n---\n"), (path, text)]).len(), 1, "{path}");
    }
}
