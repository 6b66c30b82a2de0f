//! What is said of each rule and chain, read from the pack, its annotated targets, the table of chains and that of the
//! scanner's own findings.

use crate::{
    message::{Parts, parts},
    pack,
    sample::{by_rule, shown},
    tags::{List, Tag},
    yaml::{self, Node},
};
use skillgate_contract::{Severity, rule_page};
use std::{borrow::Cow, collections::BTreeSet};

mod chains;
mod own;

/// How a rule reads a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// As plain text, whatever its language.
    Text,
    /// As a syntax tree of these languages.
    Syntax(Vec<String>),
    /// As facts that are joined along the data.
    Chain,
    /// By its form, while the scanner prepares it or reads the results of its tools.
    Scanner,
}

/// A text with the name of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The file's name; it decides how the text is read.
    pub file: String,
    /// The text, with whatever a person does not see in it.
    pub text: String,
}

impl Sample {
    /// The text with each character that nobody sees written as its number, such as `[U+202E]`.
    #[must_use]
    pub fn visible(&self) -> String {
        let mut visible = String::with_capacity(self.text.len());
        for c in self.text.chars() {
            if is_unseen(c) {
                visible.push_str(&format!("[U+{:04X}]", u32::from(c)));
            } else {
                visible.push(c);
            }
        }
        visible
    }
}

/// Controls, and the characters of Unicode that have no width or turn the direction of text.
fn is_unseen(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// What is said of one rule or chain. A text that is missing is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id, such as `skillgate.crypto.miner`.
    pub id: String,
    /// The severity of its findings, where no place lowers it.
    pub severity: Severity,
    /// How it reads.
    pub kind: Kind,
    /// What it sees.
    pub sees: String,
    /// Why that matters.
    pub why: String,
    /// What to do for somebody who installs.
    pub installer: String,
    /// What to do for the author.
    pub author: String,
    /// Its tags: CWE, then MITRE, then OWASP.
    pub tags: Vec<Tag>,
    /// The version of the pack that brought it; empty where it is not said.
    pub since: String,
    /// What it reports.
    pub example: Option<Sample>,
    /// Something honest that looks like it, and that it leaves alone.
    pub look_alike: Option<Sample>,
}

impl Entry {
    /// Its family: the second part of its id.
    #[must_use]
    pub fn family(&self) -> &str {
        rule_page::family(&self.id).unwrap_or_default()
    }
}

/// Everything that is said of the bundled rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The rules, the chains and the findings that the scanner makes itself, sorted by id.
    pub entries: Vec<Entry>,
    /// What is missing or wrong, one sentence each, with what to do. A test holds this to be empty.
    pub faults: Vec<String>,
}

impl Book {
    /// The entry of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }
}

/// What is said of the rules and chains of this build.
#[must_use]
pub fn bundled() -> Book {
    let mut book = Book::default();
    add_pack(&mut book);
    chains::add(&mut book);
    own::add(&mut book);
    book.entries.sort_by(|a, b| a.id.cmp(&b.id));
    book
}

fn add_pack(book: &mut Book) {
    let critical: BTreeSet<&str> = pack::listed(pack::file(pack::CRITICAL)).collect();
    let mut samples = by_rule(pack::targets());
    for (file, text) in pack::files().iter().filter(|(name, _)| name.ends_with(".yaml")) {
        let tree = match yaml::parse(text) {
            Ok(tree) => tree,
            Err(fault) => {
                book.faults.push(format!("{file}:{}: {fault}", fault.line));
                continue;
            }
        };
        for rule in tree.get("rules").map(Node::items).unwrap_or_default() {
            let said = |field: &str| rule.get(field).and_then(Node::text).unwrap_or_default();
            let id = said("id");
            if id.starts_with(pack::CANARY_ID) {
                continue;
            }
            let place = format!("{id} ({file}:{})", rule.line);
            let severity = match said("severity") {
                _ if critical.contains(id) => Severity::Critical,
                "ERROR" => Severity::High,
                "WARNING" => Severity::Medium,
                _ => Severity::Low,
            };
            let languages = rule.get("languages").map(Node::items).unwrap_or_default();
            let languages: Vec<_> =
                languages.iter().filter_map(Node::text).map(str::to_owned).collect();
            let of_rule = samples.remove(id).unwrap_or_default();
            let words = Words { place, message: said("message"), fields: rule.get("metadata") };
            let entry = Entry {
                id: id.to_owned(),
                severity,
                kind: if languages == ["regex"] { Kind::Text } else { Kind::Syntax(languages) },
                ..words.entry(&mut book.faults)
            };
            book.entries.push(Entry {
                example: shown(&of_rule.reported),
                look_alike: shown(&of_rule.left_alone),
                ..entry
            });
        }
    }
    for entry in &book.entries {
        for (sample, mark) in [(&entry.example, "ruleid:"), (&entry.look_alike, "ok:")] {
            if sample.is_none() {
                let why = format!("{}: no target in rules-tests is annotated `{mark}`", entry.id);
                book.faults.push(why);
            }
        }
    }
}

/// Where the words of a rule are.
struct Words<'a> {
    place: String,
    message: &'a str,
    /// Tags, and the words that the message lacks.
    fields: Option<&'a Node>,
}

impl Words<'_> {
    fn field(&self, name: &str) -> &str {
        self.fields.and_then(|fields| fields.get(name)?.text()).unwrap_or_default()
    }

    /// The entry as far as words and tags go.
    fn entry(&self, faults: &mut Vec<String>) -> Entry {
        let Parts { sees, why, installer, author } = parts(self.message);
        let place = &self.place;
        let mut said = |name: &str, found: String| {
            let own = self.field(name);
            let text = if own.is_empty() { Cow::from(found) } else { Cow::from(own) };
            if text.trim().is_empty() {
                faults.push(format!("{place}: the message has no part for it, so add `{name}`"));
            }
            text.trim().to_owned()
        };
        let sees = said("message", sees);
        let why = said("why", why);
        let installer = said("installer", installer);
        let author = said("author", author);
        let since = said("since", String::new());
        let number = |part: &str| part.parse::<u16>().is_ok();
        let is_version = since.split('.').count() == 3 && since.split('.').all(number);
        if !(since.is_empty() || is_version) {
            faults.push(format!("{place}: `since: {since}` is no version of the pack"));
        }
        let mut tags = Vec::new();
        for list in List::ALL {
            let field = list.field();
            let ids = self.fields.and_then(|fields| fields.get(field)).map(Node::items);
            let ids = ids.unwrap_or_default();
            if ids.is_empty() {
                faults.push(format!("{place}: add `{field}`, a list of at least one tag"));
            }
            for id in ids.iter().map(|id| id.text().unwrap_or_default()) {
                match list.find(id) {
                    Some(tag) => tags.push(tag),
                    None => faults
                        .push(format!("{place}: `{field}: {id}` is not in rulebook/data/tags.tsv")),
                }
            }
        }
        Entry {
            id: String::new(),
            severity: Severity::Low,
            kind: Kind::Text,
            sees,
            why,
            installer,
            author,
            tags,
            since,
            example: None,
            look_alike: None,
        }
    }
}

#[cfg(test)]
mod tests;
