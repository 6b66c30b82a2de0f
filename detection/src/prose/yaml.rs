//! Passages of YAML: the values of its fields, at their lines.

use super::{Passage, Place, fields::describes};
use saphyr_parser::{Event, Parser};

/// Which fields of a mapping speak to an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// All: the whole mapping is metadata of the skill.
    All,
    /// Those whose names say that they describe or instruct.
    Descriptions,
}

/// Keys whose values are what an agent is to be or to do.
const AGENTS: [&str; 8] = [
    "agent",
    "agents",
    "assistant",
    "assistants",
    "llm",
    "model_instructions",
    "persona",
    "copilot",
];

/// The scalars of YAML whose keys are wanted. `before` lines stand before it in its file. What is no YAML is read by its
/// lines: programs that are laxer than the parser show it to an agent all the same.
pub(super) fn passages(source: &str, keys: Keys, before: u32) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut key = String::new();
    // Whether each open mapping or list stands under a key that speaks to an agent.
    let mut told: Vec<bool> = Vec::new();
    for event in Parser::new_from_str(source) {
        let Ok((event, span)) = event else { return lines(source, keys, before) };
        let inside = told.last().copied().unwrap_or_default();
        let value = match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                told.push(inside || AGENTS.contains(&key.to_lowercase().as_str()));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                told.pop();
                continue;
            }
            Event::Scalar(value, ..) => value,
            _ => continue,
        };
        let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX).saturating_add(before);
        let wanted = keys == Keys::All || inside || describes(&key);
        if wanted && (value.contains(char::is_whitespace) || !value.is_ascii()) {
            passages.push(Passage::of_text(&value, line, Place::Description));
        }
        key = value.into_owned();
    }
    passages
}

/// The lines of what is nearly YAML: each with a key begins a value, and lines without one go on with it.
fn lines(source: &str, keys: Keys, before: u32) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut wanted = keys == Keys::All;
    let mut number = before;
    for line in source.lines() {
        number = number.saturating_add(1);
        let text = line.trim_start_matches(|c: char| c.is_whitespace() || c == '-');
        let key = text.split_once(':').map(|(key, _)| key).filter(|key| is_key(key));
        if let Some(key) = key {
            wanted = keys == Keys::All || describes(key);
        }
        if !wanted {
            continue;
        }
        // The key and the mark of a block are no part of the value.
        let value = text.get(key.map_or(0, |key| key.len() + 1)..).unwrap_or_default();
        let value = value.trim_start_matches([' ', '|', '>', '-', '+', '"', '\'']);
        let next = Passage::of_text(value, number, Place::Description);
        match passages.last_mut().filter(|_| key.is_none()) {
            Some(last) => {
                last.chars.push((' ', number));
                last.chars.extend(next.chars);
            }
            None => passages.push(next),
        }
    }
    passages
}

/// Whether the text before a colon is a key: one word.
fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-.\"'".contains(c))
}
