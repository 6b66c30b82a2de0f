//! The parts that only Claude Code's plugins have: monitors, language servers, programs on the path, status lines,
//! commands, workflows and packages.

use super::{Bom, Reader, markdown, paths::Paths, plugin};
use crate::{
    collector::{Found, Source},
    folder::{join, within},
    json::Dialect,
    model::{Gate, Language, When},
    servers,
    text::short,
    value::{Node, Value},
};

pub(super) fn read(reader: &mut Reader<'_>, source: Source<'_>, base: &str, manifest: &Node) {
    monitors(reader, source, base, manifest);
    languages(reader, source, base, manifest);
    plugin::settings(reader, source, base, manifest);
    programs(reader, source, base);
    commands(reader, source, base, manifest);
    packages(reader, source, base);
}

/// Monitors run from the start of a session, or from the call of a skill.
fn monitors(reader: &mut Reader<'_>, source: Source<'_>, base: &str, manifest: &Node) {
    monitors_at(reader, source, &within(base, "monitors/monitors.json"));
    for (key, own) in [
        ("monitors", manifest.get("monitors")),
        ("experimental.monitors", manifest.at(&["experimental", "monitors"])),
    ] {
        let Some(own) = own else { continue };
        if let Some(text) = own.text() {
            if let Some(file) = join(base, text) {
                monitors_at(reader, source, &file);
            }
        } else {
            list(reader, source, key, own);
        }
    }
}

fn monitors_at(reader: &mut Reader<'_>, source: Source<'_>, file: &str) {
    let real = reader.real(file);
    if let Some(node) = reader.json(&real, Dialect::Strict, Bom::Refused) {
        let (key, all) = node.get("monitors").map_or(("", &node), |all| ("monitors", all));
        list(reader, Source { file: &real, ..source }, key, all);
    }
}

fn list(reader: &mut Reader<'_>, source: Source<'_>, prefix: &str, all: &Node) {
    for (index, monitor) in all.items().iter().enumerate() {
        let Some((line, text)) = servers::text(monitor, "command") else { continue };
        let on_skill = monitor.text_of("when").is_some_and(|when| when.starts_with("on-skill"));
        let when = if on_skill { When::Invoke } else { When::SessionStart };
        reader.out.run(source, Found::new(format!("{prefix}[{index}].command"), line, when, text));
    }
}

fn languages(reader: &mut Reader<'_>, source: Source<'_>, base: &str, manifest: &Node) {
    plugin::servers_at(reader, source, &within(base, ".lsp.json"), "lspServers");
    let Some(own) = manifest.get("lspServers") else { return };
    let mut paths = Paths::new(source.file, base);
    for (key, item) in plugin::one_or_many("lspServers", own) {
        match &item.value {
            Value::Str(text) => {
                if let Some(file) = paths.next(reader, text) {
                    plugin::servers_at(reader, source, &file, "lspServers");
                }
            }
            Value::Map(_) => servers::all(&mut reader.out, source, &key, item),
            _ => {}
        }
    }
}

/// Files of `bin/`, which come first on the path of the shell, and workflows.
fn programs(reader: &mut Reader<'_>, source: Source<'_>, base: &str) {
    let bin = within(base, "bin/");
    for (name, file) in reader.names.below(&within(base, "bin")) {
        let name = name.strip_prefix(&bin).unwrap_or(name);
        if !name.contains('/') {
            let found =
                Found::new(format!("bin/{name}"), 1, When::ToolUse, name).is(Language::None);
            reader.out.run(Source { file, ..source }, found.code_in(Some(file.to_owned())));
        }
    }
    for (name, file) in reader.names.below(&within(base, "workflows")) {
        if [".js", ".mjs", ".ts"].iter().any(|end| name.ends_with(end)) {
            let found = Found::new("module", 1, When::Invoke, file).is(Language::JavaScript);
            let source = Source { file, gate: Gate::UserAction, ..source };
            reader.out.run(source, found.code_in(Some(file.to_owned())));
        }
    }
}

/// Commands: in the folder of every plugin, or where the manifest says. They are read like skills.
fn commands(reader: &mut Reader<'_>, source: Source<'_>, base: &str, manifest: &Node) {
    let mut folders = vec![within(base, "commands")];
    let mut paths = Paths::new(source.file, base);
    if let Some(own) = manifest.get("commands") {
        for (_, item) in plugin::one_or_many("commands", own) {
            folders.extend(item.text().and_then(|text| paths.next(reader, text)));
        }
        for (name, entry) in own.pairs() {
            folders.extend(entry.text_of("source").and_then(|text| paths.next(reader, text)));
            if let Some((line, text)) = servers::text(entry, "content") {
                let name = short(name);
                for (index, (_, command)) in crate::dynamic::claude(text).into_iter().enumerate() {
                    let key = format!("commands.{name}.content.dynamic[{index}]");
                    let source = Source { gate: Gate::SkillInvoked, ..source };
                    reader.out.run(source, Found::new(key, line, When::Invoke, command));
                }
            }
        }
    }
    for folder in folders {
        // Another manifest may name the same folder, and the file of a command says the same for each.
        if !reader.is_first("folder of commands", &folder) {
            continue;
        }
        // The path itself may be a file; what it names counts, and the name that says Markdown.
        let itself = reader.folder.has(&folder).then(|| reader.real(&folder));
        let itself = itself.iter().map(|file| (folder.as_str(), file.as_str()));
        for (_, file) in reader.names.below(&folder).chain(itself).filter(|(name, file)| {
            let is_command = |path: &str| path.ends_with(".md") && !path.ends_with("/SKILL.md");
            is_command(name) || is_command(file)
        }) {
            if reader.is_first("command", file)
                && let Some(text) = reader.text(file)
            {
                markdown::claude(&mut reader.out, file, &text, markdown::Hooks::Dropped);
            }
        }
    }
}

/// Packages of a plugin from a marketplace are installed with it.
fn packages(reader: &mut Reader<'_>, source: Source<'_>, base: &str) {
    let locked = ["package-lock.json", "npm-shrinkwrap.json"]
        .iter()
        .any(|name| reader.folder.has(&within(base, name)));
    let file = within(base, "package.json");
    if locked && reader.folder.has(&file) {
        let source = Source { file: &file, gate: Gate::UserAction, ..source };
        reader.out.run(source, Found::new("dependencies", 1, When::Install, "npm ci"));
    }
}
