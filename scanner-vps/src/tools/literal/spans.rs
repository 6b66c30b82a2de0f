//! Where the literals and comments of a program stand.

use super::Span;

/// Bytes of a line; of a longer one, nothing is known.
const MAX_LINE: usize = 10_000;

/// All literals and comments of a program in Python, or else in JavaScript, whose patterns are literals too; and whether
/// no other reading is possible.
pub(super) fn spans(text: &str, python: bool) -> (Vec<Span>, bool) {
    let bytes = text.as_bytes();
    let at = |at: usize| bytes.get(at).copied().unwrap_or_default();
    // Ends of lines that end a comment too, and comments of another kind.
    let mut certain = text.lines().all(|line| line.len() <= MAX_LINE)
        && !text.contains(['\u{2028}', '\u{2029}', '\u{c}'])
        && text.matches('\r').count() == text.matches("\r\n").count();
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
    // The comment of another kind begins outside of literals, wherever the first of them stands.
    let html = !python && (text.contains("<!--") || text.contains("-->")) && {
        let code = masked(text, &spans);
        code.contains("<!--") || code.contains("-->")
    };
    (spans, certain && !html)
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

/// The text with blanks in place of what its literals and comments hold.
pub(super) fn masked(text: &str, spans: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans.iter().filter(|span| !span.interpolated) {
        let inner = bytes.get_mut(span.start..span.end).unwrap_or_default();
        inner.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
    }
    // Whole characters are covered, so this stays a text.
    String::from_utf8(bytes).unwrap_or_default()
}
