//! The committed document is this code's, and hangs together.

use super::*;
use std::{collections::BTreeSet, fs, path::Path};

fn committed() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    fs::read_to_string(path).unwrap()
}

#[test]
#[cfg_attr(
    feature = "fourth-provider",
    ignore = "the committed document names no made-up provider"
)]
fn the_committed_document_is_what_the_code_says() {
    assert!(committed() == text(), "run `cargo xtask openapi`, and look at what changes");
}

#[test]
fn the_text_is_the_document() {
    assert_eq!(serde_json::from_str::<Value>(&text()).unwrap(), document());
}

/// Every `$ref` below a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(target) if name == "$ref" => drop(found.insert(target.to_owned())),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for target in &found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
    for kind in ["schemas", "responses", "headers"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let target = format!("#/components/{kind}/{name}");
            assert!(found.contains(&target) || name == "Allow", "{target} is not used");
        }
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_who_may_ask() {
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let json = operation.to_json(&mut Schemas::new());
        assert!(ids.insert(json["operationId"].as_str().unwrap().to_owned()), "{json}");
        let closed =
            ["/admin/", "/internal/", "/webhooks/"].iter().any(|p| operation.path.contains(p));
        assert_eq!(json.get("security").is_some(), closed, "{}", operation.path);
    }
}
