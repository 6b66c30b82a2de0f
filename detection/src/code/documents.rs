//! Data that a program reads as an object: JSON, TOML, YAML, and lines of settings.

use super::{
    data::{Datum, Shared},
    effects::PARSE_WORK,
    flow::Flow,
    parser,
    syntax::{Dialect, Expression, Statement},
};
use saphyr_parser::{Event, Parser};
use std::rc::Rc;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// JSON, or what JavaScript reads as an object.
    Json,
    /// `key = value` below `[sections]`: TOML, INI, files of variables.
    Settings,
    Yaml,
}

/// Names with their values.
type Fields = Vec<(Rc<str>, Shared)>;

/// Events of YAML that are read of one document.
const MAX_EVENTS: usize = 20_000;

impl Format {
    /// The format that the name of a file says.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        match name.rsplit('.').next()? {
            "json" | "json5" | "jsonc" => Some(Self::Json),
            "toml" | "ini" | "cfg" | "conf" | "env" | "properties" => Some(Self::Settings),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => name.starts_with(".env").then_some(Self::Settings),
        }
    }
}

impl Flow {
    /// The object that a text says, where all of the text is known.
    pub(super) fn document(&mut self, text: &Shared, format: Format) -> Option<Shared> {
        if !text.value.is_literal()
            || text.value.text.len() > self.limits.value_bytes
            || !self.charge(PARSE_WORK * text.value.text.len())
        {
            return None;
        }
        let text = text.value.text.as_str();
        match format {
            Format::Json => self.json(text),
            Format::Settings => self.settings(text),
            Format::Yaml => yaml(text),
        }
    }

    fn json(&mut self, text: &str) -> Option<Shared> {
        let line = self.here;
        let (program, _) =
            parser::parse(&format!("({text})"), Dialect::JavaScript, line, self.depth / 2);
        match program.first()? {
            Statement::Expression(value @ (Expression::Map(_) | Expression::List(_))) => {
                Some(self.evaluate(value))
            }
            _ => None,
        }
    }

    fn settings(&mut self, text: &str) -> Option<Shared> {
        let mut tables: Vec<(Vec<&str>, Fields)> = vec![(Vec::new(), Vec::new())];
        for line in text.lines().map(str::trim) {
            let section = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            if let Some((name, _)) = section.filter(|_| !line.contains('=')) {
                let path = name.trim_matches('[').split('.').map(|part| part.trim_matches(QUOTES));
                tables.push((path.collect(), Vec::new()));
                continue;
            }
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some((key, value)) = line.split_once('=').or_else(|| line.split_once(": ")) else {
                continue;
            };
            let key = key.trim().trim_matches(QUOTES);
            if key.is_empty() || key.starts_with(['#', ';']) {
                continue;
            }
            let value = self.setting(value.trim());
            if let Some((_, fields)) = tables.last_mut() {
                fields.push((key.into(), value));
            }
        }
        let mut root = Vec::new();
        for (path, fields) in tables {
            let Some((first, rest)) = path.split_first() else {
                root.extend(fields);
                continue;
            };
            let inner = rest
                .iter()
                .rev()
                .fold(Datum::map(fields), |inner, name| Datum::map(vec![((*name).into(), inner)]));
            root.push(((*first).into(), inner));
        }
        (!root.is_empty()).then(|| Datum::map(root))
    }

    fn setting(&mut self, text: &str) -> Shared {
        if text.starts_with(['"', '\'', '[']) {
            let (program, _) = parser::parse(text, Dialect::Python, self.here, self.depth / 2);
            if let Some(Statement::Expression(value)) = program.first() {
                return self.evaluate(value);
            }
        }
        Datum::text(text.split(" #").next().unwrap_or(text).trim())
    }
}

const QUOTES: [char; 3] = ['"', '\'', ' '];

/// A mapping or a sequence of YAML that is being read.
enum Open {
    Map(Fields, Option<Rc<str>>),
    List(Vec<Shared>),
}

fn yaml(text: &str) -> Option<Shared> {
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text).take(MAX_EVENTS) {
        let Ok((event, _)) = event else { break };
        let done = match event {
            Event::MappingStart(..) => {
                open.push(Open::Map(Vec::new(), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(Open::Map(fields, _)) => Datum::map(fields),
                Some(Open::List(items)) => Datum::list(items),
                None => break,
            },
            Event::Scalar(value, ..) => Datum::text(value.into_owned()),
            Event::Alias(_) => Datum::unknown(),
            _ => continue,
        };
        match open.last_mut() {
            Some(Open::List(items)) => items.push(done),
            Some(Open::Map(fields, key)) => match key.take() {
                Some(key) => fields.push((key, done)),
                None => *key = Some(done.value.text.as_str().into()),
            },
            None => return Some(done),
        }
    }
    None
}
