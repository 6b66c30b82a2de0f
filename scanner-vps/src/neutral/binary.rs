//! Bytes that are no text: how much of them is read as text all the same.
//!
//! A shell reads a script behind any first line and drops its zeros; an agent reads whatever it
//! can make out. So no content vanishes for the sake of a few odd bytes. What is not read is a
//! format of bytes with its own first bytes and a name to match, and even that only when little
//! of it is text. The first bytes are told by the crate `infer`, and by a few of our own.

use super::{encoding, names};

/// How many of the bytes of a text with odd bytes in it, in hundredths, are printable.
const MIN_TEXT_PERCENT: usize = 80;
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
    let taken = names::is_text(path) && !is_side_file(path, content) || content.starts_with(b"#!");
    if taken || names::is_bare(path) && texty {
        Reading::Doubtful
    } else if texty {
        Reading::Whole
    } else if known && names::is_bytes(path) {
        Reading::Nothing
    } else {
        Reading::Runs
    }
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
    is_bytecode(content)
        || infer::get(content).is_some_and(|kind| kinds.contains(&kind.extension()))
}

/// Python's: a number for its version, and a line end (importlib's `MAGIC_NUMBER`).
fn is_bytecode(content: &[u8]) -> bool {
    matches!(content, [_, _, b'\r', b'\n', ..])
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

    proptest! {
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
