//! What a finding's rule looks for: the frame around the content that `skillgate-openapi` renders at build time.

use super::{Head, layout, respond};
use crate::http::{CachePolicy, Response};
use maud::PreEscaped;

/// The page of all rule families, from its content: HTML of our own build, with nothing foreign in it.
pub(crate) fn rules(content: String, site: &str) -> Response {
    let about = "What the rules behind each finding look for, how severities are given, and what no rule can see.";
    let head = Head { title: "Rules", about, site, path: "/rules" };
    respond(200, layout(head, &PreEscaped(content)), CachePolicy::Revalidate)
}
