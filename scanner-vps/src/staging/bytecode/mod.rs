//! Compiled Python (`.pyc`): what its header says, the names and constants in it, and whether its source has all of
//! them. Pure.
//!
//! Python loads such a file in place of the source beside it if the header says so, and time and size in a header are
//! the author's to choose. So the header proves nothing. What is compared: each name stands in the code of the source,
//! comments and literals apart; each text and each constant of bytes stands in its literals; each tuple of eight
//! numbers or more is spelled there in its order; of other numbers, no more than a few are new and none is longer than
//! Python calculates before it runs. The order of the steps is not compared: bytecode may still put the parts of its
//! source together in another way.

mod marshal;
mod number;
mod source;

pub(super) use source::Source;

use skillgate_contract::text::line;
use std::{borrow::Cow, collections::BTreeSet};

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
    /// Its texts.
    pub(super) texts: BTreeSet<String>,
    bytes: BTreeSet<Vec<u8>>,
    numbers: BTreeSet<String>,
    rows: BTreeSet<String>,
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
    let marshal::Found { names, texts, bytes, numbers, rows } = found;
    Some(Bytecode { unchecked, names, texts, bytes, numbers, rows })
}

impl Bytecode {
    /// Its texts, and bytes as the text they show, as Python source, one literal a line.
    pub(super) fn as_source(&self) -> String {
        let mut source = String::new();
        let bytes = self.bytes.iter().map(|bytes| String::from_utf8_lossy(bytes));
        for text in self.texts.iter().map(Cow::from).chain(bytes) {
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

    /// Why its source does not stand for it; `None` where it does. `work` is what all comparisons of a scan may still
    /// take, in bytes that are gone through: once it is spent, nothing is shown to be in a source.
    pub(super) fn doubt(&self, source: &Source, work: &mut usize) -> Option<String> {
        if self.unchecked {
            return Some("compiled Python that is loaded without a look at its source".to_owned());
        }
        let first = self.not_in(source, work);
        if *work == 0 {
            return Some("compiled Python beyond what a scan compares with its source".to_owned());
        }
        let first = line(&first?, 80);
        Some(format!("compiled Python that has more in it than its source: {first}"))
    }

    /// The first name or constant that the source does not have; `None` where it has all.
    fn not_in(&self, source: &Source, work: &mut usize) -> Option<String> {
        if *work == 0 {
            return Some(String::new());
        }
        *work = work.saturating_sub(self.names.iter().chain(&self.texts).map(String::len).sum());
        if let Some(name) = self.names.iter().find(|name| !is_known(name, source)) {
            return Some(name.clone());
        }
        let text = self.texts.iter().find(|text| {
            let word = source.has_word(text) || is_path(text, source) || *text == "return";
            !word && !source.has_text(text, work)
        });
        if let Some(text) = text {
            return Some(text.clone());
        }
        let bytes = self.bytes.iter().find(|bytes| {
            // Each byte as the character of its number, as an escape in a literal is read.
            let text: String = bytes.iter().copied().map(char::from).collect();
            !source.has_literal(&text, work)
        });
        if let Some(bytes) = bytes {
            return Some(String::from_utf8_lossy(bytes).into_owned());
        }
        if self.rows.iter().any(|row| !source.has_row(row, work)) {
            return Some("a row of numbers".to_owned());
        }
        let new: Vec<_> = self.numbers.iter().filter(|n| !source.has_number(n)).collect();
        let long = new.iter().any(|number| number.len() > MAX_CALCULATED);
        (long || new.len() > MAX_NEW).then(|| "numbers".to_owned())
    }
}

/// Numbers that a file may have and its source not: those that Python calculated from others.
const MAX_NEW: usize = 16;
/// Hexadecimal digits of such a number: Python calculates 128 bits at most, and a sum has one more.
const MAX_CALCULATED: usize = 33;

/// Whether a name is one of the source's code, or one that Python adds.
fn is_known(name: &str, source: &Source) -> bool {
    // `<module>`, `.0`: Python's own; `_Class__name`: the name as it stands, behind the class's.
    name.starts_with(['<', '.'])
        || IMPLIED.contains(&name)
        || source.has_word(name)
        || is_path(name, source)
        || name
            .strip_prefix('_')
            .and_then(|rest| rest.split_once("__"))
            .is_some_and(|(_, rest)| source.has_word(&format!("__{rest}")))
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
fn is_path(text: &str, source: &Source) -> bool {
    let own = |part: &str| part.starts_with('<') && part.ends_with('>') && !part.contains(' ');
    text.split('.').all(|part| source.has_word(part) || own(part))
}

#[cfg(test)]
pub(super) mod tests;
