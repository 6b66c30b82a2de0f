//! Package managers of JavaScript: scripts of an installation, and settings of a folder that make an installation run a
//! program of the folder or ask another registry.
//!
//! Seen with npm 11.19.1: `script-shell`, `node-options` and `git` of a folder's `.npmrc` are honoured there, in quotes
//! and with blanks around the equals sign too, not in other letters and not below a `[section]`.

use super::{Path, Reader};
use crate::{
    collector::{Found, Source},
    json::Dialect,
    model::{Agent, Gate, Language, UnreadReason, When},
    servers,
    text::without_bom,
    value::{Node, Value},
    yaml::{self, Merge},
};
use std::collections::BTreeMap;

/// Scripts that npm runs when a package is installed from its folder.
const SCRIPTS: [&str; 7] =
    ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish"];
/// Settings of `.npmrc` that name a program, which npm starts.
const PROGRAMS: [&str; 2] = ["script-shell", "git"];
/// Settings of `.npmrc` that say how a registry is asked, or what Node.js loads first.
const SETTINGS: [&str; 3] = ["registry", "strict-ssl", "node-options"];
/// Settings of `.npmrc` that name a file, which pnpm loads.
const MODULES: [&str; 2] = ["pnpmfile", "global-pnpmfile"];

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    if path.is_below("node_modules") {
        return;
    }
    let source = Source { agent: Agent::Npm, file: path.real, gate: Gate::UserAction };
    match path.file_name() {
        "package.json" => scripts(reader, source),
        ".npmrc" => npmrc(reader, source),
        ".pnpmfile.cjs" | ".pnpmfile.mjs" => {
            let target = Some(path.real.to_owned());
            let code = Found::new(path.file_name(), 1, When::Install, path.real);
            reader.out.run(source, code.is(Language::JavaScript).code_in(target));
        }
        ".yarnrc.yml" => yarnrc(reader, source),
        ".yarnrc" => first_yarnrc(reader, source),
        _ => {}
    }
}

fn scripts(reader: &mut Reader<'_>, source: Source<'_>) {
    let Some(file) = reader.json_of_somebody(source.file, Dialect::Strict) else { return };
    for key in SCRIPTS {
        if let Some((line, text)) =
            file.get("scripts").and_then(|scripts| servers::text(scripts, key))
        {
            let found = Found::new(format!("scripts.{key}"), line, When::Install, text);
            reader.out.run(source, found);
        }
    }
}

/// Lines of `key = value` before the first section. Of one key the last counts.
fn npmrc(reader: &mut Reader<'_>, source: Source<'_>) {
    let Some(text) = reader.text(source.file) else { return };
    let mut settings: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    for (number, line) in (1..).zip(without_bom(&text).lines()) {
        let line = line.trim();
        if line.starts_with('[') {
            break;
        }
        if line.starts_with([';', '#']) {
            continue;
        }
        if let Some((key, value)) = line.split_once('=') {
            // npm ends an unquoted value at a comment.
            let value = value.trim();
            let value = value.strip_prefix(['"', '\'']).map_or_else(
                || value.split([';', '#']).next().unwrap_or_default().trim(),
                |quoted| quoted.trim_end_matches(['"', '\'']),
            );
            settings.insert(key.trim().trim_matches(['"', '\'']), (number, value));
        }
    }
    for (key, (line, value)) in settings {
        let language = if PROGRAMS.contains(&key) {
            Language::Shell
        } else if MODULES.contains(&key) {
            Language::JavaScript
        } else if SETTINGS.contains(&key) || key.ends_with(":registry") {
            Language::None
        } else {
            continue;
        };
        let target = MODULES.contains(&key).then(|| value.trim_start_matches("./").to_owned());
        let found = Found::new(key, line, When::Install, value).is(language);
        reader.out.run(source, found.code_in(target));
    }
}

/// Yarn 1: lines of a key and a value. It starts `yarn-path` in its own place.
fn first_yarnrc(reader: &mut Reader<'_>, source: Source<'_>) {
    let Some(text) = reader.text(source.file) else { return };
    for (number, line) in (1..).zip(without_bom(&text).lines()) {
        let Some((key, value)) = line.trim().split_once([' ', '\t']) else { continue };
        let key = key.trim_matches('"');
        let value = value.trim().trim_matches('"');
        let found = Found::new(key, number, When::Install, value);
        match key {
            "yarn-path" => {
                let target = value.trim_start_matches("./").to_owned();
                reader.out.run(source, found.is(Language::JavaScript).code_in(Some(target)));
            }
            "registry" | "strict-ssl" => reader.out.run(source, found.is(Language::None)),
            _ => {}
        }
    }
}

/// Yarn starts `yarnPath` in its own place, and loads plugins; registries are asked as the file says.
fn yarnrc(reader: &mut Reader<'_>, source: Source<'_>) {
    let Some(text) = reader.text(source.file) else { return };
    let root = match yaml::parse(without_bom(&text), 1, Merge::Ignore) {
        Ok(document) => document.root,
        Err(error) => {
            reader.out.unread(source.file, UnreadReason::Yaml(error.to_string()));
            return;
        }
    };
    let program = |key: String, node: &Node| {
        let text = node.text()?;
        let found = Found::new(key, node.line, When::Install, text).is(Language::JavaScript);
        Some(found.code_in(Some(text.trim_start_matches("./").to_owned())))
    };
    let mut all = Vec::new();
    all.extend(root.get("yarnPath").and_then(|node| program("yarnPath".into(), node)));
    for (index, plugin) in root.get("plugins").map_or(&[][..], Node::items).iter().enumerate() {
        let node = plugin.get("path").unwrap_or(plugin);
        all.extend(program(format!("plugins[{index}]"), node));
    }
    for key in ["npmRegistryServer", "enableStrictSsl"] {
        if let Some(node) = root.get(key) {
            let text = match &node.value {
                Value::Str(text) => text.clone(),
                Value::Bool(value) => value.to_string(),
                _ => continue,
            };
            all.push(Found::new(key, node.line, When::Install, text).is(Language::None));
        }
    }
    for found in all {
        reader.out.run(source, found);
    }
}
