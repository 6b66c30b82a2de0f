//! The entries of this build are whole.

use super::*;
use skillgate_detection::Rule;
use std::{fs, path::Path};

#[test]
fn every_rule_and_chain_has_all_that_its_page_shows() {
    let book = bundled();
    assert!(book.faults.is_empty(), "{}", book.faults.join("\n"));
    assert!(book.entries.len() > Rule::ALL.len() + 60, "{}", book.entries.len());
}

#[test]
fn ids_are_of_the_form_that_addresses_take_and_stand_once() {
    let book = bundled();
    let ids: BTreeSet<&str> = book.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), book.entries.len());
    for entry in &book.entries {
        let id = &entry.id;
        assert_eq!(rule_page::page(id), Some(format!("/rules/{id}")), "{id}");
        assert!(rule_page::FAMILIES.contains(&entry.family()), "{id}: no section for it");
    }
}

#[test]
fn what_is_missing_is_said_with_its_place_and_what_to_add() {
    let row = yaml::parse("{cwe: [T1105], since: next}").unwrap();
    let mut faults = Vec::new();
    let words =
        Words { place: "a.b (x.yaml:3)".into(), message: "It is seen.", fields: Some(&row) };
    words.entry(&mut faults);
    assert_eq!(
        faults,
        [
            "a.b (x.yaml:3): the message has no part for it, so add `why`",
            "a.b (x.yaml:3): the message has no part for it, so add `installer`",
            "a.b (x.yaml:3): the message has no part for it, so add `author`",
            "a.b (x.yaml:3): `since: next` is no version of the pack",
            "a.b (x.yaml:3): `cwe: T1105` is not in rulebook/data/tags.tsv",
            "a.b (x.yaml:3): add `attack`, a list of at least one tag",
            "a.b (x.yaml:3): add `owasp`, a list of at least one tag",
        ]
    );
}

#[test]
fn what_nobody_sees_is_written_out() {
    let text = "a\u{202e}b\u{e0041}\tc\nd\u{200b}\u{1b}é";
    let sample = Sample { file: "a.md".into(), text: text.into() };
    assert_eq!(sample.visible(), "a[U+202E]b[U+E0041]\tc\nd[U+200B][U+001B]é");
    let shown: String = bundled()
        .entries
        .iter()
        .flat_map(|entry| [&entry.example, &entry.look_alike])
        .flatten()
        .map(Sample::visible)
        .collect();
    assert!(!shown.chars().any(is_unseen) && shown.contains("[U+"));
}

#[test]
fn every_finding_that_the_scanner_makes_itself_has_a_page() {
    let mut ids = BTreeSet::new();
    written_ids(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scanner-vps/src"), &mut ids);
    assert!(ids.len() >= 6, "{ids:?}");
    let book = bundled();
    let own = book.entries.iter().filter(|entry| entry.kind == Kind::Scanner);
    let own: BTreeSet<String> = own.map(|entry| entry.id.clone()).collect();
    let of_others = |id: &String| book.get(id).is_some_and(|entry| entry.kind != Kind::Scanner);
    ids.retain(|id| !of_others(id));
    assert_eq!(ids, own, "the scanner's sources on the left, rulebook/data/own.yaml on the right");
}

/// The ids of rules in string literals of sources below a folder, without those of tests.
fn written_ids(folder: &Path, ids: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            written_ids(&path, ids);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in code.split('"').filter(|text| rule_page::page(text).is_some()) {
            if literal.split('.').count() == 3 {
                ids.insert(literal.to_owned());
            }
        }
    }
}
