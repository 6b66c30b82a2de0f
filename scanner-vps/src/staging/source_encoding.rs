//! Python source that says it is in an encoding of its own (PEP 263).
//!
//! Python decodes a file before it reads it, so what runs need not be what stands there. Encodings
//! that leave ASCII as it is are of no interest: the code is in its ASCII.

/// Encodings in which ASCII stands for itself, as Python knows them, without what is neither a
/// letter nor a digit. The East Asian ones are among them: a second byte may look like a letter,
/// not like a quote. Parted by spaces.
const PLAIN: &str = "utf utf8 utf8sig utf8ucs2 utf8ucs4 u8 cp65001 ascii usascii 646 latin l1 l2 l3 \
    l4 l5 l6 l7 l8 l9 l10 cp819 koi8r koi8u koi8t macroman maccyrillic macgreek maclatin2 \
    macturkish maciceland maccentraleurope gbk gb2312 gb18030 eucjp ujis euckr eucjis2004 \
    eucjisx0213 euccn big5 big5hkscs big5tw shiftjis sjis shiftjis2004 shiftjisx0213 ms932 ms936 \
    mskanji windows31j uhc ksc5601 cp932 932 cp936 936 cp949 949 cp950 950 chinese tis620 ptcp154 \
    kz1048 hproman8 cp437 437 cp720 cp737 cp775 cp850 850 cp852 852 cp855 855 cp856 cp857 857 \
    cp858 858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 866 cp869 cp874 cp1125";

/// As [`PLAIN`], with a number behind.
const NUMBERED: &str = "latin iso8859 8859 cp125 windows125 125";

/// An encoding that a file declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// As it is written.
    pub name: String,
    /// The line, from 1.
    pub line: u32,
}

/// The encoding that the first two lines declare, where it is one that rewrites the file.
#[must_use]
pub fn rewriting(text: &str) -> Option<Declared> {
    for (line, number) in text.lines().zip(1..=2) {
        if let Some(name) = declaration(line) {
            return (!is_plain(name)).then(|| Declared { name: name.to_owned(), line: number });
        }
        // A declaration in the second line counts behind a blank line or a comment only.
        let bare = line.trim_matches([' ', '\t', '\u{c}', '\r']);
        if !bare.is_empty() && !bare.starts_with('#') {
            return None;
        }
    }
    None
}

/// `^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`
fn declaration(line: &str) -> Option<&str> {
    let comment = line.trim_start_matches([' ', '\t', '\u{c}']).strip_prefix('#')?;
    comment.match_indices("coding").find_map(|(at, word)| {
        let behind = comment.get(at + word.len()..)?.strip_prefix([':', '='])?;
        let behind = behind.trim_start_matches([' ', '\t']);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name = behind.split(|c| !is_name(c)).next()?;
        (!name.is_empty()).then_some(name)
    })
}

fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_plain(name: &str) -> bool {
    let name = folded(name);
    // Editors add how lines end: `utf-8-unix`.
    let ended = ["unix", "dos", "mac"].iter().find_map(|end| name.strip_suffix(end));
    let name = ended.filter(|name| !name.is_empty()).unwrap_or(&name);
    let is_number = |rest: &str| rest.chars().all(|c| c.is_ascii_digit());
    PLAIN.split_ascii_whitespace().any(|plain| name == plain)
        || NUMBERED
            .split_ascii_whitespace()
            .any(|plain| name.strip_prefix(plain).is_some_and(is_number))
}

/// What Python would read, where that is simple to say, and for each of its lines the line of the
/// file that it comes from.
#[must_use]
pub fn decoded(name: &str, text: &str) -> Option<(String, Vec<u32>)> {
    let decode = match folded(name).as_str() {
        "utf7" | "u7" | "unicode11utf7" => utf7,
        "unicodeescape" | "rawunicodeescape" => unescaped,
        "rot13" => rot13,
        _ => return None,
    };
    let (mut source, mut lines) = (String::new(), Vec::new());
    for (line, number) in text.split_inclusive('\n').zip(1u32..) {
        let line = decode(line);
        lines.extend(std::iter::repeat_n(number, line.matches('\n').count()));
        source.push_str(&line);
    }
    if !source.ends_with('\n') {
        source.push('\n');
        lines.push(lines.last().copied().unwrap_or(0).saturating_add(1));
    }
    Some((source, lines))
}

fn rot13(line: &str) -> String {
    let turned = |c: char, first: u8| {
        u8::try_from(c).map_or(c, |c| char::from((c - first + 13) % 26 + first))
    };
    line.chars()
        .map(|c| match c {
            'a'..='z' => turned(c, b'a'),
            'A'..='Z' => turned(c, b'A'),
            other => other,
        })
        .collect()
}

