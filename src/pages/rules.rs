//! What a finding's rule looks for: the frame around the content that `skillgate-openapi` renders at build time.

use super::{Head, layout};
use crate::http::{CachePolicy, Response};
use maud::PreEscaped;

/// A page from its file: a line of title, a line about it, then HTML of our own build, with nothing foreign in it.
pub(crate) fn respond(file: &str, site: &str, path: &str) -> Response {
    let (title, rest) = file.split_once('\n').unwrap_or_default();
    let (about, content) = rest.split_once('\n').unwrap_or_default();
    let head = Head { title, about, site, path };
    super::respond(200, layout(head, &PreEscaped(content.to_owned())), CachePolicy::Revalidate)
}
