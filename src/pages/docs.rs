//! The API's description, to read: the frame around the content that `skillgate-openapi` renders at build time.

use super::{Head, STYLE_HASH, layout};
use crate::http::{CachePolicy, Response};
use maud::PreEscaped;

/// SHA-256, in base64, of the style that the content brings; a test holds it to the file.
const HASH: &str = "sha256-8NbMecYB8sC78VSfuHdVyU3//PRggDJN6nJKO6hIqY8=";

/// The page, from its content: HTML of our own build, with nothing foreign in it.
pub(crate) fn respond(content: String, site: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src '{STYLE_HASH}' '{HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let about = "Every address that Skillgate answers at, with examples.";
    let head = Head { title: "The API", about, site, path: "/docs" };
    let page = layout(head, &PreEscaped(content)).into_string();
    Response::html(200, page, CachePolicy::Revalidate).with("content-security-policy", policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::tests::hash;

    #[test]
    fn the_policy_admits_the_style_of_the_content() {
        let content = skillgate_openapi::page();
        let (_, rest) = content.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        assert_eq!(HASH, hash(style));
    }
}
