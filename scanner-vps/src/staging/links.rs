//! Which files of a commit are read, and under which names: those of the skill's folder, and those
//! that links in it lead to, as an installer copies them. Pure.

use super::{
    names,
    tree_index::{LinkTarget, TreeIndex, is_below},
};
use crate::{
    git::tree::{Entry, Mode},
    paths::note,
};
use skillgate_contract::{Provider, callback::FileNote};
use std::collections::{HashMap, HashSet, VecDeque};

/// Files that links to folders may add.
const MAX_LINKED: usize = 2_000;
/// Entries that are looked at for that: nested folders are met again by each link into them.
const MAX_LOOKED_AT: usize = 100_000;

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The path that it is read under.
    pub(super) path: Vec<u8>,
    /// Its own path.
    pub(super) real: Vec<u8>,
    pub(super) oid: String,
}

/// The files to read, and notes on what is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) files: Vec<Chosen>,
    pub(super) unscanned: Vec<FileNote>,
    pub(super) not_read: Vec<FileNote>,
}

/// Chooses among the entries of the skill's folder; `folder` is `None` where the whole commit is
/// read, and a link in it leads to what is read anyway.
pub(super) fn choose(
    provider: Provider,
    index: &TreeIndex,
    folder: Option<&[u8]>,
    entries: &[Entry],
) -> Choice {
    let mut copied: HashMap<&str, Vec<&[u8]>> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.mode == Mode::File) {
        copied.entry(&entry.oid).or_default().push(&entry.path);
    }
    let mut walk = Walk {
        provider,
        index,
        folder,
        copied,
        choice: Choice::default(),
        linked: HashSet::new(),
        followed: HashSet::new(),
        queue: VecDeque::new(),
        looked_at: 0,
    };
    for entry in entries {
        walk.entry(entry.path.clone(), &entry.path, entry.mode, &entry.oid, false);
    }
    while let Some((link, target)) = walk.queue.pop_front() {
        if !walk.folder_behind(&link, &target) {
            let reason =
                format!("a link to a folder: links add more files than the limit of {MAX_LINKED}");
            walk.choice.unscanned.push(note(&link, reason));
            break;
        }
    }
    walk.choice
}

struct Walk<'a> {
    provider: Provider,
    index: &'a TreeIndex,
    folder: Option<&'a [u8]>,
    /// Which paths have the content of an object id.
    copied: HashMap<&'a str, Vec<&'a [u8]>>,
    choice: Choice,
    linked: HashSet<Vec<u8>>,
    followed: HashSet<Vec<u8>>,
    queue: VecDeque<(Vec<u8>, Vec<u8>)>,
    looked_at: usize,
}

impl Walk<'_> {
    /// Takes one entry. `path` is what it is read under, `linked` that a link to a folder led here.
    fn entry(&mut self, path: Vec<u8>, real: &[u8], mode: Mode, oid: &str, linked: bool) {
        match mode {
            Mode::File => {
                self.choice.files.push(Chosen { path, real: real.to_vec(), oid: oid.to_owned() });
            }
            Mode::Submodule => {
                let reason = "a submodule: its code is in another repository";
                self.choice.unscanned.push(note(&path, reason));
            }
            Mode::Symlink => self.link(path, real, linked),
        }
    }

    fn link(&mut self, path: Vec<u8>, real: &[u8], linked: bool) {
        let end = self.index.resolve(b"", real);
        let holds_code = names::can_hold_code(self.provider, &path);
        let (gap, reason) = match end.target {
            LinkTarget::File => {
                // A link runs what it leads to under its own name. It is read again unless the file
                // itself is read in the same way.
                let oid = self.index.oid(&end.path).unwrap_or_default().to_owned();
                let alike = |paths: &Vec<&[u8]>| paths.iter().any(|p| names::are_alike(p, &path));
                let read = self.copied.get(oid.as_str()).is_some_and(alike);
                if !read && (!linked || self.linked.insert(path.clone())) {
                    self.choice.files.push(Chosen { path, real: end.path, oid });
                }
                return;
            }
            LinkTarget::Folder => {
                if self.folder.is_some_and(|folder| !is_inside(&end.path, folder)) {
                    self.queue.push_back((path, end.path));
                }
                return;
            }
            LinkTarget::Outside => (holds_code, "a link out of the repository"),
            LinkTarget::Submodule => (holds_code, "a link into a submodule, which is not read"),
            LinkTarget::Loop => (false, "a link that leads back to itself"),
            LinkTarget::Far => (holds_code, "a link over more folders and links than are followed"),
            LinkTarget::Nothing => (false, "a link to nothing in the repository"),
            LinkTarget::Unlisted => {
                (holds_code, "a link that leads beyond the files that are listed")
            }
        };
        let notes = if gap { &mut self.choice.unscanned } else { &mut self.choice.not_read };
        notes.push(note(&path, reason));
    }

    /// Takes what lies in a folder that a link leads to, under the link's name, each file and each
    /// folder once. Whether there was room for all of it.
    fn folder_behind(&mut self, link: &[u8], target: &[u8]) -> bool {
        if !self.followed.insert(target.to_vec()) {
            return true;
        }
        let index = self.index;
        for (real, mode, oid) in index.below(target) {
            self.looked_at += 1;
            if self.linked.len() >= MAX_LINKED || self.looked_at > MAX_LOOKED_AT {
                return false;
            }
            let own = self.folder.is_some_and(|folder| is_below(real, folder));
            if own || !self.linked.insert(real.to_vec()) {
                continue;
            }
            let rest = real.get(target.len()..).unwrap_or_default();
            let slash: &[u8] = if target.is_empty() { b"/" } else { b"" };
            self.entry([link, slash, rest].concat(), real, mode, oid, true);
        }
        true
    }
}

