//! A Markdown file with front matter as Claude Code reads it: hooks, grants and dynamic commands.

use crate::{
    collector::{Collector, Found, Source},
    dynamic,
    front_matter::{self, Parts},
    hook_schema,
    model::{Agent, Gate, Permission, UnreadReason, When},
    text::{Lines, without_bom},
    tools,
    value::Node,
    yaml::{self, Merge, YamlError},
};

/// The front matter of a file, as far as it could be read.
pub(super) enum Matter {
    /// A map; everything else counts as none.
    Map(Node),
    None,
    /// No YAML, even after the repair: the agent drops it, but this parser may be stricter than the agent's.
    Unread(UnreadReason),
}

/// What becomes of the hooks of a front matter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hooks {
    Registered,
    Dropped,
}

/// Parses a front matter as Claude Code does, repair included.
pub(super) fn matter(parts: &Parts<'_>) -> Matter {
    let parse = |text: &str| yaml::parse(text, parts.matter_line, Merge::Follow);
    let unread = |reason: UnreadReason| {
        if may_run(parts.matter) { Matter::Unread(reason) } else { Matter::None }
    };
    let (parsed, repaired) = match parse(parts.matter) {
        Err(YamlError::Syntax(_)) => (parse(&front_matter::repaired(parts.matter)), true),
        parsed => (parsed, false),
    };
    match parsed {
        Ok(document) if document.more => unread(UnreadReason::Documents),
        Ok(document) if repaired && is_doubtful(&document.root) => {
            unread(UnreadReason::Yaml("a value that counts is no YAML".into()))
        }
        Ok(document) if document.root.is_map() => Matter::Map(document.root),
        Ok(_) => Matter::None,
        Err(error) => unread(UnreadReason::Yaml(error.to_string())),
    }
}

/// Whether the repair made text of something that would count if the agent's parser had taken it as it stood.
fn is_doubtful(map: &Node) -> bool {
    map.text_of("hooks").is_some()
        || map
            .text_of("allowed-tools")
            .is_some_and(|tools| tools.starts_with(['&', '*', '!', '{', '|', '>', '[']))
}

/// Whether a text that could not be parsed may hold a key that counts: by its letters, or by an escape.
fn may_run(matter: &str) -> bool {
    ["hooks", "tools", "metadata", "\\"].iter().any(|word| matter.contains(word))
}

/// Reads a skill or a command of Claude Code. Hooks of a plugin's command are not registered.
pub(super) fn claude(out: &mut Collector, file: &str, text: &str, hooks: Hooks) {
    let source = Source { agent: Agent::ClaudeCode, file, gate: Gate::SkillInvoked };
    let none = || Parts { matter: "", matter_line: 1, body: without_bom(text), body_line: 1 };
    let parts = front_matter::claude(text).unwrap_or_else(none);
    let map = match matter(&parts) {
        Matter::Map(map) => Some(map),
        Matter::None => None,
        Matter::Unread(reason) => {
            out.unread(file, reason);
            None
        }
    };
    let granted = map.as_ref().is_some_and(|map| keys(out, source, map, hooks));
    let shell = map.as_ref().map_or(crate::model::Language::Shell, crate::hooks::shell_of);
    let permission = if granted { Permission::SelfGranted } else { Permission::Required };
    for (index, (line, command)) in commands(&parts, dynamic::claude).into_iter().enumerate() {
        let mut found =
            Found::new(format!("dynamic[{index}]"), line, When::Invoke, command).is(shell);
        found.permission = Some(permission);
        out.run(source, found);
    }
}

/// The hooks and the grant of a front matter: hooks that cannot be loaded take the grant with them. True if the grant allows commands of a shell.
pub(super) fn keys(out: &mut Collector, source: Source<'_>, map: &Node, hooks: Hooks) -> bool {
    if let Some(hooks) = map.get("hooks").filter(|_| hooks == Hooks::Registered) {
        if !hook_schema::is_kept(hooks) {
            return false;
        }
        crate::hooks::claude(out, source, "hooks", hooks);
    }
    let Some(value) = map.get("allowed-tools") else { return false };
    let tools = tools::of(value);
    let granted = tools.iter().any(|tool| tools::is_shell(tool));
    if !tools.is_empty() {
        out.grant(source.agent, source.file, value.line, tools);
    }
    granted
}

/// The dynamic commands of a body, each with its line in the file.
pub(super) fn commands<'a>(
    parts: &Parts<'a>,
    find: impl Fn(&'a str) -> Vec<dynamic::Command<'a>>,
) -> Vec<(u32, &'a str)> {
    let lines = Lines::new(parts.body, parts.body_line);
    find(parts.body).into_iter().map(|(at, command)| (lines.of(at), command)).collect()
}
