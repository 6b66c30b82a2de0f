//! Plugins: a manifest, and the files that it names or that lie where every plugin has them.

use super::{Bom, Path, Reader, claude, paths::Paths, plugin_parts as parts};
use crate::{
    collector::{Collector, Found, Source},
    folder::{join, within},
    hook_schema, hooks,
    json::{self, Dialect},
    model::{Agent, Gate, Language, UnreadReason, When},
    servers, text,
    value::{Node, Value},
};

/// The manifests, who reads them, and what stands before hooks and servers.
const MANIFESTS: [(&str, &[(Agent, Gate)]); 5] = [
    // The personal folder of skills asks nothing. Codex reads these manifests too.
    (
        ".claude-plugin/plugin.json",
        &[(Agent::ClaudeCode, Gate::None), (Agent::Codex, Gate::HashTrusted)],
    ),
    (".codex-plugin/plugin.json", &[(Agent::Codex, Gate::HashTrusted)]),
    (".cursor-plugin/plugin.json", &[(Agent::Cursor, Gate::UserAction)]),
    (".devin-plugin/plugin.json", &[(Agent::Devin, Gate::UserAction)]),
    ("plugin.json", &[(Agent::AgentPlugins, Gate::UserAction)]),
];

/// Folders above a plugin in which another plugin is looked for.
const MAX_ABOVE: usize = 8;

/// Whether a folder has a manifest that some agent loads.
pub(super) fn is_plugin(reader: &mut Reader<'_>, base: &str) -> bool {
    let names = MANIFESTS.iter().map(|(name, _)| *name).filter(|name| *name != "plugin.json");
    names.chain(["gemini-extension.json"]).any(|name| is_manifest(reader, base, name))
}

/// Whether a folder has this manifest, and an agent loads it. Each file is parsed once, whatever number of names it has.
fn is_manifest(reader: &mut Reader<'_>, base: &str, name: &'static str) -> bool {
    let file = within(base, name);
    if !reader.folder.has(&file) {
        return false;
    }
    let key = (name, reader.real(&file));
    if let Some(known) = reader.loaded.get(&key) {
        return *known;
    }
    let loaded = reader.bytes(&key.1).is_some_and(|bytes| {
        let text = text::decode(bytes);
        json::parse(text::without_bom(&text), 1, Dialect::Strict)
            .is_ok_and(|node| is_loaded(name, &node))
    });
    reader.loaded.insert(key, loaded);
    loaded
}

/// Whether a folder is a skill or a plugin. Every plugin below asks again, so the answer is kept.
fn is_skill_or_plugin(reader: &mut Reader<'_>, folder: &str) -> bool {
    if let Some(known) = reader.parents.get(folder) {
        return *known;
    }
    let is = reader.folder.has(&within(folder, "SKILL.md")) || is_plugin(reader, folder);
    reader.parents.insert(folder.to_owned(), is);
    is
}

/// Whether the agents of a manifest load the plugin. Claude Code wants a name; Codex takes the folder's.
fn is_loaded(file: &str, manifest: &Node) -> bool {
    let named = manifest
        .text_of("name")
        .is_some_and(|name| !name.is_empty() && !name.contains(char::is_whitespace));
    manifest.is_map() && (named || file != ".claude-plugin/plugin.json")
}

/// What stands before a plugin of Claude Code. In the personal folder of skills nothing does, unless the manifest turns
/// it off at first, or the folder lies inside of another skill or plugin, where nobody looks for it.
fn gate_of_claude(reader: &mut Reader<'_>, base: &str, manifest: &Node) -> Gate {
    let mut above = base;
    let inside = std::iter::from_fn(|| {
        let next = if above.is_empty() {
            None
        } else {
            Some(above.rsplit_once('/').map_or("", |(folder, _)| folder))
        };
        above = next?;
        next
    })
    .take(MAX_ABOVE)
    .any(|folder| is_skill_or_plugin(reader, folder));
    let off = manifest.get("defaultEnabled").is_some_and(|node| node.value == Value::Bool(false));
    if inside || off { Gate::UserAction } else { Gate::None }
}

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let Some((name, agents)) = MANIFESTS.iter().find(|(name, _)| path.ends(name)) else { return };
    let Some(base) = path.base(name) else { return };
    let manifest = if *name == "plugin.json" {
        // Other programs have plugins with a file of this name.
        reader
            .json_of_somebody(path.real, Dialect::Strict)
            .filter(|node| node.text_of("name").is_some())
    } else {
        reader.json(path.real, Dialect::Strict, Bom::Skipped)
    };
    let Some(manifest) = manifest.filter(Node::is_map) else { return };
    let claude = gate_of_claude(reader, base, &manifest);
    for (agent, gate) in *agents {
        if *agent == Agent::ClaudeCode && !is_loaded(name, &manifest) {
            continue;
        }
        let gate = if *agent == Agent::ClaudeCode { &claude } else { gate };
        let source = Source { agent: *agent, file: path.real, gate: *gate };
        all_hooks(reader, source, base, &manifest);
        let gate = if *agent == Agent::Codex { Gate::UserAction } else { *gate };
        all_servers(reader, Source { gate, ..source }, base, &manifest);
    }
    if *name == ".claude-plugin/plugin.json" && is_loaded(name, &manifest) {
        let source = Source { agent: Agent::ClaudeCode, file: path.real, gate: claude };
        parts::read(reader, source, base, &manifest);
    }
}

