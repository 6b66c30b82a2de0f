//! Sockets, and shells that are tied to them.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared},
    flow::Flow,
};
use crate::{
    chain::{Fact, Step},
    host, judge,
    value::{Origin, Source, UNKNOWN, Value},
};

impl Flow {
    /// A socket that leads to the address of a call: `(host, port)`, `port, host`, `{host, port}`.
    pub(super) fn connected(&mut self, arguments: &Arguments) -> Shared {
        let first = arguments.item(0);
        let host = arguments.option("hostname").or_else(|| arguments.option("host"));
        let host = match (host, first.items()) {
            (Some(host), _) => host,
            (None, [host, ..]) => host.clone(),
            (None, []) if matches!(first.kind, Kind::Number(_)) => arguments.item(1),
            (None, []) if self.is_javascript() && is_port(&first.value) => arguments.item(1),
            (None, []) => first,
        };
        self.socket(host.value.clone(), arguments.line)
    }

    pub(super) fn socket(&mut self, address: Value, line: u32) -> Shared {
        let what = format!("reads from {}", judge::shown_address(&address.text));
        let source = Source::Received(host::of(&address.text, UNKNOWN));
        let value = Value::from(source, Step { fact: Fact::Connect, line, what });
        Datum::of(Kind::Socket(address), value)
    }

    /// A shell without a command: it reads what it is tied to.
    pub(super) fn shell_started(&mut self, program: &str, arguments: &Arguments) -> Shared {
        let line = arguments.line;
        let mut tied = self.duplicated.clone();
        for value in arguments.all() {
            let fields: &[_] = match &value.kind {
                Kind::Map(fields) => fields,
                _ => &[],
            };
            let inner = fields.iter().map(|(_, field)| field).chain(std::iter::once(value));
            for socket in inner.flat_map(|value| value.items().iter().chain(std::iter::once(value)))
            {
                if let Kind::Socket(address) = &socket.kind {
                    tied = Some(address.clone());
                }
            }
        }
        if let Some(address) = tied {
            self.report(judge::tied(program, &address, line));
        }
        let step = Step { fact: Fact::Run, line, what: format!("starts {program}") };
        Datum::of(Kind::Process(program.into()), Value::from(Source::Shell, step))
    }

    /// Data that flows from one end to another: between a socket and a shell it is a conversation.
    pub(super) fn piped(&mut self, from: &Shared, to: &Shared, line: u32) {
        match (&from.kind, &to.kind) {
            (Kind::Socket(address), Kind::Process(program))
            | (Kind::Process(program), Kind::Socket(address))
                if !program.is_empty() =>
            {
                self.report(judge::tied(program, address, line));
            }
            (_, Kind::Socket(address) | Kind::Request(address)) => {
                self.report(judge::sent(&from.value, address, line));
            }
            (_, Kind::File(path)) => self.written(path, &from.value, line),
            (_, Kind::Process(program)) if !program.is_empty() => {
                self.fed(program, &from.value, line);
            }
            _ => {}
        }
    }

    /// Data that a shell reads.
    pub(super) fn fed(&mut self, program: &str, data: &Value, line: u32) {
        let received =
            |origin: &&Origin| matches!(&origin.source, Source::Received(host) if host.is_fixed());
        let chain = data.origins.iter().find(received).map(|origin| {
            let what = format!("runs it with {program}");
            let steps = vec![origin.step.clone(), Step { fact: Fact::Run, line, what }];
            crate::chain::Chain { rule: crate::chain::Rule::ReverseShell, steps }
        });
        self.report(chain);
        let arguments = Arguments { line, ..Arguments::default() };
        self.shell(data, &arguments);
    }
}

fn is_port(value: &Value) -> bool {
    !value.text.is_empty() && value.text.chars().all(|c| c.is_ascii_digit() || c == UNKNOWN)
}
