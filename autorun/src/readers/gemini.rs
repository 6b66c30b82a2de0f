//! Gemini CLI: extensions, settings of a project, and commands.

use super::{Bom, Path, Reader};
use crate::{
    collector::{Collector, Found, Source},
    dynamic,
    folder::within,
    hooks,
    json::Dialect,
    model::{Agent, Gate, UnreadReason, When},
    servers,
    text::{before, line_feeds, without_bom},
    toml,
    value::Node,
};

/// Programs that a project's settings name, in today's and earlier places.
const PROGRAMS: [&[&str]; 6] = [
    &["tools", "discoveryCommand"],
    &["tools", "callCommand"],
    &["mcp", "serverCommand"],
    &["toolDiscoveryCommand"],
    &["toolCallCommand"],
    &["mcpServerCommand"],
];

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let source = Source { agent: Agent::GeminiCli, file: path.real, gate: Gate::UserAction };
    if let Some(base) = path.base("gemini-extension.json") {
        let Some(manifest) = reader.json(path.real, Dialect::Strict, Bom::Refused) else { return };
        if let Some(all) = manifest.get("mcpServers") {
            servers::all(&mut reader.out, source, "mcpServers", all);
        }
        let hooks_file = reader.real(&within(base, "hooks/hooks.json"));
        if reader.folder.has(&hooks_file)
            && let Some(file) = reader.json(&hooks_file, Dialect::Strict, Bom::Refused)
            && let Some(hooks) = file.get("hooks")
        {
            hooks::nested(&mut reader.out, Source { file: &hooks_file, ..source }, "hooks", hooks);
        }
        let folder = within(base, "commands");
        let names = reader.names.below(&folder);
        for (_, file) in names.filter(|(name, _)| name.ends_with(".toml")) {
            commands(reader, Source { file, ..source });
        }
    } else if path.ends(".gemini/settings.json") {
        // This agent's settings may have comments.
        if let Some(settings) = reader.json(path.real, Dialect::Comments, Bom::Skipped) {
            settings_file(&mut reader.out, Source { gate: Gate::Trust, ..source }, &settings);
        }
    } else if path.is_below(".gemini/commands") && path.is_a(&["toml"]) {
        commands(reader, source);
    }
}

fn settings_file(out: &mut Collector, source: Source<'_>, settings: &Node) {
    if let Some(all) = settings.get("mcpServers") {
        servers::all(out, source, "mcpServers", all);
    }
    if let Some(hooks) = settings.get("hooks") {
        hooks::nested(out, source, "hooks", hooks);
    }
    for place in PROGRAMS {
        if let Some(node) = settings.at(place)
            && let Some(text) = node.text()
        {
            out.run(source, Found::new(place.join("."), node.line, When::SessionStart, text));
        }
    }
}

/// `!{…}` in the prompt of a command.
fn commands(reader: &mut Reader<'_>, source: Source<'_>) {
    let Some(text) = reader.text(source.file) else { return };
    match toml::parse(without_bom(&text)) {
        Ok(file) => {
            let Some((line, prompt)) = servers::text(&file, "prompt") else { return };
            for (index, (at, command)) in dynamic::gemini(prompt).into_iter().enumerate() {
                let line = line.saturating_add(line_feeds(before(prompt, at)));
                reader.out.run(
                    source,
                    Found::new(format!("prompt[{index}]"), line, When::Invoke, command),
                );
            }
        }
        Err(error) => reader.out.unread(source.file, UnreadReason::Toml(error)),
    }
}
