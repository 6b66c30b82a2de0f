//! Strings of a program that it only compares: a detector's patterns, and the texts of its tests.

use super::fields::WRITES;
use std::collections::HashSet;

/// Calls that compare texts: the strings in them are what is looked for.
const COMPARES: [&str; 3] = ["expect", "compile", "RegExp"];
/// The statement and the calls of tests: `assert x`, `assert(x)`, `assertEqual(x)`.
const ASSERT: &str = "assert";
/// The longest beginning of a line in which a call that compares is looked for.
const LONGEST_CALL: usize = 300;

/// What of a program is only compared.
#[derive(Debug, Default)]
pub(super) struct Compared {
    names: HashSet<String>,
    /// The program takes the text back out of a pattern.
    reads_patterns: bool,
}

impl Compared {
    pub(super) fn of(source: &str) -> Self {
        let names = if source.contains(ASSERT) { compared_names(source) } else { HashSet::new() };
        let reads_patterns = source.contains(".pattern") || source.contains(".source");
        Self { names, reads_patterns }
    }

    /// Whether the string that begins behind `before` is looked for, and used for nothing else: it stands directly in a call that
    /// compares, or its name is only compared.
    pub(super) fn holds(&self, before: &[char]) -> bool {
        let line = before.iter().rev().take(LONGEST_CALL).take_while(|c| **c != '\n');
        let mut line: Vec<char> = line.copied().collect();
        if line.len() == LONGEST_CALL {
            return false;
        }
        line.reverse();
        let line: String = line.into_iter().collect();
        let name = assigned_name(&line).filter(|_| {
            let behind = line.split_once('=').map_or("", |(_, behind)| behind);
            behind.chars().all(|c| c.is_whitespace() || "[({".contains(c))
        });
        if name.is_some_and(|name| self.names.contains(name)) {
            return true;
        }
        // The innermost call that is open.
        let mut depth = 0usize;
        let open = line.char_indices().rev().find(|(_, c)| {
            match c {
                ')' => depth += 1,
                '(' if depth == 0 => return true,
                '(' => depth -= 1,
                _ => {}
            }
            false
        });
        match open.and_then(|(at, _)| line.get(..at)) {
            Some(call) => {
                let call = call.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
                let call = call.unwrap_or_default();
                COMPARES.contains(&call) && !self.reads_patterns || call.starts_with(ASSERT)
            }
            None => line.trim_start().starts_with("assert ") && !line.contains(';'),
        }
    }
}

/// Names that a program gives to a string, and then only compares: each line that holds one compares, and neither writes
/// nor describes anything.
fn compared_names(source: &str) -> HashSet<String> {
    let mut assigned = HashSet::new();
    let mut used = HashSet::new();
    let mut compared = HashSet::new();
    for line in source.lines() {
        let acts = WRITES.iter().chain(&["description", "+=", ";"]).any(|word| line.contains(word));
        let compares = line.trim_start().starts_with(ASSERT) && !acts;
        let name = assigned_name(line);
        assigned.extend(name.map(str::to_owned).filter(|name| !used.contains(name)));
        let behind =
            line.get(name.map_or(0, |_| line.find('=').unwrap_or(0))..).unwrap_or_default();
        for word in behind.split(|c: char| !c.is_alphanumeric() && c != '_') {
            let uses = if compares { &mut compared } else { &mut used };
            uses.insert(word.to_owned());
        }
    }
    assigned.retain(|name| compared.contains(name) && !used.contains(name));
    assigned
}

/// The name that a line begins to give a value to.
fn assigned_name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    let name =
        ["const ", "let ", "var "].iter().find_map(|word| name.strip_prefix(word)).unwrap_or(name);
    let name = name.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(name)
}
