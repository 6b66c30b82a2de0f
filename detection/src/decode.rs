//! Decodes what programs decode: escapes, base64, hexadecimal, rot13.

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};

/// Decodes the escapes of `$'…'`, `echo -e` and `printf`: C's, and `\u`.
pub(crate) fn escapes(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        let mut chars = behind.chars();
        let Some(c) = chars.next() else {
            bytes.push(b'\\');
            rest = "";
            break;
        };
        rest = chars.as_str();
        match c {
            'n' => bytes.push(b'\n'),
            't' => bytes.push(b'\t'),
            'r' => bytes.push(b'\r'),
            'a' | 'b' | 'f' | 'v' => bytes.push(b' '),
            'e' | 'E' => bytes.push(0x1b),
            'x' => rest = number(rest, 16, 2, &mut bytes),
            'u' => rest = number(rest, 16, 4, &mut bytes),
            'U' => rest = number(rest, 16, 8, &mut bytes),
            '0'..='7' => {
                let from = behind.strip_prefix('0').unwrap_or(behind);
                rest = number(from, 8, 3, &mut bytes);
            }
            other => {
                let mut buffer = [0; 4];
                if !matches!(other, '\\' | '\'' | '"' | '?') {
                    bytes.push(b'\\');
                }
                bytes.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads up to `most` digits; a number up to 255 of hexadecimal or octal is a byte, a larger one a character.
fn number<'a>(text: &'a str, radix: u32, most: usize, bytes: &mut Vec<u8>) -> &'a str {
    let count = text.bytes().take(most).take_while(|b| char::from(*b).is_digit(radix)).count();
    let (digits, rest) = text.split_at(count);
    let Ok(value) = u32::from_str_radix(digits, radix) else { return rest };
    match (most <= 3, u8::try_from(value)) {
        (true, Ok(byte)) => bytes.push(byte),
        _ => {
            let c = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    rest
}

/// Decodes base64 of either alphabet, with or without padding and line ends; `None` where it is none, or no text.
pub(crate) fn base64(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
    // A last character that no encoder writes is dropped, as most decoders do.
    let even = if compact.len() % 4 == 1 { compact.get(..compact.len() - 1)? } else { &compact };
    let bytes =
        Base64Unpadded::decode_vec(even).or_else(|_| Base64UrlUnpadded::decode_vec(even)).ok()?;
    text_of(bytes)
}

/// Decodes hexadecimal digits, blanks between them ignored; `None` where it is none, or no text.
pub(crate) fn hexadecimal(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text_of(hex::decode(compact).ok()?)
}

/// A text of bytes: UTF-8, or UTF-16 in the order of bytes that Windows uses.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    let wide = bytes.len() >= 4
        && bytes.iter().skip(1).step_by(2).filter(|b| **b == 0).count() * 3 > bytes.len();
    if wide {
        let units: Vec<u16> =
            bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        return String::from_utf16(&units).ok();
    }
    let text = String::from_utf8(bytes).ok()?;
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x1b');
    (!text.is_empty() && !text.chars().any(control)).then_some(text)
}

/// Each Latin letter moved by thirteen.
pub(crate) fn rot13(text: &str) -> String {
    let moved = |c: char, first: u8| {
        let at = u8::try_from(c).unwrap_or(first) - first;
        char::from(first + (at + 13) % 26)
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => moved(c, b'a'),
            'A'..='Z' => moved(c, b'A'),
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_encoding_is_read_as_its_program_reads_it() {
        assert_eq!(escapes(r"a\x41\n\101\u0042\'\q"), "aA\nAB'\\q");
        assert_eq!(escapes(r"\0101\"), "A\\");
        assert_eq!(base64("ZWNobyBoaQ==").as_deref(), Some("echo hi"));
        assert_eq!(base64("ZWNo\nbyBoaQ").as_deref(), Some("echo hi"));
        assert_eq!(base64("ZQBjAGgAbwA=").as_deref(), Some("echo"));
        assert_eq!(base64("not base64!"), None);
        assert_eq!(base64("AAECAwQ="), None);
        assert_eq!(hexadecimal("65 63 68 6f").as_deref(), Some("echo"));
        assert_eq!(rot13("rpub"), "echo");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>()) {
            let _ = (escapes(&text), base64(&text), hexadecimal(&text), rot13(&text));
        }
    }
}
