//! Sockets, and what is fetched and sent.

use super::{
    Dialect,
    calls::Call,
    evaluate::{Datum, Flow},
    lexer::{Kind, Token},
    names,
};
use crate::{
    chain::{Fact, Step},
    host::{self, Host},
    judge,
    shell::key,
    value::{Source, UNKNOWN, Value},
};

/// A name that no program has, for the socket that was connected last.
const LAST_SOCKET: &str = "<socket>";

impl Flow {
    pub(super) fn any_socket(&self) -> Option<Value> {
        self.locals
            .values()
            .chain(self.globals.values())
            .find_map(|datum| datum.socket.clone())
            .filter(|a| !a.text.is_empty())
    }

    /// The socket that Perl's `open(HANDLE, ">&SOCKET")` copies.
    pub(super) fn copied(&self, call: &Call) -> Option<Value> {
        let copies = |text: &str| text.starts_with(">&") || text.starts_with("<&");
        let target = call.arguments.iter().find(|argument| copies(&argument.value.text))?;
        if let Some(socket) = call.arguments.iter().find_map(|argument| argument.socket.clone()) {
            return Some(socket).filter(|address| !address.text.is_empty());
        }
        let name = target.value.text.trim_start_matches(['<', '>', '+', '&', '=', ' ', '*', '$']);
        if matches!(name, "0" | "1" | "2" | "STDIN" | "STDOUT" | "STDERR") {
            return None;
        }
        match self.variable(name) {
            Some(known) => known.socket.clone().filter(|address| !address.text.is_empty()),
            // A handle without a sigil is no variable, and neither is the number of a descriptor.
            None => self.any_socket(),
        }
    }

    pub(super) fn is_connecting(&self, call: &Call) -> bool {
        let known = |part: &str| names::CONNECTING.contains(&part) || part == "socket";
        let made = call.receiver.as_ref().is_some_and(|receiver| receiver.socket.is_some());
        match call.name.as_str() {
            "new" | "open" => {
                call.path.rsplit('.').skip(1).take(3).any(|part| known(part) || part == "inet")
            }
            "connect" => {
                made || call.path.contains("tcpstream")
                    || call.path == "connect"
                    || call.path.contains("socket")
            }
            "tcp" | "socket" => call.receiver.is_none(),
            "dial" | "dialtimeout" | "dialtcp" | "dialcontext" => !call.path.contains("grpc"),
            name => known(name) && call.receiver.is_none(),
        }
    }

    /// A socket, and the variable that holds it.
    pub(super) fn connected(&mut self, call: &Call) -> Datum {
        let is_address = |datum: &&Datum| {
            let text = host_part(&datum.value.text);
            !text.is_empty()
                && text.contains(|c: char| c.is_alphabetic() || c == '.')
                && !is_protocol(text)
        };
        let mut candidates: Vec<&Datum> = call.arguments.iter().collect();
        candidates.extend(call.arguments.iter().flat_map(Datum::items));
        let address = candidates.into_iter().filter(is_address).find(|datum| {
            !matches!(host::of(host_part(&datum.value.text), UNKNOWN), Host::Unknown)
        });
        let address = match address {
            Some(datum) => datum.value.with_text(host_part(&datum.value.text)),
            None => Value::default(),
        };
        let mut socket = Datum { socket: Some(address.clone()), ..Datum::default() };
        if !address.text.is_empty() {
            let what = format!("reads from {}", judge::shown_address(&address.text));
            let source = Source::Received(host::of(&address.text, UNKNOWN));
            socket.value = Value::from(source, Step { fact: Fact::Connect, line: call.line, what });
            if call.receiver.is_none() {
                self.assign(LAST_SOCKET, socket.clone());
            }
            if matches!(call.name.as_str(), "connect" | "socket_connect")
                && let Some(base) = call.base.clone().filter(|_| call.receiver.is_some())
            {
                self.assign(&base, socket.clone());
            }
        }
        socket
    }

