//! The import rules of the scanner's rooms (the top-level modules of `src`), held by a test.
//!
//! A room is `src/NAME.rs` and `src/NAME/`. Tests may import anything, so their code is left out.
//! Circles between rooms are refused; inside one room files may import each other.

#![expect(clippy::unwrap_used, reason = "tests end where something is not as it must be")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A room, and the rooms that it must not import. Circles are refused for all rooms beside these.
const FORBIDDEN: [(&str, &[&str]); 5] = [
    ("git", &["scan", "tools", "staging", "server", "cli", "delivery"]),
    ("staging", &["scan", "tools", "server", "cli", "delivery"]),
    ("tools", &["scan", "server", "cli", "delivery"]),
    ("log", &["delivery", "server", "cli"]),
    ("exec", &["git", "staging", "tools", "scan", "server", "cli", "delivery"]),
];

/// The file with the list of tools: the only one outside of a tool's own files that names providers.
const LIST_OF_TOOLS: &str = "tools/mod.rs";
/// Providers, and what the paths of their own files begin with.
const PROVIDERS: [(&str, &str); 3] = [
    ("Semgrep", "tools/semgrep"),
    ("Njsscan", "tools/njsscan"),
    ("Trufflehog", "tools/trufflehog"),
];

/// A source file: its path below `src`, and its text.
type Source = (String, String);

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, top: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, top, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap().to_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&top, &top, &mut found);
    found
}

/// Files that only tests are made of: `x/tests.rs`, all below `tests/`, and those that a parent
/// declares behind `#[cfg(test)]`.
fn without_tests(sources: &[Source]) -> Vec<Source> {
    let mut of_tests = BTreeSet::new();
    for (path, text) in sources {
        let folder = match path.rsplit_once('/') {
            Some((folder, "mod.rs")) => format!("{folder}/"),
            _ if path == "lib.rs" || path == "main.rs" => String::new(),
            _ => format!("{}/", path.trim_end_matches(".rs")),
        };
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            let declared = line.split_once("mod ").and_then(|(_, name)| name.strip_suffix(';'));
            match declared {
                Some(name) if is_test => _ = of_tests.insert(format!("{folder}{name}")),
                _ => is_test = line.starts_with("#[cfg(test)]") || is_test && line.starts_with('#'),
            }
            is_test &= declared.is_none();
        }
    }
    sources
        .iter()
        .filter(|(path, _)| {
            let is_below = |module: &String| {
                path.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with(['.', '/']))
            };
            !of_tests.iter().any(is_below)
        })
        .map(|(path, text)| (path.clone(), code(text)))
        .collect()
}

/// A file's code without its comments and its inline module of tests, which stands last.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let text = text.split("#[cfg(test)]\npub(super) mod tests {").next().unwrap_or(text);
    let text = text.split("#[cfg(test)]\npub(crate) mod tests {").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The room of a file.
