//! SKILL.md, as each agent reads it.

use super::{
    Path, Reader,
    markdown::{self, Matter},
    openclaw, opencode,
};
use crate::{
    collector::{Collector, Source},
    front_matter::{self, Parts},
    json::{self, Dialect},
    model::{Agent, Gate, UnreadReason},
    text,
    value::Node,
};

pub(super) fn read(reader: &mut Reader<'_>, path: &Path<'_>) {
    let exact = path.file_name() == "SKILL.md";
    // The name of another letter case is another reading of the same file.
    if !reader.is_first(if exact { "SKILL.md" } else { "skill.md" }, path.real) {
        return;
    }
    // Only for the exact name a note why there are no bytes.
    if !exact && reader.folder.bytes(path.real).is_err() {
        return;
    }
    let Some(bytes) = reader.bytes(path.real) else { return };
    let text = text::decode(bytes);
    if !exact {
        if would_run(path.real, &text) {
            reader.out.unread(path.real, UnreadReason::LetterCase);
        }
        return;
    }
    whole(&mut reader.out, path.real, &text);
    let other = text::decode_utf16(bytes).or_else(|| {
        (text.contains('\r') && !text.contains('\n')).then(|| text.replace('\r', "\n"))
    });
    if other.is_some_and(|other| would_run(path.real, &other)) {
        reader.out.unread(path.real, UnreadReason::Encoding);
    }
}

/// Whether a text would run anything if it were a SKILL.md.
fn would_run(file: &str, text: &str) -> bool {
    let mut out = Collector::new();
    whole(&mut out, file, text);
    !out.is_idle()
}

/// Every reading of one text.
fn whole(out: &mut Collector, file: &str, text: &str) {
    markdown::claude(out, file, text, markdown::Hooks::Registered);
    other_readings(out, file, text);
    opencode::skill(out, file, text);
    openclaw::skill(out, file, text);
}

/// Hooks and grants that are not in Claude Code's front matter but in another program's.
fn other_readings(out: &mut Collector, file: &str, text: &str) {
    let claude = front_matter::claude(text).map(|parts| parts.matter);
    let labelled = front_matter::opencode(text);
    let readings = [
        (Agent::Copilot, front_matter::copilot(text)),
        (Agent::OpenCode, labelled.map(|(_, parts)| parts)),
        (Agent::GeminiCli, front_matter::gemini(text)),
        (Agent::Codex, front_matter::codex(text)),
    ];
    let mut seen: Vec<&str> = claude.into_iter().collect();
    for (agent, parts) in readings {
        let Some(parts) = parts.filter(|parts| !seen.contains(&parts.matter)) else { continue };
        seen.push(parts.matter);
        let label = labelled.map_or("", |(label, _)| label);
        let json = agent == Agent::OpenCode && label == "json";
        let Some(map) = map(&parts, json) else { continue };
        markdown::keys(
            out,
            Source { agent, file, gate: Gate::SkillInvoked },
            &map,
            markdown::Hooks::Registered,
        );
    }
}

fn map(parts: &Parts<'_>, json: bool) -> Option<Node> {
    if json {
        return json::parse(parts.matter, parts.matter_line, Dialect::Strict).ok();
    }
    match markdown::matter(parts) {
        Matter::Map(map) => Some(map),
        Matter::None | Matter::Unread(_) => None,
    }
}
