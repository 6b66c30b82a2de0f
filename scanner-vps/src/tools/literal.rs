//! Literals and comments of JavaScript and Python, and whether a literal is only compared.
//!
//! Only what is seen to be compared counts: a literal that is an operand of a comparison or the pattern of a search, or
//! one in a variable of which every use in the program is such a comparison. All else may be handed on.

mod rows;
mod spans;

use rows::{closed, names_of_arrow, names_of_rows, only_compares, rows_are_compared};
use spans::{masked, spans};
use std::{cell::RefCell, collections::HashMap, ops::Range, rc::Rc};

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

/// Calls whose first argument is what is looked for.
const SEARCHES: [&str; 10] = [
    "re.compile",
    "re.search",
    "re.match",
    "re.fullmatch",
    "re.findall",
    "re.finditer",
    ".includes",
    ".startswith",
    ".startsWith",
    ".indexOf",
];
/// Calls that assert what becomes of what they are given.
const ASSERTS: [&str; 4] = ["expect", "assert", "ok", "toBe"];
/// Calls that hand a text on to people, agents, files or hosts, in lower case.
const EMIT: &str = "print write writelines write_text writefile writefilesync appendfile appendfilesync log info debug \
    warn warning error send sendall post put patch request fetch urlopen echo puts tool prompt register addtool \
    registertool system popen run exec execsync spawn spawnsync eval function call check_output check_call getoutput \
    execfile execfilesync textcontent";
/// Literals of one match that are looked at; of more, nothing is known.
const MAX_LITERALS: usize = 16;
/// Brackets around a literal that are looked at.
const MAX_BRACKETS: usize = 12;
/// Variables of one program whose uses are looked at.
const MAX_VARIABLES: usize = 32;
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
        Self { reused, text, spans, lines, brackets, around, code, variables: RefCell::default() }
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
        let mut compared = is_operand(&self.text, span);
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
                if EMIT.split_ascii_whitespace().any(|emit| emit == lower) {
                    return false;
                }
                let between = self.text.get(at + 1..span.start).unwrap_or("x");
                let is_first = !between.contains(|c: char| c.is_alphanumeric() && !is_prefix(c));
                if self.rows_of_test(at, lower.as_str()) {
                    return true;
                }
                compared |= is_first && SEARCHES.iter().any(|call| before.ends_with(call))
                    || lower.starts_with("assert")
                    || before
                        .rsplit(|c: char| !(c.is_alphanumeric() || c == '.'))
                        .next()
                        .is_some_and(|path| path.starts_with("assert."))
                    || ASSERTS.contains(&name);
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
        compared |= head.trim_start().starts_with("assert ");
        compared && !self.reused || self.variable(head).is_some_and(|name| self.only_compares(name))
    }

    /// Whether a call hands rows to a test that only compares them: `parametrize("text, bad", [...])` or `it.each([...])`.
    fn rows_of_test(&self, bracket: usize, call: &str) -> bool {
        let Some(code) = self.code.as_deref() else { return false };
        match call {
            "parametrize" => rows_are_compared(code, &names_of_rows(&self.text, bracket + 1)),
            "each" => {
                let behind = code.get(bracket..).unwrap_or_default();
                let given = closed(behind).and_then(|behind| behind.trim_start().strip_prefix('('));
                given.is_some_and(|given| rows_are_compared(code, &names_of_arrow(given)))
            }
            _ => false,
        }
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
        let found = self.variables.borrow().len() < MAX_VARIABLES
            && self.code.as_deref().is_some_and(|code| only_compares(code, &self.text, name));
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

/// Whether the literal is an operand of a comparison.
fn is_operand(text: &str, span: Span) -> bool {
    let behind = text.get(span.end..).unwrap_or_default().trim_start_matches(['"', '\'', '`', ' ']);
    let before = text
        .get(..span.start)
        .unwrap_or_default()
        .trim_end_matches(['"', '\'', '`', 'r', 'b', 'u', ' ']);
    let looped = before.ends_with("for");
    !looped && ["in ", "not in ", "== ", "=== ", "!= "].iter().any(|op| behind.starts_with(op))
        || ["==", "!="].iter().any(|op| before.ends_with(op))
        || text.get(span.end..).is_some_and(|behind| behind.starts_with("/.test("))
}

#[cfg(test)]
mod tests;
