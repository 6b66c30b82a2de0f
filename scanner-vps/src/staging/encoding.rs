//! From the bytes of a file to text that the tools read as people do.

/// What a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// Text, in UTF-8, without a byte order mark and with `\n` at the end of every line that a
    /// lone carriage return ended.
    Text(String),
    /// No text.
    Binary,
}

/// How many of the bytes of a text, in hundredths, may be control characters.
const MAX_CONTROL_PERCENT: usize = 2;
/// How many of the units of a text, in hundredths, must be plain Latin for UTF-16 or UTF-32
/// without a byte order mark to be recognised.
const MIN_LATIN_PERCENT: usize = 70;

/// How many zeros of a text become blanks one for one, so that what follows keeps its column.
const MAX_KEPT_ZEROS: usize = 1_000;
/// How many of the units of such a text, in hundredths, may be zero beside the one that any may
/// hold.
const MAX_ZERO_PERCENT: usize = 2;

/// The encodings with more than one byte a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wide {
    Utf16 { big: bool },
    Utf32 { big: bool },
}

/// Decodes a file. UTF-16 and UTF-32 are recognised by their mark or by their pattern of zeros;
/// text in an old 8-bit encoding keeps its ASCII, and has U+FFFD for the rest.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some((wide, rest)) = marked(bytes) {
        return Decoded::Text(even_lines(&widened(wide, rest)));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return match unmarked(bytes) {
            Some(wide) => Decoded::Text(even_lines(&widened(wide, bytes))),
            None => Decoded::Binary,
        };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded::Text(even_lines(text));
    }
    let control = bytes.iter().filter(|b| is_odd_control(**b)).count();
    if control.saturating_mul(100) > bytes.len().saturating_mul(MAX_CONTROL_PERCENT) {
        return Decoded::Binary;
    }
    Decoded::Text(even_lines(&String::from_utf8_lossy(bytes)))
}

/// The text that can be made out in bytes as they stand: what an interpreter that is not
/// particular would read. Zeros part words.
#[must_use]
pub fn lossy(bytes: &[u8]) -> String {
    let mut text = even_lines(&String::from_utf8_lossy(bytes));
    let zeros = text.bytes().filter(|byte| *byte == 0).count();
    if zeros > MAX_KEPT_ZEROS {
        // A file may be padded with millions of them.
        let mut last = ' ';
        text.retain(|c| std::mem::replace(&mut last, c) != '\0' || c != '\0');
    }
    if zeros > 0 { text.replace('\0', " ") } else { text }
}

/// The texts that bytes may stand for, beside what they decode to: with their zeros as gaps, and
/// without them, since shells drop a zero inside a word. The first is always there.
#[must_use]
pub fn as_they_stand(bytes: &[u8]) -> (String, Option<String>) {
    let parted = lossy(bytes);
    let joined: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let joined = (joined.len() < bytes.len()).then(|| lossy(&joined));
    (parted, joined)
}

/// Lines of a text: a last one without a line end counts.
#[must_use]
pub fn count_lines(text: &[u8]) -> u32 {
    let ends = text.iter().filter(|b| **b == b'\n').count();
    let open = usize::from(text.last().is_some_and(|b| *b != b'\n'));
    u32::try_from(ends + open).unwrap_or(u32::MAX)
}

/// Whether a byte is a control character that texts do not hold.
pub(super) const fn is_odd_control(b: u8) -> bool {
    b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)
}

/// JavaScript, Python and Markdown end a line at a lone carriage return, tools that count `\n` do
/// not: with one kind of line end they all count alike.
pub(super) fn even_lines(text: &str) -> String {
    let mut even = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        even.push(if c == '\r' && chars.peek() != Some(&'\n') { '\n' } else { c });
    }
    even
}

fn marked(bytes: &[u8]) -> Option<(Wide, &[u8])> {
    let marks: [(&[u8], Wide); 4] = [
        (b"\xff\xfe\0\0", Wide::Utf32 { big: false }),
        (b"\0\0\xfe\xff", Wide::Utf32 { big: true }),
        (b"\xff\xfe", Wide::Utf16 { big: false }),
        (b"\xfe\xff", Wide::Utf16 { big: true }),
    ];
    marks.into_iter().find_map(|(mark, wide)| Some((wide, bytes.strip_prefix(mark)?)))
}

