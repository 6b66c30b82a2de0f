//! Bytes that are no text: how much of them is read as text all the same.
//!
//! A shell reads a script behind any first line and drops its zeros; an agent reads whatever it
//! can make out. So no content vanishes for the sake of a few odd bytes. What is not read is a
//! format of bytes with its own first bytes and a name to match, and even that only when little
//! of it is text. The first bytes are told by the crate `infer`, and by a few of our own.

use super::{encoding, language, names};

/// How many of the bytes of a text with odd bytes in it, in hundredths, are printable.
const MIN_TEXT_PERCENT: usize = 80;
/// How many control bytes a text of any length may hold and still be one with a few odd bytes in
/// it, such as a NUL in a string; a long one may hold [`MAX_ODD_PERCENT`].
const FEW_ODD: usize = 8;
const MAX_ODD_PERCENT: usize = 2;
/// The shortest run of printable characters that is taken out of noise: one in ten megabytes of
/// random bytes is then text for every five thousand.
const MIN_RUN: usize = 8;

/// RFC 1740, appendix B.
const APPLE_DOUBLE: &[u8] = b"\0\x05\x16\x07";

/// What is read of bytes that are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// All of it, and doubt remains: somebody takes it for text by its name or first line.
    Doubtful,
    /// All of it: it is the text that it is taken for, with a few odd bytes in it.
    WithControls {
        /// How many.
        odd: usize,
        /// The line of the first one, from 1.
        line: u32,
    },
    /// All of it: there is more text than bytes.
    Whole,
    /// The text that stands in it.
    Runs,
    /// Nothing: it is the format that its name says.
    Nothing,
}

/// How a file is read whose bytes are no text.
pub(super) fn reading(path: &[u8], content: &[u8]) -> Reading {
    let known = is_known_format(content);
    let texty = is_mostly_text(content, known);
    let runs = content.starts_with(b"#!") && !language::is_bun_lock(path, content);
    let taken = names::is_text(path) && !is_side_file(path, content) || runs;
    if taken || names::is_bare(path) && texty {
        // What begins as another format does may be read as that one.
        if texty && !known {
            few_odd(content).unwrap_or(Reading::Doubtful)
        } else {
            Reading::Doubtful
        }
    } else if texty {
        Reading::Whole
    } else if known && names::is_bytes(path) {
        Reading::Nothing
    } else {
        Reading::Runs
    }
}

/// The reading of a text with a few control bytes in it; `None` where they are many.
fn few_odd(content: &[u8]) -> Option<Reading> {
    let is_odd = |byte: &u8| encoding::is_odd_control(*byte) || *byte == 0x7f;
    let odd = content.iter().filter(|byte| is_odd(byte)).count();
    let few = odd.saturating_mul(100) <= content.len().saturating_mul(MAX_ODD_PERCENT);
    if !few && odd > FEW_ODD {
        return None;
    }
    let first = content.iter().position(is_odd).unwrap_or(content.len());
    let before = encoding::lossy(content.get(..first).unwrap_or_default());
    let line = before.matches('\n').count().saturating_add(1);
    Some(Reading::WithControls { odd, line: u32::try_from(line).unwrap_or(u32::MAX) })
}

/// Whether a file begins as a format of bytes does.
fn is_known_format(content: &[u8]) -> bool {
    let at = |from: usize, bytes: &[u8]| content.get(from..).is_some_and(|c| c.starts_with(bytes));
    // Pickles, NumPy, HDF5, GGUF, Apple's folder settings, gettext, ONNX.
    let own = is_bytecode(content)
        || matches!(content, [0x80, 2..=5, ..])
        || at(0, b"\x93NUMPY")
        || at(0, b"\x89HDF\r\n\x1a\n")
        || at(0, b"GGUF")
        || at(0, b"\0\0\0\x01Bud1")
        || at(0, APPLE_DOUBLE)
        || at(0, b"bplist")
        || at(0, b"\xde\x12\x04\x95")
        || matches!(content, [0x08, 1..=0x20, 0x12 | 0x1a | 0x22 | 0x3a, ..])
        || is_safetensors(content);
    own || infer::get(content).is_some_and(|kind| kind.matcher_type() != infer::MatcherType::Text)
}

