//! What is said of the findings that the scanner makes itself, without a rule of the pack and without a chain. Their ids
//! stand in the scanner's sources; a test holds the table to them.

use super::{Book, Entry, Kind, Words};
use crate::yaml::{self, Node};
use skillgate_contract::Severity;

/// Words, tags and severities.
const OWN: &str = include_str!("../../data/own.yaml");
/// Where [`OWN`] lies, for whoever has to mend it.
const OWN_FILE: &str = "rulebook/data/own.yaml";

/// Adds every row of the table.
pub(super) fn add(book: &mut Book) {
    let tree = match yaml::parse(OWN) {
        Ok(tree) => tree,
        Err(fault) => {
            book.faults.push(format!("{OWN_FILE}:{}: {fault}", fault.line));
            return;
        }
    };
    for row in tree.items() {
        let said = |field: &str| row.get(field).and_then(Node::text).unwrap_or_default();
        let id = said("id");
        let place = format!("{id} ({OWN_FILE}:{})", row.line);
        let severity = said("severity").parse().unwrap_or_else(|_| {
            book.faults
                .push(format!("{place}: add `severity`, one of critical, high, medium, low"));
            Severity::Low
        });
        let words = Words { place, message: said("message"), fields: Some(row) };
        let entry = Entry {
            id: id.to_owned(),
            severity,
            kind: Kind::Scanner,
            ..words.entry(&mut book.faults)
        };
        book.entries.push(entry);
    }
}
