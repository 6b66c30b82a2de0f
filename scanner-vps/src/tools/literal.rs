//! Literals and comments of JavaScript and Python, and whether a literal is only compared.
//!
//! Only what is seen to be compared counts: a literal that is an operand of a comparison or the pattern of a search, or
//! one in a variable of which every use in the program is such a comparison. All else may be handed on.

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
/// Uses of one variable that are looked at.
const MAX_USES: usize = 64;
/// Bytes of a line; of a longer one, nothing is known.
const MAX_LINE: usize = 10_000;
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
            && self.code.as_deref().is_some_and(|code| only_compares(code, name));
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

/// The places of a word in code, as what stands before and behind.
fn uses<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    code.match_indices(name).filter_map(move |(at, _)| {
        let (before, behind) = (code.get(..at)?, code.get(at + name.len()..)?);
        let whole = !before.chars().next_back().is_some_and(part)
            && !behind.chars().next().is_some_and(part);
        whole.then_some((before, behind))
    })
}

/// Whether a table is used only to compare with it: rows are taken one by one and compared.
fn only_compares(code: &str, name: &str) -> bool {
    let (mut defined, mut used) = (0, 0);
    if uses(code, name).nth(MAX_USES).is_some() {
        return false;
    }
    for (before, behind) in uses(code, name) {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let next = behind.trim_start_matches(' ');
        let is_definition = matches!(line.trim(), "" | "const" | "let" | "var")
            && (next.starts_with('=') && !next.starts_with("==") || next.starts_with(": "));
        if is_definition {
            defined += 1;
            continue;
        }
        used += 1;
        let row = row(line, next);
        let member = line.ends_with(" in ") && row.is_none() && !line.contains("for ");
        let rows = row.is_some_and(|row| row != name && rows_are_compared(code, row));
        if !(member || rows || is_compared_use(line, next)) {
            return false;
        }
    }
    defined == 1 && used > 0
}

/// The variable that takes each row of a table: `for row in TABLE`, `for (const row of TABLE)`, `TABLE.some(row =>`.
fn row<'a>(line: &'a str, next: &'a str) -> Option<&'a str> {
    let word = |text: &'a str| {
        let name = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        text.trim().rsplit(name).next().filter(|word| !word.is_empty())
    };
    for taken in [" in ", " of "] {
        if let Some(head) = line.strip_suffix(taken) {
            let (_, bound) = head.rsplit_once("for ").unwrap_or(("", ""));
            let bound = bound.trim_start_matches('(').trim_start_matches("const ");
            let bound = bound.trim_start_matches("let ").trim();
            return word(bound).filter(|word| *word == bound);
        }
    }
    let given = [".some(", ".every("].iter().find_map(|call| next.strip_prefix(call))?;
    let (bound, _) = given.split_once("=>")?;
    let bound = bound.trim().trim_start_matches('(').trim_end_matches(')');
    word(bound).filter(|word| *word == bound)
}

fn rows_are_compared(code: &str, row: &str) -> bool {
    let mut compared = 0;
    if uses(code, row).nth(MAX_USES).is_some() {
        return false;
    }
    for (before, behind) in uses(code, row) {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let next = behind.trim_start_matches(' ');
        let bound = line.ends_with("for ") && next.starts_with("in ")
            || ["(const ", "(let "].iter().any(|b| line.ends_with(b)) && next.starts_with("of ")
            || [".some(", ".every(", ".some((", ".every(("].iter().any(|b| line.ends_with(b))
                && next.trim_start_matches(')').trim_start().starts_with("=>");
        if bound {
            continue;
        }
        if !is_compared_use(line, next) {
            return false;
        }
        compared += 1;
    }
    compared > 0
}

