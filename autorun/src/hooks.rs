//! Hooks: events of an agent and what runs at them.

use crate::{
    collector::{Collector, Found, Source},
    command, hook_schema as schema,
    model::{Language, When},
    text::short,
    value::Node,
};

/// Claude Code's hooks: a map of events, each a list of matchers, each with a list of handlers. What does not fit its
/// schema is left out, as it is there.
pub(crate) fn claude(out: &mut Collector, source: Source<'_>, prefix: &str, hooks: &Node) {
    for (event, list) in hooks.pairs().into_iter().filter(|(event, _)| schema::is_event(event)) {
        for (index, matcher) in
            list.items().iter().enumerate().filter(|(_, matcher)| schema::is_matcher(matcher))
        {
            handlers(
                out,
                source,
                &format!("{prefix}.{event}[{index}]"),
                event,
                matcher,
                schema::is_handler,
            );
        }
    }
}

/// The same form with the events of another agent.
pub(crate) fn nested(out: &mut Collector, source: Source<'_>, prefix: &str, hooks: &Node) {
    for (event, list) in hooks.pairs().into_iter().filter(|(event, _)| is_name(event)) {
        for (index, matcher) in list.items().iter().enumerate() {
            handlers(out, source, &format!("{prefix}.{event}[{index}]"), event, matcher, |_| true);
        }
    }
}

/// The forms of agents that take handlers directly below the event, or below matchers.
pub(crate) fn flat(out: &mut Collector, source: Source<'_>, prefix: &str, hooks: &Node) {
    for (event, list) in hooks.pairs().into_iter().filter(|(event, _)| is_name(event)) {
        for (index, handler) in list.items().iter().enumerate() {
            let key = format!("{prefix}.{event}[{index}]");
            if handler.get("hooks").is_some() {
                handlers(out, source, &key, event, handler, |_| true);
            }
            one(out, source, &key, event, handler);
        }
    }
}

/// Whether an agent may have an event of this name: none has one beyond 256 bytes, and each handler repeats it.
fn is_name(event: &str) -> bool {
    short(event) == event
}

/// The handlers of one matcher.
fn handlers(
    out: &mut Collector,
    source: Source<'_>,
    prefix: &str,
    event: &str,
    matcher: &Node,
    fits: impl Fn(&Node) -> bool,
) {
    let list = matcher.get("hooks").map_or(&[][..], Node::items);
    for (index, handler) in list.iter().enumerate().filter(|(_, handler)| fits(handler)) {
        one(out, source, &format!("{prefix}.hooks[{index}]"), event, handler);
    }
}

/// One handler; without a type it is a command.
fn one(out: &mut Collector, source: Source<'_>, prefix: &str, event: &str, handler: &Node) {
    let when = when(event);
    let mut run = |field: &str, line: u32, text: String, language: Language| {
        out.run(
            source,
            Found::new(format!("{prefix}.{field}"), line, when, text).is(language).on(event),
        );
    };
    match handler.text_of("type").unwrap_or("command") {
        "command" => {
            let shell = shell_of(handler);
            if let Some((line, text)) =
                handler.get("command").and_then(|node| Some((node.line, node.text()?)))
            {
                let args: Vec<&str> = handler
                    .get("args")
                    .map_or(&[][..], Node::items)
                    .iter()
                    .filter_map(Node::text)
                    .collect();
                let text = if args.is_empty() {
                    text.to_owned()
                } else {
                    command::join([text].into_iter().chain(args))
                };
                run("command", line, text, shell);
            }
            for (field, language) in [
                ("bash", Language::Shell),
                ("linux", Language::Shell),
                ("osx", Language::Shell),
                ("powershell", Language::PowerShell),
                ("windows", Language::PowerShell),
                ("commandWindows", Language::PowerShell),
                ("command_windows", Language::PowerShell),
            ] {
                if let Some((line, text)) =
                    handler.get(field).and_then(|node| Some((node.line, node.text()?)))
                {
                    run(field, line, text.to_owned(), language);
                }
            }
        }
        "http" => text(handler, "url", &mut run),
        "prompt" | "agent" => text(handler, "prompt", &mut run),
        "mcp_tool" => {
            if let (Some(server), Some(tool)) = (handler.text_of("server"), handler.get("tool")) {
                run(
                    "tool",
                    tool.line,
                    format!("{server}/{}", tool.text().unwrap_or("")),
                    Language::None,
                );
            }
        }
        _ => {}
    }
}

fn text(handler: &Node, field: &str, run: &mut impl FnMut(&str, u32, String, Language)) {
    if let Some((line, text)) = handler.get(field).and_then(|node| Some((node.line, node.text()?)))
    {
        run(field, line, text.to_owned(), Language::None);
    }
}

/// The language of a `shell` key.
pub(crate) fn shell_of(node: &Node) -> Language {
    match node.text_of("shell") {
        Some("powershell" | "pwsh") => Language::PowerShell,
        _ => Language::Shell,
    }
}

/// When an event comes, from its name in any agent.
fn when(event: &str) -> When {
    let event = event.to_ascii_lowercase().replace(['_', '-'], "");
    if event == "sessionstart" || event == "setup" {
        return When::SessionStart;
    }
    let of_tools = ["tool", "permission", "shell", "mcp", "readfile", "fileedit"];
    if of_tools.iter().any(|word| event.contains(word)) { When::ToolUse } else { When::Other }
}
