//! Reads which modules of the crate a source file names.

use super::Source;
use std::collections::{BTreeMap, BTreeSet};

/// A path below `crate`, and the line on which it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// The segments after `crate`: `["store", "rows", "ScanRow"]`.
    pub(super) path: Vec<String>,
    /// From 1.
    pub(super) line: usize,
}

/// The text without comments and without what stands in string and character literals; the lines
/// stay where they are.
pub(super) fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                while chars.next_if(|c| *c != '\n').is_some() {}
                out.push(' ');
            }
            ('/', Some('*')) => {
                let mut last = ' ';
                for c in chars.by_ref() {
                    out.push(blank(c));
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            ('r', Some('"' | '#')) if !before.is_alphanumeric() && before != '_' => {
                let mut hashes = 0;
                while chars.next_if_eq(&'#').is_some() {
                    hashes += 1;
                }
                if chars.next_if_eq(&'"').is_some() {
                    let mut seen = None;
                    for c in chars.by_ref() {
                        out.push(blank(c));
                        seen = match (c, seen) {
                            ('"', _) => Some(0),
                            ('#', Some(n)) => Some(n + 1),
                            _ => None,
                        };
                        if seen == Some(hashes) {
                            break;
                        }
                    }
                } else {
                    out.push(' ');
                }
            }
            ('"', _) => {
                out.push('"');
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => {
                            out.push(' ');
                            out.extend(chars.next().map(blank));
                        }
                        '"' => break,
                        c => out.push(blank(c)),
                    }
                }
                out.push('"');
            }
            ('\'', Some('\\')) => {
                chars.next();
                chars.next();
                while chars.next_if(|c| *c != '\'').is_some() {}
                chars.next();
            }
            ('\'', Some(_)) => {
                let mut ahead = chars.clone();
                ahead.next();
                if ahead.peek() == Some(&'\'') {
                    chars.next();
                    chars.next();
                }
                out.push(' ');
            }
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// Every path that begins with `crate::` or `super::`, with the braces of `use` resolved.
pub(super) fn imports(source: &Source) -> Vec<Import> {
    let code = code(&source.text);
    let mut found = Vec::new();
    let mut rest = code.as_str();
    let mut offset = 0;
    while let Some(at) = rest.find("::") {
        let start = rest[..at]
            .rfind(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(0, |before| before + 1);
        let (first, begin) = (&rest[start..at], offset + start);
        let follows = rest[..start].ends_with("::");
        let mut base = match first {
            "crate" => Some(Vec::new()),
            "super" | "self" if !follows => Some(module(&source.path)),
            _ => None,
        };
        if first == "super"
            && let Some(base) = &mut base
        {
            base.pop();
        }
        if let Some(base) = base.filter(|_| !follows) {
            tree(&code, begin + first.len() + 2, &base, &mut found);
        }
        offset += at + 2;
        rest = &rest[at + 2..];
    }
    found
}

/// Reads the path or group of paths at `at`; answers where it ends.
fn tree(code: &str, mut at: usize, base: &[String], found: &mut Vec<Import>) -> usize {
    let mut path = base.to_vec();
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    loop {
        at += code[at..].len() - code[at..].trim_start().len();
        let rest = &code[at..];
        if let Some(group) = rest.strip_prefix('{') {
            at = code.len() - group.len();
            loop {
                let rest = code[at..].trim_start();
                at = code.len() - rest.len();
                if rest.is_empty() || rest.starts_with('}') {
                    return (at + 1).min(code.len());
                }
                if rest.starts_with(',') {
                    at += 1;
                    continue;
                }
                let next = tree(code, at, &path, found);
                at = next.max(at + 1);
            }
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let segment = &rest[..end];
        match segment {
            "super" => {
                path.pop();
            }
            "self" | "" => {}
            other => path.push(other.to_owned()),
        }
        let here = at;
        at += end;
        if code[at..].starts_with("::") {
            at += 2;
            continue;
        }
        found.push(Import { path, line: line(here) });
        // `a as b`, `*`: up to what ends the item of a group.
        let rest = &code[at..];
        return at + rest.find([',', '}', ';', '\n', ')']).unwrap_or(rest.len());
    }
}

/// The module that a file is: `src/store/rows/mod.rs` is `["store", "rows"]`.
pub(super) fn module(path: &str) -> Vec<String> {
    let path = path.strip_prefix("src/").unwrap_or(path);
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let root = ["lib", "main"].contains(&path);
    path.split('/').filter(|_| !root).map(str::to_owned).collect()
}

/// For each file, the other files that it names: the one of the longest module path that there is.
pub(super) fn graph(sources: &[Source]) -> BTreeMap<&str, BTreeSet<&str>> {
    let modules: BTreeMap<Vec<String>, &str> =
        sources.iter().map(|source| (module(&source.path), source.path.as_str())).collect();
    let mut graph = BTreeMap::new();
    for source in sources {
        let named = imports(source).into_iter().filter_map(|import| {
            let mut path = import.path;
            loop {
                if let Some(file) = modules.get(&path).filter(|_| !path.is_empty()) {
                    return Some(*file);
                }
                path.pop()?;
            }
        });
        let named: BTreeSet<&str> = named.filter(|file| *file != source.path).collect();
        graph.insert(source.path.as_str(), named);
    }
    graph
}

/// The groups of files that reach each other, each with two files or more.
pub(super) fn circles<'a>(graph: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reach = |from: &'a str| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = graph.get(from).into_iter().flatten().copied().collect();
        while let Some(file) = open.pop() {
            if seen.insert(file) {
                open.extend(graph.get(file).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|file| (*file, reach(file))).collect();
    let mut circles: Vec<Vec<&str>> = Vec::new();
    for (file, others) in &reached {
        if !others.contains(file) || circles.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let back = |other: &&&str| reached.get(**other).is_some_and(|seen| seen.contains(file));
        circles.push(others.iter().filter(back).copied().collect());
    }
    circles
}
