//! What trufflehog's decoders would make of a line. Pure.

/// A shorter run is no base64 to trufflehog.
const MIN_RUN: usize = 20;

/// How a character is written by its number: what stands before the hexadecimal digits, at most how
/// many there are, and what ends them.
const ESCAPES: [(&[u8], usize, &[u8]); 8] = [
    (b"\\U", 8, b""),
    (b"\\u{", 6, b"}"),
    (b"\\x{", 6, b"}"),
    (b"&#x", 6, b";"),
    (b"%u", 4, b""),
    (b"\\u", 4, b""),
    (b"U+", 4, b""),
    (b"\\", 6, b""),
];

/// The texts that a line may hold behind an encoding.
pub(super) fn of_line(line: &[u8]) -> Vec<Vec<u8>> {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let runs = line.split(|byte| !is_digit(byte)).filter(|run| run.len() > MIN_RUN);
    runs.filter_map(base64).chain(unescaped(line)).collect()
}

/// Decodes base64 of either alphabet.
fn base64(run: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(run.len());
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in run {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(out)
}

/// The line with its escapes replaced; `None` where it has none.
fn unescaped(line: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(line.len());
    let (mut at, mut any) = (0, false);
    while let Some(byte) = line.get(at) {
        let found = matches!(byte, b'\\' | b'&' | b'%' | b'U').then(|| line.get(at..)).flatten();
        if let Some((character, length)) = found.and_then(escape) {
            out.extend(character.encode_utf8(&mut [0; 4]).bytes());
            at += length;
            any = true;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    any.then_some(out)
}

/// The character that a text begins with by its number, and how long that is.
fn escape(text: &[u8]) -> Option<(char, usize)> {
    // `\\u0041` in a string of a string.
    let doubled = usize::from(text.starts_with(b"\\\\u"));
    let text = text.get(doubled..)?;
    let (before, most, after) =
        ESCAPES.into_iter().find(|(before, ..)| text.starts_with(before))?;
    let rest = text.get(before.len()..)?;
    let digits = rest.iter().take(most).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let exact = matches!(most, 4 | 8);
    let number = std::str::from_utf8(rest.get(..digits)?).ok()?;
    let character = char::from_u32(u32::from_str_radix(number, 16).ok()?)?;
    let ends = rest.get(digits..)?.starts_with(after);
    // After CSS's bare digits and U+0041 one blank belongs to the escape.
    let blank = before.ends_with(b"\\") || before == b"U+";
    let blank = usize::from(blank && rest.get(digits) == Some(&b' '));
    let length = doubled + before.len() + digits + after.len() + blank;
    (ends && (!exact || digits == most)).then_some((character, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        let texts = of_line(line.as_bytes()).into_iter();
        texts.map(|text| String::from_utf8_lossy(&text).into_owned()).collect()
    }

    #[test]
    fn base64_of_either_alphabet_is_read_with_and_without_its_end() {
        for line in [
            "k: \"aGVsbG8gaGVsbG8gaGVsbG8/Pz8+\"",
            "k=aGVsbG8gaGVsbG8gaGVsbG8_Pz8-",
            "aGVsbG8gaGVsbG8gaGVsbG8/Pz8+Cg==",
        ] {
            assert!(texts(line)[0].starts_with("hello hello hello???>"), "{line}");
        }
        assert!(texts("k: aGVsbG8=").is_empty(), "a short run is none");
    }

    #[test]
    fn each_way_of_writing_a_character_by_its_number_is_read() {
        for a in [
            "\\u0041",
            "\\\\u0041",
            "\\u{41}",
            "\\U00000041",
            "\\x{41}",
            "\\41 ",
            "&#x41;",
            "%u0041",
            "U+0041 ",
        ] {
            assert_eq!(texts(&format!("x{a}B")), ["xAB"], "{a}");
        }
        for none in ["Use 50%up", "\\u12", "&#x41", "C:\\temp"] {
            assert!(texts(none).is_empty(), "{none}");
        }
    }
}
