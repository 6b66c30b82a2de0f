//! Text that YAML and the agents take and this crate's parser refuses, written as the parser takes it. Lines stay where
//! they are.

/// The text with blanks for tabs behind keys, and one escape for each character that is written as two surrogates.
pub(crate) fn lenient(text: &str) -> String {
    without_surrogates(&with_blanks(text))
}

/// The text with blanks for tabs behind a key's colon.
fn with_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let mut rest = line;
        let colon = rest
            .match_indices(':')
            .find(|(at, _)| rest.get(at + 1..).is_some_and(|tail| tail.starts_with('\t')));
        if let Some((key, value)) = colon.and_then(|(at, _)| rest.split_at_checked(at + 1)) {
            out.push_str(key);
            rest = blanks(value, &mut out);
        }
        out.push_str(rest);
    }
    out
}

/// The text with escapes of one character for those of two surrogates, and of U+FFFD for one alone.
fn without_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, found)) = rest.find("\\u").and_then(|at| rest.split_at_checked(at)) {
        out.push_str(before);
        rest = found.get(2..).unwrap_or("");
        let slashes = before.bytes().rev().take_while(|byte| *byte == b'\\').count();
        let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
        let Some(high) =
            unit(rest).filter(|unit| slashes % 2 == 0 && (0xd800..0xe000).contains(unit))
        else {
            out.push_str("\\u");
            continue;
        };
        rest = rest.get(4..).unwrap_or("");
        let low = rest.strip_prefix("\\u").and_then(unit);
        let pair = low.and_then(|low| char::decode_utf16([high, low]).next()?.ok());
        if pair.is_some() {
            rest = rest.get(6..).unwrap_or("");
        }
        out.push_str(&format!("\\U{:08X}", u32::from(pair.unwrap_or(char::REPLACEMENT_CHARACTER))));
    }
    out + rest
}

/// Writes a blank for each leading blank or tab, and gives the rest.
fn blanks<'a>(text: &'a str, out: &mut String) -> &'a str {
    let rest = text.trim_start_matches([' ', '\t']);
    out.extend(std::iter::repeat_n(' ', text.len() - rest.len()));
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_behind_keys_become_blanks_and_pairs_become_characters() {
        assert_eq!(lenient("a:\tb\n  - c:\t\td\te\n"), "a: b\n  - c:  d\te\n");
        assert_eq!(
            lenient(r#""\ud83d\ude00 \\ud83d \ud83d \u0041""#),
            r#""\U0001F600 \\ud83d \U0000FFFD \u0041""#
        );
    }
}
