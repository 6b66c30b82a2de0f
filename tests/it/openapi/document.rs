//! The committed document, and the requests that it shows.

use crate::harness::{ADMIN, INTERNAL, SECRET, callback_secret, key, request};
use jsonschema::Validator;
use serde_json::Value;
use skillgate_worker::http::{Request, Response};
use std::{cell::RefCell, collections::BTreeMap};

/// The committed document, with a validator for each schema that was asked for.
pub(super) struct Document {
    pub(super) json: Value,
    validators: RefCell<BTreeMap<String, Validator>>,
}

/// One operation of the document.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) json: &'a Value,
}

impl Document {
    pub(super) fn read() -> Self {
        // What is committed, as a test of the crate `openapi` holds, and with a made-up provider where there is one.
        Self { json: skillgate_openapi::document(), validators: RefCell::default() }
    }

    pub(super) fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.json["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, methods)| {
                let methods = methods.as_object().unwrap().iter();
                methods.map(move |(method, json)| Operation { method, path, json })
            })
            .collect()
    }

    /// A response of an operation, behind its reference.
    pub(super) fn answer<'a>(
        &'a self,
        operation: Operation<'a>,
        status: &str,
    ) -> Option<&'a Value> {
        let answer = operation.json["responses"].get(status)?;
        match answer["$ref"].as_str() {
            Some(target) => self.json.pointer(target.strip_prefix('#')?),
            None => Some(answer),
        }
    }

    pub(super) fn assert_valid(&self, schema: &Value, value: &Value, what: &str) {
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
    pub(super) fn assert_documented(
        &self,
        operation: Operation<'_>,
        response: &Response,
        what: &str,
    ) {
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
    pub(super) fn id(&self) -> &str {
        self.json["operationId"].as_str().unwrap()
    }

    /// The examples of its body; one without a name where it has none.
    pub(super) fn bodies(&self) -> Vec<(String, Option<Value>)> {
        match self.json["requestBody"]["content"]["application/json"]["examples"].as_object() {
            Some(all) => {
                all.iter().map(|(name, e)| (name.clone(), Some(e["value"].clone()))).collect()
            }
            None => vec![(String::new(), None)],
        }
    }

    /// The documented address, with the example of each parameter in it.
    pub(super) fn target(&self) -> String {
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

    /// The request of an example, with what the first of its security schemes asks for.
    pub(super) fn request(&self, target: &str, body: Option<&Value>) -> Request {
        let bytes = body.map(Value::to_string).unwrap_or_default().into_bytes();
        let mut headers = vec![("content-type", "application/json".to_owned())];
        let scheme = self.json["security"][0].as_object();
        for scheme in scheme.into_iter().flat_map(|scheme| scheme.keys()) {
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
