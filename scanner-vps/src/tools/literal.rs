//! Literals and comments of JavaScript and Python, and whether a literal is only compared.
//!
//! Only what is seen to be compared counts: a literal that is an operand of a comparison or the pattern of a search, or
//! one in a variable of which every use in the program is such a comparison. All else may be handed on.

mod calls;
mod rows;
mod spans;

use calls::{commas, is_emitted, is_no_message, search_of};
use rows::{
    closed, is_parametrize, names_of_arrow, names_of_rows, only_compares, rows_are_compared,
};
use spans::{masked, spans};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    ops::Range,
    rc::Rc,
};

/// A literal's content or a comment, in bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    /// Its first byte.
    start: usize,
    /// The byte behind it.
    end: usize,
    /// It is a comment.
    comment: bool,
    /// Code may stand in it: a template, or a string of Python with an `f` before it.
    interpolated: bool,
}

/// What a place of a program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Code, or a literal that may be handed on.
    Code,
    /// Nothing but comments.
    Comment,
    /// Literals that are only compared.
    Compared,
}

/// Calls that assert what becomes of what they are given.
const ASSERTS: [&str; 4] = ["expect", "assert", "ok", "toBe"];
/// Literals of one match that are looked at; of more, nothing is known.
const MAX_LITERALS: usize = 16;
/// Brackets around a literal that are looked at.
const MAX_BRACKETS: usize = 12;
/// Variables of one program whose uses are looked at.
const MAX_VARIABLES: usize = 32;
/// Bytes of one program that are looked through for the uses of its names.
const MAX_LOOKED: usize = 128 * 1024 * 1024;
/// Bytes before a literal in which its variable is looked for.
const MAX_BEFORE: usize = 200;

/// A program in Python, or else in JavaScript, read once.
#[derive(Debug)]
pub(super) struct Program {
    text: Rc<str>,
    spans: Vec<Span>,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Opening brackets outside of literals, and the one that is open around each.
    brackets: Vec<(usize, Option<usize>)>,
    /// The innermost bracket around each span.
    around: Vec<Option<usize>>,
    /// The text with blanks in place of what its literals and comments hold; `None` where it is not certain what they are.
    code: Option<String>,
    /// A pattern is taken apart again.
    reused: bool,
    variables: RefCell<HashMap<String, bool>>,
    /// Names that are known to be those of the language or of a module of tests.
    names: RefCell<HashMap<String, bool>>,
    /// The outcome of the rows that each bracket holds.
    rows: RefCell<HashMap<usize, bool>>,
    /// Bytes that may still be looked through.
    left: Cell<usize>,
}

impl Program {
    /// Reads a program.
    pub(super) fn of(text: Rc<str>, python: bool) -> Self {
        let (spans, certain) = spans(&text, python);
        let code = certain.then(|| masked(&text, &spans));
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let lines = lines.collect();
        let (mut brackets, mut around, mut open) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = 0;
        let bytes = text.as_bytes();
        for span in spans.iter().map(Some).chain([None]) {
            let to = span.map_or(bytes.len(), |span| span.start);
            let between = bytes.get(next..to).unwrap_or_default();
            for (at, byte) in between.iter().enumerate() {
                match byte {
                    b'(' | b'[' | b'{' => {
                        brackets.push((next + at, open.last().copied()));
                        open.push(brackets.len() - 1);
                    }
                    b')' | b']' | b'}' => drop(open.pop()),
                    _ => {}
                }
            }
            if let Some(span) = span {
                around.push(open.last().copied());
                next = span.end;
            }
        }
        let reused = text.contains(".pattern") || text.contains(".source");
        Self {
            reused,
            text,
            spans,
            lines,
            brackets,
            around,
            code,
            variables: RefCell::default(),
            names: RefCell::default(),
            rows: RefCell::default(),
            left: Cell::new(MAX_LOOKED),
        }
    }

