//! Texts that are put together of known parts.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared, merged, with_origins},
    flow::Flow,
    syntax::Dialect,
};
use crate::value::{UNKNOWN, Value};

/// Bytes of a place of a format.
const MAX_PLACE: usize = 40;

impl Flow {
    /// Parts of a path, joined.
    pub(super) fn path_of(&mut self, parts: &[Shared]) -> Shared {
        let mut all = Value::default();
        for part in parts {
            if !self.charge(part.value.text.len()) {
                return Datum::unknown();
            }
            let text = part.value.text.trim_end_matches('/');
            let text = if all.text.is_empty() {
                text
            } else {
                text.trim_start_matches("./").trim_start_matches('/')
            };
            if !all.text.is_empty() && !all.text.ends_with('/') {
                all.text.push('/');
            }
            all.append(&part.value.with_text(text), self.limits.value_bytes);
        }
        all.partial = false;
        Datum::plain(all)
    }

    /// A format with its places filled: `%s`, `{}`, `{0}` and `{name}`.
    pub(super) fn formatted(&mut self, format: &Shared, items: &[Shared]) -> Shared {
        let text = &format.value.text;
        // Each mark may be an append.
        if !self.charge(text.len() * 8) {
            return Datum::unknown();
        }
        let mut all = format.value.with_text(String::new());
        let mut next = items.iter();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['%', '{']) {
            let (before, mark) = rest.split_at(at);
            all.append(&Value::literal(before), self.limits.value_bytes);
            let percent = mark.starts_with('%');
            let end = if percent {
                mark.char_indices()
                    .take(MAX_PLACE)
                    .skip(1)
                    .find(|(_, c)| c.is_ascii_alphabetic() || *c == '%')
                    .map(|(at, _)| at + 1)
            } else {
                mark.bytes().take(MAX_PLACE).position(|b| b == b'}').map(|at| at + 1)
            };
            let Some(end) = end.filter(|end| *end < MAX_PLACE) else {
                all.append(
                    &Value::literal(mark.get(..1).unwrap_or_default()),
                    self.limits.value_bytes,
                );
                rest = mark.get(1..).unwrap_or_default();
                continue;
            };
            let number = mark
                .get(1..end - 1)
                .and_then(|digits| digits.parse::<usize>().ok())
                .filter(|_| !percent);
            let item = match number {
                Some(at) => items.get(at),
                None => next.next(),
            };
            match item {
                Some(item) if self.charge(item.value.text.len()) => {
                    all.append(&item.value, self.limits.value_bytes);
                }
                _ => all.append(&Value::unknown(), self.limits.value_bytes),
            }
            rest = mark.get(end..).unwrap_or_default();
        }
        all.append(&Value::literal(rest), self.limits.value_bytes);
        Datum::plain(all)
    }

    /// Items with a separator between them.
    pub(super) fn join(&mut self, separator: &str, items: &Shared) -> Shared {
        if items.items().is_empty() {
            return Datum::plain(items.value.clone());
        }
        let mut all = Value::default();
        for (at, item) in items.items().iter().enumerate() {
            if !self.charge(item.value.text.len() + separator.len()) {
                return Datum::unknown();
            }
            if at > 0 {
                all.append(&Value::literal(separator), self.limits.value_bytes);
            }
            all.append(&item.value, self.limits.value_bytes);
        }
        let single =
            |item: &Shared| item.value.origins.is_empty() && item.value.text.chars().count() == 1;
        if separator.is_empty() && items.items().iter().all(single) && all.is_literal() {
            return self.spelled(all.text, self.here);
        }
        with_origins(&Datum::plain(all), std::iter::once(items))
    }

    /// A text as its parts.
    pub(super) fn split(&mut self, text: &Shared, separator: &Shared) -> Shared {
        const MAX_PARTS: usize = 4096;
        // Each part is a value of its own.
        if !text.value.is_literal() || !self.charge(text.value.text.len() * 32) {
            return Datum::plain(text.value.changed());
        }
        let source = text.value.text.as_str();
        let part = |part: &str| Datum::plain(text.value.with_text(part));
        let separator = separator.value.text.as_str();
        let parts: Vec<_> = if separator.is_empty() {
            source.chars().take(MAX_PARTS).map(|c| part(c.encode_utf8(&mut [0; 4]))).collect()
        } else if separator == UNKNOWN.to_string() {
            source.split_whitespace().take(MAX_PARTS).map(part).collect()
        } else {
            source.split(separator).take(MAX_PARTS).map(part).collect()
        };
        Datum::list(parts)
    }

    /// A text with a part replaced.
    pub(super) fn replaced(&mut self, text: &Shared, arguments: &Arguments, all: bool) -> Shared {
        let (pattern, new) = (arguments.item(0), arguments.item(1));
        let plain = matches!(pattern.kind, Kind::Pattern);
        let simple = !plain || !pattern.value.text.contains(|c| r"\.[](){}*+?^$|".contains(c));
        if !text.value.is_literal()
            || !pattern.value.is_literal()
            || !simple
            || new.value.text.contains(UNKNOWN)
        {
            return Datum::plain(text.value.changed());
        }
        let (from, to) = (pattern.value.text.as_str(), new.value.text.as_str());
        let every = all || plain || self.dialect == Dialect::Python;
        let most = if every { usize::MAX } else { 1 };
        let count = text.value.text.matches(from).take(most).count();
        let bytes = text.value.text.len().saturating_add(count.saturating_mul(to.len()));
        if bytes > self.limits.value_bytes || !self.charge(bytes) {
            return Datum::plain(text.value.changed());
        }
        Datum::plain(text.value.with_text(text.value.text.replacen(from, to, most)))
    }

    /// Items or characters in reverse.
    pub(super) fn reversed(&mut self, value: &Shared) -> Shared {
        self.sliced(value, true)
    }

    /// Characters by their numbers: a text that no reader of the source sees.
    pub(super) fn characters(&mut self, arguments: &Arguments) -> Shared {
        let mut text = String::new();
        let listed = arguments.items.iter().flat_map(|item| {
            if item.items().is_empty() { std::slice::from_ref(item) } else { item.items() }
        });
        for item in listed {
            let Kind::Number(number) = item.kind else {
                return Datum::plain(merged(arguments.all()));
            };
            let c = u32::try_from(number).ok().and_then(char::from_u32);
            text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if text.is_empty() || !self.charge(text.len()) {
            return Datum::unknown();
        }
        self.spelled(text, arguments.line)
    }
}