/// Whether a use of a variable compares it, by what stands before it on its line, and behind it.
fn is_compared_use(line: &str, next: &str) -> bool {
    let operand = ["in ", "not in ", "== ", "=== ", "!= ", "!== "].iter();
    operand.clone().any(|op| next.starts_with(op))
        || ["==", "!="].iter().any(|op| line.trim_end().ends_with(op))
        || line.strip_suffix('(').is_some_and(|call| {
            SEARCHES.iter().any(|search| call.ends_with(search) && *search != "re.compile")
        })
}

/// All literals and comments of a program in Python, or else in JavaScript, whose patterns are literals too; and whether
/// no other reading is possible.
fn spans(text: &str, python: bool) -> (Vec<Span>, bool) {
    let bytes = text.as_bytes();
    let at = |at: usize| bytes.get(at).copied().unwrap_or_default();
    // Ends of lines that end a comment too, and comments of another kind.
    let mut certain = text.lines().all(|line| line.len() <= MAX_LINE)
        && !text.contains(['\u{2028}', '\u{2029}', '\u{c}'])
        && text.matches('\r').count() == text.matches("\r\n").count()
        && (python || !text.contains("<!--") && !text.contains("-->"));
    let mut spans = Vec::new();
    let mut here = 0;
    while here < bytes.len() {
        let byte = at(here);
        let slash = !python && byte == b'/';
        if python && byte == b'#' || slash && at(here + 1) == b'/' {
            let end =
                text.get(here..).and_then(|rest| rest.find('\n')).map_or(text.len(), |n| here + n);
            spans.push(Span { start: here, end, comment: true, interpolated: false });
            here = end;
        } else if slash && at(here + 1) == b'*' {
            let end = text
                .get(here + 2..)
                .and_then(|rest| rest.find("*/"))
                .map_or(text.len(), |n| here + 2 + n);
            spans.push(Span { start: here, end, comment: true, interpolated: false });
            here = end + 2;
        } else if slash && begins_pattern(text, here, &mut certain) {
            let end = pattern_end(bytes, here + 1);
            spans.push(Span { start: here + 1, end, comment: false, interpolated: false });
            here = end + 1;
        } else if matches!(byte, b'"' | b'\'') || byte == b'`' && !python {
            let long = python && at(here + 1) == byte && at(here + 2) == byte;
            let marks = if long { 3 } else { 1 };
            let start = here + marks;
            let mut end = start;
            while end < bytes.len() {
                match at(end) {
                    b'\\' => end += 1,
                    b'\n' if !long && byte != b'`' => {
                        certain = false;
                        break;
                    }
                    b if b == byte && (!long || at(end + 1) == byte && at(end + 2) == byte) => {
                        break;
                    }
                    _ => {}
                }
                end += 1;
            }
            certain &= end < bytes.len();
            let end = end.min(bytes.len());
            let inner = text.get(start..end).unwrap_or_default();
            let letters = bytes.get(here.saturating_sub(2)..here).unwrap_or_default();
            let prefixed = python && letters.iter().any(|b| matches!(b, b'f' | b'F' | b't' | b'T'));
            let interpolated =
                byte == b'`' && inner.contains("${") || prefixed && inner.contains('{');
            certain &= !interpolated || is_plain(inner);
            spans.push(Span { start, end, comment: false, interpolated });
            here = end + marks;
        } else {
            here += 1;
        }
    }
    (spans, certain)
}

/// Whether the code in a template holds no literal, so that its end is certain.
fn is_plain(inner: &str) -> bool {
    inner.split('{').skip(1).all(|code| {
        code.split_once('}').is_some_and(|(code, _)| !code.contains(['"', '\'', '`', '/', '#']))
    })
}

/// Whether a slash begins a pattern of JavaScript: no value stands before it. Clears `certain` where both may be meant.
fn begins_pattern(text: &str, at: usize, certain: &mut bool) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end();
    if before.is_empty() || before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', ';']) {
        return true;
    }
    let name = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'));
    let word = before.rsplit(name).next().unwrap_or_default();
    let keyword = ["return", "typeof", "case", "of", "in", "delete", "void", "do", "else", "await"];
    if keyword.contains(&word) {
        *certain &= word == "return";
        return word == "return";
    }
    if !word.is_empty() || before.ends_with(']') {
        return false;
    }
    *certain &= before.ends_with("=>") || before.ends_with('{');
    before.ends_with(['{', '}', '>'])
}