    /// Takes the work of looking through bytes; false where too much was done.
    fn pay(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// The code without what literals and comments hold, byte for byte where it is in the text; `None` where it is not
    /// certain what is a literal.
    pub(super) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The bytes from a column of a line to a column of another; lines from 0, columns from 1.
    pub(super) fn range(&self, first: (u32, u32), last: (u32, u32)) -> Option<Range<usize>> {
        let begin = |line: u32| self.lines.get(usize::try_from(line).ok()?).copied();
        let column = |column: u32| usize::try_from(column.saturating_sub(1)).ok();
        let end = begin(last.0)?;
        let length = self.text.get(end..)?.lines().next().unwrap_or_default().len();
        let to = end + column(last.1)?.min(length);
        let from = begin(first.0)?.checked_add(column(first.1)?)?;
        (from < to && self.text.is_char_boundary(from) && self.text.is_char_boundary(to))
            .then_some(from..to)
    }

    /// What stands in a range of the program.
    pub(super) fn place(&self, at: &Range<usize>, whole_line: bool) -> Place {
        let first = self.spans.partition_point(|span| span.end <= at.start);
        let behind = self.spans.partition_point(|span| span.start < at.end);
        let inside = self.spans.get(first..behind).unwrap_or_default();
        if self.code.is_none() || inside.is_empty() || inside.len() > MAX_LITERALS {
            return Place::Code;
        }
        if !whole_line && !self.is_covered(at, inside) {
            return Place::Code;
        }
        let mut literals = (first..behind)
            .filter_map(|index| Some((index, *self.spans.get(index)?)))
            .filter(|(_, span)| !span.comment)
            .peekable();
        if literals.peek().is_none() {
            return Place::Comment;
        }
        let compared = literals.all(|(index, span)| self.is_compared(index, span));
        if compared { Place::Compared } else { Place::Code }
    }

    /// Whether a range holds no code but what stands between the literals of a table.
    fn is_covered(&self, at: &Range<usize>, inside: &[Span]) -> bool {
        let mut from = at.start;
        let ends = inside.iter().map(|span| (span.start, span.end));
        for (start, end) in ends.chain([(at.end, at.end)]) {
            let between = self.text.get(from..start.max(from)).unwrap_or("x");
            if between.contains(char::is_alphanumeric) {
                return false;
            }
            from = end.min(at.end);
        }
        true
    }

    fn is_compared(&self, index: usize, span: Span) -> bool {
        if span.interpolated {
            return false;
        }
        let Some(code) = self.code.as_deref() else { return false };
        let mut compared = is_operand(code, span);
        let mut outermost = None;
        let mut open = self.around.get(index).copied().flatten();
        for depth in 0.. {
            let Some((at, outer)) = open.and_then(|open| self.brackets.get(open)).copied() else {
                break;
            };
            if depth == MAX_BRACKETS {
                return false;
            }
            let before = tail(&self.text, at).trim_end();
            let bracket = self.text.as_bytes().get(at).copied().unwrap_or_default();
            // A block of statements: what stands before it is no call of the literal.
            if bracket == b'{' && before.ends_with([')', '>']) {
                break;
            }
            if bracket == b'(' {
                let name = |c: char| !(c.is_alphanumeric() || c == '_' || c == '$');
                let name = before.rsplit(name).next().unwrap_or_default();
                let lower = name.to_ascii_lowercase();
                if is_emitted(before) {
                    return false;
                }
                let between = self.text.get(at + 1..span.start).unwrap_or("x");
                let is_first = !between.contains(|c: char| c.is_alphanumeric() && !is_prefix(c));
                let path = before
                    .rsplit(|c: char| !(c.is_alphanumeric() || c == '.'))
                    .next()
                    .unwrap_or_default();
                compared |= self.rows_of_test(at, before)
                    || is_first
                        && search_of(before).is_some_and(|search| self.believes_search(search))
                    || (lower.starts_with("assert")
                        || ASSERTS.contains(&name)
                        || path.starts_with("assert."))
                        && self.believes(if path.starts_with("assert.") { "assert" } else { name })
                        && is_no_message(name, code.get(at + 1..span.start).unwrap_or(",,"));
            }
            outermost = Some(at);
            open = outer;
        }
        let from = outermost.unwrap_or(span.start);
        let line = self.lines.partition_point(|line| *line <= from).saturating_sub(1);
        let begin = self.lines.get(line).copied().unwrap_or_default();
        let Some(head) = self.text.get(begin..from).filter(|head| head.len() <= MAX_BEFORE) else {
            return false;
        };
        let said = code.get(begin..from).unwrap_or_default();
        compared |= said.trim_start().starts_with("assert ") && commas(said) == 0;
        compared && !self.reused || self.variable(head).is_some_and(|name| self.only_compares(name))
    }

    /// Whether a call hands rows to a test that only compares them: `@pytest.mark.parametrize("text, bad", [...])` or
    /// `it.each([...])`.
    fn rows_of_test(&self, bracket: usize, before: &str) -> bool {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let path = before.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '$')));
        let path = path.clone().next().unwrap_or_default();
        let head = path.strip_suffix(".each").unwrap_or_default();
        let each = ["it", "test", "describe"].contains(&head);
        if !each && !line.ends_with("parametrize") {
            return false;
        }
        if let Some(known) = self.rows.borrow().get(&bracket) {
            return *known;
        }
        let behind = self.code.as_deref().and_then(|code| code.get(bracket..)).unwrap_or_default();
        let compared = if !self.pay(behind.len()) {
            false
        } else if each {
            let given = closed(behind).and_then(|behind| behind.trim_start().strip_prefix('('));
            self.believes(head)
                && self.believes("each")
                && given.is_some_and(|given| rows_are_compared(self, &names_of_arrow(given)))
        } else {
            is_parametrize(self, line)
                && rows_are_compared(self, &names_of_rows(&self.text, bracket + 1))
        };
        self.rows.borrow_mut().insert(bracket, compared);
        compared
    }

    /// The variable that what stands behind `head` is the value of.
    fn variable<'a>(&self, head: &'a str) -> Option<&'a str> {
        let head = head.trim_end_matches(['"', '\'', '`', 'r', 'b', 'u', ' ']).strip_suffix('=')?;
        let name = ["const ", "let ", "var "]
            .iter()
            .find_map(|word| head.trim_start().strip_prefix(word))
            .unwrap_or_else(|| head.trim_start());
        let name = name.split(':').next().unwrap_or(name).trim();
        let whole = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (whole && !name.is_empty() && name.len() < MAX_BEFORE && self.code.is_some())
            .then_some(name)
    }

    /// Whether a variable and each row of it is used, and only compared.
    fn only_compares(&self, name: &str) -> bool {
        if let Some(known) = self.variables.borrow().get(name) {
            return *known;
        }
        let found = self.variables.borrow().len() < MAX_VARIABLES && only_compares(self, name);
        if self.variables.borrow().len() < MAX_VARIABLES {
            self.variables.borrow_mut().insert(name.to_owned(), found);
        }
        found
    }
}

