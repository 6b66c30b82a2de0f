//! What is known of a value of a program.

use super::syntax::Function;
use crate::value::{Source, UNKNOWN, Value};
use std::rc::Rc;

/// A value, shared by all that hold it.
pub(super) type Shared = Rc<Datum>;

/// Levels of values in values: deeper ones are one value of all their origins.
const MAX_LEVELS: u8 = 16;
/// Items that a value keeps apart.
pub(super) const MAX_ITEMS: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Datum {
    /// Its text and the origins of all that it holds.
    pub(super) value: Value,
    pub(super) kind: Kind,
    levels: u8,
}

#[derive(Debug, Default)]
pub(super) enum Kind {
    #[default]
    Plain,
    Number(i64),
    /// A regular expression; its text is the value's.
    Pattern,
    /// A module, or what lies in one: `os.system`.
    Path(Rc<str>),
    /// A member of a value that may be called.
    Method {
        receiver: Shared,
        name: Rc<str>,
    },
    Function {
        function: Rc<Function>,
        scope: usize,
    },
    List(Vec<Shared>),
    Map(Vec<(Rc<str>, Shared)>),
    /// A class or an instance of it, by the scope of its members.
    Class(usize),
    /// A socket that leads to an address.
    Socket(Value),
    /// A request that is being written to an address.
    Request(Value),
    /// A program that runs.
    Process(Rc<str>),
    /// An open file, by its path.
    File(Value),
    /// An archive, by its path: what it is told to add is a path too.
    Archive(Value),
    /// What resolves a promise, by the promise's number.
    Resolver(usize),
}

impl Datum {
    pub(super) fn of(kind: Kind, value: Value) -> Shared {
        let inner = match &kind {
            Kind::Method { receiver, .. } => receiver.levels,
            Kind::List(items) => items.iter().map(|item| item.levels).max().unwrap_or(0),
            Kind::Map(fields) => fields.iter().map(|(_, field)| field.levels).max().unwrap_or(0),
            _ => 0,
        };
        let levels = inner.saturating_add(1);
        let kind = if levels > MAX_LEVELS { Kind::Plain } else { kind };
        let levels = if levels > MAX_LEVELS { 0 } else { levels };
        Rc::new(Self { value, kind, levels })
    }

    pub(super) fn plain(value: Value) -> Shared {
        Rc::new(Self { value, ..Self::default() })
    }

    pub(super) fn unknown() -> Shared {
        Self::plain(Value::unknown())
    }

    pub(super) fn text(text: impl Into<String>) -> Shared {
        Self::plain(Value::literal(text))
    }

    pub(super) fn list(mut items: Vec<Shared>) -> Shared {
        let value = merged(items.iter());
        items.truncate(MAX_ITEMS);
        Self::of(Kind::List(items), value)
    }

    pub(super) fn map(mut fields: Vec<(Rc<str>, Shared)>) -> Shared {
        let value = merged(fields.iter().map(|(_, field)| field));
        fields.truncate(MAX_ITEMS);
        Self::of(Kind::Map(fields), value)
    }

    pub(super) fn path(path: &str) -> Shared {
        Self::of(Kind::Path(path.into()), Value::unknown())
    }

    pub(super) fn field(&self, name: &str) -> Option<&Shared> {
        match &self.kind {
            Kind::Map(fields) => {
                fields.iter().rev().find(|(known, _)| &**known == name).map(|(_, field)| field)
            }
            _ => None,
        }
    }

    pub(super) fn items(&self) -> &[Shared] {
        match &self.kind {
            Kind::List(items) => items,
            _ => &[],
        }
    }

    /// Whether nothing is known of it.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.kind, Kind::Plain)
            && self.value.origins.is_empty()
            && self.value.text.chars().all(|c| c == UNKNOWN)
    }
}

/// What is known of several values as one: their origins.
pub(super) fn merged<'a>(items: impl Iterator<Item = &'a Shared>) -> Value {
    let mut all = Value { text: UNKNOWN.into(), ..Value::default() };
    let (mut with, mut without) = (false, false);
    for item in items {
        let value = &item.value;
        with |= !value.origins.is_empty();
        without |= value.origins.is_empty() && !value.text.is_empty();
        all.append(&value.with_text(String::new()), 0);
    }
    all.partial |= with && without;
    if !all.text.ends_with(UNKNOWN) {
        all.text.push(UNKNOWN);
    }
    all
}

