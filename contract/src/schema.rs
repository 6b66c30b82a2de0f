//! JSON schemas of what is not derived: texts with a form of their own, and the callback's body.
//!
//! For the crate that writes the OpenAPI document only. A pattern is as wide as the parser beside it,
//! as far as a pattern can say that.

use crate::{
    CommitSha, Millis, Provider, RepoUrl, ScanId, SkillName, SkillPath, api::Claimant,
    json::StoredJson, scan_request::CallbackSecret,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

pub use crate::callback::CallbackBody;

/// A character that does not act on its reader, as [`crate::text::is_hidden_or_control`] has it, but for
/// those outside of the basic plane.
macro_rules! visible {
    () => {
        "[^\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb]"
    };
}

/// Names a type in the document and gives its schema.
macro_rules! schema {
    ($type:ty, $name:literal, $schema:tt) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

schema!(SkillName, "SkillName", {
    "description": "One to three segments, none of them `security`, `badge`, `installs`, `search`, `history` or dots only.",
    "type": "string",
    "pattern": "^(?!(\\.+|security|badge|installs|search|history)(/|$))[A-Za-z0-9._-]{1,100}(/(?!(\\.+|security|badge|installs|search|history)(/|$))[A-Za-z0-9._-]{1,100}){0,2}$",
    "maxLength": 302,
});
schema!(RepoUrl, "RepoUrl", {
    "description": "A repository on an allowed host, in the one form `https://HOST/OWNER/REPOSITORY`.",
    "type": "string",
    "maxLength": 300,
    "pattern": "^(https://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?|http://127\\.0\\.0\\.1:[1-9][0-9]{0,3})/[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\\.{0,2}(\\.git)?$)[A-Za-z0-9._][A-Za-z0-9._-]{0,99}$",
});
schema!(CommitSha, "CommitSha", {
    "description": "A full commit id.",
    "type": "string",
    "pattern": "^[0-9A-Fa-f]{40}$",
});
schema!(ScanId, "ScanId", {
    "description": "An opaque id that cannot be guessed.",
    "type": "string",
    "pattern": "^[A-Za-z0-9_-]{1,64}$",
});
schema!(SkillPath, "SkillPath", {
    "description": "A folder in the repository: relative, without `.` and `..`.",
    "type": "string",
    "pattern": "^[A-Za-z0-9_-]{1,50}(/[A-Za-z0-9_-]{1,50}){0,9}$",
});
schema!(Claimant, "Claimant", {
    "description": "The name under which a scanner claims scans.",
    "type": "string",
    "maxLength": 100,
    "pattern": concat!("^(?!\\s)", visible!(), "+(?<!\\s)$"),
});
schema!(CallbackSecret, "CallbackSecret", {
    "description": "The key of one scan's callbacks.",
    "type": "string",
    "minLength": 1,
    "maxLength": 512,
});
schema!(Millis, "Time", {
    "description": "RFC 3339, in UTC.",
    "type": "string",
    "format": "date-time",
});
schema!(StoredJson, "Facts", {
    "description": "JSON as it was written down.",
});

/// One line of 1 to `MAX` characters, none of which acts on its reader.
#[derive(Debug)]
pub struct Line<const MAX: usize>;

impl<const MAX: usize> JsonSchema for Line<MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Line".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = concat!("^(?=.*\\S)", visible!(), "+$");
        json_schema!({ "type": "string", "maxLength": MAX, "pattern": pattern })
    }
}

/// A list in which nothing stands twice.
macro_rules! set {
    ($name:ident, $doc:literal, $item:tt) => {
        #[doc = $doc]
        #[derive(Debug)]
        pub struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($item)
            }
        }
    };
}

set!(Providers, "Providers, each at most once, and at least one.", {
    "type": "array", "uniqueItems": true, "minItems": 1, "maxItems": Provider::COUNT,
    "items": { "type": "string", "enum": Provider::ALL.map(Provider::as_str) },
});
set!(WebUrls, "Absolute URLs, each once.", {
    "type": "array", "maxItems": 10,
    "items": {
        "type": "string", "maxLength": 500,
        "pattern": "^https?://[A-Za-z0-9][A-Za-z0-9.-]{0,100}(/[A-Za-z0-9._~/-]{0,300})?$",
    },
});

/// The exact status of a scan; `NONE` where its provider was never asked for.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub enum Phase {
    /// The provider was never asked for.
    None,
    /// Waits for a scanner.
    Pending,
    /// A scanner works on it.
    Running,
    /// Everything was read, nothing fails.
    Pass,
    /// Something was found that fails the skill.
    Fail,
    /// Nothing fails in what could be read.
    Incomplete,
    /// It did not run.
    Error,
    /// No word came in time.
    TimedOut,
}

/// Where a blocklist entry stands.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[schemars(inline)]
pub enum EntryState {
    /// Waits for an admin.
    Proposed,
    /// Stops installations.
    Active,
    /// No longer stops anything: an admin lifted it, or dropped the proposal.
    Withdrawn,
}

/// What a callback reports.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[schemars(inline)]
pub enum EventName {
    /// The tool ran; what an absent `event` means.
    Result,
    /// A scanner took the scan up, or still works on it.
    Started,
    /// The clone, the tool or the rules failed.
    Failed,
}

/// What each event must have.
pub(crate) fn by_event(schema: &mut Schema) {
    let event = |name: &str| serde_json::json!({"event": {"const": name}});
    schema.insert(
        "anyOf".to_owned(),
        serde_json::json!([
            {
                "properties": event("result"),
                "required": ["skillName", "commitSha", "criticalCount", "highCount", "mediumCount", "lowCount"],
            },
            {"properties": event("started"), "required": ["event", "scanId"]},
            {"properties": event("started"), "required": ["event", "skillName"]},
            {"properties": event("failed"), "required": ["event", "error", "scanId"]},
            {"properties": event("failed"), "required": ["event", "error", "skillName"]},
        ]),
    );
}

/// What a sender may conclude.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum Conclusion {
    /// Everything was read, and nothing was found that fails the skill.
    Pass,
    /// Something was found that fails the skill.
    Fail,
    /// Not everything was read.
    Incomplete,
    /// It did not run; read as `failed`.
    Error,
}

/// `GET /api/v1/blocklist`: the worker writes it page by page, so it is no struct there.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub struct BlocklistAnswer {
    /// What blocks, oldest first.
    pub entries: Vec<crate::api::BlocklistEntry>,
    /// The number of entries.
    pub count: u64,
    /// When the list last changed; null where it never did.
    pub last_updated: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::KNOWN_FIELDS;

    #[test]
    fn the_schema_of_a_callback_has_the_fields_that_are_read() {
        let schema = schemars::schema_for!(CallbackBody).to_value();
        let documented = schema["properties"].as_object().unwrap();
        let mut known = KNOWN_FIELDS.to_vec();
        known.sort_unstable();
        let mut documented: Vec<&str> = documented.keys().map(String::as_str).collect();
        documented.sort_unstable();
        assert_eq!(documented, known);
    }
}