/// What macOS writes beside a file, under that file's name: `._SKILL.md`.
fn is_side_file(path: &[u8], content: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    name.starts_with(b"._") && content.starts_with(APPLE_DOUBLE)
}

/// Whether a file is a program for a machine, real or virtual. Nothing here reads those.
pub(super) fn is_compiled(content: &[u8]) -> bool {
    let kinds = ["elf", "exe", "dll", "mach", "wasm", "class", "dex", "dey", "bc"];
    // Lua, Ruby, Erlang, Hermes.
    let own: [&[u8]; 4] = [b"\x1bLua", b"YARB", b"FOR1", b"\xc6\x1f\xbc\x03"];
    is_bytecode(content)
        || own.iter().any(|magic| content.starts_with(magic))
        || infer::get(content).is_some_and(|kind| kinds.contains(&kind.extension()))
}

/// Whether a file is loaded as code, and holds no text of it: by its first bytes, or by its name
/// where those do not say that it is something to look at or listen to.
pub(super) fn is_loadable(path: &[u8], content: &[u8]) -> bool {
    use infer::MatcherType::{Audio, Doc, Font, Image, Video};
    if !content.contains(&0) && std::str::from_utf8(content).is_ok() {
        return false;
    }
    let harmless = || {
        infer::get(content)
            .is_some_and(|kind| matches!(kind.matcher_type(), Audio | Doc | Font | Image | Video))
    };
    is_compiled(content) || names::is_loadable(path) && !harmless()
}

/// Python's: a number for its version, and a line end (importlib's `MAGIC_NUMBER`). The high byte
/// of every version's number (CPython 1.5 to 3.14, PyPy) is no letter, but for 1.5's; a text whose
/// first line has two characters has letters there.
fn is_bytecode(content: &[u8]) -> bool {
    let [low, high, b'\r', b'\n', ..] = content else { return false };
    match high {
        b'\t' | b'\n' => false,
        0..=0x1f | 0x80.. => true,
        _ => *low >= 0x80,
    }
}

/// Eight bytes of length, and so much JSON (huggingface/safetensors, README, "Format").
fn is_safetensors(content: &[u8]) -> bool {
    let Some((length, rest)) = content.split_first_chunk::<8>() else { return false };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    length <= rest.len() && rest.starts_with(b"{")
}

/// Whether most of a file is text: with a few odd bytes, not a picture. Zeros are padding, unless
/// it begins as a format that is full of them.
fn is_mostly_text(content: &[u8], known: bool) -> bool {
    let printable: usize = content
        .utf8_chunks()
        .flat_map(|chunk| chunk.valid().chars())
        .filter(|c| is_text(*c))
        .map(char::len_utf8)
        .sum();
    let zeros = if known { 0 } else { content.iter().filter(|byte| **byte == 0).count() };
    let counted = content.len().saturating_sub(zeros);
    printable > 0 && printable.saturating_mul(100) >= counted.saturating_mul(MIN_TEXT_PERCENT)
}

/// Whether most of some bytes is text.
pub(super) fn is_text_mostly(content: &[u8]) -> bool {
    is_mostly_text(content, is_known_format(content))
}

fn is_text(c: char) -> bool {
    !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}')
}

