//! Whether a variable, or each row of a table, is used only to compare with it.

use super::{
    Program,
    calls::{commas, is_emitted, is_no_message, search_of},
};

/// Uses of one variable that are looked at.
const MAX_USES: usize = 64;
/// Variables of one row; of more, nothing is known.
const MAX_NAMES: usize = 16;

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The places of a word in code, as what stands before and behind.
pub(super) fn uses<'a>(
    code: &'a str,
    name: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
    code.match_indices(name).filter_map(move |(at, _)| {
        let (before, behind) = (code.get(..at)?, code.get(at + name.len()..)?);
        let whole = !before.chars().next_back().is_some_and(is_part)
            && !behind.chars().next().is_some_and(is_part);
        whole.then_some((before, behind))
    })
}

/// The uses of a variable; `None` where they are too many, or too much was looked through.
fn few_uses<'a>(program: &'a Program, name: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let code = program.code()?;
    program.pay(code.len()).then_some(())?;
    let found: Vec<_> = uses(code, name).take(MAX_USES + 1).collect();
    (found.len() <= MAX_USES).then_some(found)
}

/// Whether a table is used only to compare with it: rows are taken one by one and compared.
pub(super) fn only_compares(program: &Program, name: &str) -> bool {
    let (mut defined, mut used) = (0, 0);
    let Some(found) = few_uses(program, name) else { return false };
    for (before, behind) in found {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let next = behind.trim_start_matches(' ');
        let is_definition = matches!(line.trim(), "" | "const" | "let" | "var")
            && (next.starts_with('=') && !next.starts_with("==") || next.starts_with(": "));
        if is_definition {
            defined += 1;
            continue;
        }
        used += 1;
        let mut row = row(program, line, next);
        if let Some((call, _)) = line.split_once("parametrize(") {
            let begin = before.len() - line.len() + call.len() + "parametrize(".len();
            let known = is_parametrize(program, line.get(..call.len() + 11).unwrap_or_default());
            row = if known { names_of_rows(program.text(), begin) } else { Vec::new() };
        }
        let member = line.ends_with(" in ") && row.is_empty() && !line.contains("for ");
        let rows = !row.contains(&name) && rows_are_compared(program, &row);
        if !(member || rows || is_compared_use(program, line, next) || is_asserted(program, line)) {
            return false;
        }
    }
    defined == 1 && used > 0
}

/// Whether what stands on a line before a bracket is the decorator `@pytest.mark.parametrize`.
pub(super) fn is_parametrize(program: &Program, line: &str) -> bool {
    let path = line.trim_start().strip_prefix('@').unwrap_or_default();
    path.ends_with(".mark.parametrize")
        && path.chars().all(|c| is_part(c) || c == '.')
        && ["parametrize", path.split('.').next().unwrap_or_default()]
            .iter()
            .all(|name| program.believes(name))
}

/// The variables that take each row of a table: `for row in TABLE`, `for (const [text, bad] of TABLE)`,
/// `TABLE.some(row =>`.
fn row<'a>(program: &Program, line: &'a str, next: &'a str) -> Vec<&'a str> {
    for taken in [" in ", " of "] {
        if let Some(head) = line.strip_suffix(taken) {
            return looped(head).map_or_else(Vec::new, pattern);
        }
    }
    let calls = [(".some(", "some"), (".every(", "every"), (".forEach(", "forEach")];
    let call = calls.iter().find_map(|(call, name)| Some((next.strip_prefix(call)?, name)));
    call.filter(|(_, name)| program.believes(name) && program.pay(next.len()))
        .map(|(given, _)| names_of_arrow(given))
        .unwrap_or_default()
}

/// What stands behind the last `for` of a line.
fn looped(line: &str) -> Option<&str> {
    let (before, bound) = line.rsplit_once("for ")?;
    let is_word = !before.ends_with(|c: char| is_part(c) || c == '.');
    is_word.then_some(bound)
}

