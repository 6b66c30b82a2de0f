//! The worker does what its OpenAPI document says: each example in it is asked, in the world that
//! the examples are about, and whatever else comes back is documented too.

use crate::harness::{
    ADMIN, Harness, INTERNAL, NAME, REPO, SECRET, callback_secret, key, request, with,
};
use jsonschema::Validator;
use serde_json::{Value, json};
use skillgate_worker::http::{Body, Method, Request, Response};
use std::{cell::RefCell, collections::BTreeMap};

/// The committed document, with a validator for each schema that was asked for.
struct Document {
    json: Value,
    validators: RefCell<BTreeMap<String, Validator>>,
}

/// One operation of the document.
#[derive(Clone, Copy)]
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    json: &'a Value,
}

impl Document {
    fn read() -> Self {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
        let text = std::fs::read_to_string(file).unwrap();
        Self { json: serde_json::from_str(&text).unwrap(), validators: RefCell::default() }
    }

    fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.json["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().unwrap().iter();
                methods.map(move |(method, json)| Operation { method, path, json })
            })
            .collect()
    }

    /// A response of an operation, behind its reference.
    fn answer<'a>(&'a self, operation: Operation<'a>, status: &str) -> Option<&'a Value> {
        let answer = operation.json["responses"].get(status)?;
        match answer["$ref"].as_str() {
            Some(target) => self.json.pointer(target.strip_prefix('#')?),
            None => Some(answer),
        }
    }

    fn assert_valid(&self, schema: &Value, value: &Value, what: &str) {
        let mut validators = self.validators.borrow_mut();
        let validator = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut whole = schema.clone();
            whole["components"] = self.json["components"].clone();
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            options.build(&whole).unwrap_or_else(|error| panic!("{schema}: {error}"))
        });
        let errors: Vec<_> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:#?}\n{value}");
    }

    /// The status is documented, and so are headers, media type and shape of the answer.
    fn assert_documented(&self, operation: Operation<'_>, response: &Response, what: &str) {
        let what = format!("{} {}, {what}: {}", operation.method, operation.path, response.status);
        let answer = self.answer(operation, &response.status.to_string());
        let answer =
            answer.unwrap_or_else(|| panic!("{what} is not documented: {}", response.body));
        for (name, header) in answer["headers"].as_object().unwrap() {
            let header = self.json.pointer(&header["$ref"].as_str().unwrap()[1..]).unwrap();
            let there = response.header(&name.to_lowercase()).is_some();
            assert!(there || header["required"] != true, "{what}: no {name}");
        }
        let Some(content) = answer.get("content") else {
            return assert_eq!(response.body, "", "{what}");
        };
        let kind = response.header("content-type").unwrap().split(';').next().unwrap();
        let content = content.get(kind).unwrap_or_else(|| panic!("{what}: {kind}"));
        let value = if kind.ends_with("json") {
            serde_json::from_str(&response.body).unwrap()
        } else {
            Value::from(response.body.as_str())
        };
        self.assert_valid(&content["schema"], &value, &what);
    }
}

impl Operation<'_> {
    fn id(&self) -> &str {
        self.json["operationId"].as_str().unwrap()
    }

    /// The examples of its body; one without a name where it has none.
    fn bodies(&self) -> Vec<(String, Option<Value>)> {
        match self.json["requestBody"]["content"]["application/json"]["examples"].as_object() {
            Some(all) => {
                all.iter().map(|(name, e)| (name.clone(), Some(e["value"].clone()))).collect()
            }
            None => vec![(String::new(), None)],
        }
    }

    /// The documented address, with the example of each parameter in it.
    fn target(&self) -> String {
        let mut target = self.path.to_owned();
        let mut query = Vec::new();
        for parameter in self.json["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let Some(example) = parameter["example"].as_str() else { continue };
            match parameter["in"].as_str().unwrap() {
                "path" => target = target.replace(&format!("{{{name}}}"), example),
                "query" => query.push(format!("{name}={example}")),
                other => panic!("{name} in {other}"),
            }
        }
        assert!(!target.contains('{'), "{target} lacks an example");
        if query.is_empty() { target } else { format!("{target}?{}", query.join("&")) }
    }

    /// The request of an example, with what its security scheme asks for.
    fn request(&self, target: &str, body: Option<&Value>) -> Request {
        let bytes = body.map(Value::to_string).unwrap_or_default().into_bytes();
        let mut headers = vec![("content-type", "application/json".to_owned())];
        let schemes = self.json["security"].as_array().into_iter().flatten();
        for scheme in schemes.flat_map(|scheme| scheme.as_object().unwrap().keys()) {
            headers.push(match scheme.as_str() {
                "adminToken" => ("authorization", format!("Bearer {ADMIN}")),
                "internalKey" => ("x-internal-key", INTERNAL.to_owned()),
                "signature" => {
                    let secret = body.map_or_else(|| SECRET.to_owned(), callback_secret);
                    ("x-webhook-signature", key(&secret).sign(&bytes))
                }
                other => panic!("{other}"),
            });
        }
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        request(&self.method.to_uppercase(), target, &headers, bytes)
    }
}

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

#[test]
fn whatever_is_wrong_with_a_request_its_answer_is_documented() {
    let document = Document::read();
    let spoils: &[(&str, Spoil)] = &[
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
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for operation in document.operations() {
        for (what, spoil) in spoils {
            let h = world(&document, operation);
            let (_, body) = operation.bodies().remove(0);
            let mut request = operation.request(&operation.target(), body.as_ref());
            spoil(&mut request, &h);
            let response = h.send_request(&request);
            document.assert_documented(operation, &response, what);
            assert_ne!(response.status, 500, "{} {what}", operation.path);
            *seen.entry(response.status.to_string()).or_default() += 1;
        }
    }
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
