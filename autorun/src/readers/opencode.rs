//! OpenCode: skills with another front matter, commands, plugins, tools and servers.

use super::{Bom, Path, Reader, markdown};
use crate::{
    collector::{Collector, Found, Source},
    command, dynamic,
    front_matter::{self, Parts},
    json::{self, Dialect},
    model::{Agent, Gate, Language, UnreadReason, When},
    servers,
    text::short,
    value::{Node, Value},
    yaml::{self, Merge},
};

/// Folders of code that is loaded into the agent's process.
const CODE: [&str; 4] =
    [".opencode/plugin", ".opencode/plugins", ".opencode/tool", ".opencode/tools"];

/// A SKILL.md: every code span behind an exclamation mark runs when the skill is called by name, without a grant.
pub(super) fn skill(out: &mut Collector, file: &str, text: &str) {
    let Some((label, parts)) = front_matter::opencode(text) else { return };
    let source = Source { agent: Agent::OpenCode, file, gate: Gate::SkillInvoked };
    if !label.is_empty() && !label.contains('\r') {
        out.unread(file, UnreadReason::Label(label.chars().take(40).collect()));
    }
    let is_skill = match label.to_ascii_lowercase().as_str() {
        "" | "yaml" | "yml" => is_skill(matter(parts.matter).as_ref()),
        "json" => is_skill(json::parse(parts.matter, 1, Dialect::Strict).ok().as_ref()),
        "js" | "javascript" => {
            // The front matter is a program there, which runs when skills are listed: tried with 1.18.33.
            let at = Source { gate: Gate::None, ..source };
            let found = Found::new("---js", parts.matter_line, When::Load, parts.matter.trim())
                .is(Language::JavaScript);
            out.run(at, found);
            true
        }
        _ => false,
    };
    if is_skill {
        spans(out, source, &parts);
    }
}

/// The dynamic commands of a body.
fn spans(out: &mut Collector, source: Source<'_>, parts: &Parts<'_>) {
    for (index, (line, command)) in
        markdown::commands(parts, dynamic::opencode).into_iter().enumerate()
    {
        out.run(source, Found::new(format!("dynamic[{index}]"), line, When::Invoke, command));
    }
}

/// A name that is text, and a description that is text or missing.
fn is_skill(map: Option<&Node>) -> bool {
    map.is_some_and(|map| {
        map.text_of("name").is_some()
            && map.get("description").is_none_or(|node| matches!(node.value, Value::Str(_)))
    })
}

/// Its YAML: duplicate keys, foreign tags and control characters are errors. What is no YAML is parsed again with values that hold a colon
/// as blocks of text.
fn matter(text: &str) -> Option<Node> {
    let is_control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    if text.contains(is_control) {
        return None;
    }
    let parse = |text: &str| {
        let document = yaml::parse(text, 1, Merge::Follow).ok()?;
        (!document.duplicates && !document.foreign_tags && !document.more).then_some(document.root)
    };
    parse(text).or_else(|| parse(&sanitized(text)))
}

fn sanitized(text: &str) -> String {
    let line = |line: &str| {
        let line = line.trim_end_matches('\r');
        let plain = line.split_once(':').and_then(|(key, value)| {
            let key = key.trim_end();
            let word = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let value = value.trim();
            let is_plain =
                word && !key.is_empty() && value.contains(':') && !value.starts_with(['"', '\'']);
            is_plain.then(|| format!("{key}: |-\n  {value}"))
        });
        plain.unwrap_or_else(|| line.to_owned())
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let source = Source { agent: Agent::OpenCode, file: path.real, gate: Gate::None };
    if matches!(path.file_name(), "opencode.json" | "opencode.jsonc") {
        if let Some(config) = reader.json(path.real, Dialect::Comments, Bom::Skipped) {
            config_file(&mut reader.out, source, &config);
        }
    } else if (path.is_below(".opencode/command") || path.is_below(".opencode/commands"))
        && path.is_a(&["md"])
    {
        if let Some(text) = reader.text(path.real) {
            let none = Parts { matter: "", matter_line: 1, body: &text, body_line: 1 };
            let parts = front_matter::opencode(&text).map_or(none, |(_, parts)| parts);
            spans(&mut reader.out, Source { gate: Gate::UserAction, ..source }, &parts);
        }
    } else if CODE.iter().any(|folder| path.is_below(folder))
        && path.is_a(&["js", "ts", "mjs", "mts", "cjs", "cts"])
    {
        let found = Found::new("module", 1, When::Load, path.real).is(Language::JavaScript);
        reader.out.run(source, found.code_in(Some(path.real.to_owned())));
    }
}

fn config_file(out: &mut Collector, source: Source<'_>, config: &Node) {
    if let Some(all) = config.get("mcp") {
        servers::all(out, source, "mcp", all);
    }
    for kind in ["lsp", "formatter"] {
        let when = if kind == "lsp" { When::ServerStart } else { When::ToolUse };
        for (name, entry) in config.get(kind).map(Node::pairs).unwrap_or_default() {
            servers::one(out, source, &format!("{kind}.{name}"), when, entry);
        }
    }
    for (index, plugin) in config.get("plugin").map_or(&[][..], Node::items).iter().enumerate() {
        if let Some(name) = plugin.text() {
            // A package is fetched and loaded when the agent starts.
            out.run(
                source,
                Found::new(format!("plugin[{index}]"), plugin.line, When::Load, name)
                    .is(Language::None),
            );
        }
    }
    for (name, entry) in config.get("command").map(Node::pairs).unwrap_or_default() {
        if let Some((line, template)) = servers::text(entry, "template") {
            let name = short(name);
            for (index, (_, text)) in dynamic::opencode(template).into_iter().enumerate() {
                let key = format!("command.{name}.template[{index}]");
                out.run(
                    Source { gate: Gate::UserAction, ..source },
                    Found::new(key, line, When::Invoke, text),
                );
            }
        }
    }
    let hooks = config.at(&["experimental", "hook"]).map(Node::pairs).unwrap_or_default();
    for (event, value) in hooks {
        let event = short(event);
        hook(out, source, &format!("experimental.hook.{event}"), event, value);
    }
}

/// Commands as lists of words, in lists, below patterns of files or directly.
fn hook(out: &mut Collector, source: Source<'_>, key: &str, event: &str, value: &Node) {
    for (pattern, list) in value.pairs() {
        hook_list(out, source, &format!("{key}.{}", short(pattern)), event, list);
    }
    hook_list(out, source, key, event, value);
}

fn hook_list(out: &mut Collector, source: Source<'_>, key: &str, event: &str, list: &Node) {
    for (index, entry) in list.items().iter().enumerate() {
        let Some(words) = entry.get("command") else { continue };
        let text = command::join(words.items().iter().filter_map(Node::text));
        if !text.is_empty() {
            out.run(
                source,
                Found::new(format!("{key}[{index}].command"), words.line, When::Other, text)
                    .on(event),
            );
        }
    }
}
