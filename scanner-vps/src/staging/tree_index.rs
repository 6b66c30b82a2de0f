//! The tree of a commit, and where a path in it leads: links are followed as a file system follows
//! them, and never out of the commit. Pure.

use crate::git::tree::{Entry, Mode};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Links that one path may lead over, as many as Linux follows.
const MAX_HOPS: usize = 40;
/// Parts of paths and of links' targets that one path may lead over. Forty targets of 4 kB each hold
/// 80,000, and every path through them would walk them again.
const MAX_PARTS: usize = 1_024;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkTarget {
    /// A file of the commit.
    File,
    /// A folder of the commit; its top has the path "".
    Folder,
    /// Another repository, or something in it.
    Submodule,
    /// Something outside of the repository.
    Outside,
    /// Links that lead to each other.
    Loop,
    /// Something behind more folders and links than are followed.
    Far,
    /// Nothing.
    Nothing,
    /// Something that git's answers were too long to show.
    Unlisted,
}

/// The end of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) target: LinkTarget,
    /// The path of what it leads to, without links in it; where it leads to nothing here, as far
    /// as it goes.
    pub(super) path: Vec<u8>,
    /// Parts of paths that were walked for it.
    pub(super) parts: usize,
}

/// The entries of a commit by their paths, and the targets of its links.
#[derive(Debug, Default)]
pub(super) struct TreeIndex {
    entries: BTreeMap<Vec<u8>, (Mode, String)>,
    targets: HashMap<String, Vec<u8>>,
    names: HashSet<Vec<u8>>,
    partial: bool,
    has_submodules: bool,
}

impl TreeIndex {
    /// `targets`: the contents of links by their object ids. `partial`: there are more entries.
    pub(super) fn new(entries: &[Entry], targets: HashMap<String, Vec<u8>>, partial: bool) -> Self {
        let names = entries.iter().flat_map(|entry| entry.path.split(|b| *b == b'/'));
        Self {
            names: names.map(<[u8]>::to_vec).collect(),
            entries: entries
                .iter()
                .map(|entry| (entry.path.clone(), (entry.mode, entry.oid.clone())))
                .collect(),
            targets,
            partial,
            has_submodules: entries.iter().any(|entry| entry.mode == Mode::Submodule),
        }
    }

    /// Where `path` leads from `folder`, whose own path is followed too.
    pub(super) fn resolve(&self, folder: &[u8], path: &[u8]) -> Resolved {
        let mut walked = 0;
        let (target, path) = self.walk(folder, path, &mut walked);
        Resolved { target, path, parts: walked }
    }

    fn walk(&self, folder: &[u8], path: &[u8], walked: &mut usize) -> (LinkTarget, Vec<u8>) {
        if path.starts_with(b"/") {
            return (LinkTarget::Outside, Vec::new());
        }
        let mut rest: Vec<&[u8]> = parts(path).rev().chain(parts(folder).rev()).collect();
        let mut here: Vec<u8> = Vec::new();
        let mut hops = 0usize;
        while let Some(part) = rest.pop() {
            *walked = walked.saturating_add(1);
            if *walked > MAX_PARTS {
                return (LinkTarget::Far, here);
            }
            if part == b".." {
                if here.is_empty() {
                    return (LinkTarget::Outside, here);
                }
                here.truncate(here.iter().rposition(|b| *b == b'/').unwrap_or(0));
                continue;
            }
            let above = here.len();
            if above > 0 {
                here.push(b'/');
            }
            here.extend_from_slice(part);
            let target = match self.entries.get(&here) {
                None if self.is_folder(&here) => continue,
                None if self.partial => LinkTarget::Unlisted,
                None => LinkTarget::Nothing,
                Some((Mode::Submodule, _)) => LinkTarget::Submodule,
                Some((Mode::File, _)) if rest.is_empty() => LinkTarget::File,
                Some((Mode::File, _)) => LinkTarget::Nothing,
                Some((Mode::Symlink, oid)) => {
                    hops += 1;
                    match self.targets.get(oid) {
                        _ if hops > MAX_HOPS => LinkTarget::Loop,
                        None => LinkTarget::Unlisted,
                        Some(target) if target.starts_with(b"/") => LinkTarget::Outside,
                        Some(target) => {
                            here.truncate(above);
                            rest.extend(parts(target).rev());
                            continue;
                        }
                    }
                }
            };
            return (target, here);
        }
        (LinkTarget::Folder, here)
    }

