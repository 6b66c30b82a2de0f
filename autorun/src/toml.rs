//! TOML with the line of each value.

use crate::{
    text::{Lines, after},
    value::{Node, Value},
};
use ::toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub(crate) fn parse(text: &str) -> Result<Node, String> {
    let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    let place = Place { text, lines: Lines::new(text, 1) };
    let line = place.lines.of(table.span().start);
    Ok(Node { line, value: pairs(table.into_inner(), &place) })
}

struct Place<'a> {
    text: &'a str,
    lines: Lines,
}

impl Place<'_> {
    /// The line of a value's own text. A line break right behind three opening quotes is no part of it.
    fn line(&self, at: usize) -> u32 {
        let rest = after(self.text, at);
        let inner = rest.strip_prefix("\"\"\"").or_else(|| rest.strip_prefix("'''"));
        let below = inner.is_some_and(|inner| inner.starts_with('\n') || inner.starts_with("\r\n"));
        self.lines.of(at).saturating_add(u32::from(below))
    }
}

fn pairs(table: DeTable<'_>, place: &Place<'_>) -> Value {
    Value::Map(
        table
            .into_iter()
            .map(|(key, value)| (key.into_inner().into_owned(), node(value, place)))
            .collect(),
    )
}

fn node(value: Spanned<DeValue<'_>>, place: &Place<'_>) -> Node {
    let line = place.line(value.span().start);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Str(text.into_owned()),
        DeValue::Boolean(bit) => Value::Bool(bit),
        DeValue::Integer(number) => Value::Number(number.to_string()),
        DeValue::Float(number) => Value::Number(number.to_string()),
        DeValue::Datetime(date) => Value::Number(date.to_string()),
        DeValue::Array(items) => {
            Value::List(items.into_iter().map(|item| node(item, place)).collect())
        }
        DeValue::Table(table) => pairs(table, place),
    };
    Node { line, value }
}
