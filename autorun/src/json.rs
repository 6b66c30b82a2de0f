//! JSON as `JSON.parse` takes it, JSON with comments, and JSON5.

use crate::{
    text::Lines,
    value::{Node, Value},
};
use jsonc_parser::{CollectOptions, ParseOptions, ast, parse_to_ast};

/// How much more than JSON is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// As `JSON.parse`: no comments, no trailing commas.
    Strict,
    /// Comments and trailing commas.
    Comments,
    /// JSON5.
    Five,
}

/// Parses a whole text whose first line has the number `first` in its file.
pub(crate) fn parse(text: &str, first: u32, dialect: Dialect) -> Result<Node, String> {
    let comments = dialect != Dialect::Strict;
    let five = dialect == Dialect::Five;
    let options = ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_loose_object_property_names: five,
        allow_missing_commas: false,
        allow_single_quoted_strings: five,
        allow_hexadecimal_numbers: five,
        allow_unary_plus_numbers: five,
        allow_bare_decimal_point_numbers: five,
        allow_non_finite_numbers: five,
        allow_extended_string_escapes: five,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options)
        .map_err(|error| error.kind().to_string())?;
    let value = parsed.value.ok_or_else(|| "it is empty".to_owned())?;
    Ok(node(value, &Lines::new(text, first)))
}

fn node(value: ast::Value<'_>, lines: &Lines) -> Node {
    use jsonc_parser::common::Ranged as _;
    let line = lines.of(value.range().start);
    let value = match value {
        ast::Value::StringLit(text) => Value::Str(text.value.into_owned()),
        ast::Value::NumberLit(number) => Value::Number(number.value.to_owned()),
        ast::Value::BooleanLit(bit) => Value::Bool(bit.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(list) => {
            Value::List(list.elements.into_iter().map(|item| node(item, lines)).collect())
        }
        ast::Value::Object(object) => Value::Map(
            object
                .properties
                .into_iter()
                .map(|pair| (pair.name.into_string(), node(pair.value, lines)))
                .collect(),
        ),
    };
    Node { line, value }
}
