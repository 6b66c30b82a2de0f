//! The reference closure of a skill: files outside of its folder that its files run, load or read,
//! directly or through each other. They are scanned with it. Pure.
//!
//! A name leads to a file from the folder of the text that names it, from the skill's, from those
//! that the text enters, and, unless it climbs, from every folder above: a plugin's root or the
//! repository's is one, and an agent may run a command from there. Only what the commit holds is
//! added, so a word too many costs time alone.

use super::{
    encoding::{self, Decoded},
    links::Chosen,
    names,
    references::{Kind, PathReference, path_references},
    tree_index::{LinkTarget, TreeIndex, folder_of, is_below},
};
use crate::{git::tree::Mode, paths::note};
use skillgate_contract::callback::FileNote;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Files that are added.
pub(super) const MAX_FILES: usize = 1_000;
/// How many files may lie between the skill and what is added.
pub(super) const MAX_HOPS: usize = 8;
/// Parts of paths that are walked for one skill.
const MAX_PARTS: usize = 20_000_000;
/// Bytes of a path; no system opens a longer one.
const MAX_PATH: usize = 4096;
/// Folders that paths of one text may start from.
const MAX_BASES: usize = 64;

/// What loaders of modules add to a name. Parted by spaces.
const SUFFIXES: &str = ".js .mjs .cjs .ts .mts .cts .tsx .jsx .json .py .sh /index.js /index.mjs \
    /index.cjs /index.ts /index.tsx /__init__.py /__main__.py";

/// The files that a skill refers to, found hop by hop.
#[derive(Debug)]
pub(super) struct ReferenceClosure {
    index: TreeIndex,
    folder: Vec<u8>,
    /// What is read already, by its own path.
    taken: HashSet<Vec<u8>>,
    /// The own paths of files that are read under a link's.
    real: HashMap<Vec<u8>, Vec<u8>>,
    next: BTreeMap<Vec<u8>, Chosen>,
    unscanned: Vec<FileNote>,
    added: usize,
    /// Folders whose code is added already: each may be named in any number of ways.
    opened: HashSet<Vec<u8>>,
    parts: usize,
}

/// A folder that paths may start from.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Base {
    path: Vec<u8>,
    /// A path that climbs starts from here too.
    near: bool,
}

/// The text that names files.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    path: &'a [u8],
    outside: bool,
    prose: bool,
}

impl ReferenceClosure {
    /// `files` are read: those of the skill's folder, and what its links lead to.
    pub(super) fn new(index: TreeIndex, folder: &[u8], files: &[Chosen]) -> Self {
        let linked = files.iter().filter(|file| file.path != file.real);
        Self {
            index,
            folder: folder.to_vec(),
            taken: files.iter().map(|file| file.real.clone()).collect(),
            real: linked.map(|file| (file.path.clone(), file.real.clone())).collect(),
            next: BTreeMap::new(),
            unscanned: Vec::new(),
            added: 0,
            opened: HashSet::new(),
            parts: 0,
        }
    }

    /// Looks for what a file names.
    pub(super) fn read(&mut self, path: &[u8], content: &[u8]) {
        // Nothing in a picture or a table calls anything.
        if !names::may_hold_code(path) {
            return;
        }
        let real = self.real.get(path).cloned().unwrap_or_else(|| path.to_vec());
        let inside = is_below(path, &self.folder);
        let source = Source { path, outside: !inside, prose: names::is_prose(path) };
        let near = [folder_of(path), folder_of(&real), &self.folder];
        let mut bases: Vec<Base> = near.map(|path| Base { path: path.to_vec(), near: true }).into();
        for mut path in near {
            while !path.is_empty() {
                path = folder_of(path);
                bases.push(Base { path: path.to_vec(), near: false });
            }
        }
        let mut known = HashSet::new();
        bases.retain(|base| known.insert(base.path.clone()));
        let mut texts = Vec::new();
        if let Decoded::Text(text) = encoding::decode(content) {
            texts.push(text);
        }
        if texts.is_empty() || content.contains(&0) {
            let (parted, joined) = encoding::as_they_stand(content);
            texts.extend([Some(parted), joined].into_iter().flatten());
        }
        for text in texts {
            let mut bases = bases.clone();
            for mention in path_references(path, &text) {
                self.follow(source, &mention, &mut bases);
            }
        }
    }

    /// What was found since the last time.
    pub(super) fn take(&mut self) -> Vec<Chosen> {
        std::mem::take(&mut self.next).into_values().collect()
    }

    /// All gaps; `left` are the files behind the last hop, which are not read.
    pub(super) fn end(mut self, left: &[Chosen]) -> Vec<FileNote> {
        self.unscanned.extend(left.iter().map(|file| {
            let reason = format!("the skill calls it by way of more than {MAX_HOPS} other files");
            note(&file.path, reason)
        }));
        self.unscanned
    }