/// Whether a folder is the skill's, or lies in it: its files are read where they are.
fn is_inside(path: &[u8], folder: &[u8]) -> bool {
    path == folder || is_below(path, folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staging::tree_index::tests::tree;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn chosen(
        lines: &[&str],
        folder: Option<&str>,
    ) -> (Vec<(String, String)>, Vec<String>, Vec<String>) {
        let (index, entries) = tree(lines);
        let folder = folder.map(str::as_bytes);
        let own = |e: &Entry| folder.is_none_or(|folder| is_below(&e.path, folder));
        let entries: Vec<_> = entries.into_iter().filter(own).collect();
        let choice = choose(Provider::Semgrep, &index, folder, &entries);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let files = choice.files.iter().map(|f| (text(&f.path), text(&f.real))).collect();
        let names = |notes: &[FileNote]| notes.iter().map(|n| n.file.clone()).collect();
        (files, names(&choice.unscanned), names(&choice.not_read))
    }

    #[test]
    fn folders_behind_links_are_read_under_the_link_and_once() {
        let (files, unscanned, not_read) = chosen(
            &[
                "s/SKILL.md",
                "s/now -> v2",
                "s/refs -> ../shared/refs",
                "s/again -> ../shared/refs",
                "s/v2/a.sh",
                "shared/refs/b.md",
                "shared/refs/deep/c.py",
                "shared/refs/back -> ../../s",
                "shared/refs/loop -> .",
                "shared/refs/other -> ../more",
                "shared/more/d.js",
                "unrelated/e.js",
            ],
            Some("s"),
        );
        let mut paths: Vec<_> = files.iter().map(|(path, _)| path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(
            paths,
            ["s/SKILL.md", "s/refs/b.md", "s/refs/deep/c.py", "s/refs/other/d.js", "s/v2/a.sh"]
        );
        assert!(files.contains(&("s/refs/deep/c.py".into(), "shared/refs/deep/c.py".into())));
        assert_eq!((unscanned.len(), not_read.len()), (0, 0));
    }

    #[test]
    fn a_link_out_of_the_repository_is_a_gap_where_it_may_hold_code() {
        let lines = [
            "s/logo.png -> ../../../logo.png",
            "s/rows.csv -> /data/rows.csv",
            "s/run.sh -> ../../run.sh",
            "s/SKILL.md -> /SKILL.md",
            "s/assets -> ../../assets",
            "s/data.json -> /x",
            "s/self -> self",
            "s/void -> nothing",
            "s/lib -> ../sub/lib",
            "sub @",
        ];
        let (files, unscanned, not_read) = chosen(&lines, Some("s"));
        assert_eq!(files, []);
        assert_eq!(unscanned, ["s/run.sh", "s/SKILL.md", "s/assets", "s/data.json", "s/lib"]);
        assert_eq!(not_read, ["s/logo.png", "s/rows.csv", "s/self", "s/void"]);
    }

    #[test]
    fn links_add_no_more_than_their_limit() {
        let many: Vec<_> = (0..=MAX_LINKED).map(|n| format!("lib/f{n}.js")).collect();
        let mut lines: Vec<_> = many.iter().map(String::as_str).collect();
        lines.push("s/lib -> ../lib");
        let (files, unscanned, _) = chosen(&lines, Some("s"));
        assert_eq!((files.len(), unscanned), (MAX_LINKED, vec!["s/lib".to_owned()]));
        let (files, unscanned, _) = chosen(&lines, None);
        assert_eq!((files.len(), unscanned.len()), (MAX_LINKED + 1, 0));
    }

    proptest! {
        #[test]
        fn any_links_end_and_no_file_is_read_twice_under_one_name(
            lines in proptest::collection::btree_map(
                "s?(/[ab]){1,3}", proptest::option::of("(\\.\\./|[abs]/){0,4}[abs.]"), 1..12),
        ) {
            let lines: BTreeMap<_, _> = lines
                .into_iter()
                .map(|(path, target)| (path.trim_start_matches('/').to_owned(), target))
                .collect();
            // A tree holds nothing below a file or a link.
            let above = |path: &str| {
                lines.keys().any(|other| is_below(path.as_bytes(), other.as_bytes()))
            };
            let lines: Vec<_> = lines.iter().filter(|(path, _)| !above(path)).map(|(path, target)| {
                target.as_ref().map_or(path.clone(), |target| format!("{path} -> {target}"))
            }).collect();
            let (files, ..) = chosen(&lines.iter().map(String::as_str).collect::<Vec<_>>(), Some("s"));
            let mut once = files.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), files.len());
        }
    }
}
