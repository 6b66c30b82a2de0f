//! Reading what stands inside of a body's fields, so that the innermost wrong one is named.
//!
//! The same code reads what was stored: there, any fault means that it cannot be read.

use crate::{
    json::{FromJson, JsonMembers},
    object::{FieldError, MAX_ERRORS},
};
use serde_json::Value;
use std::fmt;

/// An object inside of a body: how its members are read.
pub trait Nested: Sized {
    /// Takes the members; `None` where one that must be there is absent or wrong, which is noted.
    fn read(part: &mut Part<'_>) -> Option<Self>;
}

/// Wrong fields, no more of them than an answer repeats.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    pub(crate) fn note(&mut self, pointer: String, detail: &dyn fmt::Display) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(FieldError::of(pointer, detail));
        }
    }

    fn kind(&mut self, pointer: String, expected: &str) {
        self.note(pointer, &format_args!("must be {expected}"));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.0
    }
}

/// The members of one object, under the pointer at which it stands.
#[derive(Debug)]
pub struct Part<'f> {
    at: String,
    members: JsonMembers,
    faults: &'f mut Faults,
}

// What does not depend on the type stands in functions of its own: each copy for a type is wasm.
impl<'f> Part<'f> {
    fn of(value: Value, at: String, faults: &'f mut Faults) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self { at, members: members.into(), faults }),
            _ => {
                faults.kind(at, "an object");
                None
            }
        }
    }

    /// A member that must be there; `expected` completes "must be …".
    pub fn required<T: FromJson>(&mut self, name: &str, expected: &str) -> Option<T> {
        let value = self.take(name);
        if value.is_none() {
            self.faults.note(self.pointer(name), &"is required");
        }
        let read = T::from_json(value?);
        self.read(name, expected, read.is_some());
        read
    }

    /// A member that may be absent.
    pub fn optional<T: FromJson + Default>(&mut self, name: &str, expected: &str) -> T {
        let Some(value) = self.take(name) else { return T::default() };
        let read = T::from_json(value);
        self.read(name, expected, read.is_some());
        read.unwrap_or_default()
    }

    /// A list of objects that may be absent.
    pub fn list<T: Nested>(&mut self, name: &str) -> Vec<T> {
        let at = self.pointer(name);
        let value = self.take(name);
        value.map(|value| list(value, &at, self.faults)).unwrap_or_default()
    }

    #[inline(never)]
    fn take(&mut self, name: &str) -> Option<Value> {
        self.members.value(name)
    }

    #[inline(never)]
    fn read(&mut self, name: &str, expected: &str, right: bool) {
        if !right {
            self.faults.kind(self.pointer(name), expected);
        }
    }

    fn pointer(&self, name: &str) -> String {
        format!("{}/{name}", self.at)
    }
}

/// Reads the object that stands at a pointer.
pub(crate) fn object<T: Nested>(value: Value, at: String, faults: &mut Faults) -> Option<T> {
    T::read(&mut Part::of(value, at, faults)?)
}

/// Reads a list of objects; those that are wrong are noted and left out.
pub(crate) fn list<T: Nested>(value: Value, at: &str, faults: &mut Faults) -> Vec<T> {
    let items = items(value, at, faults);
    items.into_iter().filter_map(|(at, item)| object(item, at, faults)).collect()
}

/// A list's items, each with its pointer.
fn items(value: Value, at: &str, faults: &mut Faults) -> Vec<(String, Value)> {
    match value {
        Value::Array(items) => {
            let at = |(index, item)| (format!("{at}/{index}"), item);
            items.into_iter().enumerate().map(at).collect()
        }
        _ => {
            faults.kind(at.to_owned(), "a list");
            Vec::new()
        }
    }
}

/// Reads an object of which nobody is to be told what is wrong.
pub(crate) fn plain<T: Nested>(value: Value) -> Option<T> {
    let mut faults = Faults::default();
    object(value, String::new(), &mut faults).filter(|_| faults.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq)]
    struct Leaf(u32);

    #[derive(Debug, PartialEq)]
    struct Tree(Vec<Leaf>);

    impl Nested for Leaf {
        fn read(part: &mut Part<'_>) -> Option<Self> {
            let word: String = part.optional("word", "a string");
            Some(Self(part.required::<u32>("size", "a number")? + u32::try_from(word.len()).ok()?))
        }
    }

    impl Nested for Tree {
        fn read(part: &mut Part<'_>) -> Option<Self> {
            Some(Self(part.list("leaves")))
        }
    }

    fn pointers(value: Value) -> Vec<String> {
        let mut faults = Faults::default();
        let _: Option<Tree> = object(value, "/tree".to_owned(), &mut faults);
        faults.into_errors().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn the_innermost_wrong_member_is_named_and_all_of_them_are() {
        assert_eq!(pointers(json!(1)), ["/tree"]);
        assert_eq!(pointers(json!({"leaves": {}})), ["/tree/leaves"]);
        let leaves = json!({"leaves": [{"size": 1}, {}, 7, {"size": -1, "word": 2}]});
        let expected =
            ["/tree/leaves/1/size", "/tree/leaves/2", "/tree/leaves/3/word", "/tree/leaves/3/size"];
        assert_eq!(pointers(leaves), expected);
        let many = json!({"leaves": vec![1; 1000]});
        assert_eq!(pointers(many).len(), MAX_ERRORS);
    }

    #[test]
    fn what_is_stored_is_read_whole_or_not_at_all() {
        assert_eq!(plain::<Leaf>(json!({"size": 2, "word": "ab", "more": 1})), Some(Leaf(4)));
        assert_eq!(plain::<Leaf>(json!({"size": 2, "word": null})), None);
        let leaves = json!({"leaves": [{"size": 3}]});
        assert_eq!(plain(leaves), Some(Tree(vec![Leaf(3)])));
        assert_eq!(plain::<Tree>(json!({"leaves": [{}]})), None);
    }
}
