//! Markup within a paragraph of Markdown.

use super::{Passage, Place, markdown::Char};

/// A text without its inline markup. What stands for a picture becomes a passage.
pub(super) fn plain(chars: &[Char], passages: &mut Vec<Passage>) -> Vec<Char> {
    let mut plain = Vec::with_capacity(chars.len());
    let mut at = 0;
    let mut code = false;
    let peek = |at: usize| chars.get(at).map(|(c, _)| *c);
    while let Some((c, line)) = chars.get(at).copied() {
        at += 1;
        match c {
            '`' => {
                code = !code;
                plain.push((c, line));
            }
            _ if code => plain.push((c, line)),
            '\\' if peek(at).is_some_and(|next| next.is_ascii_punctuation()) => {}
            '*' => {}
            '_' | '~'
                if peek(at) == Some(c)
                    || is_edge(at.checked_sub(2).and_then(peek))
                    || is_edge(peek(at)) =>
            {
                // Of a path it is a part.
                if c == '~' && peek(at) == Some('/') || c == '_' && peek(at) == Some('_') {
                    plain.push((c, line));
                }
            }
            '!' if peek(at) == Some('[') => {
                let alt = until(chars, at + 1, ']');
                passages.push(Passage {
                    chars: alt.to_vec(),
                    place: Place::Unseen,
                    shown: false,
                    content: false,
                });
                at += alt.len() + 2;
                if peek(at) == Some('(') {
                    at += until(chars, at + 1, ')').len() + 2;
                }
            }
            '[' => {}
            ']' if peek(at) == Some('(') => {
                // The address of a link is said behind its text.
                let address = until(chars, at + 1, ')');
                plain.push((' ', line));
                plain.extend_from_slice(address);
                plain.push((' ', line));
                at += address.len() + 2;
            }
            ']' => {}
            '<' if peek(at).is_some_and(|next| next.is_ascii_alphabetic() || next == '/') => {
                let tag = until(chars, at, '>');
                if tag.iter().map(|(c, _)| *c).collect::<String>().contains(['@', ':']) {
                    plain.extend_from_slice(tag);
                } else {
                    plain.push((' ', line));
                }
                at += tag.len() + 1;
            }
            '&' => at += entity(chars, at, line, &mut plain),
            _ => plain.push((c, line)),
        }
    }
    plain
}

fn is_edge(c: Option<char>) -> bool {
    c.is_none_or(|c| !c.is_alphanumeric())
}

/// A name, an address or a tag is not longer.
const LONGEST: usize = 400;

/// What stands before the next `end`; empty where none is near.
fn until(chars: &[Char], from: usize, end: char) -> &[Char] {
    let rest = chars.get(from..).unwrap_or_default();
    let near = rest.iter().take(LONGEST).position(|(c, _)| *c == end);
    rest.get(..near.unwrap_or(0)).unwrap_or_default()
}

/// Decodes an entity, and says how many characters it has behind its `&`.
fn entity(chars: &[Char], at: usize, line: u32, plain: &mut Vec<Char>) -> usize {
    let name: String = until(chars, at, ';').iter().take(9).map(|(c, _)| *c).collect();
    let c = match name.as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "period" => '.',
        "sol" => '/',
        "colon" => ':',
        number => {
            let digits = number.strip_prefix('#').unwrap_or("?");
            let hexadecimal = digits.strip_prefix(['x', 'X']);
            let code = hexadecimal
                .map_or_else(|| digits.parse().ok(), |d| u32::from_str_radix(d, 16).ok());
            match code.and_then(char::from_u32) {
                Some(c) => c,
                None => {
                    plain.push(('&', line));
                    return 0;
                }
            }
        }
    };
    plain.push((c, line));
    name.len() + 1
}
