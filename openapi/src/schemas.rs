//! The schemas of the document, from the contract's types.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Collects the types that operations name. A type of requests lists what must be sent; one of
/// answers, what is always there.
pub(crate) struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Schemas {
    pub(crate) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
        };
        Self {
            requests: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
        }
    }

    /// A reference to the schema of what is sent to us.
    pub(crate) fn request<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// A reference to the schema of what we answer.
    pub(crate) fn answer<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// Every schema by its name. What is in both is the same text, or a request's own.
    pub(crate) fn into_json(mut self) -> Value {
        let mut all: Map<String, Value> = self.requests.take_definitions(true);
        all.extend(self.answers.take_definitions(true));
        all.into_iter().map(|(name, schema)| (name, tidied(schema))).collect()
    }
}

/// Without what only Rust's own documentation can use: links to items, and integer formats.
fn tidied(value: Value) -> Value {
    match value {
        Value::String(text) => text.replace("[`", "`").replace("`]", "`").replace("\n", " ").into(),
        Value::Array(items) => items.into_iter().map(tidied).collect(),
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, value)| !(name == "format" && value.as_str().is_some_and(is_integer)))
            .map(|(name, value)| (name, tidied(value)))
            .collect(),
        other => other,
    }
}

fn is_integer(format: &str) -> bool {
    matches!(format, "uint16" | "uint32" | "uint64" | "uint" | "int64" | "int32")
}

/// A problem of the queue: with `ok: false` and a word.
pub(crate) fn refused_claim() -> Value {
    json!({"allOf": [
        {"$ref": "#/components/schemas/Problem"},
        {"type": "object", "required": ["ok", "reason"], "properties": {
            "ok": {"const": false}, "reason": {"$ref": "#/components/schemas/ClaimRefusal"},
        }},
    ]})
}

/// Text of a kind that has no schema.
pub(crate) fn any_text(_: &mut Schemas) -> Value {
    json!({"type": "string"})
}

/// An object that another specification describes.
pub(crate) fn any_object(_: &mut Schemas) -> Value {
    json!({"type": "object"})
}