/// The bytes right before a place.
fn tail(text: &str, at: usize) -> &str {
    text.get(text.ceil_char_boundary(at.saturating_sub(MAX_BEFORE))..at).unwrap_or_default()
}

fn is_prefix(c: char) -> bool {
    matches!(c, 'r' | 'b' | 'u')
}

/// Whether the literal is an operand of a comparison, by the code without what literals hold.
fn is_operand(code: &str, span: Span) -> bool {
    let (front, rest) = (code.get(..span.start), code.get(span.end..));
    let (front, rest) = (front.unwrap_or_default(), rest.unwrap_or_default());
    // Its own marks only: what another literal holds is no operator.
    let mark = rest.chars().next().unwrap_or('x');
    let three = String::from(mark).repeat(3);
    let marks = if rest.starts_with(&three) && front.ends_with(&three) { 3 } else { 1 };
    let behind = rest.get(marks * mark.len_utf8()..).unwrap_or_default().trim_start_matches(' ');
    let before = front.get(..front.len().saturating_sub(marks)).unwrap_or_default();
    let before = before.trim_end_matches(['r', 'b', 'u', ' ']);
    let looped = before.ends_with("for");
    !looped
        && ["in ", "not in ", "== ", "=== ", "!= ", "!== "].iter().any(|op| behind.starts_with(op))
        || ["==", "!="].iter().any(|op| before.ends_with(op))
        || rest.starts_with("/.test(")
}

#[cfg(test)]
mod tests;
