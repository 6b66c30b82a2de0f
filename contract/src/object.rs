//! Reading a request body field by field, so that every wrong field is named.
//!
//! A derived deserialiser stops at the first fault and says it in the parser's words. Here a body
//! is first a [`JsonObject`] (or it is no JSON object: 400), and then each field is asked for by name
//! and every fault is collected with its JSON pointer (422).

use crate::{
    json::{self, FromJson},
    part::{self, Faults, Nested},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{fmt, str::FromStr};

/// The deepest nesting of arrays and objects that is read.
const MAX_DEPTH: usize = 128;

/// The body cannot be read as one JSON object. Says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnObject {
    /// Not UTF-8, not JSON, or JSON with something behind it.
    #[error("the body is not valid JSON")]
    Syntax,
    /// Valid JSON of another kind.
    #[error("the body must be a JSON object")]
    Kind,
    /// Arrays or objects nested deeper than 128.
    #[error("the body is nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// A field that matters stands there twice: which one was meant cannot be known.
    #[error("a field stands in the body twice")]
    Duplicate,
}

/// One wrong field: where, and what it must be. Never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the request body.
    pub pointer: String,
    /// What the field must be.
    pub detail: String,
}

impl FieldError {
    /// An error at a pointer.
    pub fn new(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::of(pointer.into(), &detail)
    }

    pub(crate) fn of(pointer: String, detail: &dyn fmt::Display) -> Self {
        Self { pointer, detail: detail.to_string() }
    }
}

/// A JSON object whose fields are still unread text.
#[derive(Debug)]
pub struct JsonObject<'a> {
    fields: Vec<(String, &'a str)>,
}

/// The white space of JSON.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

impl<'a> JsonObject<'a> {
    /// Splits a body into its fields. `known` are the fields that may stand there once only;
    /// all others are ignored.
    ///
    /// # Errors
    /// [`NotAnObject`], when it is none.
    pub fn parse(body: &'a [u8], known: &[&str]) -> Result<Self, NotAnObject> {
        let text = std::str::from_utf8(body).map_err(|_| NotAnObject::Syntax)?;
        check_depth(body)?;
        if !json::is_json(text, MAX_DEPTH) {
            return Err(NotAnObject::Syntax);
        }
        if !text.trim_start_matches(SPACE).starts_with('{') {
            return Err(NotAnObject::Kind);
        }
        let mut fields = split(text).ok_or(NotAnObject::Syntax)?;
        fields.retain(|(name, _)| known.contains(&name.as_str()));
        let twice = |name: &str| fields.iter().filter(|(n, _)| n == name).count() > 1;
        if known.iter().any(|name| twice(name)) {
            return Err(NotAnObject::Duplicate);
        }
        Ok(Self { fields })
    }

    /// The raw text of a field; `None` where it is absent or `null`.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| *value)
            .filter(|text| *text != "null")
    }
}

