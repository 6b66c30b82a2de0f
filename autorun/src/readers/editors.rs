//! Editors and build tools that run something of a folder: Cursor, Kiro, Windsurf, Visual Studio Code and
//! development containers.

use super::{Bom, Path, Reader};
use crate::{
    collector::{Collector, Found, Source},
    command, hooks,
    json::Dialect,
    model::{Agent, Gate, Language, When},
    servers,
    value::{Node, Value},
};
use std::collections::{BTreeMap, BTreeSet};

/// Files of servers: where, whose, and the key of the servers.
const SERVERS: [(&str, Agent, &str); 4] = [
    (".cursor/mcp.json", Agent::Cursor, "mcpServers"),
    (".vscode/mcp.json", Agent::VsCode, "servers"),
    (".kiro/settings/mcp.json", Agent::Kiro, "mcpServers"),
    (".windsurf/mcp_config.json", Agent::Windsurf, "mcpServers"),
];
/// Files of hooks.
const HOOKS: [(&str, Agent); 2] =
    [(".cursor/hooks.json", Agent::Cursor), (".windsurf/hooks.json", Agent::Windsurf)];
/// Commands of a development container. The first one runs on the host.
const CONTAINER: [&str; 6] = [
    "initializeCommand",
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
];

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let source = |agent, gate| Source { agent, file: path.real, gate };
    if let Some((_, agent, key)) = SERVERS.iter().find(|(name, ..)| path.ends(name)) {
        if let Some(file) = reader.json(path.real, Dialect::Comments, Bom::Skipped)
            && let Some(all) = file.get(key)
        {
            servers::all(&mut reader.out, source(*agent, Gate::PerServer), key, all);
        }
    } else if let Some((_, agent)) = HOOKS.iter().find(|(name, _)| path.ends(name)) {
        if let Some(file) = reader.json(path.real, Dialect::Strict, Bom::Skipped)
            && let Some(hooks) = file.get("hooks")
        {
            hooks::flat(&mut reader.out, source(*agent, Gate::Trust), "hooks", hooks);
        }
    } else if path.ends(".cursor/environment.json") {
        if let Some(file) = reader.json(path.real, Dialect::Comments, Bom::Skipped) {
            for key in ["install", "start"] {
                if let Some((line, text)) = servers::text(&file, key) {
                    let found = Found::new(key, line, When::SessionStart, text);
                    reader.out.run(source(Agent::Cursor, Gate::UserAction), found);
                }
            }
        }
    } else if path.is_below(".kiro/hooks") && path.is_a(&["hook"]) {
        if let Some(file) = reader.json(path.real, Dialect::Strict, Bom::Skipped) {
            kiro(&mut reader.out, source(Agent::Kiro, Gate::Trust), &file);
        }
    } else if path.ends(".vscode/tasks.json") {
        if let Some(file) = reader.json(path.real, Dialect::Comments, Bom::Skipped) {
            tasks(&mut reader.out, source(Agent::VsCode, Gate::Trust), &file);
        }
    } else if is_container(path)
        && let Some(file) = reader.json(path.real, Dialect::Comments, Bom::Skipped)
    {
        let source = source(Agent::DevContainer, Gate::UserAction);
        for key in CONTAINER {
            if let Some(node) = file.get(key) {
                container(&mut reader.out, source, key, node);
            }
        }
    }
}

fn is_container(path: &Path<'_>) -> bool {
    path.file_name() == "devcontainer.json" && path.is_below(".devcontainer")
        || path.file_name() == ".devcontainer.json"
}

/// One hook a file: when something happens, then a command or a prompt.
fn kiro(out: &mut Collector, source: Source<'_>, file: &Node) {
    let event = file.at(&["when", "type"]).and_then(Node::text).unwrap_or("");
    let Some(then) = file.get("then") else { return };
    for (field, language) in [("command", Language::Shell), ("prompt", Language::None)] {
        if let Some((line, text)) = servers::text(then, field) {
            out.run(
                source,
                Found::new(format!("then.{field}"), line, When::Other, text).is(language).on(event),
            );
        }
    }
}

/// Tasks that run when the folder is opened, and those on which they depend.
fn tasks(out: &mut Collector, source: Source<'_>, file: &Node) {
    let tasks = file.get("tasks").map_or(&[][..], Node::items);
    let mut labels: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, task) in tasks.iter().enumerate() {
        if let Some(label) = task.text_of("label").or_else(|| task.text_of("taskName")) {
            labels.entry(label).or_default().push(index);
        }
    }
    let mut chosen: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> = (0..tasks.len())
        .filter(|index| {
            let run_on = tasks
                .get(*index)
                .and_then(|task| task.at(&["runOptions", "runOn"]))
                .and_then(Node::text);
            run_on == Some("folderOpen")
        })
        .collect();
    while let Some(index) = open.pop() {
        let Some(task) = tasks.get(index).filter(|_| chosen.insert(index)) else { continue };
        let Some(on) = task.get("dependsOn") else { continue };
        for name in on.items().iter().chain([on]).filter_map(Node::text) {
            // Each label leads to its tasks once.
            open.extend(labels.remove(name).unwrap_or_default());
        }
    }
    for index in chosen {
        let Some(task) = tasks.get(index) else { continue };
        let key = format!("tasks[{index}]");
        servers::one(out, source, &key, When::Load, task);
        for (system, language) in [
            ("linux", Language::Shell),
            ("osx", Language::Shell),
            ("windows", Language::PowerShell),
        ] {
            if let Some((line, text)) =
                task.get(system).and_then(|own| servers::text(own, "command"))
            {
                out.run(
                    source,
                    Found::new(format!("{key}.{system}.command"), line, When::Load, text)
                        .is(language),
                );
            }
        }
    }
}

/// A line, a list of words, or several of these by name.
fn container(out: &mut Collector, source: Source<'_>, key: &str, node: &Node) {
    match &node.value {
        Value::Str(text) => out.run(source, Found::new(key, node.line, When::Load, text.as_str())),
        Value::List(words) => {
            let text = command::join(words.iter().filter_map(Node::text));
            out.run(source, Found::new(key, node.line, When::Load, text));
        }
        Value::Map(_) => {
            for (name, own) in node.pairs() {
                if !own.is_map() {
                    container(out, source, &format!("{key}.{name}"), own);
                }
            }
        }
        _ => {}
    }
}