fn unmarked(bytes: &[u8]) -> Option<Wide> {
    [
        Wide::Utf32 { big: false },
        Wide::Utf32 { big: true },
        Wide::Utf16 { big: false },
        Wide::Utf16 { big: true },
    ]
    .into_iter()
    .find(|wide| {
        let units = units(*wide, bytes);
        let latin = units.iter().filter(|u| (0x09..0x100).contains(*u)).count();
        let zeros = units.iter().filter(|unit| **unit == 0).count().saturating_sub(1);
        zeros.saturating_mul(100) <= units.len().saturating_mul(MAX_ZERO_PERCENT)
            && !units.is_empty()
            && latin.saturating_mul(100) >= units.len().saturating_mul(MIN_LATIN_PERCENT)
    })
}

fn units(wide: Wide, bytes: &[u8]) -> Vec<u32> {
    let (size, big) = match wide {
        Wide::Utf16 { big } => (2, big),
        Wide::Utf32 { big } => (4, big),
    };
    let fold = |unit: u32, byte: &u8| unit << 8 | u32::from(*byte);
    bytes
        .chunks_exact(size)
        .map(|c| if big { c.iter().fold(0, fold) } else { c.iter().rev().fold(0, fold) })
        .collect()
}

fn widened(wide: Wide, bytes: &[u8]) -> String {
    let units = units(wide, bytes);
    let shown = |c: char| if c == '\0' { ' ' } else { c };
    match wide {
        Wide::Utf32 { .. } => units
            .into_iter()
            .map(|u| shown(char::from_u32(u).unwrap_or(char::REPLACEMENT_CHARACTER)))
            .collect(),
        Wide::Utf16 { .. } => {
            let halves = units.into_iter().map(|u| u16::try_from(u).unwrap_or(u16::MAX));
            char::decode_utf16(halves)
                .map(|c| shown(c.unwrap_or(char::REPLACEMENT_CHARACTER)))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &[u8]) -> String {
        match decode(bytes) {
            Decoded::Text(text) => text,
            Decoded::Binary => panic!("binary"),
        }
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let bytes = |u: u16| if big { u.to_be_bytes() } else { u.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn g11_wide_encodings_are_read_with_and_without_their_mark() {
        let code = "eval(input) // ♥\n";
        for big in [false, true] {
            let bytes = utf16(code, big);
            assert_eq!(text(&bytes), code);
            let mark: &[u8] = if big { b"\xfe\xff" } else { b"\xff\xfe" };
            assert_eq!(text(&[mark, &bytes].concat()), code);
            let wider: Vec<u8> = code
                .chars()
                .map(u32::from)
                .flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() })
                .collect();
            assert_eq!(text(&wider), code);
        }
        assert_eq!(text(b"\xef\xbb\xbfx"), "x");
        assert_eq!(text(&utf16("key = `a\0b`;\n", false)), "key = `a b`;\n");
    }

    #[test]
    fn an_old_encoding_is_text_and_noise_is_not() {
        assert_eq!(text(b"# caf\xe9\neval(x)\n"), "# caf\u{fffd}\neval(x)\n");
        assert_eq!(decode(b"eval(x)\0"), Decoded::Binary);
        assert_eq!(decode(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0"), Decoded::Binary);
        assert_eq!(decode(b"\xff\x01\x02\x03"), Decoded::Binary);
        assert_eq!(lossy(b"a\0b\xff"), "a b\u{fffd}");
        assert_eq!(lossy(b"a\0\0b"), "a  b", "columns stay");
        assert_eq!(lossy(&[b"a".as_slice(), &[0; 2_000], b"b"].concat()), "a b");
    }

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(text(b"a\rb\r\nc\nd"), "a\nb\r\nc\nd");
        assert_eq!(count_lines(b"a\nb\r\nc\nd"), 4);
        assert_eq!(count_lines("a\u{2028}b\n".as_bytes()), 1);
        assert_eq!(count_lines(b""), 0);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_without_a_lone_carriage_return_or_a_zero(bytes in any::<Vec<u8>>()) {
            if let Decoded::Text(text) = decode(&bytes) {
                prop_assert!(!text.contains('\0'));
                prop_assert!(!text.replace("\r\n", "").contains('\r'));
            }
        }

        #[test]
        fn plain_text_stays_as_it_is(s in "[a-z\n\t ♥]{0,80}") {
            prop_assert_eq!(text(s.as_bytes()), s);
        }
    }
}
