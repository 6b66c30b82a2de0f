//! Requests: what they send, and what is served.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared},
    flow::Flow,
};
use crate::{
    chain::{Fact, Step},
    host::{self, Host},
    judge,
    value::{Source, UNKNOWN, Value},
};

/// Options of requests that carry no data to the host.
const SETTINGS: [&str; 16] = [
    "timeout",
    "method",
    "agent",
    "signal",
    "verify",
    "httpsAgent",
    "env",
    "cwd",
    "mode",
    "cache",
    "credentials",
    "redirect",
    "hostname",
    "host",
    "port",
    "protocol",
];
/// Options in which a program names itself to the service that it speaks to.
const CREDENTIALS: [&str; 7] =
    ["headers", "auth", "cookies", "cert", "token", "username", "password"];

impl Flow {
    /// A request to the address that is argument number `at`; what is served.
    pub(super) fn request(&mut self, at: usize, arguments: &Arguments) -> Shared {
        let line = arguments.line;
        let first = match arguments.items.get(at) {
            Some(first) => first.clone(),
            None => arguments.option("url").unwrap_or_else(Datum::unknown),
        };
        let address = self.address(&first);
        let nameless = is_anybody_s(&address.text);
        let mut sent = Vec::new();
        // An address that holds data carries it there.
        sent.push(body(&Datum::plain(address.with_text(String::new())), nameless));
        if let Kind::Request(_) = &first.kind {
            // What was put into it since it was made; in its headers it names itself.
            sent.extend(option("headers", &first, nameless));
        }
        if let Kind::Map(fields) = &first.kind {
            sent.extend(fields.iter().filter_map(|(name, field)| option(name, field, nameless)));
        }
        for item in arguments.items.iter().skip(at + 1) {
            match &item.kind {
                Kind::Map(fields) => {
                    sent.extend(
                        fields.iter().filter_map(|(name, field)| option(name, field, nameless)),
                    );
                    sent.push(body(&Datum::plain(of_request(item)), nameless));
                }
                Kind::Function { .. } => {}
                _ => sent.push(body(item, nameless)),
            }
        }
        sent.extend(
            arguments.named.iter().filter_map(|(name, field)| option(name, field, nameless)),
        );
        for value in &sent {
            self.report(judge::sent(value, &address, line));
        }
        self.fetched(&address, line)
    }

    /// The address that a text or an object of options names.
    pub(super) fn address(&mut self, given: &Shared) -> Value {
        if let Kind::Request(address) = &given.kind {
            return address.clone();
        }
        let Kind::Map(_) = &given.kind else { return given.value.clone() };
        for name in ["url", "uri", "href"] {
            if let Some(url) = given.field(name) {
                return url.value.clone();
            }
        }
        let Some(host) = given.field("hostname").or_else(|| given.field("host")) else {
            return Value::unknown();
        };
        let mut address = host.value.clone();
        if let Some(path) = given.field("path")
            && self.charge(path.value.text.len())
        {
            if !path.value.text.starts_with('/') {
                address.append(&Value::literal("/"), self.limits.value_bytes);
            }
            address.append(&path.value, self.limits.value_bytes);
        }
        address
    }

    /// What a host serves.
    pub(super) fn fetched(&self, address: &Value, line: u32) -> Shared {
        let host = host::of(&address.text, UNKNOWN);
        if is_credentials_of_machine(&address.text) {
            let what = "reads the credentials of the machine".to_owned();
            let step = Step { fact: Fact::ReadSecret, line, what };
            return Datum::plain(Value::from(Source::Secret, step));
        }
        if matches!(host, Host::Local | Host::Unknown) {
            return Datum::unknown();
        }
        let what = format!("fetches {}", judge::shown_address(&address.text));
        Datum::plain(Value::from(Source::Fetched(host), Step { fact: Fact::Fetch, line, what }))
    }

    /// A request that is written later: its object, which keeps the address.
    pub(super) fn open_request(&mut self, arguments: &Arguments) -> Shared {
        let address = self.address(&arguments.item(0));
        let nameless = is_anybody_s(&address.text);
        for item in &arguments.items {
            let carried = body(&Datum::plain(of_request(item)), nameless);
            self.report(judge::sent(&carried, &address, arguments.line));
        }
        let carried = body(&Datum::plain(address.with_text(String::new())), nameless);
        self.report(judge::sent(&carried, &address, arguments.line));
        Datum::of(Kind::Request(address), Value::unknown())
    }

