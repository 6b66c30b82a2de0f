//! Inline code of Markdown: what stands between equal runs of backquotes in one paragraph (CommonMark, "Code spans").

use super::Text;

/// Every code span outside of fenced blocks.
pub(super) fn inline_code(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut fence: Option<(char, usize)> = None;
    let (mut paragraph, mut first) = (String::new(), 1u32);
    let mut number = 0u32;
    for line in source.lines() {
        number = number.saturating_add(1);
        let trimmed = line.trim_start_matches([' ', '>', '\t']);
        let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| trimmed.chars().take_while(|c| *c == mark).count());
        let is_fence = run >= 3 && !trimmed.trim_start_matches(['`', '~']).contains('`');
        match (fence, mark) {
            (Some((open, length)), Some(mark)) if is_fence => {
                if open == mark && run >= length && trimmed.trim_end().chars().all(|c| c == mark) {
                    fence = None;
                }
                continue;
            }
            (Some(_), _) => continue,
            (None, Some(mark)) if is_fence => {
                spans(&std::mem::take(&mut paragraph), first, &mut texts);
                fence = Some((mark, run));
                continue;
            }
            (None, _) => {}
        }
        if line.trim().is_empty() {
            spans(&std::mem::take(&mut paragraph), first, &mut texts);
            continue;
        }
        if paragraph.is_empty() {
            first = number;
        }
        paragraph.push_str(line);
        paragraph.push('\n');
    }
    spans(&paragraph, first, &mut texts);
    texts
}

/// The code spans of one paragraph. A line's end in a span is a blank.
fn spans(paragraph: &str, first: u32, texts: &mut Vec<Text>) {
    let mut rest = paragraph;
    let mut line = first;
    // Where the line begins on which the rest begins.
    let mut line_begin = 0;
    let breaks = |text: &str| u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
    while let Some(at) = rest.find('`') {
        let (before, opened) = rest.split_at(at);
        line = line.saturating_add(breaks(before));
        let length = opened.bytes().take_while(|b| *b == b'`').count();
        let (marks, inner) = opened.split_at(length);
        let Some(end) = closing(inner, length) else {
            // No span begins here, and none of this length later in the paragraph either.
            rest = inner;
            continue;
        };
        let (code, behind) = inner.split_at(end);
        let unescaped = code.replace("\\|", "|");
        let text = unescaped.replace('\n', " ").trim().to_owned();
        let begin = paragraph.len() - opened.len();
        if let Some(at) = before.rfind('\n') {
            line_begin = begin - before.len() + at + 1;
        }
        let on_line = begin - line_begin;
        let column = u32::try_from(on_line + length).unwrap_or(u32::MAX);
        texts.push(Text { text, lines: vec![line], column });
        line = line.saturating_add(breaks(code));
        if let Some(at) = code.rfind('\n') {
            line_begin = begin + length + at + 1;
        }
        rest = behind.get(marks.len()..).unwrap_or_default();
    }
}

/// Where a run of exactly `length` backquotes begins.
fn closing(text: &str, length: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..)?.iter().position(|b| *b == b'`') {
        let begin = at + offset;
        let run = bytes.get(begin..)?.iter().take_while(|b| **b == b'`').count();
        if run == length {
            return Some(begin);
        }
        at = begin + run;
    }
    None
}
