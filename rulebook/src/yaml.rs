//! YAML as a tree with lines, for rule files. Duplicate keys stay, so that they can be reported.
//!
//! Bounded: 32 levels, 200,000 values. An alias is kept as such and never copied.

use saphyr_parser::{Event, Parser};

/// The deepest nesting.
const MAX_DEPTH: usize = 32;
/// The most values of one text.
const MAX_NODES: usize = 200_000;

/// A value and the line where it begins, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its line.
    pub line: u32,
    /// What it is.
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A scalar, as text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Pairs in the order of the text.
    Map(Vec<(Node, Node)>),
    /// It stands for another value, which is not looked up.
    Alias,
}

/// Why a text has no tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub what: String,
}

impl Node {
    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The pairs of a map; none of anything else.
    #[must_use]
    pub fn pairs(&self) -> &[(Self, Self)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// A member of a map by its key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.pairs().iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// Whether two values say the same, wherever they stand.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        // The depth of both is bounded by `MAX_DEPTH`.
        match (&self.value, &other.value) {
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_the_same(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                let same = |((ka, va), (kb, vb)): (&(Self, Self), &(Self, Self))| {
                    ka.says_the_same(kb) && va.says_the_same(vb)
                };
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            (a, b) => a == b,
        }
    }
}

/// A list or map that is not closed yet.
struct Open {
    line: u32,
    is_map: bool,
    items: Vec<Node>,
}

/// The tree of the first document of a text.
///
/// # Errors
/// It is no YAML, is empty, holds more than one document, or is beyond the limits.
pub fn parse(text: &str) -> Result<Node, Fault> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    let mut nodes = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Fault {
            line: line(error.marker().line()),
            what: error.info().to_owned(),
        })?;
        let at = line(span.start.line());
        let fault = |what: &str| Err(Fault { line: at, what: what.to_owned() });
        let value = match event {
            Event::DocumentStart(_) if root.is_some() => {
                return fault("a second document begins here, which nothing reads");
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= MAX_DEPTH {
                    return fault("it nests too deeply");
                }
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Open { line: at, is_map, items: Vec::new() });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = open.pop() else { continue };
                Node {
                    line: done.line,
                    value: if done.is_map {
                        Value::Map(in_pairs(done.items))
                    } else {
                        Value::List(done.items)
                    },
                }
            }
            Event::Scalar(text, ..) => Node { line: at, value: Value::Text(text.into_owned()) },
            Event::Alias(_) => Node { line: at, value: Value::Alias },
            _ => continue,
        };
        nodes += 1;
        if nodes > MAX_NODES {
            return fault("it has too many values");
        }
        match open.last_mut() {
            Some(open) => open.items.push(value),
            None => root = Some(value),
        }
    }
    root.ok_or_else(|| Fault { line: 1, what: "it is empty".to_owned() })
}

fn line(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Keys and values stand in turn.
fn in_pairs(items: Vec<Node>) -> Vec<(Node, Node)> {
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        pairs.push((key, value));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_knows_the_lines_of_its_values() {
        let tree = parse("a: 1\nb:\n  - x\n  - c: >-\n      one\n      two\n").unwrap();
        let list = tree.get("b").unwrap();
        assert_eq!((list.items()[0].line, list.items()[1].line), (3, 4));
        assert_eq!(list.items()[1].get("c").and_then(Node::text), Some("one two"));
    }

    #[test]
    fn what_is_no_tree_says_where() {
        let at = |text: &str| parse(text).map(|_| ()).unwrap_err();
        assert_eq!(at("rules:\n  - id: a\n   b: [\n").line, 3);
        assert_eq!(at("").what, "it is empty");
        assert_eq!(
            at("a: 1\n---\nb: 2\n").what,
            "a second document begins here, which nothing reads"
        );
        assert_eq!(at(&"[".repeat(MAX_DEPTH + 1)).what, "it nests too deeply");
        let long = format!("[{}]", "a,".repeat(MAX_NODES + 1));
        assert_eq!(at(&long).what, "it has too many values");
    }

    #[test]
    fn the_same_rule_elsewhere_says_the_same() {
        let (a, b) =
            (parse("a: [1, {b: c}]").unwrap(), parse("\n\na:\n  - 1\n  - b: c\n").unwrap());
        assert!(a.says_the_same(&b) && a != b);
        assert!(!a.says_the_same(&parse("a: [1, {b: d}]").unwrap()));
        assert!(!a.says_the_same(&parse("a: [1]").unwrap()));
    }
}