    /// The object id of the file with exactly this path.
    pub(super) fn oid(&self, path: &[u8]) -> Option<&str> {
        self.entries.get(path).map(|(_, oid)| oid.as_str())
    }

    /// Whether anything that is listed, or a folder of it, has this name.
    pub(super) fn has_name(&self, name: &[u8]) -> bool {
        self.names.contains(name)
    }

    /// Whether all that the repository holds is listed: no submodule, and no end of the list.
    pub(super) fn is_whole(&self) -> bool {
        !self.partial && !self.has_submodules
    }

    /// Everything below a folder; all of the commit below "".
    pub(super) fn below(&self, folder: &[u8]) -> impl Iterator<Item = (&[u8], Mode, &str)> {
        let mut start = folder.to_vec();
        if !start.is_empty() {
            start.push(b'/');
        }
        self.entries
            .range(start.clone()..)
            .take_while(move |(path, _)| path.starts_with(&start))
            .map(|(path, (mode, oid))| (path.as_slice(), *mode, oid.as_str()))
    }

    fn is_folder(&self, path: &[u8]) -> bool {
        self.below(path).next().is_some()
    }
}

/// The parts of a path, without those that stay where they are.
fn parts(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|b| *b == b'/').filter(|part| !part.is_empty() && *part != b".")
}

/// The folder that a path lies in; "" at the top.
pub(super) fn folder_of(path: &[u8]) -> &[u8] {
    path.iter().rposition(|b| *b == b'/').and_then(|at| path.get(..at)).unwrap_or_default()
}

