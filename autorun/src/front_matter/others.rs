//! The other programs, which close a front matter at the start of a line.

use super::{Parts, cut};
use crate::text::{after, without_bom};

/// The lines of a text with the byte where each begins.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches('\n').trim_end_matches('\r'))
    })
}

/// A front matter whose first line and whose closing line satisfy a test, with at least so many lines between them.
fn by_lines(
    text: &str,
    least: usize,
    opens: impl Fn(&str) -> bool,
    closes: impl Fn(&str) -> bool,
) -> Option<Parts<'_>> {
    let mut lines = lines(text).peekable();
    let (_, first) = lines.next()?;
    if !opens(first) {
        return None;
    }
    let (matter, _) = *lines.peek()?;
    let (close, line) = lines.skip(least).find(|(_, line)| closes(line))?;
    let rest = after(text, close + line.len());
    let body = text.len()
        - rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n').unwrap_or(rest).len();
    Some(cut(text, matter, close, body))
}

/// Codex: lines of three dashes, blanks around them, no byte-order mark.
pub(crate) fn codex(text: &str) -> Option<Parts<'_>> {
    let dashes = |line: &str| line.trim() == "---";
    by_lines(text, 0, dashes, dashes)
}

/// Copilot, OpenClaw and the installers: exactly three dashes at a line's start.
pub(crate) fn copilot(text: &str) -> Option<Parts<'_>> {
    let dashes = |line: &str| line.trim_end() == "---";
    by_lines(without_bom(text), 0, dashes, dashes)
}

/// Gemini CLI: more may follow the closing dashes, which cannot be the second line.
pub(crate) fn gemini(text: &str) -> Option<Parts<'_>> {
    by_lines(text, 1, |line| line == "---", |line| line.starts_with("---"))
}

/// OpenCode, with the label that may follow the opening dashes and names the language. Anything may follow the closing
/// ones, and without closing dashes the whole
/// file is front matter.
pub(crate) fn opencode(text: &str) -> Option<(&str, Parts<'_>)> {
    let text = without_bom(text);
    let first = text.strip_prefix("---")?;
    if first.starts_with('-') {
        return None;
    }
    let label = first.split('\n').next().unwrap_or("");
    let matter = (3 + label.len() + 1).min(text.len());
    let close = after(text, 3).find("\n---").map(|at| 3 + at + 1);
    let (close, body) = close.map_or((text.len(), text.len()), |close| (close, close + 3));
    Some((label.trim(), cut(text, matter.min(close), close, body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(text: &str) -> [Option<&str>; 4] {
        [codex(text), copilot(text), gemini(text), opencode(text).map(|(_, parts)| parts)]
            .map(|parts| parts.map(|parts| parts.matter))
    }

    #[test]
    fn each_program_has_a_delimiter_of_its_own() {
        let all = Some("a: 1\n");
        assert_eq!(readings("---\na: 1\n---\nb"), [all; 4]);
        assert_eq!(readings("---\na: 1\n----\nb"), [None, None, all, all]);
        assert_eq!(readings("---  \na: 1\n---  \n"), [all, all, None, all]);
        assert_eq!(readings(" ---\na: 1\n ---\n"), [all, None, None, None]);
        assert_eq!(readings("\u{feff}---\na: 1\n---\n"), [None, all, None, all]);
        assert_eq!(readings("---\na: 1\n"), [None, None, None, all]);
        assert_eq!(readings("---json\na: 1\n---\n"), [None, None, None, all]);
        assert_eq!(opencode("---json\na\n---").map(|(label, _)| label), Some("json"));
        assert_eq!(
            readings("---\n---\na: 1\n---\n"),
            [Some(""), Some(""), Some("---\na: 1\n"), Some("")]
        );
    }
}
