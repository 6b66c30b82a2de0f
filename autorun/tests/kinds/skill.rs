//! Skills, in every reading.

use super::{NOTHING, listed, of, unread};
use skillgate_autorun::{Entry, Folder, inventory};

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
    assert_eq!(listed(&[("SKILL.md", "---JavaScript\n{}\n---\n")]).len(), 1);
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
fn skills_at_any_depth_are_read() {
    let text = "---\nhooks:\n  Stop:\n    - hooks:\n        - {type: command, command: a}\n---\n";
    for path in ["a/b/SKILL.md", "node_modules/x/SKILL.md", ".hidden/SKILL.md"] {
        assert_eq!(listed(&[("SKILL.md", "---\nname: a\n---\n"), (path, text)]).len(), 1, "{path}");
    }
}