/// The runs of text in noise, each line where it stands, as `strings` shows them.
pub(super) fn runs(content: &[u8]) -> String {
    let even = encoding::lossy(content);
    let mut kept = String::new();
    for line in even.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let runs = line.split(|c| !is_text(c) || c == char::REPLACEMENT_CHARACTER);
        for run in runs.filter(|run| run.trim().chars().count() >= MIN_RUN) {
            kept.push_str(run);
            kept.push(' ');
        }
        kept.push_str(end);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_taken_out_of_noise_at_its_line() {
        assert_eq!(
            runs(b"\x01\xff\nab\x02run this now\xff\xfe\x03another one\n"),
            "\nrun this now another one \n"
        );
        assert_eq!(runs(b"\x90\x91short\x92"), "");
    }

    #[test]
    fn zeros_are_padding_but_in_a_format_full_of_them() {
        assert!(is_mostly_text(b"run this\0\0\0\0\0\0\0\0\0", false));
        assert!(!is_mostly_text(b"run this\0\0\0\0\0\0\0\0\0", true));
        assert!(is_mostly_text("привет\0".as_bytes(), true));
        assert!(!is_mostly_text(b"\0\0\0", false) && !is_mostly_text(b"", false));
    }

    #[test]
    fn a_text_of_crlf_lines_is_no_bytecode() {
        for text in ["/*\r\n", "# \r\n", "{ \r\n", "ab\r\n", "a\n\r\n"] {
            assert!(!is_bytecode(text.as_bytes()), "{text:?}");
        }
        for magic in [b"\xa7\r", b"\x03\xf3", b"\x99N", b"o\r", b"\xf0\0", b"\x2b\x0e"] {
            assert!(is_bytecode(&[magic.as_slice(), b"\r\n"].concat()), "{magic:?}");
        }
    }

    #[test]
    fn few_control_bytes_are_counted_and_placed() {
        let marred = |odd, line| Reading::WithControls { odd, line };
        assert_eq!(reading(b"a.mjs", b"a\nb\rreturn `x\0y`;\x01\n"), marred(2, 3));
        let long = "const name = 1; // a line of code\n".repeat(100);
        let with = |odd: usize| [long.as_bytes(), &b"\0;\n".repeat(odd)].concat();
        assert_eq!(reading(b"a.py", &with(60)), marred(60, 101));
        assert_eq!(reading(b"a.py", &with(600)), Reading::Doubtful);
        assert_eq!(
            reading(b"a.py", &[b"x = 1 + 2\n".as_slice(), &[0; 9]].concat()),
            Reading::Doubtful
        );
        assert_eq!(reading(b"a.py", b"GIF89a = 1\n# and a text\n\0"), Reading::Doubtful);
        assert_eq!(reading(b"a.unknown", b"some text\0"), Reading::Whole);
    }

    proptest! {
        #[test]
        fn a_few_odd_bytes_in_a_text_make_it_no_binary(
            lines in proptest::collection::vec("[ -~é中]{0,30}", 1..20),
            odd in proptest::collection::vec(
                (any::<proptest::sample::Index>(), proptest::sample::select(
                    vec![b"\0".as_slice(), b"\x01", b"\x1a", b"\x7f", b"\xff", b"\xe9", b"\xc2\x85"]
                )), 1..8),
        ) {
            let mut content = format!("export const text = 1; // {}\r\n", "words ".repeat(20)).into_bytes();
            content.extend(lines.join("\n").bytes());
            for (at, bytes) in odd {
                let at = at.index(content.len() + 1);
                content.splice(at..at, bytes.iter().copied());
            }
            content.push(0);
            // Cutting a character leaves more bytes that are none; most is text all the same.
            let marred = matches!(reading(b"a.ts", &content), Reading::WithControls { .. });
            prop_assert!(marred);
        }

        #[test]
        fn any_bytes_have_a_reading_and_their_runs_stand_at_their_lines(
            path in any::<Vec<u8>>(), content in any::<Vec<u8>>()
        ) {
            reading(&path, &content);
            let (even, kept) = (encoding::lossy(&content), runs(&content));
            prop_assert_eq!(even.matches('\n').count(), kept.matches('\n').count());
        }
    }
}
