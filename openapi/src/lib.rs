//! The OpenAPI 3.1 document of the worker, and the static files that are deployed with it.
//!
//! Shapes come from the contract crate's types; what is written here is what types cannot say: which
//! address answers what, with which status, to whom. Runs on the host only. The document is
//! committed as `docs/openapi.json`, and the worker serves it as a static file; a test here holds the file
//! to this code, and the worker's own tests hold every example in it to the worker.

#![expect(
    clippy::indexing_slicing,
    reason = "the document is written on the host, by `cargo xtask openapi`, where a mistake shows at once"
)]

mod admin;
mod examples;
mod operation;
mod page;
mod people;
mod public;
mod rules;
mod scanner;
mod schemas;
mod shared;

use maud::Markup;
use operation::Operation;
use schemas::Schemas;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// What the API is, in the words of its first readers.
const ABOUT: &str = "\
Skillgate scans published AI-agent skills with real static-analysis tools, at the commit that people install. \
Installers ask the blocklist and a skill's security; scanners claim scans and report signed results; admins publish, \
scan again and lift blocks.\n\n\
HEAD answers wherever GET does. An error is `application/problem+json` (RFC 9457). A GET of public data may be read by any \
site's scripts, and has an ETag where one pays: send it back in `If-None-Match` and get 304. Lists go on at `nextCursor`, \
which `Link: <…>; rel=\"next\"` names too. Unknown fields of a request are ignored.\n\n\
A skill's `{name}` has one to three segments, and OpenAPI's parameters cannot hold `/`: send the segments as segments \
(`/skills/owner/repo/tool`), or encoded as one (`owner%2Frepo%2Ftool`). A bare name, the last segment alone, is resolved by every \
public GET where it is unique.";

/// The OpenAPI document, as JSON.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(operation.method.to_owned(), operation.to_json(&mut schemas));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Skillgate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document comes from."}],
        "tags": [
            {"name": "installer", "description": "What is asked before a skill is installed."},
            {"name": "badges", "description": "Images for other sites' pages."},
            {"name": "admin", "description": "The registry's admins."},
            {"name": "scanner", "description": "Scanners: the queue, and signed results."},
            {"name": "people", "description": "Pages."},
            {"name": "service", "description": "The service about itself."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "adminToken": {"type": "http", "scheme": "bearer", "description": "The setting `ADMIN_TOKEN`."},
                "internalKey": {
                    "type": "apiKey", "in": "header", "name": "X-Internal-Key", "description": "The setting `INTERNAL_KEY`.",
                },
                "signature": {
                    "type": "apiKey", "in": "header", "name": "x-webhook-signature",
                    "description": "`sha256=` and the hex HMAC-SHA256 of the raw body. The key is `callbackSecret`, with which only reports that carry its `attempt` can be signed, or `WEBHOOK_SECRET`.",
                },
                "jobToken": {
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "In place of a signature, where the `GITHUB_OIDC_*` settings trust a workflow: the token that GitHub makes for its job, \
                                    with the audience `PLATFORM_URL#sha256:` and the hex SHA-256 of the raw body.",
                },
            },
            "headers": shared::headers(),
            "responses": shared::problems(&mut schemas),
            "schemas": schemas.into_json(),
        },
    })
}

fn operations() -> Vec<Operation> {
    [public::operations(), admin::operations(), scanner::operations(), people::operations()]
        .concat()
}

/// The document as it is committed: a line for each address and each component, for people who read
/// its changes, and no other white space.
#[must_use]
pub fn text() -> String {
    let mut text = String::new();
    write_members(&mut text, &document(), 2);
    text.push('\n');
    text
}

/// The content of the page `/docs`, without the frame that all pages share.
#[must_use]
pub fn page() -> String {
    page::content(&document())
}

/// A page that the worker puts into the frame of all pages.
struct StaticPage {
    /// The file's name.
    file: String,
    /// What the browser's tab says; one line.
    title: String,
    /// One sentence for previews; one line.
    about: String,
    /// HTML of our own, with nothing foreign in it.
    content: Markup,
}

impl StaticPage {
    /// As the worker reads it: a line of title, a line about it, then the content.
    fn into_file(self) -> (String, String) {
        let Self { file, title, about, content } = self;
        (file, format!("{title}\n{about}\n{}", content.into_string()))
    }
}

/// The static files that are deployed with the worker: the name that it reads each by, and the content.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let mut files = vec![
        ("openapi.json".to_owned(), text()),
        ("docs.html".to_owned(), page()),
        ("admin.js".to_owned(), include_str!("../../src/pages/admin.js").to_owned()),
    ];
    files.extend(rules::pages().into_iter().map(StaticPage::into_file));
    files
}

/// Members down to `depth` levels get lines of their own.
fn write_members(text: &mut String, value: &Value, depth: u32) {
    let Some(members) = value.as_object().filter(|_| depth > 0) else {
        let _ = write!(text, "{value}");
        return;
    };
    text.push('{');
    for (at, (name, value)) in members.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        let _ = write!(text, "{}:", Value::from(name.as_str()));
        let nested = matches!(name.as_str(), "paths" | "components" | "schemas" | "responses");
        write_members(text, value, if nested { depth } else { 0 });
    }
    text.push_str("\n}");
}

#[cfg(test)]
mod tests;
