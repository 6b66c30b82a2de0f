//! Whether a variable, or each row of a table, is used only to compare with it.

use super::{EMIT, SEARCHES};

/// Uses of one variable that are looked at.
const MAX_USES: usize = 64;

/// The places of a word in code, as what stands before and behind.
fn uses<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    code.match_indices(name).filter_map(move |(at, _)| {
        let (before, behind) = (code.get(..at)?, code.get(at + name.len()..)?);
        let whole = !before.chars().next_back().is_some_and(part)
            && !behind.chars().next().is_some_and(part);
        whole.then_some((before, behind))
    })
}

/// Whether a table is used only to compare with it: rows are taken one by one and compared.
pub(super) fn only_compares(code: &str, text: &str, name: &str) -> bool {
    let (mut defined, mut used) = (0, 0);
    if uses(code, name).nth(MAX_USES).is_some() {
        return false;
    }
    for (before, behind) in uses(code, name) {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let next = behind.trim_start_matches(' ');
        let is_definition = matches!(line.trim(), "" | "const" | "let" | "var")
            && (next.starts_with('=') && !next.starts_with("==") || next.starts_with(": "));
        if is_definition {
            defined += 1;
            continue;
        }
        used += 1;
        let mut row = row(line, next);
        if let Some((call, _)) = line.split_once("parametrize(") {
            let begin = before.len() - line.len() + call.len() + "parametrize(".len();
            row = names_of_rows(text, begin);
        }
        let member = line.ends_with(" in ") && row.is_empty() && !line.contains("for ");
        let rows = !row.contains(&name) && rows_are_compared(code, &row);
        if !(member || rows || is_compared_use(line, next)) {
            return false;
        }
    }
    defined == 1 && used > 0
}

/// The variables that take each row of a table: `for row in TABLE`, `for (const [text, bad] of TABLE)`,
/// `TABLE.some(row =>`.
fn row<'a>(line: &'a str, next: &'a str) -> Vec<&'a str> {
    for taken in [" in ", " of "] {
        if let Some(head) = line.strip_suffix(taken) {
            let (_, bound) = head.rsplit_once("for ").unwrap_or(("", ""));
            let bound = bound.trim_start_matches('(').trim_start_matches("const ");
            return names(bound.trim_start_matches("let "));
        }
    }
    let call = [".some(", ".every(", ".forEach("].iter().find_map(|call| next.strip_prefix(call));
    call.map(names_of_arrow).unwrap_or_default()
}

/// The variables of `a`, `a, b`, `(a, b)`, `[a, b]` or `{ a, b }`; none where it is something else.
fn names(bound: &str) -> Vec<&str> {
    let bound = bound.trim().trim_matches(['(', ')', '[', ']', '{', '}']);
    let names: Vec<_> = bound.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if names.iter().all(is_name) { names } else { Vec::new() }
}

/// The parameters of the first arrow function of what a call is given.
pub(super) fn names_of_arrow(given: &str) -> Vec<&str> {
    let head = given.split_once("=>").map_or("", |(head, _)| head.trim());
    let head = head.strip_suffix(')').map_or(head, |list| {
        // `'says %s', (text, bad) =>`: the list begins at its own bracket.
        list.rsplit_once('(').map_or(list, |(_, list)| list)
    });
    names(head)
}

/// The names in the text that begins within a few bytes: `"text, bad"`.
pub(super) fn names_of_rows(text: &str, from: usize) -> Vec<&str> {
    let given = text.get(from..).unwrap_or_default().trim_start().trim_start_matches(['(', '[']);
    let Some(mark) = given.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        return Vec::new();
    };
    given
        .get(1..)
        .and_then(|rest| rest.split_once(mark))
        .map_or_else(Vec::new, |(list, _)| names(list))
}

/// What stands behind the bracket that closes the first one.
pub(super) fn closed(code: &str) -> Option<&str> {
    let mut depth = 0u32;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return code.get(at + 1..);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether the variables of a row are used, and only compared.
pub(super) fn rows_are_compared(code: &str, row: &[&str]) -> bool {
    let mut compared = 0;
    for name in row {
        if uses(code, name).nth(MAX_USES).is_some() {
            return false;
        }
        for (before, behind) in uses(code, name) {
            let line = before.rsplit('\n').next().unwrap_or_default();
            let next = behind.trim_start_matches(' ');
            if is_bound(line, behind) {
                continue;
            }
            if !(is_compared_use(line, next) || is_asserted(line)) {
                return false;
            }
            compared += 1;
        }
    }
    compared > 0
}

/// Whether a place takes a row: between `for` and `in` or `of`, before an arrow, or as a parameter of a test.
fn is_bound(line: &str, behind: &str) -> bool {
    let rest = behind.lines().next().unwrap_or_default();
    let listed = |text: &str| {
        text.chars().all(|c| {
            c.is_ascii_alphanumeric()
                || matches!(c, '_' | ' ' | ',' | '[' | ']' | '{' | '}' | '(' | ')')
        })
    };
    let (_, taken) = line.rsplit_once("for ").unwrap_or(("", ":"));
    let loops = listed(taken)
        && [" in ", " of "]
            .iter()
            .any(|word| rest.split_once(word).is_some_and(|(to, _)| listed(to)));
    let arrow = rest.split_once("=>").is_some_and(|(to, _)| listed(to))
        && line.rsplit_once('(').is_some_and(|(_, from)| listed(from));
    let parameter = line.trim_start().strip_prefix("def test").is_some_and(listed);
    loops || arrow || parameter
}

/// Whether what stands on a line behind its beginning is asserted: `assert detect(`, `expect(scan(`.
fn is_asserted(line: &str) -> bool {
    let line = line.trim_start();
    let calls = line.split('(').rev().skip(1);
    let emits = calls.clone().any(|call| {
        let word = |c: char| !(c.is_alphanumeric() || c == '_');
        let name = call.rsplit(word).next().unwrap_or_default().to_ascii_lowercase();
        EMIT.split_ascii_whitespace().any(|emit| emit == name)
    });
    let first = line.split('(').next().unwrap_or_default();
    let asserts = line.starts_with("assert ")
        || line.contains('(')
            && (first.starts_with("self.assert")
                || ["expect", "assert"].contains(&first)
                || first.starts_with("assert."));
    asserts && !emits
}

/// Whether a use of a variable compares it, by what stands before it on its line, and behind it.
fn is_compared_use(line: &str, next: &str) -> bool {
    let operand = ["in ", "not in ", "== ", "=== ", "!= ", "!== "].iter();
    operand.clone().any(|op| next.starts_with(op))
        || ["==", "!="].iter().any(|op| line.trim_end().ends_with(op))
        || line.strip_suffix('(').is_some_and(|call| {
            SEARCHES.iter().any(|search| call.ends_with(search) && *search != "re.compile")
        })
}