/// Words in the names of functions that give what they are given in another form.
const FORMS: [&str; 30] = [
    "enc",
    "pack",
    "dump",
    "serial",
    "b64",
    "base64",
    "hex",
    "compress",
    "gzip",
    "zip",
    "deflate",
    "xor",
    "obfus",
    "scramble",
    "stringify",
    "format",
    "escape",
    "quote",
    "bytes",
    "buffer",
    "chunk",
    "split",
    "join",
    "concat",
    "merge",
    "wrap",
    "collect",
    "append",
    "tostring",
    "to_string",
];
/// Words in the names of functions that give less: what is known of the data is not in their result.
const REDUCTIONS: [&str; 36] = [
    "hash",
    "digest",
    "hmac",
    "sha",
    "md5",
    "crc",
    "len",
    "count",
    "size",
    "exist",
    "isfile",
    "isdir",
    "stat",
    "check",
    "valid",
    "verify",
    "sign",
    "compare",
    "equal",
    "match",
    "test",
    "has",
    "is_",
    "includes",
    "startswith",
    "endswith",
    "index",
    "mask",
    "redact",
    "sanit",
    "anonym",
    "censor",
    "connect",
    "client",
    "session",
    "login",
];

/// What a function that is not known gives of its arguments. Which function it is says whether tokens and variables go
/// along: most take them to sign in, and give something else.
pub(super) fn given<'a>(name: &str, arguments: impl Iterator<Item = &'a Shared>) -> Value {
    let name = name.to_ascii_lowercase();
    let word = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if word(&REDUCTIONS) {
        return Value::unknown();
    }
    let keeps_all = word(&FORMS);
    let mut value = merged(arguments.filter(|item| !matches!(item.kind, Kind::Path(_))));
    value.origins.retain(|origin| match origin.source {
        Source::Secret | Source::Obeyed => true,
        Source::Token | Source::Variable | Source::Environment | Source::Shell => keeps_all,
        Source::Fetched(_) | Source::FetchedDecoded(_) | Source::Received(_) | Source::Decoded => {
            false
        }
    });
    value
}

/// One of several values: the first of which something is known, with the origins of all.
pub(super) fn either(items: &[Shared]) -> Shared {
    let mut known = items.iter().filter(|item| !item.is_blank());
    let Some(first) = known.next() else {
        return items.first().cloned().unwrap_or_else(Datum::unknown);
    };
    let more: Vec<_> = known.filter(|item| !item.value.origins.is_empty()).collect();
    if more.is_empty() {
        return first.clone();
    }
    if first.value.origins.is_empty() && matches!(first.kind, Kind::Plain | Kind::Number(_)) {
        let (one, rest) =
            more.split_first().map_or((first, more.as_slice()), |(one, rest)| (*one, rest));
        return with_origins(one, rest.iter().copied());
    }
    with_origins(first, more.into_iter())
}

/// A value with the origins of others too.
pub(super) fn with_origins<'a>(first: &Shared, others: impl Iterator<Item = &'a Shared>) -> Shared {
    let mut value = first.value.clone();
    let partial = value.partial;
    for other in others {
        value.append(&other.value.with_text(String::new()), usize::MAX);
    }
    if value.origins == first.value.origins {
        return first.clone();
    }
    value.partial = partial;
    Datum::of(first.kind.again(), value)
}

impl Kind {
    /// The same kind once more; its parts are shared.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Plain => Self::Plain,
            Self::Number(number) => Self::Number(*number),
            Self::Pattern => Self::Pattern,
            Self::Path(path) => Self::Path(path.clone()),
            Self::Method { receiver, name } => {
                Self::Method { receiver: receiver.clone(), name: name.clone() }
            }
            Self::Function { function, scope } => {
                Self::Function { function: function.clone(), scope: *scope }
            }
            Self::List(items) => Self::List(items.clone()),
            Self::Map(fields) => Self::Map(fields.clone()),
            Self::Class(scope) => Self::Class(*scope),
            Self::Socket(address) => Self::Socket(address.clone()),
            Self::Request(address) => Self::Request(address.clone()),
            Self::Process(program) => Self::Process(program.clone()),
            Self::File(path) => Self::File(path.clone()),
            Self::Archive(path) => Self::Archive(path.clone()),
            Self::Resolver(slot) => Self::Resolver(*slot),
        }
    }
}
