//! Characters that trufflehog's chunks would cut in two.
//!
//! It reads a file in chunks of a fixed number of bytes. One that begins or ends inside a character
//! is no UTF-8 to it, and then it replaces every control character of the chunk, the line ends
//! among them: lines are miscounted, and what a detector looks for over a line end is lost. So the
//! few characters that stand across such a place are replaced in the copy, byte for byte; what
//! people are shown has them back.

/// Bytes of a chunk (trufflehog 3.92.5, `pkg/sources/chunker.go`).
const CHUNK: usize = 10 * 1024;
/// Bytes of the next chunk that it sees too.
const PEEK: usize = 3 * 1024;
/// Parts words in every detector, as a character beyond ASCII does.
const STAND_IN: u8 = b'?';

/// Replaces in a text, `before` bytes into its file, every character that a chunk would cut.
/// Returns each changed byte: where, and what it was.
pub(super) fn spare_cut_characters(text: &mut [u8], before: usize) -> Vec<(usize, u8)> {
    let end = before.saturating_add(text.len());
    let cuts = (CHUNK..end).step_by(CHUNK).flat_map(|start| [start, start + PEEK]);
    let mut changed = Vec::new();
    for cut in cuts {
        let Some(cut) = cut.checked_sub(before) else { continue };
        if !text.get(cut).is_some_and(|byte| continues(*byte)) {
            continue;
        }
        let first = text.iter().take(cut).rposition(|byte| !continues(*byte)).unwrap_or(cut);
        let rest = text.iter().skip(cut).take_while(|byte| continues(**byte)).count();
        for (at, byte) in text.iter_mut().enumerate().take(cut + rest).skip(first) {
            changed.push((at, *byte));
            *byte = STAND_IN;
        }
    }
    changed
}

/// Whether a byte of UTF-8 belongs to a character that began before it.
const fn continues(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As trufflehog takes a file apart.
    fn chunks(file: &[u8]) -> impl Iterator<Item = &[u8]> {
        (0..file.len())
            .step_by(CHUNK)
            .map(|start| &file[start..file.len().min(start + CHUNK + PEEK)])
    }

    #[test]
    fn no_chunk_begins_or_ends_inside_a_character() {
        for character in ["a", "ü", "字", "📷"] {
            for shift in 0..4 {
                for before in [0, 4096] {
                    let honest = format!("{}{}", "a".repeat(shift), character.repeat(30_000));
                    let mut text = honest.clone().into_bytes();
                    let changed = spare_cut_characters(&mut text, before);
                    let file = [&vec![b'\n'; before], text.as_slice()].concat();
                    let name = format!("{character} {shift} {before}");
                    assert!(chunks(&file).all(|c| std::str::from_utf8(c).is_ok()), "{name}");
                    assert!(changed.is_sorted_by_key(|(at, _)| *at), "{name}");
                    for (at, byte) in changed {
                        text[at] = byte;
                    }
                    assert_eq!(text, honest.as_bytes(), "{name}");
                }
            }
        }
    }

    #[test]
    fn only_what_is_cut_is_changed() {
        let at = |character: &str, offset| {
            let mut text = "a".repeat(30_000);
            text.replace_range(offset..offset + character.len(), character);
            let mut bytes = text.into_bytes();
            spare_cut_characters(&mut bytes, 0).iter().map(|(at, _)| *at).collect::<Vec<_>>()
        };
        assert_eq!(at("字", CHUNK - 1), [CHUNK - 1, CHUNK, CHUNK + 1]);
        assert_eq!(at("ü", CHUNK + PEEK - 1), [CHUNK + PEEK - 1, CHUNK + PEEK]);
        for whole in [CHUNK - 3, CHUNK, PEEK - 1] {
            assert!(at("字", whole).is_empty(), "{whole}");
        }
    }
}
