//! RFC 9457 problem details: the one shape of every error.

use crate::object::FieldError;
use serde::{Deserialize, Serialize};

/// The title of each status that a report may be refused with: by these the worker's own refusals are
/// told from those of a firewall or a proxy before it.
const REFUSALS: [(u16, &str); 7] = [
    (400, "Bad request"),
    (401, "Not authorised"),
    (404, "Not found"),
    (409, "Conflict"),
    (413, "Body too large"),
    (415, "Unsupported media type"),
    (422, "Wrong field"),
];

/// The title of a refusal; `None` for a status that is none.
#[must_use]
pub fn refusal_title(status: u16) -> Option<&'static str> {
    REFUSALS.iter().find(|(known, _)| *known == status).map(|(_, title)| *title)
}

/// The media type of a [`Problem`].
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// The body of every error, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A stable name of the kind of problem; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, for people.
    pub title: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// What was wrong this time, and what to do.
    pub detail: String,
    /// Each wrong field of the request, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// Whether it is the worker's own refusal of a report, in an answer with this status.
    #[must_use]
    pub fn refuses(&self, status: u16) -> bool {
        self.status == status && refusal_title(status) == Some(&*self.title)
    }
}
