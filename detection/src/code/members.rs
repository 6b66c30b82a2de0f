//! Members, indexes and parts of values.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared, merged, with_origins},
    documents::Format,
    evaluate::ITEM_WORK,
    flow::Flow,
    names,
    syntax::Dialect,
};
use crate::{
    chain::{Fact, Step},
    value::{Source, UNKNOWN, Value},
};
use std::rc::Rc;

/// Methods that add their arguments to what they are called on.
pub(super) const MUTATING: [&str; 19] = [
    "set_payload",
    "set_content",
    "add_attachment",
    "addFile",
    "append",
    "push",
    "extend",
    "add",
    "update",
    "set",
    "insert",
    "unshift",
    "write",
    "writestr",
    "attach",
    "add_header",
    "setdefault",
    "enqueue",
    "put",
];
/// Members in which a value carries all of its data.
const WHOLE: [&str; 24] = [
    "text",
    "content",
    "data",
    "body",
    "stdout",
    "stderr",
    "buffer",
    "raw",
    "responseText",
    "response",
    "value",
    "result",
    "readable",
    "writable",
    "stdin",
    "stream",
    "parent",
    "name",
    "prototype",
    "reader",
    "writer",
    "environ",
    "env",
    "contents",
];
/// Variables of the environment that hold a key of a well-known service.
const KEYS: [&str; 16] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "GITLAB_TOKEN",
    "NPM_TOKEN",
    "PYPI_TOKEN",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "STRIPE_SECRET_KEY",
    "SLACK_BOT_TOKEN",
    "HF_TOKEN",
    "PRIVATE_KEY",
    "CLAUDE_CODE_OAUTH_TOKEN",
];

impl Flow {
    /// What a global path names.
    pub(super) fn path(&self, path: &str) -> Shared {
        let path = names::canonical(path, self.dialect);
        if path == "os.environ" || path == "process.env" || path == "Deno.env" || path == "Bun.env"
        {
            let what = "reads the whole environment".to_owned();
            let step = Step { fact: Fact::ReadEnvironment, line: self.here, what };
            return Datum::of(Kind::Path(path.into()), Value::from(Source::Environment, step));
        }
        match &*path {
            "sys.executable" => Datum::text("python3"),
            "process.execPath" | "process.argv0" => Datum::text("node"),
            path => Datum::path(path),
        }
    }

    /// One variable of the environment.
    pub(super) fn variable(&self, name: &str) -> Shared {
        match name {
            "HOME" | "USERPROFILE" => Datum::text("~"),
            name if KEYS.contains(&name) => {
                let step = Step {
                    fact: Fact::ReadEnvironment,
                    line: self.here,
                    what: format!("reads {name}"),
                };
                Datum::plain(Value::from(Source::Variable, step))
            }
            name => self.skill.variable(name).map_or_else(Datum::unknown, Datum::text),
        }
    }

    pub(super) fn member(&mut self, value: &Shared, name: &str) -> Shared {
        match &value.kind {
            Kind::Path(path) if is_environment(path) => match name {
                "get" | "items" | "copy" | "values" | "keys" | "toObject" | "entries" | "pop"
                | "setdefault" | "update" => Datum::of(
                    Kind::Method { receiver: value.clone(), name: name.into() },
                    Value::unknown(),
                ),
                name => self.variable(name),
            },
            Kind::Path(path) if self.charge(path.len()) && path.len() < 200 => {
                let path = format!("{path}.{name}");
                match self.module_of(&path).filter(|_| !self.is_javascript()) {
                    Some(module) => module,
                    None => self.path(&path),
                }
            }
            Kind::Path(_) => Datum::unknown(),
            Kind::Map(fields) if self.charge(fields.len() * 8) => match value.field(name) {
                Some(field) => field.clone(),
                None => method(value, name),
            },
            Kind::Request(address) if matches!(name, "responseText" | "response") => {
                self.fetched(address, self.here)
            }
            Kind::Class(scope) => {
                let held = self.scopes.get(*scope).and_then(|scope| scope.names.get(name));
                held.cloned().unwrap_or_else(|| method(value, name))
            }
            _ => method(value, name),
        }
    }

    pub(super) fn indexed(&mut self, value: &Shared, index: &Shared) -> Shared {
        match (&value.kind, &index.kind) {
            (Kind::List(items), Kind::Number(at)) => {
                let place = if *at < 0 {
                    i64::try_from(items.len())
                        .ok()
                        .and_then(|length| usize::try_from(length + at).ok())
                } else {
                    usize::try_from(*at).ok()
                };
                place.and_then(|at| items.get(at)).cloned().unwrap_or_else(|| self.element(value))
            }
            // By the name of a variable that comes from the environment itself.
            (Kind::Path(path), _) if is_environment(path) && !index.value.is_literal() => {
                Datum::plain(index.value.changed())
            }
            (Kind::Plain, Kind::Number(at)) if value.value.is_literal() => {
                let c = usize::try_from(*at).ok().and_then(|at| {
                    if self.charge(at) { value.value.text.chars().nth(at) } else { None }
                });
                c.map_or_else(Datum::unknown, |c| Datum::plain(value.value.with_text(c)))
            }
            _ if index.value.is_literal() && !matches!(index.kind, Kind::Number(_)) => {
                let name = index.value.text.clone();
                self.member(value, &name)
            }
            (Kind::Socket(_) | Kind::Process(_), _) => value.clone(),
            _ => self.element(value),
        }
    }