    pub(super) fn fetches(&mut self, call: &Call, all: &Datum) -> Option<Datum> {
        let url = all.url.as_ref()?;
        if !names::FETCHING.contains(&call.name.as_str()) || is_record(call) {
            return None;
        }
        let mut result = Datum::of(fetched(url, call.line));
        result.value.origins.extend(
            all.value
                .origins
                .iter()
                .filter(|o| matches!(o.source, Source::Fetched(_) | Source::Decoded))
                .cloned(),
        );
        let open =
            ["openconnection", "curl_init", "request", "fopen"].contains(&call.name.as_str());
        result.url = all.url.clone().filter(|_| open);
        result.file = None;
        if let ("getstore" | "mirror" | "downloadfile" | "copy", Some(path)) =
            (call.name.as_str(), call.arguments.get(1))
        {
            self.files.insert(key(&path.value.text), result.value.clone());
        }
        Some(result)
    }

    /// What is assigned to a field of an object. The key of a client, which leads to an address, signs and is not sent.
    pub(super) fn without_own_key(&self, base: &str, target: &[Token], mut value: Datum) -> Datum {
        let client = self.variable(base).is_some_and(|datum| datum.url.is_some());
        let field = match target.last().map(|token| &token.kind) {
            Some(Kind::Name { text, .. }) => text.as_str(),
            _ => "",
        };
        if client && matches!(field, "key" | "cert" | "private_key" | "ca_file") {
            value.value.origins.retain(|origin| origin.source != Source::Secret);
        }
        value
    }

    pub(super) fn sends(&mut self, call: &Call, all: &Datum) {
        let line = call.line;
        // A mailbox is nobody's service: tokens that go there are stolen too.
        if call.name == "mail"
            && self.dialect == Dialect::Php
            && call.receiver.is_none()
            && let Some((to, content)) = call.arguments.split_first()
            && let Some((_, host)) = to.value.text.rsplit_once('@')
        {
            let mut all = Value::default();
            for part in content {
                all.append(&part.value, self.limits.value_bytes);
            }
            self.report(judge::sent(&all, &Value::literal(host.trim_end_matches('>')), line));
        }
        let data = || {
            let mut value = all.value.clone();
            value
                .origins
                .retain(|origin| !matches!(origin.source, Source::Token | Source::Variable));
            value
        };
        if names::SENDING.contains(&call.name.as_str()) {
            // What is printed goes to where the stream leads, and not to an address that it mentions.
            let url = if names::STREAMING.contains(&call.name.as_str()) {
                let by_name = !matches!(call.name.as_str(), "print" | "puts" | "printf");
                let handle = call.arguments.first().filter(|_| by_name);
                call.receiver.as_ref().or(handle).and_then(|stream| stream.url.clone())
            } else {
                all.url.clone()
            };
            let address = all.socket.clone().filter(|a| !a.text.is_empty()).or(url);
            if let Some(address) = address {
                let mut value = data();
                if all.socket.is_none() {
                    value.origins.retain(|origin| origin.source != Source::Shell);
                }
                self.report(judge::sent(&value, &address, line));
            }
        } else if names::FETCHING.contains(&call.name.as_str())
            && let Some(url) = &all.url
        {
            let mut carried = url.clone();
            carried
                .origins
                .retain(|origin| matches!(origin.source, Source::Secret | Source::Environment));
            self.report(judge::sent(&carried, url, line));
        }
    }
}

/// What a URL serves.
pub(super) fn fetched(url: &Value, line: u32) -> Value {
    let what = format!("fetches {}", judge::shown_address(&url.text));
    Value::from(
        Source::Fetched(host::of(&url.text, UNKNOWN)),
        Step { fact: Fact::Fetch, line, what },
    )
}

/// A call that only notes or names what it is given.
fn is_record(call: &Call) -> bool {
    ["log", "logger", "puts", "test", "assert", "expect"]
        .iter()
        .any(|name| call.path.starts_with(name))
}

fn is_protocol(text: &str) -> bool {
    matches!(text, "tcp" | "tcp4" | "tcp6" | "udp" | "udp4" | "unix" | "ssl" | "tls" | "stream")
}

/// The host and port of an address: `tcp://host:port`, `/inet/tcp/0/host/port`.
fn host_part(text: &str) -> &str {
    let text = text
        .strip_prefix("/inet/tcp/0/")
        .map_or(text, |rest| rest.split('/').next().unwrap_or(rest));
    text.split_once("://").map_or(text, |(_, rest)| rest).trim()
}
