//! The files of one folder, with its links followed as the agents follow them.

use std::{borrow::Cow, collections::BTreeMap};

/// The most links that one path may pass.
const MAX_LINKS: usize = 16;
/// The most names that links to folders may add.
const MAX_LINKED: usize = 4_096;
/// The longest path, in bytes, as Linux opens it. A longer one has no bytes.
const MAX_PATH_BYTES: usize = 4_096;
/// The most parts of a path. Each part is looked up, so that a path of 4,096 bytes in 2,048 parts would cost as many.
const MAX_PATH_PARTS: usize = 256;
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
    /// A link that leads out of the folder, to nothing, or in a circle; or a path beyond the limits.
    Link,
}

/// The names in a folder.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Every path under which an agent finds a file, and the path of the file itself.
    pub(crate) files: BTreeMap<String, String>,
    /// Links to folders whose files are not all in the list.
    pub(crate) cut: Vec<String>,
}

impl Names {
    /// The names directly or deeper below a folder, and their files.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &str)> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        self.files
            .range(prefix.clone()..)
            .take_while(move |(name, _)| name.starts_with(&prefix))
            .map(|(name, file)| (name.as_str(), file.as_str()))
    }
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

    /// Files, links to files, and files in folders that a link names, also by links in these.
    pub(crate) fn names(&self) -> Names {
        let mut names = Names::default();
        let mut linked = 0;
        for (path, entry) in &self.entries {
            if !matches!(entry, Entry::Link(_)) {
                names.files.insert(path.clone(), path.clone());
                continue;
            }
            match self.resolve(path) {
                Some(target) if !self.entries.contains_key(&target) => {
                    if !self.names_by(path, &mut vec![target], &mut names, &mut linked) {
                        names.cut.push(path.clone());
                    }
                }
                target => {
                    names.files.insert(path.clone(), target.unwrap_or_else(|| path.clone()));
                }
            }
        }
        names
    }

    /// The files of a folder under the name that a link gives it; false beyond the limit. The folder is the last on the
    /// way: one that leads into itself is followed once.
    fn names_by(
        &self,
        name: &str,
        way: &mut Vec<String>,
        names: &mut Names,
        linked: &mut usize,
    ) -> bool {
        let below = match way.last() {
            Some(target) if !target.is_empty() => format!("{target}/"),
            _ => String::new(),
        };
        for (file, entry) in self.entries.range(below.clone()..) {
            let Some(rest) = file.strip_prefix(&below) else { break };
            *linked += 1;
            if *linked > MAX_LINKED {
                return false;
            }
            let inner = format!("{name}/{rest}");
            if inner.len() > MAX_PATH_BYTES {
                continue;
            }
            let is_link = matches!(entry, Entry::Link(_));
            let real = if is_link { self.resolve(file) } else { None };
            let Some(folder) = real.as_ref().filter(|real| !self.entries.contains_key(*real))
            else {
                names.files.insert(inner, real.unwrap_or_else(|| file.clone()));
                continue;
            };
            if way.len() < MAX_LINKS && !way.contains(folder) {
                way.push(folder.clone());
                let whole = self.names_by(&inner, way, names, linked);
                way.pop();
                if !whole {
                    return false;
                }
            }
        }
        true
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

    /// The path without links; none if it leads out of the folder or in a circle, and beyond 4,096 bytes or 256 parts.
    pub(crate) fn resolve(&self, path: &str) -> Option<String> {
        if path.len() > MAX_PATH_BYTES {
            return None;
        }
        let mut todo: Vec<&str> = path.rsplit('/').collect();
        let mut done = String::new();
        // Where the path ended before each of its parts.
        let mut ends: Vec<usize> = Vec::new();
        let mut links = 0;
        while let Some(part) = todo.pop() {
            match part {
                "" | "." => {}
                ".." => done.truncate(ends.pop()?),
                _ => {
                    let end = done.len();
                    if end > 0 {
                        done.push('/');
                    }
                    done.push_str(part);
                    if done.len() > MAX_PATH_BYTES || ends.len() >= MAX_PATH_PARTS {
                        return None;
                    }
                    if let Some(Entry::Link(target)) = self.entries.get(&done) {
                        links += 1;
                        if links > MAX_LINKS
                            || target.starts_with('/')
                            || target.len() > MAX_PATH_BYTES
                        {
                            return None;
                        }
                        done.truncate(end);
                        todo.extend(target.rsplit('/'));
                    } else {
                        ends.push(end);
                    }
                }
            }
        }
        Some(done)
    }
}

/// A path of a manifest, relative to a folder. Agents refuse one without `./` or `../`, and no system opens one beyond
/// 4,096 bytes.
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
    Some(parts.join("/")).filter(|path| path.len() <= MAX_PATH_BYTES)
}

/// A path in a folder; the folder itself may be empty.
pub(crate) fn within(base: &str, rest: &str) -> String {
    if base.is_empty() { rest.to_owned() } else { format!("{base}/{rest}") }
}
