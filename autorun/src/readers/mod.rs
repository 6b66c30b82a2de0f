//! Which reader takes which file.

mod claude;
mod codex;
mod copilot;
mod editors;
mod gemini;
mod markdown;
mod openclaw;
mod opencode;
mod package_manager;
mod paths;
mod plugin;
mod plugin_parts;
mod skill;

use crate::{
    collector::Collector,
    folder::{Folder, Names, NoBytes},
    json::{self, Dialect},
    model::{Inventory, UnreadReason},
    text,
    value::Node,
};
use std::collections::{BTreeMap, BTreeSet};

/// Lists what agents run by themselves in a folder: a skill's, or a repository's with skills at any depth.
#[must_use]
pub fn inventory(folder: &Folder<'_>) -> Inventory {
    let names = folder.names();
    let mut reader = Reader::new(folder, &names);
    reader.all();
    reader.out.into_inventory()
}

/// The most bytes that are read a second time or more, of all files: 64 MiB. Many names and many manifests may lead to
/// one file, so the sum of the files' sizes is no limit of the work.
const MAX_BYTES_AGAIN: usize = 64 << 20;
/// What each reading counts for beside the file's bytes.
const BYTES_OF_A_READING: usize = 256;

/// A file under the name by which an agent finds it.
struct Path<'a> {
    /// The name, which decides who reads the file.
    name: &'a str,
    /// The file itself, where links lead; the one that entries name.
    real: &'a str,
}

impl<'a> Path<'a> {
    /// The folder in front of a fixed end of the name.
    fn base(&self, end: &str) -> Option<&'a str> {
        let base = self.name.strip_suffix(end)?;
        if base.is_empty() { Some(base) } else { base.strip_suffix('/') }
    }

    fn file_name(&self) -> &'a str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    /// Whether the file is below a folder of this name, at any depth.
    fn is_below(&self, folder: &str) -> bool {
        self.name.starts_with(&format!("{folder}/")) || self.name.contains(&format!("/{folder}/"))
    }

    /// Whether the name ends so.
    fn ends(&self, end: &str) -> bool {
        self.base(end).is_some()
    }

    /// Whether the file has one of these extensions.
    fn is_a(&self, extensions: &[&str]) -> bool {
        self.name.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }
}

struct Reader<'a> {
    folder: &'a Folder<'a>,
    names: &'a Names,
    out: Collector,
    /// How often each file was read.
    readings: BTreeMap<String, usize>,
    /// The bytes that were read again.
    again: usize,
    /// What was done with which file, where a second time would add nothing.
    done: BTreeSet<(&'static str, String)>,
    /// Whether the agents of a manifest load it: by the manifest's name and file.
    loaded: BTreeMap<(&'static str, String), bool>,
    /// Whether a folder is a skill or a plugin.
    parents: BTreeMap<String, bool>,
}

/// Whether a byte-order mark is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bom {
    Skipped,
    Refused,
}

impl<'a> Reader<'a> {
    const fn new(folder: &'a Folder<'a>, names: &'a Names) -> Self {
        Self {
            folder,
            names,
            out: Collector::new(),
            readings: BTreeMap::new(),
            again: 0,
            done: BTreeSet::new(),
            loaded: BTreeMap::new(),
            parents: BTreeMap::new(),
        }
    }

    fn all(&mut self) {
        let names = self.names;
        for link in &names.cut {
            self.out.unread(link, UnreadReason::TooMany);
        }
        for (name, real) in &names.files {
            dispatch(self, &Path { name, real });
        }
    }

    /// Whether this is the first time that this is done with a file.
    fn is_first(&mut self, what: &'static str, real: &str) -> bool {
        self.done.insert((what, real.to_owned()))
    }

    /// The bytes of a file, or a note that it is unread, also where too much was read again. A file that is not there
    /// is neither.
    fn bytes(&mut self, real: &str) -> Option<&'a [u8]> {
        match self.folder.bytes(real) {
            Ok(bytes) => {
                let readings = self.readings.entry(real.to_owned()).or_default();
                if *readings > 0 {
                    self.again += bytes.len() + BYTES_OF_A_READING;
                    if self.again > MAX_BYTES_AGAIN {
                        self.out.unread(real, UnreadReason::TooMany);
                        return None;
                    }
                }
                *readings += 1;
                return Some(bytes);
            }
            Err(NoBytes::Missing) => {}
            Err(NoBytes::Large) => self.out.unread(real, UnreadReason::TooLarge),
            Err(NoBytes::Link) => self.out.unread(real, UnreadReason::Link),
        }
        None
    }

    /// The text of a file that an agent would read, or a note that it is unread. A file that is not there is neither.
    fn text(&mut self, real: &str) -> Option<std::borrow::Cow<'a, str>> {
        self.bytes(real).map(text::decode)
    }

    /// A file as JSON; one that is no JSON is unread.
    fn json(&mut self, real: &str, dialect: Dialect, bom: Bom) -> Option<Node> {
        let text = self.text(real)?;
        let text = if bom == Bom::Skipped { text::without_bom(&text) } else { &text };
        match json::parse(text, 1, dialect) {
            Ok(node) => Some(node),
            Err(error) => {
                self.out.unread(real, UnreadReason::Json(error));
                None
            }
        }
    }

    /// A file that many programs know under this name: what is no JSON belongs to somebody else.
    fn json_of_somebody(&mut self, real: &str, dialect: Dialect) -> Option<Node> {
        let text = self.text(real)?;
        json::parse(text::without_bom(&text), 1, dialect).ok()
    }

    /// The file behind a path, or the path where a link leads nowhere.
    fn real(&self, path: &str) -> String {
        self.folder.resolve(path).unwrap_or_else(|| path.to_owned())
    }
}

fn dispatch(reader: &mut Reader<'_>, path: &Path<'_>) {
    if path.file_name().eq_ignore_ascii_case("skill.md") {
        skill::read(reader, path);
        return;
    }
    plugin::read(reader, path);
    claude::read(reader, path);
    codex::read(reader, path);
    copilot::read(reader, path);
    editors::read(reader, path);
    gemini::read(reader, path);
    opencode::read(reader, path);
    package_manager::read(reader, path);
}

#[cfg(test)]
mod tests;