/// The variables of a pattern, `a`, `const a`, `a, b`, `(a, b)`, `[a, b]` or `{ a, b }`, with the bracket of the loop
/// before it or not; none where it is something else.
fn pattern(bound: &str) -> Vec<&str> {
    let bound = bound.trim();
    let bound = match bound.strip_prefix('(') {
        Some(inner) if !bound.ends_with(')') => inner.trim_start(),
        _ => bound,
    };
    let bound = ["const ", "let ", "var "]
        .iter()
        .find_map(|word| bound.strip_prefix(word))
        .unwrap_or(bound)
        .trim();
    let inner = [('(', ')'), ('[', ']'), ('{', '}')]
        .iter()
        .find_map(|(open, close)| bound.strip_prefix(*open)?.strip_suffix(*close));
    names(inner.unwrap_or(bound))
}

/// The variables of `a` or `a, b`; none where it is something else, or they are too many.
fn names(list: &str) -> Vec<&str> {
    let list = list.trim();
    let list = list.strip_suffix(',').unwrap_or(list);
    let names: Vec<_> = list.split(',').map(str::trim).take(MAX_NAMES + 1).collect();
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if names.len() <= MAX_NAMES && names.iter().all(is_name) { names } else { Vec::new() }
}

/// The parameters of the arrow function that a call is given, first or behind a literal.
pub(super) fn names_of_arrow(given: &str) -> Vec<&str> {
    let head = given.split_once("=>").map_or("", |(head, _)| head.trim_end());
    let (before, list) = match head.strip_suffix(')') {
        // `'says %s', (text, bad) =>`: the list begins at its own bracket.
        Some(list) => list.rsplit_once('(').unwrap_or((")", "")),
        None => head.split_at(head.trim_end_matches(is_part).len()),
    };
    let before = before.trim_end();
    let before = before.strip_suffix("async").unwrap_or(before);
    let plain = before.chars().all(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ','));
    if plain { pattern(list) } else { Vec::new() }
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
pub(super) fn rows_are_compared(program: &Program, row: &[&str]) -> bool {
    let mut compared = 0;
    for name in row {
        let Some(found) = few_uses(program, name) else { return false };
        for (before, behind) in found {
            let line = before.rsplit('\n').next().unwrap_or_default();
            let next = behind.trim_start_matches(' ');
            if is_bound(line, name, behind) {
                continue;
            }
            if !(is_compared_use(program, line, next)
                || is_asserted(program, line)
                || is_outcome(program, line, name))
            {
                return false;
            }
            compared += 1;
        }
    }
    compared > 0
}

/// Whether a place takes a row: between `for` and `in` or `of`, before an arrow, or as a parameter of a test.
fn is_bound(line: &str, name: &str, behind: &str) -> bool {
    let rest = behind.lines().next().unwrap_or_default();
    let is_pattern = |before: &str, to: &str| !pattern(&format!("{before}{name}{to}")).is_empty();
    let loops = looped(line).is_some_and(|taken| {
        [" in ", " of "]
            .iter()
            .any(|word| rest.split_once(word).is_some_and(|(to, _)| is_pattern(taken, to)))
    });
    let arrow = rest.split_once("=>").is_some_and(|(to, _)| {
        to.trim().is_empty()
            || to.trim_end().strip_suffix(')').is_some_and(|to| {
                line.rsplit_once('(').is_some_and(|(head, from)| {
                    let head = head.trim_end();
                    let head = head.strip_suffix("async").unwrap_or(head);
                    !head.ends_with(|c: char| is_part(c) || matches!(c, ')' | ']'))
                        && is_pattern(from, to)
                })
            })
    });
    let parameter = line.trim_start().strip_prefix("def test").is_some_and(|list| {
        list.split_once('(').is_some_and(|(test, from)| {
            test.chars().all(is_part) && from.chars().all(|c| is_part(c) || matches!(c, ' ' | ','))
        })
    });
    loops || arrow || parameter
}