fn room(path: &str) -> &str {
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// The rooms that a file's code imports: what follows `crate::`, also in groups.
fn imports(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (_, rest) in code
        .match_indices("crate::")
        .map(|(at, found)| (at, code.get(at + found.len()..).unwrap_or_default()))
    {
        let Some(group) = rest.strip_prefix('{') else {
            rooms.extend(first_name(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                _ if begins && !c.is_whitespace() => {
                    rooms.extend(first_name(group.get(at..).unwrap_or_default()));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    rooms
}

fn first_name(text: &str) -> Option<String> {
    let name: String =
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    name.starts_with(|c: char| c.is_ascii_lowercase()).then_some(name)
}

/// Each room with the rooms that it imports, and one file that does.
fn graph(sources: &[Source]) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut graph: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (path, code) in sources.iter().filter(|(path, _)| path != "main.rs" && path != "lib.rs") {
        let to = graph.entry(room(path).to_owned()).or_default();
        for other in imports(code).into_iter().filter(|other| other != room(path)) {
            to.entry(other).or_insert_with(|| path.clone());
        }
    }
    graph
}

/// Every broken rule, in words.
fn faults(sources: &[Source]) -> Vec<String> {
    let sources = without_tests(sources);
    let graph = graph(&sources);
    let mut faults = Vec::new();
    for (from, never) in FORBIDDEN {
        for to in never {
            if let Some(path) = graph.get(from).and_then(|imports| imports.get(*to)) {
                faults.push(format!("{path}: {from} must not import {to}"));
            }
        }
    }
    for (from, imports) in &graph {
        for (to, path) in imports {
            if reaches(&graph, to, from) {
                faults.push(format!("{path}: {from} imports {to}, which leads back to {from}"));
            }
        }
    }
    for (path, code) in sources.iter().filter(|(path, _)| path != LIST_OF_TOOLS) {
        for (provider, own) in PROVIDERS {
            if code.contains(&format!("Provider::{provider}")) && !path.starts_with(own) {
                faults.push(format!("{path}: names Provider::{provider} outside of {own}"));
            }
        }
    }
    faults
}

/// Whether imports lead from one room to another.
fn reaches(graph: &BTreeMap<String, BTreeMap<String, String>>, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(room) = next.pop() {
        if room == to {
            return true;
        }
        if seen.insert(room) {
            next.extend(
                graph.get(room).into_iter().flat_map(|imports| imports.keys()).map(String::as_str),
            );
        }
    }
    false
}

#[test]
fn the_rooms_of_the_scanner_keep_their_import_rules() {
    let sources = sources();
    assert!(sources.len() > 100, "{}", sources.len());
    let faults = faults(&sources);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_broken_rule_is_found_in_made_up_sources() {
    let of = |files: &[(&str, &str)]| {
        faults(&files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect::<Vec<_>>())
    };
    for (file, code, fault) in [
        ("git/clone.rs", "use crate::scan::Source;", "git must not import scan"),
        (
            "git/clone.rs",
            "use crate::{\n    exec::{self, Run},\n    staging::X,\n};",
            "import staging",
        ),
        ("staging/classify.rs", "fn f() { crate::tools::of(p) }", "staging must not import tools"),
        ("tools/start.rs", "use crate::server::Queue;", "tools must not import server"),
        ("log.rs", "use crate::delivery::Clock;", "log must not import delivery"),
        ("scan.rs", "match p { Provider::Semgrep => 1 }", "scan.rs: names Provider::Semgrep"),
        ("tools/njsscan.rs", "Provider::Trufflehog", "outside of tools/trufflehog"),
    ] {
        let found = of(&[(file, code)]);
        assert!(found.iter().any(|found| found.contains(fault)), "{file}: {found:?}");
    }
    let circle =
        [("a.rs", "use crate::b::X;"), ("b/x.rs", "use crate::c;"), ("c.rs", "use crate::a::Y;")];
    assert_eq!(of(&circle).len(), 3, "each arrow of the circle is named");
    assert_eq!(of(&circle[..2]), [""; 0]);

    for (file, code) in [
        (
            "git/clone.rs",
            "use crate::exec::Run;\n#[cfg(test)]\nmod tests {\n    use crate::tools;\n}",
        ),
        ("git/clone.rs", "// crate::scan::Source\nuse crate::git::X;"),
        ("tools/semgrep/profile.rs", "Provider::Semgrep"),
        ("tools/mod.rs", "match p { Provider::Semgrep => 1 }"),
    ] {
        assert_eq!(of(&[(file, code)]), [""; 0], "{file}");
    }
    let tests = [
        ("git/mod.rs", "#[cfg(test)]\npub(crate) mod testrepo;\nmod a;"),
        ("git/testrepo.rs", "use crate::scan::X;"),
    ];
    assert_eq!(of(&tests), [""; 0]);
    let tests =
        [("git/mod.rs", "#[cfg(test)]\nmod b;\nmod a;"), ("git/a.rs", "use crate::scan::X;")];
    assert_eq!(of(&tests), ["git/a.rs: git must not import scan"]);
}
