//! What expressions are worth.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, MAX_ITEMS, Shared, either, merged, with_origins},
    flow::Flow,
    members::MUTATING,
    syntax::{Clause, Dialect, Expression, Key, Link, Unattended},
};
use crate::{
    chain::Fact,
    secret::looks_for_secrets,
    value::{Source, Value},
};
use std::rc::Rc;

/// What an item costs that is copied or looked at, in bytes.
pub(super) const ITEM_WORK: usize = 8;
/// Names of a condition, and words of a list, that are looked at.
const MAX_NAMES: usize = 32;
/// Bytes of words by which names are selected.
const MAX_WORDS: usize = 400;
/// What an origin costs that is copied, in bytes.
const ORIGIN_WORK: usize = 64;

impl Flow {
    pub(super) fn evaluate(&mut self, expression: &Expression) -> Shared {
        if !self.charge(0) || !self.enter() {
            return Datum::unknown();
        }
        let value = self.worth(expression);
        self.leave();
        value
    }

    fn worth(&mut self, expression: &Expression) -> Shared {
        match expression {
            Expression::Text(text) => {
                if self.charge(text.len()) {
                    // What a longer one begins with says enough; copies of it would not be bounded.
                    Datum::text(front(text, self.limits.value_bytes))
                } else {
                    Datum::unknown()
                }
            }
            Expression::Pattern(text) => Datum::of(Kind::Pattern, Value::literal(&**text)),
            Expression::Number(number) => {
                Datum::of(Kind::Number(*number), Value::literal(number.to_string()))
            }
            Expression::Name(name, line) => {
                self.here = self.line.unwrap_or(*line);
                self.lookup(name).unwrap_or_else(|| self.path(name))
            }
            Expression::Template(parts) | Expression::Sum(parts) => self.sum(parts),
            Expression::Operation(operator, parts) => self.operation_on(operator, parts),
            Expression::Either(parts) => {
                let values: Vec<_> = parts.iter().map(|part| self.evaluate(part)).collect();
                either(&values)
            }
            Expression::Last(parts) => {
                let values: Vec<_> = parts.iter().map(|part| self.evaluate(part)).collect();
                values.last().cloned().unwrap_or_else(Datum::unknown)
            }
            Expression::Opaque(parts) | Expression::Not(parts) => {
                for part in parts {
                    self.evaluate(part);
                }
                Datum::unknown()
            }
            Expression::List(parts) => {
                let mut items = Vec::new();
                for part in parts {
                    self.spread(part, &mut items);
                }
                if !self.pay(items.len() * ITEM_WORK) {
                    return Datum::unknown();
                }
                Datum::list(items)
            }
            Expression::Map(fields) => self.map(fields),
            Expression::Function(function) => self.function(function),
            Expression::Class(body) => self.class(body),
            Expression::Assign { target, value, adds } => {
                let written = value;
                let mut value = self.evaluate(written);
                // Callbacks of a socket use the name that the socket gets afterwards.
                if matches!(value.kind, Kind::Socket(_) | Kind::Request(_))
                    && let super::syntax::Target::Name(name) = &**target
                    && self.holder(name) != Some(self.scope)
                {
                    self.bind(name.clone(), value);
                    self.results.clear();
                    value = self.evaluate(written);
                }
                if *adds
                    && let super::syntax::Target::Name(name) = &**target
                    && let Some(before) = self.lookup(name)
                {
                    value = self.joined(&[before, value]);
                }
                self.assign(target, &value);
                value
            }
            Expression::Comprehension { element, clauses } => self.comprehension(element, clauses),
            Expression::Spread(inner) => self.evaluate(inner),
            Expression::Yield(inner) => {
                let value = self.evaluate(inner);
                self.returned.push(value);
                Datum::unknown()
            }
            Expression::Chain(base, links) => self.chain(base, links),
            Expression::Unknown => Datum::unknown(),
        }
    }

    fn spread(&mut self, part: &Expression, items: &mut Vec<Shared>) {
        match part {
            Expression::Spread(inner) => {
                let value = self.evaluate(inner);
                match &value.kind {
                    Kind::List(all) if self.pay(all.len() * ITEM_WORK) => {
                        items.extend(all.iter().cloned());
                    }
                    _ => items.push(value),
                }
            }
            part => items.push(self.evaluate(part)),
        }
    }

