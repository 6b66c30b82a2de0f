//! Text that people do not see: comments of HTML, elements that their style hides, characters of the block "Tags" of
//! Unicode, each of which stands for one of ASCII and is shown by no program.

use super::{Passage, Place, markdown::Char};

/// A shorter run of tag characters is the flag of a region, not a text.
const SHORTEST_MESSAGE: usize = 12;
/// A longer element is a page.
const LONGEST_ELEMENT: usize = 6_000;
/// A tag is not longer.
const LONGEST_TAG: usize = 400;
/// What hides an element, without blanks.
const HIDING: [&str; 14] = [
    "display:none",
    "visibility:hidden",
    "font-size:0",
    "font-size:1px",
    "opacity:0;",
    "opacity:0\"",
    "opacity:0'",
    "height:0",
    "width:0",
    "color:white",
    "color:#fff",
    "color:transparent",
    "left:-9",
    "text-indent:-9",
];

fn hidden(chars: Vec<Char>, place: Place) -> Passage {
    let chars =
        chars.into_iter().map(|(c, line)| (if c == '\n' { ' ' } else { c }, line)).collect();
    Passage { chars, place, shown: false, content: false }
}

/// Parts a source, whose first line is line `first`, into what is seen and passages that are not. Fenced code is seen.
pub(super) fn part(source: &str, first: u32, visible: &mut Vec<Char>, passages: &mut Vec<Passage>) {
    let mut line = first;
    let mut rest = source;
    let mut fenced = false;
    let mut at_begin = true;
    while let Some(c) = rest.chars().next() {
        if at_begin {
            let own = rest.lines().next().unwrap_or_default().trim_start_matches([' ', '>', '\t']);
            if own.starts_with("```") || own.starts_with("~~~") {
                fenced = !fenced;
            }
            if let Some(comment) = reference_comment(own).filter(|_| !fenced) {
                passages.push(hidden(comment.chars().map(|c| (c, line)).collect(), Place::Comment));
                rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default();
                at_begin = false;
                continue;
            }
        }
        at_begin = c == '\n';
        let in_code = visible.last().is_some_and(|(before, _)| *before == '`');
        if c == '<'
            && !fenced
            && !in_code
            && let Some((text, length, place)) = unseen(rest)
        {
            let mut chars = Vec::new();
            for c in text.chars() {
                chars.push((c, line));
                line = line.saturating_add(u32::from(c == '\n'));
            }
            passages.push(hidden(chars, place));
            let (all, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
            let breaks = all.matches('\n').count() - text.matches('\n').count();
            line = line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
            visible.push((' ', line));
            rest = behind;
            continue;
        }
        visible.push((c, line));
        line = line.saturating_add(u32::from(c == '\n'));
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// `[//]: # (text)`, the form of a link that defines none.
fn reference_comment(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('[')?;
    let (name, rest) = rest.split_once("]:")?;
    let rest = rest.trim_start();
    let text = rest.strip_prefix('#').or_else(|| rest.strip_prefix("<>"))?.trim();
    (name.len() < 30).then(|| text.trim_matches(['(', ')', '"', '\'']))
}

/// The text of a comment or of a hidden element that begins here, the length of all of it, and what it is.
fn unseen(source: &str) -> Option<(&str, usize, Place)> {
    if let Some(inner) = source.strip_prefix("<!--") {
        let end = inner.find("-->");
        let text = inner.get(..end.unwrap_or(inner.len()))?;
        return Some((text, (text.len() + 7).min(source.len()), Place::Comment));
    }
    let name_length = source.bytes().skip(1).take_while(u8::is_ascii_alphanumeric).count();
    let name = source.get(1..=name_length).filter(|name| !name.is_empty())?;
    let (near, _) = source.split_at(source.floor_char_boundary(LONGEST_TAG));
    let tag = near.get(..near.find('>')?)?;
    let compact: String = tag.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let is_hiding = HIDING.iter().any(|style| compact.contains(style))
        || tag.split_whitespace().any(|attribute| attribute == "hidden");
    if !is_hiding {
        return None;
    }
    let inner = source.get(tag.len() + 1..)?;
    let (near, _) = inner.split_at(inner.floor_char_boundary(LONGEST_ELEMENT));
    let end = near.find(&format!("</{name}"))?;
    Some((near.get(..end)?, tag.len() + 1 + end, Place::Unseen))
}

/// Each run of tag characters as a passage.
pub(super) fn tag_messages(source: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    if !source.contains('\u{e0020}') {
        return passages;
    }
    let mut line = 1u32;
    let mut run: Vec<Char> = Vec::new();
    for c in source.chars().chain(['\n']) {
        let code = u32::from(c);
        let shown = code.checked_sub(0xe0000).and_then(|ascii| u8::try_from(ascii).ok());
        match shown.filter(|ascii| matches!(ascii, 0x20..=0x7e)) {
            Some(ascii) => run.push((char::from(ascii), line)),
            None if run.len() >= SHORTEST_MESSAGE => {
                passages.push(hidden(std::mem::take(&mut run), Place::Invisible));
            }
            None => run.clear(),
        }
        if c == '\n' {
            line = line.saturating_add(1);
        }
    }
    passages
}