fn pattern_end(bytes: &[u8], from: usize) -> usize {
    let (mut end, mut listed) = (from, false);
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\\' => end += 1,
            b'\n' => break,
            b'[' => listed = true,
            b']' => listed = false,
            b'/' if !listed => break,
            _ => {}
        }
        end += 1;
    }
    end.min(bytes.len())
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

/// The text with blanks in place of what its literals and comments hold.
fn masked(text: &str, spans: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans.iter().filter(|span| !span.interpolated) {
        let inner = bytes.get_mut(span.start..span.end).unwrap_or_default();
        inner.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    // Whole characters are covered, so this stays a text.
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(text: &str) -> bool {
        let from = text.find("PAYLOAD").unwrap();
        let python = !text.contains(['{', '`', ';']) || text.contains("f(f");
        let program = Program::of(text.into(), python);
        program.place(&(from..from + 7), false) == Place::Compared
    }

    #[test]
    fn what_is_only_compared_is_data() {
        for text in [
            "re.compile(r\"PAYLOAD\")",
            "assert RULES['x'].search('PAYLOAD | sh')",
            "if \"PAYLOAD\" in line:\n  pass",
            "expect(clean('PAYLOAD')).toBe('');",
            "const R = /x/; it('a', () => { assert.equal(f(\"PAYLOAD\"), 1) })",
            "BAD = [\n  'a',\n  'PAYLOAD',\n]\nfor b in BAD:\n  print(b in text)\n",
            "BAD = 'PAYLOAD'\nif BAD in text:\n  print(1)\n",
            "const B = ['PAYLOAD']; B.some(b => text.includes(b));",
            "const B = ['PAYLOAD'];\nfor (const b of B) { if (text.includes(b)) hits += 1; }",
        ] {
            assert!(compared(text), "{text}");
        }
    }

    #[test]
    fn what_may_be_handed_on_is_not() {
        for text in [
            "os.system('PAYLOAD')",
            "print('PAYLOAD')",
            "assert os.system('PAYLOAD') == 0",
            "re.compile(os.popen('PAYLOAD').read())",
            "fs.appendFileSync(p, 'PAYLOAD')",
            "    return 'PAYLOAD'",
            "tool({ description: 'PAYLOAD' })",
            "x = PAYLOAD",
            "f(f'{PAYLOAD}')",
            "c = re.sub('^$', 'PAYLOAD', '')",
            "q.has('PAYLOAD')",
            "{'x': 'PAYLOAD'}",
            "BAD = ['PAYLOAD']\n",
            "BAD = ['PAYLOAD']\nfor b in BAD:\n  print(b)\n",
            "BAD = ['PAYLOAD']\nfor b in BAD:\n  f(f'{b}')\n",
            "BAD = ['PAYLOAD']\nx in BAD\nf(BAD)\n",
            "BAD = ['PAYLOAD']\ndef tool():\n  return BAD\n",
            "const CMDS = ['PAYLOAD']; CMDS.forEach(cp.execSync);",
            "r = re.compile('PAYLOAD')\nos.system(r.pattern)",
        ] {
            assert!(!compared(text), "{text}");
        }
    }

    #[test]
    fn where_a_literal_may_end_elsewhere_nothing_is_known() {
        for (python, text) in [
            (false, "x = {} / \"/\"; eval(y) //\""),
            (false, "x = a + /\"/.source; eval(y) //\""),
            (false, "`${`a`}`"),
            (false, "<!-- \"\neval(y)"),
            (true, "# a\rimport os"),
            (true, "f\"{x[\"a\"]}\""),
            (true, "x = 'a"),
        ] {
            assert_eq!(Program::of(text.into(), python).code(), None, "{text}");
        }
    }
}
