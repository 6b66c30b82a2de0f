//! Claude Code outside of skills and plugins: settings, servers, commands and agents of a project, marketplaces.

use super::{
    Bom, Path, Reader,
    markdown::{self, Matter},
    plugin,
};
use crate::{
    collector::{Collector, Found, Source},
    front_matter, hooks,
    json::Dialect,
    model::{Agent, Gate, Language, When},
    servers,
    value::{Node, Value},
};

/// Settings whose value is a command.
const HELPERS: [&str; 5] = [
    "apiKeyHelper",
    "awsAuthRefresh",
    "awsCredentialExport",
    "gcpAuthRefresh",
    "otelHeadersHelper",
];
/// Settings whose value is a map with a command.
const LINES: [&str; 3] = ["statusLine", "subagentStatusLine", "fileSuggestion"];

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let source = Source { agent: Agent::ClaudeCode, file: path.real, gate: Gate::Trust };
    if path.ends(".claude/settings.json") || path.ends(".claude/settings.local.json") {
        if let Some(settings) = reader.json(path.real, Dialect::Strict, Bom::Skipped) {
            settings_file(&mut reader.out, source, &settings);
        }
    } else if path.is_below(".claude/commands") && path.is_a(&["md"]) {
        if let Some(text) = reader.text(path.real) {
            markdown::claude(&mut reader.out, path.real, &text, markdown::Hooks::Registered);
        }
    } else if path.is_below(".claude/agents") && path.is_a(&["md"]) {
        agent(reader, source);
    } else if path.ends(".claude-plugin/marketplace.json") {
        if let Some(catalogue) = reader.json(path.real, Dialect::Strict, Bom::Skipped) {
            marketplace(&mut reader.out, Source { gate: Gate::UserAction, ..source }, &catalogue);
        }
    } else if let Some(base) = path.base(".mcp.json") {
        if !plugin::is_plugin(reader, base)
            && let Some(file) = reader.json(path.real, Dialect::Strict, Bom::Skipped)
            && let Some(all) = file.get("mcpServers")
        {
            servers::all(
                &mut reader.out,
                Source { gate: Gate::PerServer, ..source },
                "mcpServers",
                all,
            );
        }
    } else if let Some(base) = path.base("hooks/hooks.json")
        && !plugin::is_plugin(reader, base)
        && let Some(file) = reader.json(path.real, Dialect::Strict, Bom::Refused)
    {
        // Without a manifest it runs where somebody installs the folder as a plugin.
        plugin::hook_file(
            &mut reader.out,
            Source { gate: Gate::UserAction, ..source },
            base,
            &file,
        );
    }
}

/// An agent of the project; what it starts needs a trusted folder.
fn agent(reader: &mut Reader<'_>, source: Source<'_>) {
    let Some(text) = reader.text(source.file) else { return };
    let Some(parts) = front_matter::claude(&text) else { return };
    match markdown::matter(&parts) {
        Matter::Map(map) => {
            if let Some(hooks) = map.get("hooks") {
                hooks::claude(&mut reader.out, source, "hooks", hooks);
            }
            if let Some(all) = map.get("mcpServers") {
                servers::all(&mut reader.out, source, "mcpServers", all);
                for (index, entry) in all.items().iter().enumerate() {
                    servers::all(&mut reader.out, source, &format!("mcpServers[{index}]"), entry);
                }
            }
        }
        Matter::None => {}
        Matter::Unread(reason) => reader.out.unread(source.file, reason),
    }
}