    pub(super) fn sliced(&mut self, value: &Shared, reverses: bool) -> Shared {
        if !self.charge(value.value.text.len()) {
            return Datum::unknown();
        }
        match &value.kind {
            Kind::List(items) => {
                if !self.pay(items.len() * ITEM_WORK) {
                    return Datum::unknown();
                }
                let mut items = items.clone();
                if reverses {
                    items.reverse();
                }
                Datum::list(items)
            }
            _ if reverses && value.value.is_literal() => {
                let text: String = value.value.text.chars().rev().collect();
                if value.value.origins.is_empty() {
                    return self.spelled(text, self.here);
                }
                Datum::plain(value.value.with_text(text))
            }
            Kind::Socket(_) | Kind::Process(_) => value.clone(),
            _ => Datum::plain(value.value.changed()),
        }
    }

    /// What a value is after a method was called on it that changes it; `None` for one that does not.
    pub(super) fn changed_by(
        &mut self,
        receiver: &Shared,
        name: &str,
        arguments: &Arguments,
    ) -> Option<Shared> {
        match (&receiver.kind, name) {
            (Kind::Socket(_), "connect" | "connect_ex") => Some(self.connected(arguments)),
            (Kind::Map(fields), "read" | "read_string") if fields.is_empty() => {
                let text = match name {
                    "read" => Datum::plain(self.read(&arguments.item(0).value, arguments.line)),
                    _ => arguments.item(0),
                };
                self.document(&text, Format::Settings)
            }
            (Kind::Request(_), "open") => {
                let address = arguments.item(1);
                Some(Datum::of(Kind::Request(address.value.clone()), Value::unknown()))
            }
            (Kind::List(items), "append" | "push" | "add") => {
                let mut items = items.clone();
                if !self.charge(items.len() * 8) {
                    return None;
                }
                items.extend(arguments.items.iter().cloned());
                Some(Datum::list(items))
            }
            (Kind::Plain | Kind::Map(_) | Kind::List(_) | Kind::Path(_), name)
                if MUTATING.contains(&name) =>
            {
                let added = merged(arguments.all());
                if added.origins.is_empty() {
                    return None;
                }
                let added = Datum::plain(added);
                if let (Kind::Map(fields), "append" | "set") = (&receiver.kind, name)
                    && let [key, field, ..] = arguments.items.as_slice()
                    && self.charge(fields.len() * 8)
                {
                    let mut fields = fields.clone();
                    fields.push((Rc::from(key.value.text.as_str()), field.clone()));
                    return Some(Datum::map(fields));
                }
                Some(with_origins(receiver, std::iter::once(&added)))
            }
            _ => None,
        }
    }

    /// Whether a word names a global object of the language.
    pub(super) fn is_javascript(&self) -> bool {
        self.dialect == Dialect::JavaScript
    }
}

pub(super) fn is_environment(path: &str) -> bool {
    matches!(path, "os.environ" | "process.env" | "Deno.env" | "Bun.env")
}

/// A member of data: a part of it, which may be called.
fn method(receiver: &Shared, name: &str) -> Shared {
    let mut value = Value::unknown();
    match &receiver.kind {
        Kind::Request(_) | Kind::Function { .. } | Kind::Class(_) | Kind::Path(_) => {}
        Kind::File(path) if name == "name" => return Datum::plain(path.clone()),
        Kind::Socket(_) | Kind::Process(_) if WHOLE.contains(&name) => return receiver.clone(),
        Kind::Method { name: before, .. }
            if &**before == "constructor" && name == "constructor" =>
        {
            return Datum::path("Function");
        }
        _ => {
            value = receiver.value.changed();
            if !WHOLE.contains(&name) {
                one_field(&mut value);
            }
        }
    }
    if value.text.is_empty() {
        value.text.push(UNKNOWN);
    }
    Datum::of(Kind::Method { receiver: receiver.clone(), name: name.into() }, value)
}

/// A part that is picked out of a file of secrets is a token, which a program may send to whoever gave it; one of the
/// environment is one variable.
fn one_field(value: &mut Value) {
    value.origins.retain(|origin| origin.source != Source::Environment);
    for origin in &mut value.origins {
        if origin.source == Source::Secret {
            origin.source = Source::Token;
        }
    }
}