/// Whether a path lies in a folder; everything lies in "".
pub(super) fn is_below(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.first() == Some(&b'/'))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A tree of files (`a/b`), links (`a -> b`) and submodules (`a @`).
    pub(in crate::staging) fn tree(lines: &[&str]) -> (TreeIndex, Vec<Entry>) {
        let mut targets = HashMap::new();
        let entries: Vec<_> = lines
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let oid = format!("{at:040}");
                let (mode, path) = match (line.split_once(" -> "), line.strip_suffix(" @")) {
                    (Some((path, target)), _) => {
                        targets.insert(oid.clone(), target.into());
                        (Mode::Symlink, path)
                    }
                    (None, Some(path)) => (Mode::Submodule, path),
                    (None, None) => (Mode::File, *line),
                };
                Entry { mode, oid, path: path.into() }
            })
            .collect();
        (TreeIndex::new(&entries, targets, false), entries)
    }

    #[test]
    fn a_path_leads_where_a_file_system_leads_it() {
        let (index, _) = tree(&[
            "a/b/file",
            "a/link -> b",
            "a/up -> ../../x",
            "abs -> /etc/passwd",
            "chain -> a/link/../b/file",
            "ab/other",
            "self -> self",
            "one -> two",
            "two -> one/x",
            "void -> nothing",
            "sub @",
            "in -> sub/x",
            "top -> .",
        ]);
        use LinkTarget::{File, Folder, Loop, Nothing, Outside, Submodule};
        for (folder, path, target, at) in [
            ("", "a/b/file", File, "a/b/file"),
            ("a/b", "./file", File, "a/b/file"),
            ("a/b", "..//b/./file", File, "a/b/file"),
            ("a/link", "file", File, "a/b/file"),
            ("", "a/link", Folder, "a/b"),
            ("", "chain", File, "a/b/file"),
            ("", "a", Folder, "a"),
            ("a", "..", Folder, ""),
            ("a", "../..", Outside, ""),
            ("", "a/up", Outside, ""),
            ("", "abs", Outside, "abs"),
            ("", "/etc/passwd", Outside, ""),
            ("", "self", Loop, "self"),
            ("", "one", Loop, "one"),
            ("", "void", Nothing, "nothing"),
            ("", "a/b/file/x", Nothing, "a/b/file"),
            ("", "sub/deep/x", Submodule, "sub"),
            ("", "in", Submodule, "sub"),
            ("", "top/top/a", Folder, "a"),
        ] {
            let end = index.resolve(folder.as_bytes(), path.as_bytes());
            let shown = String::from_utf8(end.path).unwrap();
            assert_eq!((end.target, shown.as_str()), (target, at), "{folder} {path}");
        }
        let below: Vec<_> = index.below(b"a").map(|(path, ..)| path).collect();
        assert_eq!(below, [b"a/b/file".as_slice(), b"a/link", b"a/up"]);
        assert!(is_below(b"a/b", b"a") && is_below(b"a", b"") && !is_below(b"ab/other", b"a"));
        assert_eq!((folder_of(b"a/b/c"), folder_of(b"a")), (b"a/b".as_slice(), b"".as_slice()));
    }

    #[test]
    fn links_through_more_folders_than_are_followed_end() {
        let lines: Vec<_> = (0..30)
            .map(|n| format!("L{n} -> {}L{}", "x/../".repeat(800), n + 1))
            .chain(["x/a.sh".to_owned(), format!("far -> {}x", "./x/../".repeat(500))])
            .collect();
        let (index, _) = tree(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        let end = index.resolve(b"", b"L0/a.sh");
        assert_eq!((end.target, end.parts), (LinkTarget::Far, MAX_PARTS + 1));
        let end = index.resolve(b"", b"far/a.sh");
        assert_eq!((end.target, end.parts), (LinkTarget::File, 1_003));
    }

    #[test]
    fn what_was_not_listed_is_not_called_nothing() {
        let link = Entry { mode: Mode::Symlink, oid: "0".repeat(40), path: b"link".to_vec() };
        let target = |partial, path: &[u8]| {
            TreeIndex::new(std::slice::from_ref(&link), HashMap::new(), partial)
                .resolve(b"", path)
                .target
        };
        assert_eq!(
            (target(false, b"x"), target(true, b"x")),
            (LinkTarget::Nothing, LinkTarget::Unlisted)
        );
        assert_eq!(target(false, b"link"), LinkTarget::Unlisted);
    }

    proptest! {
        #[test]
        fn any_path_in_any_tree_ends_in_the_tree_or_nowhere(
            lines in proptest::collection::btree_map(
                "[ab](/[ab]){0,2}", proptest::option::of("(\\.\\./|[ab]/){0,4}[ab.]"), 1..9),
            folder in "([ab]/){0,2}[ab]?", path in "(\\.\\./|\\./|[ab]/|/){0,6}[ab]?",
        ) {
            let lines: Vec<_> = lines.into_iter().map(|(path, target)| match target {
                Some(target) => format!("{path} -> {target}"),
                None => path,
            }).collect();
            let (index, entries) = tree(&lines.iter().map(String::as_str).collect::<Vec<_>>());
            let end = index.resolve(folder.as_bytes(), path.as_bytes());
            match end.target {
                LinkTarget::File => {
                    let is_it = |e: &Entry| e.path == end.path && e.mode == Mode::File;
                    prop_assert!(entries.iter().any(is_it));
                }
                LinkTarget::Folder => {
                    let one = end.path.is_empty() || index.below(&end.path).next().is_some();
                    prop_assert!(one);
                    let again = index.resolve(b"", &end.path);
                    prop_assert_eq!(again.target, LinkTarget::Folder);
                }
                _ => {}
            }
        }
    }
}
