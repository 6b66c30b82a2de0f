//! The worker does what its OpenAPI document says: each example in it is asked, in the world that
//! the examples are about, and whatever else comes back is documented too.

mod document;
// They show the answers with the product's own providers.
#[cfg(not(feature = "fourth-provider"))]
mod snapshots;

use self::document::{Document, Operation};
use crate::harness::{Harness, NAME, REPO, with};
use serde_json::{Value, json};
use skillgate_worker::http::{Body, Method, Request, Response};
use std::collections::BTreeMap;

/// The world of the examples: the ids of its scans are those in the document.
fn world(document: &Document, operation: Operation<'_>) -> Harness {
    let all = document.operations();
    let find = |id: &str| all.iter().find(|operation| operation.id() == id).unwrap().json;
    let scan = &find("getScan")["responses"]["200"]["content"]["application/json"]["example"];
    let failed = scan["scanId"].as_str().unwrap();
    let claim = find("claimScan")["requestBody"]["content"]["application/json"]["examples"]["usual"]
        ["value"]
        .clone();
    let waiting = claim["scanId"].as_str().unwrap();

    let h = Harness::with(&[("DISPATCH", "pull")]);
    let (status, answer) = h.publish(&json!({
        "name": NAME, "repoUrl": REPO, "commitSha": scan["commitSha"], "version": "1.4.0",
    }));
    assert_eq!(status, 202, "{answer}");
    for (provider, id) in [("semgrep", failed), ("njsscan", waiting)] {
        let rename =
            format!("UPDATE external_scan_result SET id = '{id}' WHERE provider = '{provider}'");
        assert_eq!(h.db().execute(&rename).unwrap(), 1);
    }
    let (status, answer) = h.callback(&with(scan.clone(), &json!({"skillName": NAME})));
    assert_eq!(status, 200, "{answer}");
    if matches!(operation.id(), "keepScan" | "releaseScan") {
        assert_eq!(h.internal("claim", &claim).0, 200);
    }
    h
}

fn documented_success<'a>(
    document: &'a Document,
    operation: Operation<'a>,
) -> (&'a str, &'a Value) {
    let answers = operation.json["responses"].as_object().unwrap();
    let status = answers.keys().find(|status| status.starts_with('2')).unwrap();
    (status, document.answer(operation, status).unwrap())
}

#[test]
fn every_example_request_gets_the_documented_answer() {
    let document = Document::read();
    for operation in document.operations() {
        let (status, answer) = documented_success(&document, operation);
        for (name, body) in operation.bodies() {
            let what = format!("{} {}, example {name}", operation.method, operation.path);
            if let Some(body) = &body {
                let schema =
                    &operation.json["requestBody"]["content"]["application/json"]["schema"];
                document.assert_valid(schema, body, &what);
            }
            for kind in answer["content"].as_object().unwrap().keys() {
                let h = world(&document, operation);
                let mut request = operation.request(&operation.target(), body.as_ref());
                request.headers.push(("accept".to_owned(), kind.clone()));
                if kind == "application/json" && operation.id() == "getBadge" {
                    request.query = "format=json".to_owned();
                }
                let response = h.send_request(&request);
                assert_eq!(response.status.to_string(), *status, "{what}: {}", response.body);
                assert!(response.header("content-type").unwrap().starts_with(kind), "{what}");
                document.assert_documented(operation, &response, &what);
            }
        }
    }
}

/// The members that two values have, list by list: what one example shows, the answer has.
fn same_members(example: &Value, answer: &Value, at: &str) {
    match (example, answer) {
        (Value::Object(example), Value::Object(answer)) => {
            let names = |members: &serde_json::Map<String, Value>| {
                members.keys().cloned().collect::<Vec<_>>()
            };
            assert_eq!(names(example), names(answer), "{at}");
            for (name, value) in example {
                same_members(value, &answer[name], &format!("{at}/{name}"));
            }
        }
        (Value::Array(example), Value::Array(answer)) => {
            assert_eq!(example.is_empty(), answer.is_empty(), "{at}");
            if let (Some(example), Some(answer)) = (example.first(), answer.first()) {
                same_members(example, answer, &format!("{at}/0"));
            }
        }
        _ => {}
    }
}