/// Whether what stands on a line behind its beginning is asserted: `assert detect(`, `expect(scan(`.
fn is_asserted(program: &Program, line: &str) -> bool {
    let line = line.trim_start();
    let first = line.split('(').next().unwrap_or_default();
    let asserts = line.starts_with("assert ")
        || line.contains('(')
            && (first.starts_with("self.assert")
                || ["expect", "assert"].contains(&first)
                || first.starts_with("assert."));
    let name = first.strip_prefix("self.").unwrap_or(first);
    let name = name.split(['.', ' ']).next().unwrap_or_default();
    let statement = line.starts_with("assert ");
    let last = first.rsplit('.').next().unwrap_or_default();
    let given = line.split_once('(').map_or("", |(_, given)| given);
    let no_message = if statement { commas(line) == 0 } else { is_no_message(last, given) };
    asserts
        && no_message
        && (statement || program.believes(name))
        && !line.split('(').rev().skip(1).any(is_emitted)
}

/// Whether a row is given to calls whose outcome has a name, and that is only asserted or compared:
/// `result = guard(text)`, behind which stands `assert not result.ok`.
fn is_outcome(program: &Program, line: &str, row: &str) -> bool {
    let line = line.trim_start();
    let line =
        ["const ", "let ", "var "].iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line);
    let Some((bound, call)) = line.split_once('=') else { return false };
    let bound = bound.trim_end();
    let call = call.trim_start();
    let call = call.strip_prefix("await ").unwrap_or(call);
    let names = pattern(bound);
    let plain = call.chars().all(|c| is_part(c) || matches!(c, '.' | '(' | ' ' | ','));
    let mut calls = call.split('(').rev().skip(1).peekable();
    if names.is_empty()
        || names.contains(&row)
        || !plain
        || calls.peek().is_none()
        || calls.any(is_emitted)
    {
        return false;
    }
    names.iter().all(|name| {
        let Some(found) = few_uses(program, name) else { return false };
        let (mut named, mut used) = (0, 0);
        let known = found.into_iter().all(|(before, behind)| {
            let line = before.rsplit('\n').next().unwrap_or_default();
            let next = behind.trim_start_matches(' ');
            let head = line
                .trim_start()
                .trim_end_matches(|c: char| is_part(c) || matches!(c, '(' | '[' | '{' | ',' | ' '));
            let binds = head.is_empty() && {
                let rest = next.lines().next().unwrap_or_default();
                rest.split_once('=').is_some_and(|(to, value)| {
                    !value.starts_with(['=', '>'])
                        && to
                            .chars()
                            .all(|c| is_part(c) || matches!(c, ')' | ']' | '}' | ',' | ' '))
                })
            };
            named += usize::from(binds);
            used += usize::from(!binds);
            // What it has is compared, and none of it is called.
            let called = next.starts_with(['(', '[', '`']) || calls_of(next);
            binds || !called && (is_compared_use(program, line, next) || is_asserted(program, line))
        });
        known && named > 0 && used > 0
    })
}

/// Whether a name that stands behind the first dot runs or hands on something: `.exec(`, `.run(`.
fn calls_of(next: &str) -> bool {
    let path = next.split(|c: char| !(is_part(c) || c == '.')).next().unwrap_or_default();
    !path.is_empty() && is_emitted(path)
}

/// Whether a use of a variable compares it, by what stands before it on its line, and behind it.
fn is_compared_use(program: &Program, line: &str, next: &str) -> bool {
    let operand = ["in ", "not in ", "== ", "=== ", "!= ", "!== "].iter();
    operand.clone().any(|op| next.starts_with(op))
        || ["==", "!="].iter().any(|op| line.trim_end().ends_with(op))
        || line
            .strip_suffix('(')
            .and_then(search_of)
            .is_some_and(|search| search != "re.compile" && program.believes_search(search))
}
