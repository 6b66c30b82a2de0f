//! Literals and comments of JavaScript and Python, and whether a literal is only compared.

use std::ops::Range;

/// A literal's content or a comment, in bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte behind it.
    pub(super) end: usize,
    /// It is a comment.
    pub(super) comment: bool,
    /// Code may stand in it: a template, or a string of Python with an `f` before it.
    pub(super) interpolated: bool,
}

/// Calls that compare or assert; the last part of a name, in lower case.
const COMPARE: &str = "compile search match fullmatch findall finditer sub test includes indexof startswith endswith has \
    contains regexp tocontain tomatch toequal tobe assertin assertequal assertnotin assertregex assertraises matchall \
    count grep isin";
/// Calls that hand a text on to people, agents, files or hosts.
const EMIT: &str = "print write writelines write_text writefile writefilesync appendfile appendfilesync log info debug \
    warn warning error send sendall post put patch request fetch urlopen echo puts tool prompt register addtool \
    registertool system popen run exec execsync spawn spawnsync eval function call check_output check_call getoutput \
    execfile execfilesync textcontent";
/// Keys whose value speaks to an agent.
const SPEAKS: [&str; 4] = ["description", "instructions", "prompt", "content"];
/// Literals of one match that are looked at; of more, nothing is known.
const MAX_LITERALS: usize = 16;
/// Brackets around a literal that are looked at.
const MAX_BRACKETS: usize = 12;

/// All literals and comments of a program in Python, or else in JavaScript, whose patterns are literals too.
pub(super) fn spans(text: &str, python: bool) -> Vec<Span> {
    let bytes = text.as_bytes();
    let at = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let mut spans = Vec::new();
    let mut here = 0;
    while here < bytes.len() {
        let byte = at(here);
        let before = here.checked_sub(1).map(at);
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
        } else if slash && begins_pattern(text, here) {
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
                    b'\n' if !long && byte != b'`' => break,
                    b if b == byte && (!long || at(end + 1) == byte && at(end + 2) == byte) => {
                        break;
                    }
                    _ => {}
                }
                end += 1;
            }
            let end = end.min(bytes.len());
            let inner = text.get(start..end).unwrap_or_default();
            let prefixed = before.is_some_and(|b| matches!(b, b'f' | b'F'));
            let interpolated =
                byte == b'`' && inner.contains("${") || prefixed && inner.contains('{');
            spans.push(Span { start, end, comment: false, interpolated });
            here = end + marks;
        } else {
            here += 1;
        }
    }
    spans
}

/// Whether a slash begins a pattern of JavaScript: no value stands before it.
fn begins_pattern(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end();
    before.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', '}', ';', '>'])
        || before.is_empty()
        || before.ends_with("return")
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

/// Whether what stands in a range of a program is only compared. `runs_texts`: a program of the skill runs texts, so that
/// only what is compared on the spot is known to be.
pub(super) fn is_compared(
    text: &str,
    python: bool,
    at: Range<usize>,
    whole_line: bool,
    runs_texts: bool,
) -> bool {
    let spans = spans(text, python);
    let (from, to) = (at.start, at.end);
    let mut inside = spans.iter().filter(|span| span.start < to && span.end > from).peekable();
    if inside.peek().is_none() || inside.clone().count() > MAX_LITERALS {
        return false;
    }
    let covered = whole_line || {
        // Between literals of a table stands no code.
        let is_inside = |at: usize| spans.iter().any(|span| span.start <= at && at < span.end);
        let range = text.get(from..to).unwrap_or_default();
        range.char_indices().all(|(at, c)| !c.is_alphanumeric() || is_inside(from + at))
    };
    covered
        && inside
            .all(|span| span.comment && !whole_line || is_data(text, &spans, *span, runs_texts))
}

