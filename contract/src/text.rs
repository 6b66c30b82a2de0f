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

    proptest! {
        #[test]
        fn no_control_character_survives(s in any::<String>(), max in 0usize..64) {
            let shown = line(&s, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.chars().any(is_hidden_or_control));
        }
    }
}