    fn map(&mut self, fields: &[(Key, Expression)]) -> Shared {
        let mut all: Vec<(Rc<str>, Shared)> = Vec::new();
        let mut spread = Vec::new();
        for (key, value) in fields {
            let name = match key {
                Key::Name(name) => name.clone(),
                Key::Computed(key) => {
                    let key = self.evaluate(key);
                    key.value.text.as_str().into()
                }
                Key::Spread => {
                    let value = self.evaluate(value);
                    match &value.kind {
                        Kind::Map(inner) if self.pay(inner.len() * ITEM_WORK * 3) => {
                            all.extend(inner.iter().cloned());
                        }
                        _ => spread.push(value),
                    }
                    continue;
                }
            };
            let value = self.evaluate(value);
            if !self.pay(name.len() + ITEM_WORK) {
                break;
            }
            all.push((name, value));
        }
        with_origins(&Datum::map(all), spread.iter())
    }

    fn sum(&mut self, parts: &[Expression]) -> Shared {
        let values: Vec<_> = parts.iter().map(|part| self.evaluate(part)).collect();
        self.joined(&values)
    }

    /// Texts one behind the other; lists as one list.
    pub(super) fn joined(&mut self, values: &[Shared]) -> Shared {
        if values.iter().any(|value| matches!(value.kind, Kind::List(_))) {
            let count: usize = values.iter().map(|value| value.items().len()).sum();
            if !self.pay(count * ITEM_WORK) {
                return Datum::unknown();
            }
            let items = values.iter().flat_map(|value| value.items().iter().cloned());
            let items = items.take(MAX_ITEMS).collect();
            return with_origins(&Datum::list(items), values.iter());
        }
        let bytes: usize = values.iter().map(|value| value.value.text.len()).sum();
        if !self.charge(bytes) {
            return Datum::unknown();
        }
        let mut all = Value::default();
        for value in values {
            all.append(&value.value, self.limits.value_bytes);
        }
        Datum::plain(all)
    }

    fn operation_on(&mut self, operator: &str, parts: &[Expression]) -> Shared {
        let values: Vec<_> = parts.iter().map(|part| self.evaluate(part)).collect();
        if operator == "^" {
            return Datum::plain(merged(values.iter()));
        }
        if self.dialect != Dialect::Python {
            return Datum::unknown();
        }
        match (operator, values.split_first()) {
            ("/", Some(_)) => self.path_of(&values),
            (_, Some((format, rest))) => {
                let items: Vec<_> = match rest {
                    [only] if !only.items().is_empty() => only.items().to_vec(),
                    rest => rest.to_vec(),
                };
                self.formatted(format, &items)
            }
            _ => Datum::unknown(),
        }
    }

    fn comprehension(&mut self, element: &Expression, clauses: &[Clause]) -> Shared {
        let outer = self.scope;
        self.scope = self.new_scope(outer);
        let mut over: Option<(&super::syntax::Target, Shared)> = None;
        let mut filter = None;
        for clause in clauses {
            match clause {
                Clause::For(target, items) => {
                    let items = self.evaluate(items);
                    let item = self.element(&items);
                    self.declare(target, &item);
                    over = Some((target, items));
                }
                Clause::If(condition) => {
                    self.evaluate(condition);
                    filter = Some(condition);
                }
            }
        }
        // Each of a few written items has its own element: what character codes spell is read so.
        let loops = clauses.iter().filter(|clause| matches!(clause, Clause::For(..))).count();
        let listed = over.filter(|(_, items)| loops == 1 && !items.items().is_empty());
        let mut result = match listed {
            Some((target, items)) => {
                let mut elements = Vec::new();
                for item in items.items() {
                    self.declare(target, item);
                    elements.push(self.evaluate(element));
                }
                Datum::list(elements)
            }
            None => self.evaluate(element),
        };
        self.scope = outer;
        if let Some(condition) = filter {
            result = self.filtered(&result, condition);
        }
        result
    }

