//! The files of one folder, with its links followed as the agents follow them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The most links that one path may pass.
const MAX_LINKS: usize = 16;
/// The most names that links to folders may add.
const MAX_LINKED: usize = 4_096;
/// The largest file that is read: 1 MiB. No agent's manifest comes near.
pub const MAX_FILE_BYTES: usize = 1 << 20;

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A file's bytes.
    File(Cow<'a, [u8]>),
    /// A link, with its target as it is written.
    Link(Cow<'a, str>),
    /// A file that the caller did not load, because of its size.
    Large,
}

/// The files of a folder. Paths are relative, with `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder<'a> {
    entries: BTreeMap<String, Entry<'a>>,
}

/// Why a path has no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoBytes {
    Missing,
    Large,
    /// A link that leads out of the folder, to nothing, or in a circle.
    Link,
}

impl<'a> Folder<'a> {
    /// An empty folder.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: BTreeMap::new() }
    }

    /// Adds a file, a link or a file that is too large. A later one of the same path replaces it.
    pub fn insert(&mut self, path: impl Into<String>, entry: Entry<'a>) {
        self.entries.insert(path.into(), entry);
    }

    /// Every path under which an agent finds a file, and the path of the file itself: files, links to files, and
    /// files in folders that a link names.
    pub(crate) fn names(&self) -> Vec<(String, String)> {
        let mut names = Vec::new();
        let mut linked = 0;
        for (path, entry) in &self.entries {
            if !matches!(entry, Entry::Link(_)) {
                names.push((path.clone(), path.clone()));
                continue;
            }
            let Some(target) = self.resolve(path) else {
                names.push((path.clone(), path.clone()));
                continue;
            };
            if self.entries.contains_key(&target) {
                names.push((path.clone(), target));
                continue;
            }
            let below = if target.is_empty() { String::new() } else { format!("{target}/") };
            for (file, _) in self.entries.range(below.clone()..) {
                let Some(rest) = file.strip_prefix(&below) else { break };
                linked += 1;
                if linked > MAX_LINKED {
                    break;
                }
                // A link inside of what it names is followed once.
                if file != path && !file.starts_with(&format!("{path}/")) {
                    names.push((
                        format!("{path}/{rest}"),
                        self.resolve(file).unwrap_or_else(|| file.clone()),
                    ));
                }
            }
        }
        names
    }

    /// The bytes at a path, links followed.
    pub(crate) fn bytes(&self, path: &str) -> Result<&[u8], NoBytes> {
        let Some(real) = self.resolve(path) else { return Err(NoBytes::Link) };
        match self.entries.get(&real) {
            Some(Entry::File(bytes)) if bytes.len() <= MAX_FILE_BYTES => Ok(bytes),
            Some(Entry::File(_) | Entry::Large) => Err(NoBytes::Large),
            Some(Entry::Link(_)) => Err(NoBytes::Link),
            None if real == path => Err(NoBytes::Missing),
            None => Err(NoBytes::Link),
        }
    }

    /// Whether a file stands at a path, links followed.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.bytes(path).is_ok()
    }

    /// The path without links; none if it leads out of the folder or in a circle.
    pub(crate) fn resolve(&self, path: &str) -> Option<String> {
        let mut todo: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
        let mut done: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            match part.as_str() {
                "" | "." => {}
                ".." => {
                    done.pop()?;
                }
                _ => {
                    done.push(part);
                    if let Some(Entry::Link(target)) = self.entries.get(&done.join("/")) {
                        links += 1;
                        if links > MAX_LINKS || target.starts_with('/') || target.len() > 4_096 {
                            return None;
                        }
                        done.pop();
                        todo.extend(target.rsplit('/').map(str::to_owned));
                    }
                }
            }
        }
        Some(done.join("/"))
    }

    /// The files directly or deeper below a folder.
    pub(crate) fn below(&self, folder: &str) -> BTreeSet<&str> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.entries
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .map(|(path, _)| path.as_str())
            .collect()
    }
}

/// A path of a manifest, relative to a folder. Agents refuse one without `./` or `../`.
pub(crate) fn join(base: &str, relative: &str) -> Option<String> {
    if !(relative.starts_with("./") || relative.starts_with("../")) {
        return None;
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path in a folder; the folder itself may be empty.
pub(crate) fn within(base: &str, rest: &str) -> String {
    if base.is_empty() { rest.to_owned() } else { format!("{base}/{rest}") }
}
