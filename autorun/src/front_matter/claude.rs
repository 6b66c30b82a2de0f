//! Claude Code: a delimiter that closes anywhere, and a repair of what is not YAML.

use super::{Parts, cut};
use crate::{
    text::{after, is_js_space, without_bom},
    value::Value,
    yaml,
};

/// The front matter opens with three dashes at the start, a byte-order mark skipped, with nothing but white space behind
/// them up to a line feed. It closes at the first three dashes anywhere: in the middle of a line, in a comment, in a
/// block scalar.
pub(crate) fn claude(text: &str) -> Option<Parts<'_>> {
    let text = without_bom(text);
    let rest = text.strip_prefix("---")?;
    let blank = rest.len() - rest.trim_start_matches(is_js_space).len();
    // The white space ends with its last line feed: blanks behind that one indent the first key.
    let matter = 3 + rest.get(..blank)?.rfind('\n')? + 1;
    let close = matter + after(text, matter).find("---")?;
    let tail = after(text, close + 3);
    let body = text.len() - tail.trim_start_matches(is_js_space).len();
    Some(cut(text, matter, close, body))
}

/// The text as Claude Code parses it again when it is not YAML: leading tabs become two blanks each, and values of
/// keys at a line's start are quoted if they hold a character that YAML reserves. A whole list in brackets stays one.
/// Lines stay where they are.
pub(crate) fn repaired(matter: &str) -> String {
    matter.split('\n').map(repaired_line).collect::<Vec<_>>().join("\n")
}

fn repaired_line(line: &str) -> String {
    let rest = line.trim_start_matches('\t');
    if rest.len() < line.len() {
        return "  ".repeat(line.len() - rest.len()) + rest;
    }
    let Some((key, value)) = line.split_once(':') else { return line.to_owned() };
    let is_key = !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-".contains(&byte));
    let text = value.trim_start_matches(is_js_space);
    let quoted = |mark: char| text.len() > 1 && text.starts_with(mark) && text.ends_with(mark);
    // A carriage return ends the line for the agent's pattern, which then does not fit: such files are not repaired.
    let is_list = text.starts_with('[')
        && text.ends_with(']')
        && yaml::parse(text, 1, yaml::Merge::Follow)
            .is_ok_and(|list| matches!(list.root.value, Value::List(_)));
    let ends = text.contains(['\r', '\u{2028}', '\u{2029}']);
    if !is_key
        || text.len() == value.len()
        || text.is_empty()
        || ends
        || is_list
        || quoted('"')
        || quoted('\'')
        || !is_reserved(text)
    {
        return line.to_owned();
    }
    format!("{key}: \"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// Whether a value holds what YAML reads as more than text.
fn is_reserved(value: &str) -> bool {
    value.contains(['{', '}', '[', ']', '*', '&', '#', '!', '|', '>', '%', '@', '`'])
        || value.contains(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matter(text: &str) -> Option<&str> {
        claude(text).map(|parts| parts.matter)
    }

    #[test]
    fn three_dashes_close_wherever_they_stand() {
        assert_eq!(matter("---\na: 1\n---\nb"), Some("a: 1\n"));
        assert_eq!(matter("\u{feff}---\t \r\na: 1 --- b"), Some("a: 1 "));
        assert_eq!(matter("---\n  a: 1\n ----\n"), Some("  a: 1\n "));
        assert_eq!(matter("---\n\n\na: 1---"), Some("a: 1"));
        for none in [
            " ---\na\n---",
            "----\na\n---",
            "---a\n---",
            "--- {a: 1}\n---",
            "---\na",
            "---\ra\r---",
            "\u{200b}---\na\n---",
        ] {
            assert_eq!(matter(none), None, "{none:?}");
        }
    }

    #[test]
    fn lines_of_matter_and_body_are_those_of_the_file() {
        let parts = claude("---\n\na: 1\n---\n\nbody").unwrap();
        assert_eq!((parts.matter_line, parts.body, parts.body_line), (3, "body", 6));
    }

    #[test]
    fn the_repair_quotes_values_and_turns_tabs_into_blanks() {
        assert_eq!(
            repaired("a: b: c\nd: e\n\t- f: *g\n\"h\": *i\nj: *k\r"),
            "a: \"b: c\"\nd: e\n  - f: *g\n\"h\": *i\nj: *k\r"
        );
        assert_eq!(
            repaired("a: [b, *c]\nd: [e, [f]]\ng: [h] i\nj: [k] [l]"),
            "a: \"[b, *c]\"\nd: [e, [f]]\ng: \"[h] i\"\nj: \"[k] [l]\""
        );
        assert_eq!(repaired(r#"a: @"b\c"#), r#"a: "@\"b\\c""#);
    }
}
