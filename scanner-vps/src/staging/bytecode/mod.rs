//! Compiled Python (`.pyc`): what its header says, the names and texts in it, and whether its source has all of them.
//! Pure.
//!
//! Python loads such a file in place of the source beside it if the header says so, and time and size in a header are
//! the author's to choose. So the header proves nothing. What can be shown is that each name and each text of the
//! bytecode stands in the source: then it calls and says nothing that the source does not show. The order of its steps is
//! not compared.

mod marshal;

use skillgate_contract::text::line;
use skillgate_detection::strings::{Syntax, strings};
use std::collections::{BTreeSet, HashSet};

/// Bytes of the header: a number of the version, flags, and a time and a size, or a hash (PEP 552).
const HEADER: usize = 16;
/// Versions whose code objects are known: the numbers of CPython 3.8 to 3.14, alphas included.
const KNOWN: std::ops::RangeInclusive<u16> = 3_400..=3_699;
/// From this number on (3.11), code objects have no count of locals and two more fields.
const NEW_LAYOUT: u16 = 3_450;

/// A bytecode file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bytecode {
    /// Python loads it without a look at the source.
    pub(super) unchecked: bool,
    /// Names that it defines or uses.
    pub(super) names: BTreeSet<String>,
    /// Its texts, and bytes that are text.
    pub(super) texts: BTreeSet<String>,
}

/// Reads a file of a known version; `None` where it is another, damaged, or beyond the limits.
pub(super) fn read(content: &[u8]) -> Option<Bytecode> {
    let (header, body) = content.split_at_checked(HEADER)?;
    let [low, high, b'\r', b'\n', flags, ..] = *header else { return None };
    let version = u16::from_le_bytes([low, high]);
    if !KNOWN.contains(&version) {
        return None;
    }
    let found = marshal::read(body, version >= NEW_LAYOUT)?;
    let unchecked = flags & 0b11 == 0b01;
    Some(Bytecode { unchecked, names: found.names, texts: found.texts })
}

impl Bytecode {
    /// Its texts as Python source, one literal a line.
    pub(super) fn as_source(&self) -> String {
        let mut source = String::new();
        for text in &self.texts {
            source.push('"');
            for c in text.chars() {
                match c {
                    '"' | '\\' => source.extend(['\\', c]),
                    '\n' => source.push_str("\\n"),
                    '\r' => source.push_str("\\r"),
                    c if c.is_control() => source.push(' '),
                    c => source.push(c),
                }
            }
            source.push_str("\"\n");
        }
        source
    }

    /// Why its source does not stand for it; `None` where it does.
    pub(super) fn doubt(&self, source: &str, work: &mut usize) -> Option<String> {
        if self.unchecked {
            return Some("compiled Python that is loaded without a look at its source".to_owned());
        }
        let first = line(self.not_in(source, work)?, 80);
        Some(format!("compiled Python that has more in it than its source: {first}"))
    }

    /// The first name or text that the source does not have; `None` where it has all. `work` is what all comparisons of
    /// a scan may take, in bytes of source that are gone through: without it, nothing is shown to be in the source.
    fn not_in(&self, source: &str, work: &mut usize) -> Option<&str> {
        // Reading the literals goes over it a few times.
        *work = work.saturating_sub(source.len().saturating_mul(8));
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let words: HashSet<&str> = source.split(|c: char| !is_part(c)).collect();
        let known_name = |name: &&String| {
            // `<module>`, `.0`: Python's own; `_Class__name`: the name as it stands, behind the class's.
            name.starts_with(['<', '.'])
                || IMPLIED.contains(&name.as_str())
                || words.contains(name.as_str())
                || is_path(name, &words)
                || name
                    .strip_prefix('_')
                    .and_then(|rest| rest.split_once("__"))
                    .is_some_and(|(_, rest)| words.contains(format!("__{rest}").as_str()))
        };
        if let Some(name) = self.names.iter().find(|name| !known_name(name)) {
            return Some(name);
        }
        let literals: String = strings(Syntax::Python, source)
            .into_iter()
            .flat_map(|string| [string.text, "\n".to_owned()])
            .collect();
        let (plain, literals) = (squeezed(source), squeezed(&literals));
        self.texts.iter().map(String::as_str).find(|text| {
            // Signs alone say nothing, and how they are written differs most.
            let says = text.chars().any(char::is_alphanumeric);
            if !says || words.contains(text) || is_path(text, &words) || *text == "return" {
                return false;
            }
            let wanted = squeezed(text);
            *work = work.saturating_sub(plain.len().saturating_add(literals.len()));
            *work == 0 || !plain.contains(&wanted) && !literals.contains(&wanted)
        })
    }
}

/// Names that Python adds by itself.
const IMPLIED: &[&str] = &[
    "__name__",
    "__module__",
    "__qualname__",
    "__doc__",
    "__annotations__",
    "__build_class__",
    "__classcell__",
    "__class__",
    "__firstlineno__",
    "__static_attributes__",
    "__annotate__",
    "__annotate_func__",
    "__conditional_annotations__",
    "__debug__",
    "AssertionError",
    "__classdict__",
    "__classdictcell__",
    "__type_params__",
    "__orig_bases__",
    "__generic_base__",
    "path",
];
/// What the comparisons of one scan may take.
pub(super) const MAX_COMPARED: usize = 1_000_000_000;

/// Whether a text is a dotted path of known words: `Class.method`, `outer.<locals>.<lambda>`.
fn is_path(text: &str, words: &HashSet<&str>) -> bool {
    let own = |part: &str| part.starts_with('<') && part.ends_with('>') && !part.contains(' ');
    text.split('.').all(|part| words.contains(part) && !part.is_empty() || own(part))
}

/// A text without blanks, line ends and the signs of quoting: how a literal is written differs in these.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\')).collect()
}

#[cfg(test)]
pub(super) mod tests;
