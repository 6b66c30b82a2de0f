//! Text as the agents see it: decoding, lines, and JavaScript's idea of white space.

use std::borrow::Cow;

/// Bytes as Node.js decodes UTF-8: what is invalid becomes U+FFFD.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// UTF-16 behind its byte-order mark, else none.
pub(crate) fn decode_utf16(bytes: &[u8]) -> Option<String> {
    let (little, rest) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        _ => return None,
    };
    let (pairs, _) = rest.as_chunks::<2>();
    let units = pairs
        .iter()
        .map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
    Some(
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
    )
}

pub(crate) fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// `\s` of a JavaScript regular expression.
pub(crate) const fn is_js_space(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{3000}'
                | '\u{feff}'
    )
}

/// The longest name in the key of an entry, in bytes. A name stands in the key of everything below it.
const MAX_NAME: usize = 256;

/// The first 256 bytes of a name, or fewer up to the end of a character.
pub(crate) fn short(name: &str) -> &str {
    before(name, name.floor_char_boundary(MAX_NAME))
}

/// The rest of a text from a byte on; empty beyond its end.
pub(crate) fn after(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or("")
}

/// The text before a byte.
pub(crate) fn before(text: &str, at: usize) -> &str {
    text.get(..at).unwrap_or("")
}

/// The text between two bytes.
pub(crate) fn between(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or("")
}

/// A number of line feeds, as a number of lines.
pub(crate) fn line_feeds(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// Where lines begin, to turn byte offsets into lines.
pub(crate) struct Lines {
    feeds: Vec<usize>,
    first: u32,
}

impl Lines {
    /// Of a text whose first line has the number `first` in its file.
    pub(crate) fn new(text: &str, first: u32) -> Self {
        let feeds =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Self { feeds, first }
    }

    /// The line of a byte.
    pub(crate) fn of(&self, at: usize) -> u32 {
        let before = self.feeds.partition_point(|feed| *feed < at);
        self.first.saturating_add(u32::try_from(before).unwrap_or(u32::MAX))
    }
}