/// Whether a literal stands where it is compared, or in a table that nothing runs.
fn is_data(text: &str, spans: &[Span], span: Span, runs_texts: bool) -> bool {
    if span.comment {
        return true;
    }
    if span.interpolated {
        return false;
    }
    let open = enclosing(text, spans, span.start);
    let mut compared = is_operand(text, span);
    for at in open.iter().rev().take(MAX_BRACKETS) {
        let before = text.get(..*at).unwrap_or_default().trim_end();
        let bracket = text.as_bytes().get(*at).copied().unwrap_or_default();
        // A block of statements: what stands before it is no call of the literal.
        if bracket == b'{' && before.ends_with([')', '>', ':']) && !before.ends_with("return") {
            if before.ends_with(':') {
                continue;
            }
            break;
        }
        if bracket != b'(' {
            continue;
        }
        let name = before
            .rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .next()
            .unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        if EMIT.split_ascii_whitespace().any(|emit| emit == lower) {
            return false;
        }
        compared |= COMPARE.split_ascii_whitespace().any(|call| call == lower)
            || lower.starts_with("assert");
    }
    let reused = text.contains(".pattern") || text.contains(".source");
    if compared && !reused {
        return true;
    }
    !runs_texts && !speaks(text, span)
}

/// Whether the literal is an operand of a comparison.
fn is_operand(text: &str, span: Span) -> bool {
    let behind = text.get(span.end..).unwrap_or_default().trim_start_matches(['"', '\'', '`', ' ']);
    let before = text
        .get(..span.start)
        .unwrap_or_default()
        .trim_end_matches(['"', '\'', '`', 'r', 'b', 'u', ' ']);
    ["in ", "not in ", "== ", "=== ", "!= "].iter().any(|op| behind.starts_with(op))
        || ["==", "!="].iter().any(|op| before.ends_with(op))
}

/// Whether the literal is returned, or the value of a key that speaks to an agent.
fn speaks(text: &str, span: Span) -> bool {
    let line = text.get(..span.start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    words.first().is_some_and(|word| matches!(*word, "return" | "yield" | "export" | "await"))
        || words
            .iter()
            .any(|word| SPEAKS.contains(&word.to_ascii_lowercase().as_str()) || *word == "return")
}

/// The brackets that are open at a place, outermost first.
fn enclosing(text: &str, spans: &[Span], to: usize) -> Vec<usize> {
    let mut open = Vec::new();
    let mut next = spans.iter().peekable();
    let mut skip = 0;
    for (at, byte) in text.bytes().enumerate().take(to) {
        while next.peek().is_some_and(|span| span.start <= at) {
            skip = next.next().map_or(skip, |span| span.end);
        }
        if at < skip {
            continue;
        }
        match byte {
            b'(' | b'[' | b'{' => open.push(at),
            b')' | b']' | b'}' => drop(open.pop()),
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(text: &str, runs_texts: bool) -> bool {
        let from = text.find("PAYLOAD").unwrap();
        let python = !text.contains(['{', '`']) || text.contains("f(f");
        is_compared(text, python, from..from + 7, false, runs_texts)
    }

    #[test]
    fn what_is_only_compared_is_data() {
        for text in [
            "re.compile(r\"PAYLOAD\")",
            "assert RULES['x'].search('PAYLOAD | sh')",
            "if \"PAYLOAD\" in line:\n  pass",
            "expect(clean('PAYLOAD')).toBe('')",
            "const R = /x/; it('a', () => { assert.equal(f(\"PAYLOAD\"), 1) })",
        ] {
            assert!(compared(text, false), "{text}");
        }
        for text in ["re.compile(r\"PAYLOAD\")", "if 'PAYLOAD' in line: pass"] {
            assert!(compared(text, true), "{text}");
        }
        for table in ["BAD = [\n  'a',\n  'PAYLOAD',\n]", "{'x': 'PAYLOAD'}"] {
            assert!(compared(table, false), "{table}");
            assert!(!compared(table, true), "rows that are run: {table}");
        }
    }

    #[test]
    fn what_is_handed_on_is_not() {
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
        ] {
            assert!(!compared(text, false), "{text}");
        }
        assert!(!compared("r = re.compile('PAYLOAD'); os.system(r.pattern)", true));
    }
}
