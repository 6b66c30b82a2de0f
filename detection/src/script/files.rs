//! Files that are written, opened and read, and the environment.

use super::{
    Dialect,
    calls::Call,
    effects::UNKNOWN_TEXT,
    evaluate::{Datum, Flow, bracket},
    lexer::{Kind, Piece, Token},
    names,
};
use crate::{
    chain::{Chain, Fact, Rule, Step},
    judge,
    secret::{self, Kind as SecretKind},
    shell::{Command, follow, is_start_file, key, lets_in},
    value::{Source, Value},
};

impl Flow {
    pub(super) fn writes(&mut self, call: &Call, all: &Datum) {
        if call.name.contains("chmod") || call.name == "setexecutable" {
            let paths = call.arguments.iter().chain(call.receiver.as_ref());
            for path in paths
                .filter_map(|path| self.files.get(&key(&path.value.text)).cloned())
                .collect::<Vec<_>>()
            {
                for origin in path
                    .origins
                    .iter()
                    .filter(|o| matches!(&o.source, Source::Fetched(h) if h.is_nameless()))
                {
                    let step = Step {
                        fact: Fact::Run,
                        line: call.line,
                        what: "makes it executable".to_owned(),
                    };
                    self.report([Chain {
                        rule: Rule::FetchRun,
                        steps: vec![origin.step.clone(), step],
                    }]);
                }
            }
        }
        if !names::WRITING.contains(&call.name.as_str()) || all.socket.is_some() {
            return;
        }
        let handle =
            call.receiver.iter().chain(&call.arguments).find_map(|datum| datum.file.clone());
        let (path, data): (Value, Vec<Datum>) = match (handle, call.arguments.as_slice()) {
            (Some(path), arguments) => (path, arguments.to_vec()),
            (None, [path, data, ..]) => (path.value.clone(), vec![data.clone()]),
            _ => return,
        };
        if path.text.is_empty() || path.text == UNKNOWN_TEXT {
            return;
        }
        let mut content = Value::default();
        for data in &data {
            content.append(&data.value, self.limits.value_bytes);
        }
        self.report(judge::web_shell(&path.text, &content.text, call.line));
        if is_start_file(&path.text) || lets_in(&path.text) {
            let (_, chains) = follow(
                &Command::Start(&path, &content),
                (&Value::default(), call.line),
                self.start,
                &mut self.files,
                &mut self.limits,
            );
            self.report(chains);
        }
        self.files.insert(key(&path.text), content);
    }

    /// A file that is opened or named.
    pub(super) fn file_of(&mut self, call: &Call, all: &Datum) -> Option<Datum> {
        let files = [
            "file",
            "tempfile",
            "fileutils",
            "pathname",
            "ioutil",
            "os",
            "io",
            "files",
            "path",
            "paths",
            "kernel",
        ];
        let named = call.path.split('.').any(|part| files.contains(&part))
            || matches!(call.name.as_str(), "open" | "fopen" | "tempnam");
        if !names::FILES.contains(&call.name.as_str()) || !named || all.url.is_some() {
            return None;
        }
        if !all.value.origins.is_empty() {
            return None;
        }
        if matches!(
            call.name.as_str(),
            "createtempfile" | "createtemp" | "tempnam" | "tmpname" | "tempfile"
        ) || call.path.contains("tempfile")
        {
            self.temporaries += 1;
            let path = Value::literal(format!("/tmp/skillgate-{}", self.temporaries));
            return Some(Datum { file: Some(path.clone()), value: path, ..Datum::default() });
        }
        // Perl: `open(HANDLE, '>', path)`.
        let is_path = |datum: &&Datum| {
            (datum.value.is_literal() || datum.value.text.contains(['/', '.', '\\']))
                && datum.value.text.len() > 2
                && !datum.value.text.starts_with(['<', '>', '+', '|'])
        };
        let path = call.arguments.iter().rev().find(is_path)?.value.clone();
        if path.text.ends_with('|')
            || call.arguments.iter().any(|a| a.value.text == "-|" || a.value.text.starts_with('|'))
        {
            return Some(self.started(&[Datum::of(path)], call.line));
        }
        let mut datum = Datum { value: path.clone(), file: Some(path.clone()), ..Datum::default() };
        if let Some(content) = self.content(&path, call.line) {
            datum.value.origins.extend(content.origins);
        }
        Some(datum)
    }