/// RFC 2152.
fn utf7(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, shifted)) = rest.split_once('+') {
        plain.push_str(before);
        let is_coded = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
        let end = shifted.find(|c| !is_coded(c)).unwrap_or(shifted.len());
        let (coded, behind) = shifted.split_at(end);
        if coded.is_empty() {
            plain.push('+');
        }
        plain.push_str(&shown(&utf16(coded)));
        rest = behind.strip_prefix('-').unwrap_or(behind);
    }
    plain + rest
}

fn utf16(base64: &str) -> Vec<u16> {
    let (mut units, mut bits, mut held) = (Vec::new(), 0u32, 0u32);
    for byte in base64.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = (bits << 6 | u32::from(value)) & 0x3f_ffff;
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push(u16::try_from(bits >> held & 0xffff).unwrap_or_default());
        }
    }
    units
}

fn shown(units: &[u16]) -> String {
    String::from_utf16_lossy(units).replace('\0', " ").replace('\r', "\n")
}

/// The escapes of a Python string, those of a character's name aside.
fn unescaped(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, escaped)) = rest.split_once('\\') {
        plain.push_str(before);
        let digits = |skip: usize, count: usize, radix: u32| {
            let digits = escaped.get(skip..skip + count)?;
            let value = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32)?;
            Some((value, skip + count))
        };
        let octal = escaped.chars().take(3).take_while(|c| c.is_digit(8)).count();
        let found = match escaped.chars().next() {
            Some('x') => digits(1, 2, 16),
            Some('u') => digits(1, 4, 16),
            Some('U') => digits(1, 8, 16),
            Some('n' | 'r') => Some(('\n', 1)),
            Some('t') => Some(('\t', 1)),
            Some(c @ ('\\' | '\'' | '"')) => Some((c, 1)),
            Some('0'..='7') => digits(0, octal, 8),
            _ => None,
        };
        let (c, taken) = found.unwrap_or(('\\', 0));
        plain.push(if c == '\0' { ' ' } else { c });
        rest = escaped.get(taken..).unwrap_or_default();
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_declaration_is_found_where_python_finds_it() {
        let name = |text: &str| rewriting(text).map(|d| (d.name, d.line));
        assert_eq!(name("# coding: utf-7\n"), Some(("utf-7".into(), 1)));
        assert_eq!(name("#!/usr/bin/python\n\t# vim: fileencoding=U7 :"), Some(("U7".into(), 2)));
        assert_eq!(name("\n#-*-coding:unicode_escape-*-"), Some(("unicode_escape-".into(), 2)));
        assert_eq!(name("x = 1\n# coding: utf-7"), None);
        assert_eq!(name("# coding: utf-8\n# coding: utf-7"), None);
        assert_eq!(name("s = '# coding: utf-7'"), None);
    }

    #[test]
    fn encodings_that_leave_ascii_alone_are_plain() {
        for plain in [
            "utf-8",
            "UTF8",
            "utf_8_sig",
            "utf-8-unix",
            "latin-1",
            "iso-8859-15",
            "ISO-8859-1-dos",
            "ascii",
            "us-ascii",
            "cp1252",
            "windows-1251",
            "koi8-r",
            "gbk",
            "gb2312",
            "euc-jp",
            "shift_jis",
            "big5hkscs",
            "mac-roman",
            "cp866",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [
            "utf-7",
            "utf_7",
            "u7",
            "unicode_escape",
            "raw-unicode-escape",
            "rot13",
            "rot_13",
            "hex",
            "base64",
            "zip",
            "bz2",
            "utf-16",
            "utf-16-le",
            "utf-32",
            "punycode",
            "idna",
            "hz",
            "iso2022_jp",
            "cp037",
            "undefined",
            "pyxl",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }

    #[test]
    fn what_python_would_read_is_told_with_its_lines() {
        let source = |name: &str, text: &str| decoded(name, text).unwrap();
        assert_eq!(source("utf-7", "#+AAo-a +- b\nc"), ("#\na + b\nc\n".into(), vec![1, 1, 2]));
        assert_eq!(source("UTF_7", "+AGUAdgBhAGw-(x)\n"), ("eval(x)\n".into(), vec![1]));
        assert_eq!(
            source("unicode_escape", "#\\x0a\\u0065\\166al\\\\ \\q\n"),
            ("#\neval\\ \\q\n".into(), vec![1, 1])
        );
        assert_eq!(source("rot-13", "riny(K)\n").0, "eval(X)\n");
        assert_eq!(decoded("hex", "00"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_decoded_line_by_line(s in "[\\\\xu0-9a+\\-/\n\r#é]{0,60}") {
            let _ = rewriting(&s);
            for name in ["utf-7", "unicode_escape", "rot13"] {
                let (source, lines) = decoded(name, &s).unwrap();
                prop_assert_eq!(source.matches('\n').count(), lines.len());
            }
        }
    }
}
