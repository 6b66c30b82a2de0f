//! Commands of container images and of make: instructions and recipes, whose lines may be continued.

use super::{Syntax, Text, UNKNOWN, literals};
use std::collections::HashMap;

/// The instructions that run a command, in lower case.
const RUNNING: [&str; 4] = ["run", "cmd", "entrypoint", "shell"];

/// The commands of a Dockerfile.
pub(super) fn dockerfile(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    for line in logical_lines(source, true) {
        let trimmed = line.text.trim_start();
        let (instruction, rest) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
        let mut instruction = instruction.to_ascii_lowercase();
        let mut command = rest.trim_start();
        if matches!(instruction.as_str(), "onbuild" | "healthcheck") {
            let inner = command.split_whitespace().find(|word| !word.starts_with("--"));
            instruction = inner.unwrap_or_default().to_ascii_lowercase();
            let at = command.find(inner.unwrap_or_default()).unwrap_or_default();
            command = command.split_at(at).1.split_once(char::is_whitespace).map_or("", |(_, c)| c);
        }
        if !RUNNING.contains(&instruction.as_str()) {
            continue;
        }
        while let Some(rest) = command.strip_prefix("--") {
            command =
                rest.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
        }
        let first = line.line(1);
        if command.starts_with('[') {
            for mut text in literals::read(Syntax::Json, command) {
                text.lines = vec![first; text.lines.len()];
                texts.push(text);
            }
        } else {
            texts.push(Text { text: command.to_owned(), lines: vec![first], column: 0 });
        }
    }
    texts
}

/// The recipes of a Makefile: consecutive lines that begin with a tab are one script.
pub(super) fn makefile(source: &str) -> Vec<Text> {
    let mut variables: HashMap<String, String> = HashMap::new();
    let mut texts = Vec::new();
    let mut recipe = Text::default();
    for line in logical_lines(source, false) {
        let Some(command) = line.text.strip_prefix('\t') else {
            if !recipe.text.is_empty() {
                texts.push(std::mem::take(&mut recipe));
            }
            if let Some((name, value)) = assignment(&line.text) {
                let value = expanded(value, &variables);
                variables.insert(name.to_owned(), value);
            }
            continue;
        };
        let command = command.trim_start_matches(['@', '-', '+', ' ', '\t']);
        for c in expanded(command, &variables).chars().chain(['\n']) {
            recipe.push(c, line.line(1));
        }
    }
    if !recipe.text.is_empty() {
        texts.push(recipe);
    }
    texts
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+', '!']).trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain.then(|| (name, value.trim()))
}

/// Puts in the variables of make; a value is not longer than this.
const MAX_VALUE: usize = 4_096;
/// A name of a variable is not longer.
const MAX_NAME: usize = 128;

fn expanded(text: &str, variables: &HashMap<String, String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        result.push_str(before);
        let closing = match behind.chars().next() {
            Some('(') => Some(')'),
            Some('{') => Some('}'),
            _ => None,
        };
        let near = behind.get(1..).map(|name| {
            let end = name.char_indices().nth(MAX_NAME).map_or(name.len(), |(at, _)| at);
            name.split_at(end)
        });
        let name = closing.and_then(|closing| {
            let (name, _) = near?.0.split_once(closing)?;
            Some((name, behind.get(name.len() + 2..)?))
        });
        match (name, behind.strip_prefix('$')) {
            (Some((name, behind)), _) => {
                match variables.get(name) {
                    Some(value) if result.len() + value.len() < MAX_VALUE => result.push_str(value),
                    _ => result.push(UNKNOWN),
                }
                rest = behind;
            }
            // Two dollars are one for the shell.
            (None, Some(behind)) => {
                result.push('$');
                rest = behind;
            }
            (None, None) => {
                result.push(UNKNOWN);
                let length = behind.chars().next().map_or(0, char::len_utf8);
                rest = behind.split_at(length).1;
            }
        }
    }
    result + rest
}

/// Lines with those that continue them, as one line each. `comments`: lines of comments in between are left out.
fn logical_lines(source: &str, comments: bool) -> Vec<Text> {
    let mut lines: Vec<Text> = Vec::new();
    let mut open = false;
    for (at, line) in source.lines().enumerate() {
        let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        let is_comment = comments && line.trim_start().starts_with('#');
        if is_comment || open && line.trim().is_empty() && comments {
            continue;
        }
        let (text, continues) = match line.trim_end().strip_suffix('\\') {
            Some(text) => (text, true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| open) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(text.trim_start());
            }
            None => lines.push(Text { text: text.to_owned(), lines: vec![number], column: 0 }),
        }
        open = continues;
    }
    lines
}
