//! What is said of the chains: their ids, messages and whether they block are rows of `skillgate-detection`; the rest
//! stands in a table beside them.

use super::{Book, Entry, Kind, Sample, Words};
use crate::yaml::{self, Node};
use skillgate_contract::Severity;
use skillgate_detection::Rule;

/// Tags, words and examples of the chains.
const CHAINS: &str = include_str!("../../../detection/data/chains.yaml");
/// Where [`CHAINS`] lies, for whoever has to mend it.
const CHAINS_FILE: &str = "detection/data/chains.yaml";

/// Adds every chain of this build.
pub(super) fn add(book: &mut Book) {
    let tree = match yaml::parse(CHAINS) {
        Ok(tree) => tree,
        Err(fault) => {
            book.faults.push(format!("{CHAINS_FILE}:{}: {fault}", fault.line));
            return;
        }
    };
    let is_of = |row: &Node, id: &str| row.get("id").and_then(Node::text) == Some(id);
    for chain in Rule::ALL {
        let id = chain.id();
        let row = tree.items().iter().find(|row| is_of(row, id));
        let place = format!("{id} ({CHAINS_FILE}:{})", row.map_or(0, |row| row.line));
        let sample = |field: &str, faults: &mut Vec<String>| {
            let sample = row.and_then(|row| row.get(field));
            let part = |part| sample?.get(part)?.text().filter(|text| !text.trim().is_empty());
            let found = part("file").zip(part("text"));
            if found.is_none() && row.is_some() {
                faults.push(format!("{place}: add `{field}` with `file` and `text`"));
            }
            found.map(|(file, text)| Sample {
                file: file.to_owned(),
                text: text.trim_end().to_owned(),
            })
        };
        if row.is_none() {
            book.faults.push(format!(
                "{id}: add a row to {CHAINS_FILE} with id, cwe, attack, owasp, since, example and look-alike"
            ));
        }
        let mut ignored = Vec::new();
        let faults = if row.is_some() { &mut book.faults } else { &mut ignored };
        let words = Words { place: place.clone(), message: chain.message(), fields: row };
        let entry = Entry {
            id: id.to_owned(),
            severity: if chain.blocks() { Severity::Critical } else { Severity::High },
            kind: Kind::Chain,
            ..words.entry(faults)
        };
        let example = sample("example", faults);
        let look_alike = sample("look-alike", faults);
        book.entries.push(Entry { example, look_alike, ..entry });
    }
    for row in tree.items() {
        if !Rule::ALL.iter().any(|chain| is_of(row, chain.id())) {
            book.faults.push(format!("{CHAINS_FILE}:{}: there is no such chain", row.line));
        }
    }
}
