//! Named parameters: `:name` in a text becomes the number that D1 takes, at compile time.

use super::text::put;

/// The most parameters of one statement: D1 takes 100, and a number has at most two digits.
const MOST: usize = 99;

/// How many bytes [`expand`] writes.
pub(crate) const fn length(text: &str, names: &[&str]) -> usize {
    write(text.as_bytes(), names, &mut [])
}

/// The text with each `:name` replaced by `?` and the name's place in `names`, counted from 1. [`length`] is `N`.
/// A name without a place, a place without a name and a parameter by number are compile errors.
pub(crate) const fn expand<const N: usize>(text: &str, names: &[&str]) -> [u8; N] {
    let mut written = [0; N];
    write(text.as_bytes(), names, &mut written);
    written
}

/// Writes what fits into `into`, and returns how many bytes there are.
#[expect(
    clippy::indexing_slicing,
    reason = "runs at compile time only, where a wrong index is an error"
)]
const fn write(text: &[u8], names: &[&str], into: &mut [u8]) -> usize {
    let mut used = [false; MOST];
    let (mut at, mut written, mut quoted) = (0, 0, false);
    while at < text.len() {
        let byte = text[at];
        if byte == b'\'' {
            quoted = !quoted;
        }
        assert!(quoted || byte != b'?', "a parameter is written by its name, as :name");
        if quoted || byte != b':' {
            written = put(text, at, at + 1, into, written);
            at += 1;
            continue;
        }
        let end = end_of_name(text, at + 1);
        let place = place(names, text, at + 1, end);
        used[place] = true;
        let (tens, ones) = ((place + 1) / 10, (place + 1) % 10);
        let number = [b'?', DIGITS[tens], DIGITS[ones]];
        written = put(&number, 0, 1, into, written);
        written = put(&number, if tens == 0 { 2 } else { 1 }, 3, into, written);
        at = end;
    }
    let mut place = 0;
    while place < names.len() {
        assert!(used[place], "a value is bound to a name that the text does not have");
        place += 1;
    }
    written
}

const DIGITS: &[u8; 10] = b"0123456789";

#[expect(
    clippy::indexing_slicing,
    reason = "runs at compile time only, where a wrong index is an error"
)]
const fn end_of_name(text: &[u8], begin: usize) -> usize {
    let mut end = begin;
    while end < text.len() && matches!(text[end], b'a'..=b'z' | b'0'..=b'9' | b'_') {
        end += 1;
    }
    end
}

/// The place of the name that stands in `text` from `begin` to `end`.
#[expect(
    clippy::indexing_slicing,
    reason = "runs at compile time only, where a wrong index is an error"
)]
const fn place(names: &[&str], text: &[u8], begin: usize, end: usize) -> usize {
    let mut place = 0;
    loop {
        assert!(place < names.len(), "a name in the text has no value");
        let name = names[place].as_bytes();
        let mut index = 0;
        while name.len() == end - begin && index < name.len() && name[index] == text[begin + index]
        {
            index += 1;
        }
        if index == name.len() {
            return place;
        }
        place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str, names: &[&str]) -> String {
        let mut written = vec![0; length(text, names)];
        assert_eq!(write(text.as_bytes(), names, &mut written), written.len());
        String::from_utf8(written).unwrap()
    }

    #[test]
    fn a_name_becomes_the_number_of_its_place_wherever_it_stands() {
        assert_eq!(
            sql("SELECT :b, :a WHERE x=:ab AND y>:a", &["a", "ab", "b"]),
            "SELECT ?3, ?1 WHERE x=?2 AND y>?1"
        );
        let names: Vec<String> = (1..=11).map(|n| format!("n{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = names.iter().rev().map(|name| format!(":{name}")).collect::<Vec<_>>().join(",");
        assert_eq!(sql(&text, &names), "?11,?10,?9,?8,?7,?6,?5,?4,?3,?2,?1");
    }

    #[test]
    fn what_stands_in_quotes_is_kept() {
        let text = "SELECT ':a?', 'it''s :a', '$.x' || :a || ':'";
        assert_eq!(sql(text, &["a"]), "SELECT ':a?', 'it''s :a', '$.x' || ?1 || ':'");
    }

    #[test]
    fn names_and_values_that_do_not_match_are_refused() {
        for (text, names) in [
            ("SELECT :a, :b", &["a"][..]),
            ("SELECT :a", &["a", "b"]),
            ("SELECT :a", &["a", "a"]),
            ("SELECT :ab", &["a"]),
            ("SELECT :a", &["ab"]),
            ("SELECT : a", &["a"]),
            ("SELECT ?1", &[]),
        ] {
            assert!(std::panic::catch_unwind(|| length(text, names)).is_err(), "{text} {names:?}");
        }
    }
}