    fn chain(&mut self, base: &Expression, links: &[Link]) -> Shared {
        if links.windows(2).any(catches_all) {
            return self.unattended(Unattended::Swallowed, |flow| flow.links(base, links));
        }
        self.links(base, links)
    }

    fn links(&mut self, base: &Expression, links: &[Link]) -> Shared {
        let mut current = self.evaluate(base);
        for (at, link) in links.iter().enumerate() {
            if !self.charge(0) {
                return Datum::unknown();
            }
            current = match link {
                Link::Member(name) => self.member(&current, name),
                Link::Index(index) => {
                    let index = self.evaluate(index);
                    if !self.pay(index.value.text.len()) {
                        return Datum::unknown();
                    }
                    self.indexed(&current, &index)
                }
                Link::Slice { reverses } => self.sliced(&current, *reverses),
                Link::Call { arguments, line } => {
                    let arguments = self.arguments(arguments, *line);
                    let given = arguments.all().map(weight).sum();
                    if !self.pay(given) {
                        return Datum::unknown();
                    }
                    // What a method adds to a value stays in the variable that holds it.
                    let mut changed = None;
                    if let Some(Link::Member(name)) = at.checked_sub(1).and_then(|at| links.get(at))
                        && let Kind::Method { receiver, .. } = &current.kind
                    {
                        changed = self.changed_by(receiver, name, &arguments);
                        let path = links.get(..at - 1).unwrap_or_default();
                        if let Some(changed) = &changed {
                            self.store(base, path, changed, MUTATING.contains(&&**name));
                        }
                    }
                    let result = self.call(&current, &arguments);
                    changed.filter(|_| result.is_blank()).unwrap_or(result)
                }
            };
            // What a step gives may be a copy of what it was given.
            if !self.pay(weight(&current)) {
                return Datum::unknown();
            }
        }
        current
    }

    fn arguments(&mut self, written: &[(Option<Rc<str>>, Expression)], line: u32) -> Arguments {
        let line = self.line.unwrap_or(line);
        let mut arguments = Arguments { line, ..Arguments::default() };
        for (name, value) in written {
            match name {
                Some(name) => {
                    let value = self.evaluate(value);
                    arguments.named.push((name.clone(), value));
                }
                None => self.spread(value, &mut arguments.items),
            }
        }
        arguments
    }

    /// A value of which a condition keeps a part: most of the environment is dropped, unless keys are looked for.
    pub(super) fn filtered(&mut self, value: &Shared, condition: &impl std::fmt::Debug) -> Shared {
        if !value.value.origins.iter().any(|origin| origin.source == Source::Environment) {
            return value.clone();
        }
        let mut condition = format!("{condition:?}");
        if !self.pay(condition.len() * 2) {
            return Datum::unknown();
        }
        let names: Vec<_> = condition.split("Name(\"").skip(1).take(MAX_NAMES).collect();
        let written: String = names
            .iter()
            .filter_map(|rest| self.words_of(rest.split('"').next().unwrap_or_default()))
            .collect();
        condition.push_str(&written);
        if looks_for_secrets(&condition) && !condition.contains("Not([") {
            keys_of(value)
        } else {
            without(value, &Source::Environment)
        }
    }

    /// The words that a variable holds, where it is a pattern or a list of words.
    pub(super) fn words_of(&self, name: &str) -> Option<String> {
        let value = self.lookup(name)?;
        let items = value.items().iter().take(MAX_NAMES).map(|item| item.value.text.as_str());
        let own = std::iter::once(value.value.text.as_str());
        Some(own.chain(items).filter(|text| text.len() < MAX_WORDS).collect())
    }

