//! Options of programs, as `getopt` reads them.

use crate::value::Value;

/// The arguments of a command, parted.
#[derive(Debug, Default)]
pub(super) struct Arguments<'a> {
    /// Options in their order: the name without dashes, and the value of those that take one.
    pub(super) options: Vec<(String, Option<Value>)>,
    /// Everything else.
    pub(super) operands: Vec<&'a Value>,
}

impl Arguments<'_> {
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    pub(super) fn values(&self, names: &[&str]) -> impl Iterator<Item = &Value> {
        self.options
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .filter_map(|(_, value)| value.as_ref())
    }
}

/// Parts arguments. `with_value` names the options that take a value: letters, and long names.
pub(super) fn part<'a>(words: &'a [Value], with_value: &[&str]) -> Arguments<'a> {
    let mut parted = Arguments::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        let rest = |value: &str| word.with_text(value);
        if text == "--" {
            parted.operands.extend(words.by_ref());
        } else if let Some(long) = text.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(rest(value))),
                None if with_value.contains(&long) => (long, words.next().cloned()),
                None => (long, None),
            };
            parted.options.push((name.to_owned(), value));
        } else if let Some(name) = text.strip_prefix('-').filter(|name| is_long(name)) {
            let value = if with_value.contains(&name) { words.next().cloned() } else { None };
            parted.options.push((name.to_owned(), value));
        } else if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                let name = letter.to_string();
                if with_value.contains(&name.as_str()) {
                    let value = match letters.as_str() {
                        "" => words.next().cloned(),
                        value => Some(rest(value)),
                    };
                    parted.options.push((name, value));
                    break;
                }
                parted.options.push((name, None));
            }
        } else {
            parted.operands.push(word);
        }
    }
    parted
}

/// A long option of PowerShell: one dash, and a word that begins with a capital.
fn is_long(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c.is_ascii_uppercase())
        && letters.next().is_some_and(|c| c.is_ascii_lowercase())
        && name.len() > 3
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}