fn settings_file(out: &mut Collector, source: Source<'_>, settings: &Node) {
    if let Some(hooks) = settings.get("hooks") {
        hooks::claude(out, source, "hooks", hooks);
    }
    for key in HELPERS {
        if let Some((line, text)) = servers::text(settings, key) {
            out.run(source, Found::new(key, line, When::SessionStart, text));
        }
    }
    status_lines(out, source, "", settings, &LINES);
    for (name, value) in settings.get("env").map(Node::pairs).unwrap_or_default() {
        if let Some(text) = value.text() {
            let found = Found::new(
                format!("env.{name}"),
                value.line,
                When::SessionStart,
                format!("{name}={text}"),
            );
            out.run(source, found.is(Language::None));
        }
    }
    for (name, entry) in settings.get("extraKnownMarketplaces").map(Node::pairs).unwrap_or_default()
    {
        addresses(out, source, &format!("extraKnownMarketplaces.{name}"), entry);
    }
    for (name, entry) in settings.get("enabledPlugins").map(Node::pairs).unwrap_or_default() {
        if entry.value != Value::Bool(false) {
            let found =
                Found::new(format!("enabledPlugins.{name}"), entry.line, When::Install, name);
            out.run(source, found.is(Language::None));
        }
    }
    grants(out, source, settings);
}

/// Status lines and the like: a map with a command.
pub(super) fn status_lines(
    out: &mut Collector,
    source: Source<'_>,
    prefix: &str,
    settings: &Node,
    keys: &[&str],
) {
    for key in keys {
        if let Some(node) = settings.get(key)
            && let Some((line, text)) = servers::text(node, "command")
        {
            out.run(
                source,
                Found::new(format!("{prefix}{key}.command"), line, When::SessionStart, text),
            );
        }
    }
}

/// What a project allows in advance. The two switches allow more than any list.
fn grants(out: &mut Collector, source: Source<'_>, settings: &Node) {
    if let Some(allow) = settings.at(&["permissions", "allow"]) {
        let tools: Vec<String> =
            allow.items().iter().filter_map(Node::text).map(str::to_owned).collect();
        if !tools.is_empty() {
            out.grant(source.agent, source.file, allow.line, tools);
        }
    }
    if let Some(mode) = settings.at(&["permissions", "defaultMode"])
        && mode.text() == Some("bypassPermissions")
    {
        // Every tool without a question, so every command too.
        out.grant(
            source.agent,
            source.file,
            mode.line,
            vec!["Bash".into(), "permissions.defaultMode=bypassPermissions".into()],
        );
    }
    if let Some(all) =
        settings.get("enableAllProjectMcpServers").filter(|all| all.value == Value::Bool(true))
    {
        out.grant(source.agent, source.file, all.line, vec!["enableAllProjectMcpServers".into()]);
    }
}

/// A catalogue of plugins: entries may carry the parts of a plugin, and name commands of their own.
fn marketplace(out: &mut Collector, source: Source<'_>, catalogue: &Node) {
    for (index, entry) in catalogue.get("plugins").map_or(&[][..], Node::items).iter().enumerate() {
        let key = format!("plugins[{index}]");
        if let Some(hooks) = entry.get("hooks").filter(|hooks| hooks.is_map()) {
            hooks::claude(out, source, &format!("{key}.hooks"), hooks);
        }
        for kind in ["mcpServers", "lspServers"] {
            if let Some(all) = entry.get(kind) {
                servers::all(out, source, &format!("{key}.{kind}"), all);
            }
        }
        addresses(out, source, &key, entry);
    }
    addresses(out, source, "", catalogue);
}

/// Where a plugin or marketplace comes from: an address, or a command that names or helps to fetch it.
fn addresses(out: &mut Collector, source: Source<'_>, key: &str, entry: &Node) {
    let field = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    if let Some((line, text)) = servers::text(entry, "headersHelper") {
        out.run(source, Found::new(field("headersHelper"), line, When::Install, text));
    }
    let Some(from) = entry.get("source").filter(|from| from.is_map()) else { return };
    servers::one(out, source, &field("source"), When::Install, from);
    if let Some((line, text)) = servers::text(from, "repo") {
        out.run(
            source,
            Found::new(field("source.repo"), line, When::Install, text).is(Language::None),
        );
    }
}
