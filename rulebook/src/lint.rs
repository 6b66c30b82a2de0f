//! What is wrong with a rule pack: which file, which line.
//!
//! One broken rule costs the results of all others, because semgrep then refuses the whole configuration. So
//! [`broken`] finds what does that before a scan begins; [`problems`] also finds what only misleads. Patterns themselves
//! are semgrep's to judge.

use crate::{
    pack,
    yaml::{self, Node},
};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

/// The severities that semgrep 1.185 takes.
const SEVERITIES: [&str; 9] =
    ["ERROR", "WARNING", "INFO", "CRITICAL", "HIGH", "MEDIUM", "LOW", "INVENTORY", "EXPERIMENT"];
/// The keys that say what a rule of search mode looks for.
const PATTERNS: [&str; 6] = [
    "pattern",
    "patterns",
    "pattern-either",
    "pattern-regex",
    "match",
    "r2c-internal-project-depends-on",
];

/// Something that is wrong at a line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name below the pack's folder.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, with the rule's id where it has one.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Whether a file of a pack holds rules, by its name below the pack's folder: as semgrep decides it.
#[must_use]
pub fn is_rule_file(name: &str) -> bool {
    let hidden = name.split('/').any(|part| part.starts_with('.'));
    let test = name.ends_with(".test.yaml") || name.ends_with(".test.yml");
    !hidden && !test && (name.ends_with(".yaml") || name.ends_with(".yml"))
}

/// What keeps semgrep from running the pack. `files` are the rule files: names and texts.
#[must_use]
pub fn broken(files: &[(String, String)]) -> Vec<Problem> {
    read(files).1
}

/// Everything that is wrong with a pack. `files` are the rule files: names and texts.
#[must_use]
pub fn problems(files: &[(String, String)]) -> Vec<Problem> {
    let (rules, mut problems) = read(files);
    let bundled = bundled();
    let mut first: HashMap<&str, &Found> = HashMap::new();
    for rule in &rules {
        let at = |what: String| Problem { file: rule.file.clone(), line: rule.line, what };
        if let Some(other) = first.get(rule.id.as_str()) {
            let place = format!("{}:{}", other.file, other.line);
            problems.push(at(format!("{}: the id stands twice; first in {place}", rule.id)));
            continue;
        }
        first.insert(&rule.id, rule);
        if bundled.get(rule.id.as_str()).is_some_and(|own| !own.says_the_same(&rule.rule)) {
            problems.push(at(format!(
                "{}: the bundled pack has another rule of this id, whose page and severity readers would get",
                rule.id
            )));
        }
    }
    for (id, _) in bundled.iter().filter(|(id, _)| id.starts_with(pack::CANARY_ID)) {
        if !rules.iter().any(|rule| rule.id == *id) {
            let what = format!(
                "{id} is missing: without canaries no file counts as read; copy {} of the bundled pack",
                pack::CANARY
            );
            problems.push(Problem { file: pack::CANARY.to_owned(), line: 1, what });
        }
    }
    problems
}

/// The file and line of a rule, by its id.
#[must_use]
pub fn place(files: &[(String, String)], id: &str) -> Option<(String, u32)> {
    let found = read(files).0.into_iter().find(|found| found.id == id)?;
    Some((found.file, found.line))
}

/// A rule with an id.
struct Found {
    file: String,
    line: u32,
    id: String,
    rule: Node,
}

/// The bundled rules by their ids.
fn bundled() -> BTreeMap<String, Node> {
    let files: Vec<_> = pack::files()
        .iter()
        .filter(|(name, _)| is_rule_file(name))
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    read(&files).0.into_iter().map(|found| (found.id, found.rule)).collect()
}

fn read(files: &[(String, String)]) -> (Vec<Found>, Vec<Problem>) {
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for (file, text) in files {
        let mut problem = |line: u32, what: String| {
            problems.push(Problem { file: file.clone(), line, what });
        };
        let tree = match yaml::parse(text) {
            Ok(tree) => tree,
            Err(fault) => {
                problem(fault.line, format!("it is no YAML: {fault}"));
                continue;
            }
        };
        let Some(list) = tree.get("rules").filter(|rules| !rules.items().is_empty()) else {
            problem(tree.line, "there is no list `rules` with a rule in it".to_owned());
            continue;
        };
        for rule in list.items() {
            let id = rule.get("id").and_then(Node::text).unwrap_or_default();
            let name = if id.is_empty() { "a rule without an id" } else { id };
            for (line, what) in faults(rule) {
                problem(line, format!("{name}: {what}"));
            }
            if !id.is_empty() {
                let (id, rule) = (id.to_owned(), rule.clone());
                rules.push(Found { file: file.clone(), line: rule.line, id, rule });
            }
        }
    }
    (rules, problems)
}