    /// Data that is written to a request.
    pub(super) fn send_all(&mut self, address: &Value, arguments: &Arguments) {
        let nameless = is_anybody_s(&address.text);
        for item in arguments.all() {
            let value = body(item, nameless);
            self.report(judge::sent(&value, address, arguments.line));
        }
    }

    /// A message to the other end of a socket. One that signs in carries a token.
    pub(super) fn message(&self, address: &Value, arguments: &Arguments) -> Value {
        let mut value = super::data::merged(arguments.all());
        let nameless = is_anybody_s(&address.text);
        let signs_in = |source: &Source| matches!(source, Source::Token | Source::Variable);
        value.origins.retain(|origin| nameless || !signs_in(&origin.source));
        value
    }

    /// Values that a function that is not known is given, one of them the address of a nameless host.
    pub(super) fn handed_over(&mut self, arguments: &Arguments) {
        let nameless = |item: &&Shared| {
            let text = item.value.text.as_str();
            text.contains("://") && host::of(text, UNKNOWN).is_nameless()
        };
        let Some(address) = arguments.all().find(nameless).cloned() else { return };
        for item in arguments.all() {
            let mut value = item.value.clone();
            let is_key = |source: &Source| {
                matches!(source, Source::Secret | Source::Token | Source::Variable)
            };
            value.origins.retain(|origin| is_key(&origin.source));
            self.report(judge::sent(&value, &address.value, arguments.line));
        }
    }

    /// A name that is looked up: data in it is sent to whoever answers for it.
    pub(super) fn looked_up(&mut self, arguments: &Arguments) {
        let name = arguments.item(0);
        if !name.value.origins.is_empty() {
            self.report(judge::sent(&name.value, &name.value, arguments.line));
        }
    }
}

/// Whether an address is where a cloud gives a machine its credentials.
fn is_credentials_of_machine(address: &str) -> bool {
    let host = Host::name_of(address);
    let path = address.to_ascii_lowercase();
    matches!(
        host.as_str(),
        "169.254.169.254"
            | "169.254.170.2"
            | "fd00:ec2::254"
            | "metadata.google.internal"
            | "100.100.100.200"
    ) && ["security-credentials/", "/token", "/v2/credentials", "user-data"]
        .iter()
        .any(|part| path.contains(part))
        && !path.contains("api/token")
}

/// Whether a place takes what is sent in the name of nobody, or of whoever wrote its address down.
fn is_anybody_s(address: &str) -> bool {
    host::of(address, UNKNOWN).is_nameless() || host::is_inbox(address)
}

/// What an option of a request carries to the host.
fn option(name: &str, field: &Shared, nameless: bool) -> Option<Value> {
    if SETTINGS.contains(&name) {
        return None;
    }
    let mut value = body(field, nameless);
    if name == "cookies" {
        // The sessions of a browser, for a site that the user is signed in to.
        value.origins.retain(|origin| origin.step.what != super::operations::SESSIONS);
    }
    if CREDENTIALS.contains(&name) {
        value.origins.retain(|origin| !matches!(origin.source, Source::Token | Source::Variable));
    }
    Some(value)
}

/// What a body carries to the host. A token is one field of a request to the service that gave it, where that has a
/// name; a shell's output is a report here, and no conversation.
fn body(field: &Shared, nameless: bool) -> Value {
    let mut value = field.value.clone();
    // No service needs the tokens of two others.
    let mut tokens =
        value.origins.iter().filter(|it| it.source == Source::Token).map(|it| &it.step.what);
    let first = tokens.next().cloned();
    let several = tokens.any(|what| Some(what) != first.as_ref());
    value.origins.retain(|origin| match origin.source {
        Source::Shell => false,
        Source::Token => {
            nameless
                || several
                || !field.value.partial && matches!(field.kind, Kind::Plain | Kind::File(_))
        }
        _ => true,
    });
    value
}

/// What an object carries whose fields are no options.
fn of_request(item: &Shared) -> Value {
    let Kind::Map(fields) = &item.kind else { return Value::unknown() };
    let mut value = item.value.clone();
    for (name, field) in fields {
        if SETTINGS.contains(&&**name) || CREDENTIALS.contains(&&**name) {
            value.origins.retain(|origin| !field.value.origins.contains(origin));
        }
    }
    value
}
