//! Which files reach which.

use crate::{Source, imports, module};
use std::collections::{BTreeMap, BTreeSet};

/// Each file, or group of files, with the others that it imports.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// For each file, the other files that it names: the one of the longest module path that there is.
#[must_use]
pub fn graph(sources: &[Source]) -> Graph {
    let modules: BTreeMap<Vec<String>, &str> =
        sources.iter().map(|source| (module(&source.path), source.path.as_str())).collect();
    let mut graph = Graph::new();
    for source in sources {
        let named = imports(source).into_iter().filter_map(|import| {
            let mut path = import.path;
            loop {
                if let Some(file) = modules.get(&path).filter(|_| !path.is_empty()) {
                    return Some((*file).to_owned());
                }
                path.pop()?;
            }
        });
        let named = named.filter(|file| *file != source.path).collect();
        graph.insert(source.path.clone(), named);
    }
    graph
}

/// The same graph between groups of files. What a group imports of itself is left out.
#[must_use]
pub fn grouped(graph: &Graph, group: impl Fn(&str) -> String) -> Graph {
    let mut groups = Graph::new();
    for (file, named) in graph {
        let from = group(file);
        let to = named.iter().map(|file| group(file)).filter(|to| *to != from);
        let to: Vec<_> = to.collect();
        groups.entry(from).or_default().extend(to);
    }
    groups
}

/// The groups of nodes that reach each other, each with two nodes or more.
#[must_use]
pub fn circles(graph: &Graph) -> Vec<Vec<&str>> {
    let reach = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> =
            graph.get(from).into_iter().flatten().map(String::as_str).collect();
        while let Some(node) = open.pop() {
            if seen.insert(node) {
                open.extend(graph.get(node).into_iter().flatten().map(String::as_str));
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|node| (node.as_str(), reach(node))).collect();
    let mut circles: Vec<Vec<&str>> = Vec::new();
    for (node, others) in &reached {
        if !others.contains(node) || circles.iter().any(|circle| circle.contains(node)) {
            continue;
        }
        let back = |other: &&&str| reached.get(**other).is_some_and(|seen| seen.contains(node));
        circles.push(others.iter().filter(back).copied().collect());
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Graph {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        graph(&sources)
    }

    #[test]
    fn circles_are_found_between_files_and_between_groups() {
        let files = [
            ("src/a.rs", "use crate::b::x::X;"),
            ("src/b/x.rs", "use crate::c;"),
            ("src/b/y.rs", "use crate::a::A;"),
            ("src/c.rs", ""),
        ];
        let graph = of(&files);
        assert!(circles(&graph).is_empty());
        let room = |path: &str| module(path).first().cloned().unwrap_or_default();
        let rooms = grouped(&graph, room);
        assert_eq!(circles(&rooms), [["a", "b"]]);
        let closed = of(&[&files[..3], &[("src/c.rs", "use crate::a::{self, B};")]].concat());
        assert_eq!(circles(&closed), [["src/a.rs", "src/b/x.rs", "src/c.rs"]]);
    }
}