#[test]
fn an_example_answer_is_of_its_schema_and_looks_like_the_real_one() {
    let document = Document::read();
    // A log, this document, and facts of events are only hinted at; nothing waits in a world that pulls.
    let hinted = ["getOpenApi", "getAuditEvents", "getDispatches"];
    for operation in document.operations() {
        let responses = operation.json["responses"].as_object().unwrap();
        for status in responses.keys() {
            let answer = document.answer(operation, status).unwrap();
            for (kind, content) in answer["content"].as_object().into_iter().flatten() {
                let what = format!("{} {} {status} {kind}", operation.method, operation.path);
                document.assert_valid(&content["schema"], &content["example"], &what);
            }
        }
        let (_, answer) = documented_success(&document, operation);
        let Some(example) = answer["content"].get("application/json") else { continue };
        if hinted.contains(&operation.id()) || operation.id() == "getBadge" {
            continue;
        }
        let (_, body) = operation.bodies().remove(0);
        let h = world(&document, operation);
        let response = h.send_request(&operation.request(&operation.target(), body.as_ref()));
        let real = serde_json::from_str(&response.body).unwrap();
        same_members(&example["example"], &real, operation.path);
    }
}

/// A way to spoil a request.
type Spoil = fn(&mut Request, &Harness);

/// What may be wrong with a request, or around it.
const SPOILS: &[(&str, Spoil)] = &[
    ("nothing shown", |r, _| r.headers.retain(|(name, _)| name == "content-type")),
    ("something wrong shown", |r, _| {
        for (name, value) in &mut r.headers {
            if name != "content-type" {
                value.push('0');
            }
        }
    }),
    ("no media type", |r, _| r.headers.retain(|(name, _)| name != "content-type")),
    ("no object", |r, _| r.body = Body::Bytes(b"[".to_vec())),
    ("an empty object", |r, _| r.body = Body::Bytes(b"{}".to_vec())),
    ("too large", |r, _| {
        // Of a request that is read, no body is.
        if r.method != Method::Get {
            r.body = Body::TooLarge;
        }
    }),
    ("hung up", |r, _| {
        if r.method != Method::Get {
            r.body = Body::Incomplete;
        }
    }),
    ("no query", |r, _| r.query.clear()),
    ("a query that cannot be read", |r, _| {
        r.query = "q=%zz&name=%zz&limit=x&cursor=%zz&format=x&skill=%zz".to_owned();
    }),
    ("a cursor that was never given", |r, _| r.query = "cursor=x&name=tool".to_owned()),
    ("an unknown name", |r, _| {
        r.path = r.path.replace("owner/repo/tool", "nobody").replace("5e3602a1", "00000000");
    }),
    ("no name", |r, _| r.path = r.path.replace("owner/repo/tool", "a%20b")),
    ("an ambiguous name", |r, h| {
        let other = json!({"name": "other/tool", "repoUrl": "https://github.com/other/tool"});
        assert_eq!(h.publish(&other).0, 202);
        r.path = r.path.replace("owner/repo/tool", "tool");
    }),
    ("the database is down", |_, h| h.db().go_down()),
    ("the cache is down", |_, h| h.kv().set_down(true)),
    ("it is known already", |r, _| {
        r.headers.push(("if-none-match".to_owned(), "*".to_owned()));
    }),
];

/// Sends each operation's request once with each spoil, and shows `look` the operation, the spoil and the answer.
fn for_each_spoiled(document: &Document, mut look: impl FnMut(Operation<'_>, &str, &Response)) {
    for operation in document.operations() {
        for (what, spoil) in SPOILS {
            let h = world(document, operation);
            let (_, body) = operation.bodies().remove(0);
            let mut request = operation.request(&operation.target(), body.as_ref());
            spoil(&mut request, &h);
            look(operation, what, &h.send_request(&request));
        }
    }
}

#[test]
fn whatever_is_wrong_with_a_request_its_answer_is_documented() {
    let document = Document::read();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for_each_spoiled(&document, |operation, what, response| {
        document.assert_documented(operation, response, what);
        assert_ne!(response.status, 500, "{} {what}", operation.path);
        *seen.entry(response.status.to_string()).or_default() += 1;
    });
    for status in ["304", "400", "401", "404", "409", "413", "415", "422", "503"] {
        assert!(seen.contains_key(status), "nothing was answered {status}: {seen:?}");
    }
}

#[test]
fn the_document_leaves_no_route_out() {
    let document = Document::read();
    let documented: Vec<String> = document
        .operations()
        .iter()
        .map(|operation| format!("{} {}", operation.method.to_uppercase(), operation.path))
        .collect();
    let source = include_str!("../../src/route.rs");
    let routes = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// `")?.split_once('`'))
        .map(|(route, _)| route)
        .filter(|route| route.contains(" /"));
    let mut count = 0;
    for route in routes {
        assert!(documented.iter().any(|d| d == route), "{route} is not documented");
        count += 1;
    }
    assert_eq!(documented.len(), count);
}