/// The manifest's hooks, inline, by path or mixed, and the file in the place of every plugin.
fn all_hooks(reader: &mut Reader<'_>, source: Source<'_>, base: &str, manifest: &Node) {
    if source.agent != Agent::AgentPlugins {
        hooks_at(reader, source, base, &within(base, "hooks/hooks.json"));
    }
    let Some(own) = manifest.get("hooks") else { return };
    let mut paths = Paths::new(source.file, base);
    for (key, item) in one_or_many("hooks", own) {
        match &item.value {
            Value::Str(text) => {
                if let Some(file) = paths.next(reader, text).filter(|file| file.ends_with(".json"))
                {
                    hooks_at(reader, source, base, &file);
                }
            }
            Value::Map(_) => inline(&mut reader.out, source, &key, item),
            _ => {}
        }
    }
}

fn inline(out: &mut Collector, source: Source<'_>, key: &str, hooks: &Node) {
    match source.agent {
        // One that guards permissions and cannot be loaded keeps the whole plugin from loading.
        Agent::ClaudeCode if !hook_schema::is_kept(hooks) => {}
        Agent::ClaudeCode => hooks::claude(out, source, key, hooks),
        Agent::Codex => hooks::nested(out, source, key, hooks),
        _ => hooks::flat(out, source, key, hooks),
    }
}

fn hooks_at(reader: &mut Reader<'_>, source: Source<'_>, base: &str, file: &str) {
    let real = reader.real(file);
    if let Some(node) = reader.json(&real, Dialect::Strict, Bom::Refused) {
        let folder = file.rsplit_once('/').map_or(base, |(folder, _)| folder);
        let source = Source { file: &real, ..source };
        if source.agent == Agent::ClaudeCode {
            modules(&mut reader.out, source, folder, &node);
        }
        if let Some(hooks) = node.get("hooks") {
            inline(&mut reader.out, source, "hooks", hooks);
        }
    }
}

/// A `hooks.json` of Claude Code: hooks in their wrapper, and modules.
pub(super) fn hook_file(out: &mut Collector, source: Source<'_>, base: &str, file: &Node) {
    modules(out, source, &within(base, "hooks"), file);
    if let Some(hooks) = file.get("hooks") {
        hooks::claude(out, source, "hooks", hooks);
    }
}

/// Modules: code in the agent's own process. Paths are relative to the file that names them; a manifest cannot.
fn modules(out: &mut Collector, source: Source<'_>, folder: &str, file: &Node) {
    for (index, module) in file.get("modules").map_or(&[][..], Node::items).iter().enumerate() {
        let Some(text) = module.text() else { continue };
        let found = Found::new(format!("modules[{index}]"), module.line, When::SessionStart, text);
        out.run(source, found.is(Language::JavaScript).code_in(join(folder, &format!("./{text}"))));
    }
}

/// The manifest's servers of tools, and the file in the place of every plugin.
fn all_servers(reader: &mut Reader<'_>, source: Source<'_>, base: &str, manifest: &Node) {
    let file = match source.agent {
        Agent::AgentPlugins | Agent::Cursor => "mcp.json",
        _ => ".mcp.json",
    };
    servers_at(reader, source, &within(base, file), "mcpServers");
    let Some(own) = manifest.get("mcpServers") else { return };
    let mut paths = Paths::new(source.file, base);
    for (key, item) in one_or_many("mcpServers", own) {
        match &item.value {
            Value::Str(text) if is_bundle(text) => {
                bundle(reader, source, base, &key, item.line, text);
            }
            Value::Str(text) => {
                if let Some(file) = paths.next(reader, text) {
                    servers_at(reader, source, &file, "mcpServers");
                }
            }
            Value::Map(_) => servers::all(&mut reader.out, source, &key, item),
            _ => {}
        }
    }
}

/// A file of servers, with or without the wrapper.
pub(super) fn servers_at(reader: &mut Reader<'_>, source: Source<'_>, file: &str, wrapper: &str) {
    let real = reader.real(file);
    let Some(node) = reader.json(&real, Dialect::Strict, Bom::Refused) else { return };
    let (prefix, all) = node.get(wrapper).map_or(("", &node), |all| (wrapper, all));
    servers::all(&mut reader.out, Source { file: &real, ..source }, prefix, all);
}

fn is_bundle(text: &str) -> bool {
    [".mcpb", ".dxt"].iter().any(|end| text.ends_with(end))
}

/// An archive with a server in it, in the folder or at an address.
fn bundle(
    reader: &mut Reader<'_>,
    source: Source<'_>,
    base: &str,
    key: &str,
    line: u32,
    text: &str,
) {
    let target = join(base, text).filter(|file| reader.folder.resolve(file).is_some());
    if let Some(file) = target
        .as_ref()
        .filter(|file| reader.folder.bytes(file) != Err(crate::folder::NoBytes::Missing))
    {
        let real = reader.real(file);
        reader.out.unread(&real, UnreadReason::Archive);
    }
    reader.out.run(
        source,
        Found::new(key, line, When::ServerStart, text).is(Language::None).code_in(target),
    );
}

/// A value, or each item of a list, with its key.
pub(super) fn one_or_many<'a>(key: &str, node: &'a Node) -> Vec<(String, &'a Node)> {
    match &node.value {
        Value::List(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (format!("{key}[{index}]"), item))
            .collect(),
        _ => vec![(key.to_owned(), node)],
    }
}

/// The status lines that a plugin may set; every other setting of it is dropped.
pub(super) fn settings(reader: &mut Reader<'_>, source: Source<'_>, base: &str, manifest: &Node) {
    if let Some(own) = manifest.get("settings") {
        claude::status_lines(&mut reader.out, source, "settings.", own, &["subagentStatusLine"]);
    }
    let real = reader.real(&within(base, "settings.json"));
    if let Some(file) = reader.json(&real, Dialect::Strict, Bom::Skipped) {
        claude::status_lines(
            &mut reader.out,
            Source { file: &real, ..source },
            "",
            &file,
            &["subagentStatusLine"],
        );
    }
}
