//! Making foreign text fit to be shown.
//!
//! Terminals, logs and pages print what we hand them. Whatever an attacker could have written is
//! cut to a length and stripped of characters that move the cursor, reorder the line or hide.

/// Shown in place of a character that may not be shown.
pub const REPLACEMENT: char = '\u{FFFD}';

/// One line of foreign text: at most `max` Unicode scalar values, no control, bidi or tag characters.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    clean(text, max, false)
}

/// Foreign text that may span lines (a code excerpt): as [`line()`], but `\n` and `\t` stay.
#[must_use]
pub fn block(text: &str, max: usize) -> String {
    clean(text, max, true)
}

/// Whether a character would act on the reader instead of being read.
#[must_use]
pub fn is_hidden_or_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

fn clean(text: &str, max: usize, keep_layout: bool) -> String {
    text.chars()
        .take(max)
        .map(|c| match c {
            '\n' | '\t' if keep_layout => c,
            '\n' | '\t' => ' ',
            c if is_hidden_or_control(c) => REPLACEMENT,
            c => c,
        })
        .collect()
}

// The standard library's search for a text in a text, and its printing of a text in quotes, which that brings along,
// are 4 KB of gzipped wasm. What is searched here is short.

/// The parts of `text` before and behind the first `part`; `None` where there is none, or `part` is empty.
#[must_use]
pub fn split_once<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let mut places = text.as_bytes().windows(part.len().max(1));
    let at = places.position(|place| place == part.as_bytes())?;
    Some((text.get(..at)?, text.get(at + part.len()..)?))
}

/// `text` with `new` in place of each `part`; as it is where `part` is empty.
#[must_use]
pub fn replace(mut text: &str, part: &str, new: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    while let Some((before, behind)) = split_once(text, part) {
        replaced.push_str(before);
        replaced.push_str(new);
        text = behind;
    }
    replaced.push_str(text);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn layout_stays_only_in_blocks() {
        assert_eq!(line("a\nb\u{1b}[31m\u{202e}c", 99), "a b\u{fffd}[31m\u{fffd}c");
        assert_eq!(block("a\n\tb\r", 99), "a\n\tb\u{fffd}");
        assert_eq!(line("♥♥♥", 2), "♥♥");
    }

    #[test]
    fn an_empty_part_is_nowhere() {
        assert_eq!(split_once("ab", ""), None);
        assert_eq!(split_once("", ""), None);
        assert_eq!(replace("ab", "", "x"), "ab");
    }

    proptest! {
        #[test]
        fn searches_find_what_the_standard_library_finds(s in "[ab♥]{0,9}", part in "[ab♥]{1,3}") {
            prop_assert_eq!(split_once(&s, &part), s.split_once(part.as_str()));
            prop_assert_eq!(replace(&s, &part, "b"), s.replace(part.as_str(), "b"));
        }

        #[test]
        fn no_control_character_survives(s in any::<String>(), max in 0usize..64) {
            let shown = line(&s, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.chars().any(is_hidden_or_control));
        }
    }
}
