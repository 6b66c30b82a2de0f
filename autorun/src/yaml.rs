//! YAML with the decisions of the agents: the last of duplicate keys counts, merge keys are followed, tags do not
//! change text. Aliases are copied under a budget, so that a few bytes cannot become gigabytes.

use crate::{
    value::{Node, Value},
    yaml_lenient::lenient,
};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// The deepest nesting, aliases included.
const MAX_DEPTH: usize = 96;
/// The most values of one text, aliases counted as what they stand for.
const MAX_NODES: usize = 50_000;
/// The most bytes of text that anchors and aliases may copy.
const MAX_COPIED: usize = 1 << 20;

/// A parsed text.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) root: Node,
    /// A key stands twice in one map: some agents refuse that.
    pub(crate) duplicates: bool,
    /// A tag that is none of YAML's own: some agents refuse that.
    pub(crate) foreign_tags: bool,
    /// There are more documents than this first one.
    pub(crate) more: bool,
}

/// Why a text has no tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum YamlError {
    /// It is no YAML to this parser; an agent may be more lenient, or repair it.
    #[error("{0}")]
    Syntax(String),
    /// It is more than this crate reads, and an agent may well read it.
    #[error("{0}")]
    Limit(&'static str),
}

/// How merge keys (`<<`) are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// The keys of the merged maps are added where they are missing.
    Follow,
    /// A key like any other.
    Ignore,
}

/// Parses the first document of a text whose first line has the number `first` in its file.
///
/// This parser refuses what the agents take: a tab between a key and its value, and a character written as two
/// surrogates. On an error such tabs are read as blanks, and such pairs as the character. Lines stay where they are.
pub(crate) fn parse(text: &str, first: u32, merge: Merge) -> Result<Document, YamlError> {
    let error = match parse_exactly(text, first, merge) {
        Ok(document) => return Ok(document),
        Err(limit @ YamlError::Limit(_)) => return Err(limit),
        Err(error) => error,
    };
    let text_of_agents = lenient(text);
    if text_of_agents == text { Err(error) } else { parse_exactly(&text_of_agents, first, merge) }
}

fn parse_exactly(text: &str, first: u32, merge: Merge) -> Result<Document, YamlError> {
    let mut build = Builder::new(text, first, merge);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| YamlError::Syntax(error.info().to_owned()))?;
        if build.event(event, span)? {
            break;
        }
    }
    let root = build.root.unwrap_or(Node { line: first, value: Value::Null });
    Ok(Document {
        root,
        duplicates: build.duplicates,
        foreign_tags: build.foreign_tags,
        more: build.more,
    })
}

/// An open list or map.
struct Open {
    line: u32,
    anchor: usize,
    is_map: bool,
    items: Vec<Node>,
    pairs: Vec<(String, Node)>,
    names: HashSet<String>,
    key: Option<String>,
}

