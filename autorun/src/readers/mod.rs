//! Which reader takes which file.

mod claude;
mod codex;
mod copilot;
mod editors;
mod gemini;
mod markdown;
mod openclaw;
mod opencode;
mod plugin;
mod plugin_parts;
mod skill;

use crate::{
    collector::Collector,
    folder::{Folder, NoBytes},
    json::{self, Dialect},
    model::{Inventory, UnreadReason},
    text,
    value::Node,
};

/// Lists what agents run by themselves in a folder: a skill's, or a repository's with skills at any depth.
#[must_use]
pub fn inventory(folder: &Folder<'_>) -> Inventory {
    let mut reader = Reader { folder, out: Collector::default() };
    for (name, real) in folder.names() {
        dispatch(&mut reader, &Path { name: &name, real: &real });
    }
    reader.out.into_inventory()
}

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
    out: Collector,
}

/// Whether a byte-order mark is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bom {
    Skipped,
    Refused,
}

impl<'a> Reader<'a> {
    /// The text of a file that an agent would read, or a note that it is unread. A file that is not there is neither.
    fn text(&mut self, real: &str) -> Option<std::borrow::Cow<'a, str>> {
        match self.folder.bytes(real) {
            Ok(bytes) => return Some(text::decode(bytes)),
            Err(NoBytes::Missing) => {}
            Err(NoBytes::Large) => self.out.unread(real, UnreadReason::TooLarge),
            Err(NoBytes::Link) => self.out.unread(real, UnreadReason::Link),
        }
        None
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
}
