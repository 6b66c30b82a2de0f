//! What the worker answers, whole, in files that people read in a review: `tests/it/snapshots/`.
//!
//! A change of an answer fails here until its file is changed too: `INSTA_UPDATE=always cargo test -p skillgate-worker --test it
//! snapshots` writes them anew.

use super::{Document, documented_success, for_each_spoiled, world};
use serde_json::Value;
use skillgate_worker::http::Response;
use std::{collections::BTreeMap, fmt::Write as _, path::Path};

/// Answers that are files of the repository already.
const FILES: [&str; 2] = ["getOpenApi", "showDocs"];

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots"))
}

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

/// JSON with a line for each member, HTML and SVG with a line for each element.
fn lines(body: &str) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(json) => format!("{json:#}"),
        Err(_) => body.replace("><", ">\n<"),
    }
}

fn shown(response: &Response) -> String {
    let mut shown = response.status.to_string();
    let mut headers = response.headers.clone();
    headers.sort();
    for (name, value) in headers {
        let _ = write!(shown, "\n{name}: {value}");
    }
    format!("{shown}\n\n{}", lines(&response.body))
}

/// The page of rules without the measured numbers and the ETag over them: `cargo xtask detection --update` writes them, and
/// they are no part of what the code answers.
fn without_measured(mut response: Response) -> Response {
    let mark = "<section aria-labelledby=\"measured\">";
    let parts = response.body.split_once(mark).and_then(|(before, rest)| {
        let (_, behind) = rest.split_once("</section>")?;
        Some(format!("{before}{behind}"))
    });
    if let Some(body) = parts {
        response.body = body;
        response.headers.retain(|(name, _)| *name != "etag");
    }
    response
}

#[test]
fn snapshots_of_every_documented_answer() {
    let document = Document::read();
    let mut names = Vec::new();
    for operation in document.operations() {
        if FILES.contains(&operation.id()) {
            continue;
        }
        let (_, answer) = documented_success(&document, operation);
        let kinds = answer["content"].as_object().into_iter().flat_map(|kinds| kinds.keys());
        for kind in kinds {
            let (_, body) = operation.bodies().remove(0);
            let h = world(&document, operation);
            let mut request = operation.request(&operation.target(), body.as_ref());
            request.headers.push(("accept".to_owned(), kind.clone()));
            if kind == "application/json" && operation.id() == "getBadge" {
                request.query = "format=json".to_owned();
            }
            let (_, kind) = kind.split_once('/').unwrap();
            let name = format!("{}.{}", operation.id(), kind.replace('+', "-"));
            let response = without_measured(h.send_request(&request));
            settings().bind(|| insta::assert_snapshot!(name.as_str(), shown(&response)));
            names.push(name);
        }
    }
    names.push("problems".to_owned());
    let files = std::fs::read_dir(folder()).unwrap();
    for file in files.map(|file| file.unwrap().file_name().into_string().unwrap()) {
        // Of a test that failed before.
        if file.ends_with(".snap.new") {
            continue;
        }
        let name = file.strip_suffix(".snap").unwrap_or("");
        assert!(names.iter().any(|n| n == name), "no answer is compared with {file}");
    }
}

#[test]
fn snapshots_of_every_problem() {
    let document = Document::read();
    // What is told, and the first who is told so.
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for_each_spoiled(&document, |operation, what, response| {
        if response.header("content-type") == Some("application/problem+json") {
            let who = format!("{} {}, {what}", operation.method, operation.path);
            told.entry(lines(&response.body)).or_insert(who);
        }
    });
    let mut all = String::new();
    for (problem, who) in told {
        let _ = writeln!(all, "{who}\n{problem}\n");
    }
    settings().bind(|| insta::assert_snapshot!("problems", all));
}
