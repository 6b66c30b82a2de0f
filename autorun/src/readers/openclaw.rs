//! OpenClaw: packages that a skill asks for, skills that are always active, and commands that call a tool directly.

use super::markdown::{self, Matter};
use crate::{
    collector::{Collector, Found, Source},
    command, front_matter,
    json::{self, Dialect},
    model::{Agent, Gate, Language, When},
    servers,
    value::{Node, Value},
};

/// The names under which its metadata is found: today's, and those of earlier versions.
const NAMES: [&str; 4] = ["openclaw", "clawdbot", "clawdis", "moltbot"];

pub(super) fn skill(out: &mut Collector, file: &str, text: &str) {
    let Some(parts) = front_matter::copilot(text) else { return };
    let Matter::Map(map) = markdown::matter(&parts) else { return };
    let source = Source { agent: Agent::OpenClaw, file, gate: Gate::UserAction };
    if map.text_of("command-dispatch") == Some("tool")
        && let Some((line, tool)) = servers::text(&map, "command-tool")
    {
        out.run(source, Found::new("command-tool", line, When::Invoke, tool).is(Language::None));
    }
    let Some(metadata) = map.get("metadata") else { return };
    match &metadata.value {
        Value::Str(text) => {
            let Ok(inner) = json::parse(text, metadata.line, Dialect::Five) else { return };
            // A folded or quoted string has no lines of its own to count.
            own(out, source, &inner, Some(metadata.line));
        }
        _ => own(out, source, metadata, None),
    }
}

fn own(out: &mut Collector, source: Source<'_>, metadata: &Node, line: Option<u32>) {
    for name in NAMES {
        let Some(own) = metadata.get(name) else { continue };
        let key = format!("metadata.{name}");
        if let Some(always) = own.get("always").filter(|always| always.value == Value::Bool(true)) {
            let at = line.unwrap_or(always.line);
            let always = Found::new(format!("{key}.always"), at, When::Load, "always: true")
                .is(Language::None);
            out.run(Source { gate: Gate::None, ..source }, always);
        }
        for (index, step) in own.get("install").map_or(&[][..], Node::items).iter().enumerate() {
            if let Some(text) = install(step) {
                let key = format!("{key}.install[{index}]");
                out.run(source, Found::new(key, line.unwrap_or(step.line), When::Install, text));
            }
        }
    }
}

/// The command of one step.
fn install(step: &Node) -> Option<String> {
    let text = |key: &str| step.text_of(key);
    let words = match text("kind")? {
        "brew" => vec!["brew", "install", text("formula")?],
        "node" | "npm" => vec!["npm", "install", "--global", text("package")?],
        "go" => vec!["go", "install", text("module").or_else(|| text("package"))?],
        "uv" => vec!["uv", "tool", "install", text("package")?],
        "download" => vec!["curl", "--location", "--remote-name", text("url")?],
        _ => return None,
    };
    Some(command::join(words))
}
