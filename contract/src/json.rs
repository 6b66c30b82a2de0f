//! Values out of parsed JSON.
//!
//! All that is read goes through one parser into [`serde_json::Value`]: a derived deserialiser per
//! type, with the parser's way of saying what it met, costs the worker a tenth of its wasm.

mod parser;

pub(crate) use parser::is_json;

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::{Map, Value};

/// What can be read from a JSON value.
pub trait FromJson: Sized {
    /// The value; `None` where it is of another kind or out of range.
    fn from_json(value: Value) -> Option<Self>;
}

/// Reads a JSON text.
#[must_use]
pub fn parse<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(parser::value(text)?)
}

/// An object whose members another one may take up as its own: `#[serde(flatten)]` without its second serialiser for
/// each type.
pub(crate) trait Members {
    /// Writes the members, in order.
    fn members<S: SerializeStruct>(&self, to: &mut S) -> Result<(), S::Error>;

    /// Writes the members as an object of their own.
    fn to_object<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The name and the number are for other formats than JSON; 0 would be an object that is closed at once.
        let mut to = serializer.serialize_struct("", 1)?;
        self.members(&mut to)?;
        to.end()
    }
}

/// The first of `items` that fit, as a list, into `most` bytes of JSON.
pub(crate) fn within<T: Serialize>(items: impl Iterator<Item = T>, most: usize) -> Vec<T> {
    let mut bytes = 2;
    let fits = |item: &T| {
        bytes += text(item).len() + 1;
        bytes <= most
    };
    items.take_while(fits).collect()
}

/// The members of two objects as one object. In place of `#[serde(flatten)]`, which is a second serialiser for each
/// type that it joins.
#[must_use]
pub fn joined(first: &impl Serialize, second: &impl Serialize) -> String {
    join(&text(first), &text(second))
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn join(first: &str, second: &str) -> String {
    match (first.strip_suffix('}'), second.strip_prefix('{')) {
        (Some("{"), _) | (None, _) => second.to_owned(),
        (_, Some("}") | None) => first.to_owned(),
        (Some(first), Some(second)) => format!("{first},{second}"),
    }
}

/// Stored JSON that is answered as it is. Numbers are integers: the printing of others, which
/// nothing stores, is 6 KB of wasm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJson(Value);

impl StoredJson {
    /// Reads a JSON text; `null` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(parser::value(text).unwrap_or_default())
    }
}

impl Serialize for StoredJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Part<'a>(&'a Value);
        impl Serialize for Part<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.0 {
                    Value::Null => serializer.serialize_unit(),
                    Value::Bool(value) => serializer.serialize_bool(*value),
                    Value::Number(number) => number.as_i64().serialize(serializer),
                    Value::String(text) => serializer.serialize_str(text),
                    Value::Array(items) => serializer.collect_seq(items.iter().map(Part)),
                    Value::Object(members) => {
                        serializer.collect_map(members.iter().map(|(name, v)| (name, Part(v))))
                    }
                }
            }
        }
        Part(&self.0).serialize(serializer)
    }
}

impl FromJson for StoredJson {
    fn from_json(value: Value) -> Option<Self> {
        Some(Self(value))
    }
}

impl FromJson for Value {
    fn from_json(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl FromJson for bool {
    fn from_json(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl FromJson for i64 {
    fn from_json(value: Value) -> Option<Self> {
        value.as_i64()
    }
}

impl FromJson for u64 {
    fn from_json(value: Value) -> Option<Self> {
        value.as_u64()
    }
}

impl FromJson for u32 {
    fn from_json(value: Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl FromJson for String {
    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::Array(items) => items.into_iter().map(T::from_json).collect(),
            _ => None,
        }
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_json(value).map(Some) }
    }
}

/// An object's members, to be taken out one by one; what is left is ignored. A list, because taking out of a map is
/// 4 KB of wasm.
#[derive(Debug, Default)]
pub struct JsonMembers(Vec<(String, Value)>);

impl FromJson for JsonMembers {
    fn from_json(value: Value) -> Option<Self> {
        match value {
            Value::Object(members) => Some(members.into()),
            _ => None,
        }
    }
}

impl From<Map<String, Value>> for JsonMembers {
    fn from(members: Map<String, Value>) -> Self {
        Self(members.into_iter().collect())
    }
}

impl JsonMembers {
    /// A member as it is; `None` where it is absent or was taken.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(member, _)| member == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// A member that must be there.
    pub fn take<T: FromJson>(&mut self, name: &str) -> Option<T> {
        T::from_json(self.value(name)?)
    }

    /// A member that may be absent; `None` where it is there and wrong.
    pub fn take_or_default<T: FromJson + Default>(&mut self, name: &str) -> Option<T> {
        self.value(name).map_or_else(|| Some(T::default()), T::from_json)
    }
}

/// Every member in turn, ordered by name where none was taken.
impl IntoIterator for JsonMembers {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_ranges_are_kept_apart() {
        assert_eq!(parse("4294967295"), Some(u32::MAX));
        assert_eq!(parse::<u32>("4294967296"), None);
        assert_eq!(parse::<u64>("1.0"), None);
        assert_eq!(parse::<u64>("-1"), None);
        assert_eq!(parse::<bool>("1"), None);
        assert_eq!(parse::<String>("null"), None);
        assert_eq!(parse::<Option<String>>("null"), Some(None));
        assert_eq!(parse("[\"a\"]"), Some(vec!["a".to_owned()]));
        assert_eq!(parse::<Vec<String>>("[\"a\", 1]"), None);
        assert_eq!(parse::<bool>("true false"), None);
    }

    #[test]
    fn two_objects_are_joined() {
        for (first, second, both) in [
            (r#"{"a":1}"#, r#"{"b":{}}"#, r#"{"a":1,"b":{}}"#),
            ("{}", r#"{"b":2}"#, r#"{"b":2}"#),
            (r#"{"a":{}}"#, "{}", r#"{"a":{}}"#),
            ("{}", "{}", "{}"),
        ] {
            assert_eq!(join(first, second), both);
        }
    }

    #[test]
    fn an_absent_member_is_not_a_wrong_one() {
        let mut members: JsonMembers = parse(r#"{"a": 1, "b": null}"#).unwrap();
        assert_eq!(members.take::<u32>("a"), Some(1));
        assert_eq!(members.take::<u32>("a"), None);
        assert_eq!(members.take_or_default::<u32>("a"), Some(0));
        assert_eq!(members.take_or_default::<u32>("b"), None);
    }
}