struct Builder<'a> {
    lines: Vec<&'a str>,
    /// The character that begins each line.
    starts: Vec<usize>,
    first: u32,
    merge: Merge,
    stack: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    nodes: usize,
    copied: usize,
    duplicates: bool,
    foreign_tags: bool,
    documents: usize,
    more: bool,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, first: u32, merge: Merge) -> Self {
        let mut starts = vec![0];
        starts.extend(text.chars().enumerate().filter(|(_, c)| *c == '\n').map(|(at, _)| at + 1));
        Self {
            lines: text.split('\n').collect(),
            starts,
            first,
            merge,
            stack: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            nodes: 0,
            copied: 0,
            duplicates: false,
            foreign_tags: false,
            documents: 0,
            more: false,
        }
    }

    /// Takes one event; true when nothing more needs to be read.
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<bool, YamlError> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                self.more = self.documents > 1;
                return Ok(self.more);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.tag(tag.as_deref());
                let line = self.line(span, style);
                let value = scalar(text, style, tag.as_deref());
                self.finish(Node { line, value }, anchor)?;
            }
            Event::SequenceStart(anchor, tag) => self.open(span, anchor, false, tag.as_deref())?,
            Event::MappingStart(anchor, tag) => self.open(span, anchor, true, tag.as_deref())?,
            Event::SequenceEnd | Event::MappingEnd => self.close()?,
            Event::Alias(anchor) => {
                let node = self
                    .anchors
                    .get(&anchor)
                    .ok_or(YamlError::Limit("an alias stands inside of what it names"))?
                    .clone();
                self.count(&node)?;
                self.finish(node, 0)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(false)
    }

    fn tag(&mut self, tag: Option<&Tag>) {
        self.foreign_tags |= tag.is_some_and(|tag| !tag.is_yaml_core_schema());
    }

    fn open(
        &mut self,
        span: Span,
        anchor: usize,
        is_map: bool,
        tag: Option<&Tag>,
    ) -> Result<(), YamlError> {
        self.tag(tag);
        if self.stack.len() >= MAX_DEPTH {
            return Err(YamlError::Limit("it nests too deeply"));
        }
        let line = self.line(span, ScalarStyle::Plain);
        self.stack.push(Open {
            line,
            anchor,
            is_map,
            items: Vec::new(),
            pairs: Vec::new(),
            names: HashSet::new(),
            key: None,
        });
        Ok(())
    }

    fn close(&mut self) -> Result<(), YamlError> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let value = if open.is_map {
            let pairs = if self.merge == Merge::Follow { merged(open.pairs) } else { open.pairs };
            Value::Map(pairs)
        } else {
            Value::List(open.items)
        };
        self.finish(Node { line: open.line, value }, open.anchor)
    }

    /// A value is whole: it goes into what is open.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(YamlError::Limit("it has too many values"));
        }
        if anchor > 0 {
            self.count(&node)?;
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        if !open.is_map {
            open.items.push(node);
        } else if let Some(key) = open.key.take() {
            self.duplicates |= !open.names.insert(key.clone());
            open.pairs.push((key, node));
        } else {
            open.key = Some(name(&node));
        }
        Ok(())
    }

    /// Counts what an anchor or an alias copies.
    fn count(&mut self, node: &Node) -> Result<(), YamlError> {
        let mut open = vec![(node, self.stack.len())];
        while let Some((node, depth)) = open.pop() {
            self.nodes += 1;
            if self.nodes > MAX_NODES || self.copied > MAX_COPIED || depth > MAX_DEPTH {
                return Err(YamlError::Limit("its aliases stand for too much"));
            }
            match &node.value {
                Value::Str(text) => self.copied += text.len(),
                Value::List(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
                Value::Map(pairs) => {
                    self.copied += pairs.iter().map(|(key, _)| key.len()).sum::<usize>();
                    open.extend(pairs.iter().map(|(_, value)| (value, depth + 1)));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        Ok(())
    }

    /// The line of a value's own text. A block scalar begins below its indicator.
    fn line(&self, span: Span, style: ScalarStyle) -> u32 {
        let index = span.start.index();
        let row = self.starts.partition_point(|start| *start <= index).saturating_sub(1);
        let mut line = row;
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let column = index.saturating_sub(self.starts.get(row).copied().unwrap_or(0));
            let here = self.lines.get(row).and_then(|text| text.chars().nth(column));
            if matches!(here, Some('|' | '>')) {
                line += 1;
            }
            while self.lines.get(line).is_some_and(|text| text.trim().is_empty())
                && line + 1 < self.lines.len()
            {
                line += 1;
            }
        }
        self.first.saturating_add(u32::try_from(line).unwrap_or(u32::MAX))
    }
}

/// A key's text: agents turn other scalars into text, and a list or map is no key that anybody asks for.
fn name(node: &Node) -> String {
    match &node.value {
        Value::Str(text) => text.clone(),
        Value::Bool(bit) => bit.to_string(),
        Value::Null | Value::Number(_) | Value::List(_) | Value::Map(_) => String::new(),
    }
}

/// The pairs with those of the merge keys, which never replace a key of the map itself.
fn merged(pairs: Vec<(String, Node)>) -> Vec<(String, Node)> {
    if !pairs.iter().any(|(key, _)| key == "<<") {
        return pairs;
    }
    let (merges, mut own): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(key, _)| key == "<<");
    let mut names: HashSet<String> = own.iter().map(|(key, _)| key.clone()).collect();
    for (_, node) in merges {
        let maps = match node.value {
            Value::List(items) => items,
            _ => vec![node],
        };
        for map in maps {
            let Value::Map(pairs) = map.value else { continue };
            for (key, value) in pairs {
                if names.insert(key.clone()) {
                    own.push((key, value));
                }
            }
        }
    }
    own
}

/// A scalar by YAML's core schema. Only `!!str` changes what plain text is.
fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    if style != ScalarStyle::Plain || is_text {
        return Value::Str(text.into_owned());
    }
    match text.as_ref() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        other if is_number(other) => Value::Number(text.into_owned()),
        _ => Value::Str(text.into_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    if let Some(hex) = text.strip_prefix("0x") {
        return !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    }
    matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
        || (digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && text.parse::<f64>().is_ok())
}