/// What is wrong with one rule: the line, and a clause.
fn faults(rule: &Node) -> Vec<(u32, String)> {
    let mut faults = Vec::new();
    if rule.pairs().is_empty() {
        return vec![(rule.line, "it is no map of keys and values".to_owned())];
    }
    let mut lines: HashMap<&str, u32> = HashMap::new();
    for (key, _) in rule.pairs() {
        let name = key.text().unwrap_or_default();
        if let Some(first) = lines.insert(name, key.line) {
            faults.push((key.line, format!("`{name}` stands twice; first in line {first}")));
        }
    }
    let mode = rule.get("mode").and_then(Node::text).unwrap_or("search");
    let has = |key: &str| rule.get(key).is_some();
    let mut needs = |key: &str, is_right: &dyn Fn(&Node) -> bool, must: &str| match rule.get(key) {
        None => faults.push((rule.line, format!("it has no `{key}`"))),
        Some(value) if !is_right(value) => {
            faults.push((value.line, format!("`{key}` must be {must}")));
        }
        Some(_) => {}
    };
    let is_id = |node: &Node| {
        node.text().is_some_and(|id| {
            let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
            !id.is_empty() && id.bytes().all(is_plain)
        })
    };
    let is_text = |node: &Node| node.text().is_some_and(|text| !text.trim().is_empty());
    needs("id", &is_id, "letters, digits, `.`, `_` and `-`");
    if mode != "extract" {
        let is_severity = |node: &Node| node.text().is_some_and(|word| SEVERITIES.contains(&word));
        needs("severity", &is_severity, &format!("one of {}", SEVERITIES.join(", ")));
        needs("message", &is_text, "a text");
    }
    if mode != "join" {
        needs("languages", &|node| !node.items().is_empty(), "a list with at least one language");
    }
    if mode == "taint" && !has("taint") {
        needs("pattern-sources", &|node| !node.items().is_empty(), "a list");
        needs("pattern-sinks", &|node| !node.items().is_empty(), "a list");
    } else if mode == "join" {
        needs("join", &|_| true, "");
    } else if mode == "search" || mode == "extract" {
        match PATTERNS.iter().filter(|key| has(key)).count() {
            0 => {
                let any = "`pattern`, `patterns`, `pattern-either` or `pattern-regex`";
                faults.push((rule.line, format!("it has no pattern: add {any}")));
            }
            1 => {}
            _ => faults.push((
                rule.line,
                "it has more than one pattern: join them in `patterns`".to_owned(),
            )),
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "rules:\n- id: own.a\n  languages: [regex]\n  severity: ERROR\n  message: m\n  pattern-regex: a\n";

    fn file(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    fn of(text: &str) -> Vec<String> {
        broken(&[file("a.yaml", text)]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_bundled_pack_has_no_problem() {
        let files: Vec<_> = pack::files()
            .iter()
            .filter(|(name, _)| is_rule_file(name))
            .map(|(name, text)| file(name, text))
            .collect();
        assert!(files.len() > 10);
        assert_eq!(problems(&files), []);
        assert_eq!(of(RULE), [""; 0]);
    }

    #[test]
    fn each_fault_that_breaks_a_run_is_found_at_its_line() {
        for (from, to, expected) in [
            ("rules:\n", "rules: [\n", "a.yaml:2: it is no YAML: "),
            ("rules:", "rule:", "a.yaml:1: there is no list `rules` with a rule in it"),
            ("id: own.a", "id: own a", "a.yaml:2: own a: `id` must be letters"),
            ("- id: own.a\n ", "-", "a.yaml:2: a rule without an id: it has no `id`"),
            ("  severity: ERROR\n", "", "a.yaml:2: own.a: it has no `severity`"),
            ("ERROR", "BAD", "a.yaml:4: own.a: `severity` must be one of ERROR, "),
            ("  message: m\n", "", "a.yaml:2: own.a: it has no `message`"),
            ("message: m", "message:", "a.yaml:5: own.a: `message` must be a text"),
            ("  languages: [regex]\n", "", "a.yaml:2: own.a: it has no `languages`"),
            ("[regex]", "regex", "a.yaml:3: own.a: `languages` must be a list"),
            ("  pattern-regex: a\n", "", "a.yaml:2: own.a: it has no pattern: add `pattern`"),
            ("regex: a", "regex: a\n  pattern: b", "a.yaml:2: own.a: it has more than one pattern"),
            ("message: m", "message: m\n  message: n", "a.yaml:6: own.a: `message` stands twice"),
            ("message: m", "message: m\n  mode: taint", "own.a: it has no `pattern-sources`"),
            (RULE, "rules:\n- text\n", "a.yaml:2: a rule without an id: it is no map"),
        ] {
            let text = RULE.replace(from, to);
            assert_ne!(text, RULE, "{from}");
            let found = of(&text);
            assert!(found.iter().any(|found| found.contains(expected)), "{expected}: {found:?}");
        }
    }

    #[test]
    fn what_misleads_is_a_problem_too() {
        let canaries = file(pack::CANARY, pack::file(pack::CANARY));
        let found = |files: &[(String, String)]| {
            problems(files).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let own = file("a.yaml", RULE);
        assert_eq!(found(&[canaries.clone(), own.clone()]), [""; 0]);
        let twice = found(&[canaries.clone(), own.clone(), file("b.yaml", RULE)]);
        assert_eq!(twice, ["b.yaml:2: own.a: the id stands twice; first in a.yaml:2"]);
        let taken = file("a.yaml", &RULE.replace("own.a", "skillgate.crypto.miner"));
        let taken = found(&[canaries, taken]);
        assert!(
            taken[0].starts_with("a.yaml:2: skillgate.crypto.miner: the bundled pack has another")
        );
        let blind = found(&[own]);
        assert!(
            blind.len() >= 4 && blind[0].contains("without canaries no file counts"),
            "{blind:?}"
        );
    }

    #[test]
    fn tests_and_hidden_files_hold_no_rules() {
        for (name, expected) in [
            ("a.yaml", true),
            ("text/b.yml", true),
            ("a.test.yaml", false),
            (".git/a.yaml", false),
            ("README.md", false),
        ] {
            assert_eq!(is_rule_file(name), expected, "{name}");
        }
    }
}
