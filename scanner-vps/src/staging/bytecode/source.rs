//! A Python source, taken apart for a comparison with bytecode: the words of its code, its literals, its numbers. Pure.
//!
//! Words in comments and literals are no words of the code. Expressions in formatted literals are code. A source that
//! does not compile is read as far as it goes.

mod lexer;

use std::collections::HashSet;

/// The longest text that may be repeated to a constant, in characters.
const MAX_UNIT: usize = 8;

/// A source.
#[derive(Debug, Default)]
pub(in crate::staging) struct Source {
    words: HashSet<String>,
    whole: HashSet<String>,
    /// All literals, one behind another, since joined ones are one constant.
    literals: String,
    /// The same without the blanks at the start of lines, which newer versions take from docstrings.
    trimmed: String,
    /// The source without comments, blanks and quotes: annotations may be kept as text.
    plain: String,
    numbers: HashSet<String>,
    row: String,
}

impl Source {
    /// Takes a source apart.
    pub(in crate::staging) fn read(text: &str) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let row = String::from(" ");
        let mut source = lexer::read(&text, Self { row, ..Self::default() });
        source.trimmed = trimmed(&source.literals);
        source
    }

    /// Whether a word stands in its code.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether a number does.
    pub(super) fn has_number(&self, number: &str) -> bool {
        self.numbers.contains(number)
    }

    /// Whether numbers do in this order. Each byte that is gone through counts against `work`.
    pub(super) fn has_row(&self, row: &str, work: &mut usize) -> bool {
        spend(work, self.row.len()) && self.row.contains(row)
    }

    /// Whether a literal has this text. Each byte that is gone through counts against `work`.
    pub(super) fn has_literal(&self, text: &str, work: &mut usize) -> bool {
        let has = |text: &str, work: &mut usize| {
            self.whole.contains(text)
                || spend(work, self.literals.len()) && self.literals.contains(text)
        };
        has(text, work) || unit(text).is_some_and(|unit| has(unit, work))
    }

    /// The same, where the text may be a docstring or an annotation.
    pub(super) fn has_text(&self, text: &str, work: &mut usize) -> bool {
        if self.has_literal(text, work) {
            return true;
        }
        let wanted = trimmed(text);
        if !wanted.is_empty() && spend(work, self.trimmed.len()) && self.trimmed.contains(&wanted) {
            return true;
        }
        let wanted: String = text.chars().filter(|c| is_plain(*c)).collect();
        !wanted.is_empty() && spend(work, self.plain.len()) && self.plain.contains(&wanted)
    }
}

/// Takes from what is left; whether there was enough.
const fn spend(work: &mut usize, bytes: usize) -> bool {
    let enough = *work > bytes;
    *work = work.saturating_sub(bytes);
    enough
}

/// The text that another one repeats.
fn unit(text: &str) -> Option<&str> {
    let ends = text.char_indices().map(|(at, _)| at).skip(1).take(MAX_UNIT);
    ends.filter_map(|end| text.get(..end)).find(|unit| text.replace(unit, "").is_empty())
}

fn trimmed(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_start).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn is_plain(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\')
}
