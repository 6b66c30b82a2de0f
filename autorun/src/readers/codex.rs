//! Codex: dependencies of a skill, hooks and the configuration of a project.

use super::{Bom, Path, Reader};
use crate::{
    collector::{Collector, Found, Source},
    command, hooks,
    json::Dialect,
    model::{Agent, Gate, UnreadReason, When},
    servers,
    text::without_bom,
    toml,
    value::Node,
    yaml::{self, Merge},
};

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let source = Source { agent: Agent::Codex, file: path.real, gate: Gate::UserAction };
    if path.ends("agents/openai.yaml") {
        dependencies(reader, path, source);
    } else if path.ends(".codex/hooks.json") {
        if let Some(file) = reader.json(path.real, Dialect::Strict, Bom::Refused)
            && let Some(hooks) = file.get("hooks")
        {
            hooks::nested(
                &mut reader.out,
                Source { gate: Gate::HashTrusted, ..source },
                "hooks",
                hooks,
            );
        }
    } else if path.file_name() == "config.toml" {
        let Some(text) = reader.text(path.real) else { return };
        match toml::parse(without_bom(&text)) {
            Ok(config) => config_file(&mut reader.out, source, &config),
            Err(error) if path.ends(".codex/config.toml") => {
                reader.out.unread(path.real, UnreadReason::Toml(error));
            }
            // Many programs have a file of this name.
            Err(_) => {}
        }
    }
}

/// `agents/openai.yaml` beside a SKILL.md. Type and transport count in any letters, keys exactly; a tool that is not
/// whole is skipped alone, and merge keys are keys like any other.
fn dependencies(reader: &mut Reader<'_>, path: &Path<'_>, source: Source<'_>) {
    let Some(text) = reader.text(path.real) else { return };
    let document = match yaml::parse(without_bom(&text), 1, Merge::Ignore) {
        Ok(document) if document.more => return,
        Ok(document) => document,
        Err(error) => {
            reader.out.unread(path.real, UnreadReason::Yaml(error.to_string()));
            return;
        }
    };
    let tools = document.root.at(&["dependencies", "tools"]).map_or(&[][..], Node::items);
    for (index, tool) in tools.iter().enumerate() {
        let is = |key: &str, word: &str| {
            tool.text_of(key).is_some_and(|text| text.eq_ignore_ascii_case(word))
        };
        if !is("type", "mcp") || tool.text_of("value").is_none() {
            continue;
        }
        let key = format!("dependencies.tools[{index}]");
        if is("transport", "stdio") {
            if let Some((line, text)) = servers::text(tool, "command") {
                reader
                    .out
                    .run(source, Found::new(format!("{key}.command"), line, When::Invoke, text));
            }
        } else if (tool.get("transport").is_none() || is("transport", "streamable_http"))
            && let Some((line, text)) = servers::text(tool, "url")
        {
            let found = Found::new(format!("{key}.url"), line, When::Invoke, text);
            reader.out.run(source, found.is(crate::model::Language::None));
        }
    }
}

fn config_file(out: &mut Collector, source: Source<'_>, config: &Node) {
    let trusted = Source { gate: Gate::Trust, ..source };
    if let Some(all) = config.get("mcp_servers") {
        servers::all(out, trusted, "mcp_servers", all);
    }
    if let Some(hooks) = config.get("hooks") {
        hooks::nested(out, Source { gate: Gate::HashTrusted, ..source }, "hooks", hooks);
    }
    if let Some(notify) = config.get("notify") {
        let text = command::join(notify.items().iter().filter_map(Node::text));
        if !text.is_empty() {
            out.run(trusted, Found::new("notify", notify.line, When::Other, text));
        }
    }
}
