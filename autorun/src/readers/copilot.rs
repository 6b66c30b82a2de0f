//! GitHub Copilot: hooks of a repository, agents, and the hooks of Agent Plugins for each client.

use super::{
    Bom, Path, Reader,
    markdown::{self, Matter},
};
use crate::{
    collector::Source,
    front_matter, hooks,
    json::Dialect,
    model::{Agent, Gate},
    servers,
};

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let trusted = Source { agent: Agent::Copilot, file: path.real, gate: Gate::Trust };
    let is_hook =
        (path.is_below(".github/hooks") || path.is_below(".copilot/hooks")) && path.is_a(&["json"]);
    if is_hook {
        hook_file(reader, trusted);
    } else if let Some(agent) = client(path) {
        hook_file(reader, Source { agent, gate: Gate::UserAction, ..trusted });
    } else if path.is_below(".github/agents") && path.is_a(&["md"]) {
        let Some(text) = reader.text(path.real) else { return };
        let Some(parts) = front_matter::copilot(&text) else { return };
        let Matter::Map(map) = markdown::matter(&parts) else { return };
        let source = Source { gate: Gate::UserAction, ..trusted };
        if let Some(all) = map.get("mcp-servers") {
            servers::all(&mut reader.out, source, "mcp-servers", all);
        }
        if let Some(hooks) = map.get("hooks") {
            hooks::flat(&mut reader.out, source, "hooks", hooks);
        }
    }
}

/// The client of `com.CLIENT/hooks/*.json` in an Agent Plugin.
fn client(path: &Path<'_>) -> Option<Agent> {
    let parts: Vec<&str> = path.name.split('/').collect();
    let at = parts.iter().position(|part| part.starts_with("com."))?;
    if parts.get(at + 1) != Some(&"hooks") || !path.is_a(&["json"]) {
        return None;
    }
    let name = *parts.get(at)?;
    Some(match name {
        _ if name.contains("copilot") || name.contains("github") => Agent::Copilot,
        _ if name.contains("anthropic") || name.contains("claude") => Agent::ClaudeCode,
        _ if name.contains("openai") || name.contains("codex") => Agent::Codex,
        _ if name.contains("google") || name.contains("gemini") => Agent::GeminiCli,
        _ if name.contains("cursor") => Agent::Cursor,
        _ => Agent::AgentPlugins,
    })
}

fn hook_file(reader: &mut Reader<'_>, source: Source<'_>) {
    if let Some(file) = reader.json(source.file, Dialect::Strict, Bom::Refused)
        && let Some(hooks) = file.get("hooks")
    {
        hooks::flat(&mut reader.out, source, "hooks", hooks);
    }
}