    /// What a file holds, as far as something is known of it.
    fn content(&self, path: &Value, line: u32) -> Option<Value> {
        if let Some(known) = self.files.get(&key(&path.text)) {
            return Some(known.clone());
        }
        let kind = secret::kind(&path.text).or_else(|| secret::of_project(&path.text))?;
        let source = match kind {
            SecretKind::Keys => Source::Secret,
            SecretKind::Tokens => Source::Token,
        };
        let what = format!("reads {}", judge::shown(&path.text));
        Some(Value::from(source, Step { fact: Fact::ReadSecret, line, what }))
    }

    pub(super) fn reads(&mut self, call: &Call) -> Option<Datum> {
        let names = [
            "read",
            "readlines",
            "binread",
            "file_get_contents",
            "readfile",
            "readtext",
            "readbytes",
            "readalltext",
            "readallbytes",
            "slurp",
            "file",
            "readall",
            "fread",
            "read_file",
            "readstring",
            "foreach",
            "readline",
            "get-content",
            "contentsof",
            "readallbytes",
            "read_to_string",
        ];
        if !names.contains(&call.name.as_str()) {
            return None;
        }
        let first = call.arguments.first().map(|argument| &argument.value);
        let path = first
            .filter(|path| path.text.len() > 2 && path.text != UNKNOWN_TEXT)
            .cloned()
            .or_else(|| call.receiver.as_ref()?.file.clone())?;
        self.content(&path, call.line).map(Datum::of)
    }

    /// The environment, whole or one variable of it.
    pub(super) fn environment<'a>(
        &self,
        name: &str,
        rest: &'a [Token],
    ) -> Option<(Datum, &'a [Token])> {
        let is_whole = matches!(
            (self.dialect, name),
            (Dialect::Ruby | Dialect::Perl, "ENV") | (Dialect::Php, "_ENV")
        );
        if !is_whole {
            return None;
        }
        let line = rest.first().map_or(1, |token| token.line);
        let subscript = matches!(rest.first().map(|t| &t.kind), Some(Kind::Operator("[" | "{")));
        let fetches = matches!(rest.get(1).map(|t| &t.kind), Some(Kind::Name { text, .. }) if matches!(text.as_str(), "fetch" | "has_key" | "key" | "values_at" | "slice" | "include" | "dig" | "select" | "delete"));
        if !subscript && !fetches {
            let step = Step {
                fact: Fact::ReadEnvironment,
                line,
                what: "reads the whole environment".to_owned(),
            };
            return Some((Datum::of(Value::from(Source::Environment, step)), rest));
        }
        let taken =
            if subscript { bracket(rest) } else { bracket(rest.get(2..).unwrap_or_default()) };
        let key = taken.0.iter().find_map(|token| match &token.kind {
            Kind::Text(pieces) => pieces.iter().find_map(|piece| match piece {
                Piece::Text(text) => Some(text.clone()),
                Piece::Code(_) => None,
            }),
            Kind::Name { text, .. } => Some(text.clone()),
            _ => None,
        });
        let key = key.unwrap_or_default();
        let value = if key == "HOME" || key == "USERPROFILE" {
            Value::literal("~")
        } else if names::KEY_ENDS.iter().any(|end| key.ends_with(end)) {
            Value::from(
                Source::Variable,
                Step {
                    fact: Fact::ReadEnvironment,
                    line,
                    what: format!("reads {}", judge::shown(&key)),
                },
            )
        } else {
            Value::unknown()
        };
        Some((Datum::of(value), taken.1))
    }
}