/// Where in a JSON text a reader is.
#[derive(Default)]
struct Place {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Place {
    fn step(&mut self, byte: u8) {
        match (self.in_string, byte) {
            (true, _) if self.escaped => self.escaped = false,
            (true, b'\\') => self.escaped = true,
            (_, b'"') => self.in_string = !self.in_string,
            (false, b'{' | b'[') => self.depth += 1,
            (false, b'}' | b']') => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }
}

/// Nesting is counted before any parser recurses on it.
fn check_depth(body: &[u8]) -> Result<(), NotAnObject> {
    let mut place = Place::default();
    for byte in body {
        place.step(*byte);
        if place.depth > MAX_DEPTH {
            return Err(NotAnObject::Depth);
        }
    }
    Ok(())
}

/// The members of a text that is one valid JSON object. `None` where a name is no text: half a
/// surrogate pair.
fn split(text: &str) -> Option<Vec<(String, &str)>> {
    let mut place = Place::default();
    let (mut fields, mut start, mut colon) = (Vec::new(), 0, None);
    for (at, byte) in text.bytes().enumerate() {
        place.step(byte);
        match (byte, place.depth) {
            _ if place.in_string => {}
            (b'{', 1) => start = at + 1,
            (b':', 1) => colon = Some(at),
            (b',', 1) | (b'}', 0) => {
                if let Some(colon) = colon.take() {
                    let value = text.get(colon + 1..at)?.trim_matches(SPACE);
                    fields.push((json::parse(text.get(start..colon)?)?, value));
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    Some(fields)
}

/// Collects the faults while fields are read.
#[derive(Debug)]
pub struct FieldReader<'a> {
    object: JsonObject<'a>,
    faults: Faults,
}

/// How much of one kind of fault an answer repeats.
pub(crate) const MAX_ERRORS: usize = 20;

impl<'a> FieldReader<'a> {
    /// Starts reading an object.
    #[must_use]
    pub fn new(object: JsonObject<'a>) -> Self {
        Self { object, faults: Faults::default() }
    }

    /// Notes a fault: the pointer of a field, and what the field must be.
    pub fn fault(&mut self, pointer: impl Into<String>, detail: impl fmt::Display) {
        self.faults.note(pointer.into(), &detail);
    }

    fn wrong(&mut self, name: &str, why: &dyn fmt::Display) {
        self.faults.note(format!("/{name}"), why);
    }

    /// A field of any kind; `expected` completes "must be …".
    pub fn json<T: FromJson>(&mut self, name: &str, expected: &str) -> Option<T> {
        let raw = self.object.raw(name)?;
        let value = json::parse(raw);
        if value.is_none() {
            self.wrong(name, &format_args!("must be {expected}"));
        }
        value
    }

    /// An object; what is wrong inside of it is named there.
    pub fn nested<T: Nested>(&mut self, name: &str) -> Option<T> {
        let value: Value = self.json(name, "an object")?;
        part::object(value, format!("/{name}"), &mut self.faults)
    }

    /// A list of objects; none where it is absent.
    pub fn list<T: Nested>(&mut self, name: &str) -> Vec<T> {
        self.list_if_there(name).unwrap_or_default()
    }

    /// A list of objects; `None` where it is absent.
    pub fn list_if_there<T: Nested>(&mut self, name: &str) -> Option<Vec<T>> {
        let value: Value = self.json(name, "a list")?;
        Some(part::list(value, &format!("/{name}"), &mut self.faults))
    }

    /// A list of strings; `None` where it is absent, or one of them is none.
    pub fn strings(&mut self, name: &str, expected: &str) -> Option<Vec<String>> {
        let items: Vec<Value> = self.json(name, expected)?;
        let mut strings = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            match item {
                Value::String(text) => strings.push(Some(text)),
                _ => {
                    self.faults.note(format!("/{name}/{index}"), &"must be a string");
                    strings.push(None);
                }
            }
        }
        strings.into_iter().collect()
    }

    /// A string field parsed into `T`.
    pub fn optional<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        let text: String = self.json(name, "a string")?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(why) => {
                self.wrong(name, &why);
                None
            }
        }
    }

    /// As [`Self::optional`], and noted as a fault where it is absent.
    pub fn required<T: FromStr<Err: fmt::Display>>(&mut self, name: &str) -> Option<T> {
        self.must_be_there(name);
        self.optional(name)
    }

    /// As [`Self::json`], and noted as a fault where it is absent.
    pub fn required_json<T: FromJson>(&mut self, name: &str, expected: &str) -> Option<T> {
        self.must_be_there(name);
        self.json(name, expected)
    }

    /// Notes a field's absence as a fault.
    pub(crate) fn must_be_there(&mut self, name: &str) {
        if self.object.raw(name).is_none() {
            self.wrong(name, &"is required");
        }
    }

    /// The value, if every field was right.
    ///
    /// # Errors
    /// Every fault noted so far.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults.into_errors()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_object_is_said() {
        let parse = |body: &[u8]| JsonObject::parse(body, &["a", "b"]).err();
        assert_eq!(parse(br#" {"a": 1, "x": [{}]} "#), None);
        assert_eq!(parse(b"[1]"), Some(NotAnObject::Kind));
        assert_eq!(parse(b"null"), Some(NotAnObject::Kind));
        assert_eq!(parse(b"{\"a\": NaN}"), Some(NotAnObject::Syntax));
        assert_eq!(parse(b"\xef\xbb\xbf{}"), Some(NotAnObject::Syntax));
        assert_eq!(parse(b"{\"a\": \"\xff\"}"), Some(NotAnObject::Syntax));
        assert_eq!(parse(b"{} {}"), Some(NotAnObject::Syntax));
        assert_eq!(parse(b""), Some(NotAnObject::Syntax));
        assert_eq!(parse(br#"{"a":1,"a":1}"#), Some(NotAnObject::Duplicate));
        assert_eq!(parse(br#"{"a":1,"\u0061":1}"#), Some(NotAnObject::Duplicate));
        assert_eq!(parse(br#"{"x":1,"x":1}"#), None);
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(parse(deep.as_bytes()), Some(NotAnObject::Depth));
        let quoted = format!("{{\"x\":\"{}\"}}", "[\\\"".repeat(200));
        assert_eq!(parse(quoted.as_bytes()), None);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let body = br#"{"a": 7, "b": "x", "c": null}"#;
        let mut reader = FieldReader::new(JsonObject::parse(body, &["a", "b", "c"]).unwrap());
        let a: Option<String> = reader.required("a");
        let b: Option<u32> = reader.json("b", "a number");
        let c: Option<String> = reader.required("c");
        let errors = reader.finish(a.zip(b).zip(c)).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a", "/b", "/c"]);
    }

    #[test]
    fn what_is_wrong_inside_of_a_list_is_named_there() {
        let body = br#"{"a": ["x", 7, "y", null], "b": {}, "c": ["x"], "d": [{"file": "f"}]}"#;
        let mut reader =
            FieldReader::new(JsonObject::parse(body, &["a", "b", "c", "d", "e"]).unwrap());
        assert_eq!(reader.strings("a", "a list of names"), None);
        assert_eq!(reader.strings("b", "a list of names"), None);
        assert_eq!(reader.strings("c", "a list of names"), Some(vec!["x".to_owned()]));
        assert_eq!(reader.strings("e", "a list of names"), None);
        assert!(reader.list::<crate::callback::FileNote>("d").is_empty());
        let errors = reader.finish(Some(())).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/a/1", "/a/3", "/b", "/d/0/reason"]);
    }

    proptest! {
        #[test]
        fn g03_no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = JsonObject::parse(&body, &["a"]);
        }
    }
}
