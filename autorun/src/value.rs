//! One tree for YAML, JSON and TOML, with the line of each value in its file.

use std::collections::HashSet;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// From 1: the line of the value's own text.
    pub(crate) line: u32,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// Any number or date, as it is written.
    Number(String),
    Str(String),
    List(Vec<Node>),
    /// In the order of the file. Of duplicate keys the last counts.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The last value of a key; none for what is no map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.map().iter().rev().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value at a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a key's value.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) const fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    /// The pairs of a map, earlier duplicates included; none for anything else.
    pub(crate) fn map(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// The pairs of a map that count, in the order of the file: of duplicate keys the last.
    pub(crate) fn pairs(&self) -> Vec<(&str, &Self)> {
        let mut seen = HashSet::new();
        let mut pairs: Vec<_> = self
            .map()
            .iter()
            .rev()
            .filter(|(key, _)| seen.insert(key.as_str()))
            .map(|(key, node)| (key.as_str(), node))
            .collect();
        pairs.reverse();
        pairs
    }
}
