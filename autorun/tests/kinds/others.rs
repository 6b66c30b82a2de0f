//! Other agents, editors and build tools.

use super::{HOOK, NOTHING, listed, unread};

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
fn package_managers_list_what_an_installation_starts_and_asks() {
    let npmrc = "; registry=https://not.example/\nregistry = https://r.example/ ; the mirror\n@team:registry=\"https://t.example/\"\nscript-shell=./first.sh\n \"script-shell\" = './second.sh'\nstrict-ssl=false\nScript-Shell=./not.sh\nloglevel=warn\nnode-options=--require=./a.cjs\n[section]\ngit=./not.sh\n";
    assert_eq!(
        listed(&[(".npmrc", npmrc)]),
        [
            "npm .npmrc:2 registry install user-action none: https://r.example/",
            "npm .npmrc:3 @team:registry install user-action none: https://t.example/",
            "npm .npmrc:5 script-shell install user-action shell: ./second.sh",
            "npm .npmrc:6 strict-ssl install user-action none: false",
            "npm .npmrc:9 node-options install user-action none: --require=./a.cjs",
        ]
    );
    assert_eq!(
        listed(&[("tools/.npmrc", "git=./g.sh\n")]),
        ["npm tools/.npmrc:1 git install user-action shell: ./g.sh"]
    );
    assert_eq!(listed(&[("node_modules/a/.npmrc", "git=./g.sh\n")]), NOTHING);
    let yarn = "yarnPath: ./.yarn/releases/yarn.cjs\nplugins:\n  - .yarn/plugins/a.cjs\n  - {path: b.cjs}\nnpmRegistryServer: 'https://r.example'\nenableStrictSsl: false\nnodeLinker: pnp\n";
    assert_eq!(
        listed(&[(".yarnrc.yml", yarn)]),
        [
            "npm .yarnrc.yml:1 yarnPath install user-action javascript: ./.yarn/releases/yarn.cjs",
            "npm .yarnrc.yml:3 plugins[0] install user-action javascript: .yarn/plugins/a.cjs",
            "npm .yarnrc.yml:4 plugins[1] install user-action javascript: b.cjs",
            "npm .yarnrc.yml:5 npmRegistryServer install user-action none: https://r.example",
            "npm .yarnrc.yml:6 enableStrictSsl install user-action none: false",
        ]
    );
    assert_eq!(unread(&[(".yarnrc.yml", "a: [")]).len(), 1);
    assert_eq!(
        listed(&[
            (
                ".yarnrc",
                "# a\nregistry \"https://r.example\"\nyarn-path \"./bin/yarn.js\"\nlastUpdateCheck 1\n"
            ),
            ("sub/.npmrc", "global-pnpmfile=./p.cjs\n"),
        ]),
        [
            "npm .yarnrc:2 registry install user-action none: https://r.example",
            "npm .yarnrc:3 yarn-path install user-action javascript: ./bin/yarn.js",
            "npm sub/.npmrc:1 global-pnpmfile install user-action javascript: ./p.cjs",
        ]
    );
    assert_eq!(
        listed(&[(".pnpmfile.cjs", "module.exports = {}")]),
        ["npm .pnpmfile.cjs:1 .pnpmfile.cjs install user-action javascript: .pnpmfile.cjs"]
    );
}