    /// Keeps a value in the variable or the field that an expression names.
    pub(super) fn store(&mut self, base: &Expression, links: &[Link], value: &Shared, adds: bool) {
        let Expression::Name(name, _) = base else { return };
        if let ("module", Some((Link::Member(member), rest))) = (&**name, links.split_first())
            && &**member == "exports"
        {
            return self.store(&Expression::Name(member.clone(), 0), rest, value, adds);
        }
        let Some(holder) = self.holder(name) else { return };
        if let [Link::Member(field)] = links
            && field.starts_with("on")
            && let Some(held) = self.lookup(name)
            && let Kind::Socket(_) = held.kind
        {
            // What answers the events of a socket.
            let data = Datum::plain(held.value.clone());
            self.call_back(value, &data, self.here);
            return;
        }
        let Some(held) = self.scopes.get(holder).and_then(|scope| scope.names.get(name)).cloned()
        else {
            return;
        };
        let field: Option<Rc<str>> = match links.first() {
            None => None,
            Some(Link::Member(field)) => Some(field.clone()),
            Some(Link::Index(Expression::Text(field))) => Some(field.clone()),
            Some(_) => Some("".into()),
        };
        let new = match (field, &held.kind) {
            (None, _) => value.clone(),
            (Some(field), Kind::Class(scope)) => {
                if let Some(scope) = self.scopes.get_mut(*scope) {
                    let before = scope.names.get(&field).filter(|_| adds || links.len() > 1);
                    let value = match before {
                        Some(before) => with_origins(value, std::iter::once(before)),
                        None => value.clone(),
                    };
                    scope.names.insert(field, value);
                }
                return;
            }
            (Some(field), Kind::Map(fields))
                if links.len() == 1 && self.charge(fields.len() * 8) =>
            {
                let mut fields = fields.clone();
                fields.retain(|(known, _)| *known != field);
                fields.push((field, value.clone()));
                with_origins(&Datum::map(fields), std::iter::once(&held))
            }
            _ => with_origins(&held, std::iter::once(value)),
        };
        if let Some(scope) = self.scopes.get_mut(holder) {
            scope.names.insert(name.clone(), new);
        }
    }

    /// One of the items that a value holds.
    pub(super) fn element(&mut self, value: &Shared) -> Shared {
        if !self.pay(weight(value)) {
            return Datum::unknown();
        }
        match &value.kind {
            Kind::Plain => value.clone(),
            Kind::List(items) if items.len() == 1 => {
                items.first().cloned().unwrap_or_else(Datum::unknown)
            }
            Kind::List(items) => with_origins(&either(items), std::iter::once(value)),
            Kind::Map(fields) => Datum::plain(merged(fields.iter().map(|(_, field)| field))),
            Kind::Socket(_) | Kind::Process(_) | Kind::Class(_) => value.clone(),
            _ => Datum::plain(value.value.clone()),
        }
    }
}

/// `.catch(() => {})`: nobody is told of an error.
fn catches_all(links: &[Link]) -> bool {
    match links {
        [Link::Member(name), Link::Call { arguments, .. }] if &**name == "catch" => matches!(
            arguments.as_slice(),
            [(None, Expression::Function(function))] if function.is_idle()
        ),
        _ => false,
    }
}

/// What a copy of a value costs, in bytes.
fn weight(value: &Shared) -> usize {
    // Of items the text is looked at, and seldom copied.
    let item = |item: &Shared| ITEM_WORK + item.value.text.len() / 4;
    let items: usize = match &value.kind {
        Kind::List(items) => items.iter().map(item).sum(),
        Kind::Map(fields) => fields.iter().map(|(_, field)| item(field)).sum(),
        _ => 0,
    };
    value.value.text.len() + items + value.value.origins.len() * ORIGIN_WORK
}

/// The first `most` bytes of a text, at a character's end.
fn front(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// The part of the environment whose names are those of secrets.
pub(super) fn keys_of(value: &Shared) -> Shared {
    let mut chosen = value.value.clone();
    for origin in chosen.origins.iter_mut().filter(|it| it.source == Source::Environment) {
        origin.step.fact = Fact::ReadSecret;
        origin.step.what = "selects the keys of the environment".to_owned();
    }
    Datum::of(value.kind.again(), chosen)
}

/// A value without the origins of one kind.
pub(super) fn without(value: &Shared, source: &Source) -> Shared {
    if !value.value.origins.iter().any(|origin| origin.source == *source) {
        return value.clone();
    }
    let mut plain = value.value.clone();
    plain.origins.retain(|origin| origin.source != *source);
    Datum::plain(plain)
}