    fn follow(&mut self, source: Source<'_>, mention: &PathReference, bases: &mut Vec<Base>) {
        let strong = mention.kind != Kind::Named || mention.climbs();
        // A text about a project names many of its files and runs few.
        if source.prose && !strong && !names::is_script(mention.path.as_bytes()) {
            return;
        }
        let candidates = self.candidates(mention, strong);
        if candidates.is_empty() {
            return;
        }
        let mut entered = Vec::new();
        for base in bases.iter().filter(|base| base.near || !mention.climbs()) {
            let mut met = false;
            let mut below = Vec::new();
            for candidate in &candidates {
                if self.parts > MAX_PARTS {
                    let reason = "the skill's texts name too many paths to follow them all";
                    self.tell(source.path, reason);
                    return;
                }
                let end = self.index.resolve(&base.path, candidate.as_bytes());
                self.parts = self.parts.saturating_add(end.parts.max(1));
                let is_code = names::is_code(candidate.as_bytes());
                match end.target {
                    LinkTarget::File => {
                        met = true;
                        self.file(source, &end.path, strong);
                    }
                    LinkTarget::Folder if strong && mention.kind != Kind::Module => {
                        below.push(end.path);
                    }
                    LinkTarget::Submodule if strong && is_code && !source.outside => {
                        self.tell(&end.path, "a submodule: the skill calls a file in it");
                    }
                    LinkTarget::Far if strong && is_code => {
                        let reason =
                            "it calls a file over more folders and links than are followed";
                        self.tell(source.path, reason);
                    }
                    LinkTarget::Unlisted if strong && is_code && mention.climbs() => {
                        let reason = "it calls a file beyond those that are listed";
                        self.tell(source.path, reason);
                    }
                    _ => {}
                }
            }
            for folder in below {
                // Not the folder of a module, whose first file names the others.
                if !met && mention.climbs() {
                    self.folder(source, &folder);
                }
                entered.push(folder);
            }
            // What is merely named is the nearest of that name.
            if met && !strong {
                break;
            }
        }
        if mention.kind == Kind::Entered {
            for path in entered {
                if let Some(base) = bases.iter_mut().find(|base| base.path == path) {
                    base.near = true;
                } else if bases.len() < MAX_BASES {
                    bases.push(Base { path, near: true });
                }
            }
        }
    }

    /// The paths that a name may stand for, as far as the commit has such names.
    fn candidates(&self, mention: &PathReference, strong: bool) -> Vec<String> {
        let path = mention.path.trim_end_matches('/');
        if path.len() > MAX_PATH {
            return Vec::new();
        }
        let last = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let known = |path: &String| {
            let name = last(path);
            matches!(name.as_str(), ".." | ".") || self.index.has_name(name.as_bytes())
        };
        let mut all = Vec::new();
        if strong {
            all.extend(SUFFIXES.split_ascii_whitespace().map(|suffix| format!("{path}{suffix}")));
            // TypeScript names the file that it is compiled to.
            let stem = path.strip_suffix("js").or_else(|| path.strip_suffix("jsx"));
            let stem = stem.filter(|stem| stem.ends_with(['.', 'm', 'c']));
            all.extend(stem.iter().flat_map(|stem| [format!("{stem}ts"), format!("{stem}tsx")]));
        }
        all.retain(known);
        // Node and Windows take `x/..` out of a path, whether or not there is such a folder.
        let short = lexical(path);
        all.extend(short.filter(|_| strong).into_iter().filter(known));
        let path = path.to_owned();
        if known(&path) || !self.index.is_whole() {
            all.push(path);
        }
        all
    }

    fn file(&mut self, source: Source<'_>, path: &[u8], strong: bool) {
        let code = names::is_code(path);
        let wanted = match (source.outside, source.prose) {
            // Whoever reads a text that the skill points to runs what it says, but needs not read on.
            (true, true) => strong && code,
            _ => code || strong && names::may_hold_code(path),
        };
        if wanted {
            self.add(source, path);
        }
    }

    /// The code in a folder that holds nothing of the skill's own.
    fn folder(&mut self, source: Source<'_>, folder: &[u8]) {
        let holds_skill = folder == self.folder || is_below(&self.folder, folder);
        if holds_skill || is_below(folder, &self.folder) || source.outside && source.prose {
            return;
        }
        if !self.opened.insert(folder.to_vec()) {
            return;
        }
        let is_code = |path: &[u8]| names::is_code(path) || names::is_bare(path);
        let below = self.index.below(folder);
        let files = below.filter(|(path, mode, _)| *mode == Mode::File && is_code(path));
        // One more than there is room for, to say so.
        let files: Vec<_> = files
            .map(|(path, ..)| path.to_vec())
            .filter(|path| !self.taken.contains(path))
            .take(MAX_FILES + 1)
            .collect();
        for file in files {
            self.add(source, &file);
        }
    }

    fn add(&mut self, source: Source<'_>, path: &[u8]) {
        if is_below(path, &self.folder) || self.taken.contains(path) {
            return;
        }
        if self.added >= MAX_FILES {
            let reason = format!(
                "the skill calls more files outside of its folder than the limit of {MAX_FILES}"
            );
            self.tell(source.path, &reason);
            return;
        }
        let Some(oid) = self.index.oid(path) else { return };
        let file = Chosen { path: path.to_vec(), real: path.to_vec(), oid: oid.to_owned() };
        self.added += 1;
        self.taken.insert(path.to_vec());
        self.next.insert(path.to_vec(), file);
    }

    /// Notes a gap, each reason once.
    fn tell(&mut self, path: &[u8], reason: &str) {
        if !self.unscanned.iter().any(|told| told.reason == reason) {
            self.unscanned.push(note(path, reason));
        }
    }
}

/// A path without the folders that it enters and leaves; `None` where there is none.
fn lexical(path: &str) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    let mut shorter = false;
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." && kept.last().is_some_and(|last| *last != "..") {
            kept.pop();
            shorter = true;
        } else {
            kept.push(part);
        }
    }
    shorter.then(|| kept.join("/"))
}

#[cfg(test)]
mod tests;
