//! Whether code is balanced: every bracket, string and comment that it opens is closed in it.
//!
//! Balanced code does not change how a parser reads the code around it, even if it is itself invalid.
//! This is no parser: code that it cannot decide about counts as not balanced.

use super::Language;

/// Words that open and close a block in shells.
const BLOCKS: [(&str, &str); 3] = [("if", "fi"), ("do", "done"), ("case", "esac")];

/// Whether a piece of code leaves nothing open, begins at the margin, and closes nothing that it
/// has not opened.
pub(super) fn is_balanced(code: &str, language: Language) -> bool {
    let slashes = language.is_node();
    let (hash, shell) = (!slashes, language == Language::Shell);
    let mut open = Vec::new();
    let mut rest = code;
    let mut lines = code.lines().filter(|line| {
        let line = line.trim_start();
        !(line.is_empty() || hash && line.starts_with('#'))
    });
    let first = lines.next().unwrap_or_default();
    let last = lines.next_back().unwrap_or(first).trim_end();
    if first.starts_with([' ', '\t']) || last.ends_with(['\\', ',', ':']) {
        return false;
    }
    if shell && BLOCKS.iter().any(|(begin, end)| words(code, begin) != words(code, end)) {
        return false;
    }
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '(' | '[' | '{' => {
                open.push(c);
                behind
            }
            ')' | ']' | '}' => {
                let opener = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(opener) {
                    return false;
                }
                behind
            }
            '"' | '\'' | '`' => {
                let triple = [c, c, c].iter().collect::<String>();
                let end = match rest.strip_prefix(&triple) {
                    Some(inside) if !slashes && c != '`' => after(inside, &triple, true, true),
                    _ => {
                        let escapes = !(shell && c == '\'');
                        after(behind, c.encode_utf8(&mut [0; 4]), c == '`', escapes)
                    }
                };
                let Some(end) = end else { return false };
                // A template in a template ends at another mark than this one.
                let inside = rest.get(..rest.len() - end.len()).unwrap_or_default();
                let value = inside.rsplit_once("${").filter(|_| c == '`');
                if value.is_some_and(|(_, value)| !value.contains('}')) {
                    return false;
                }
                end
            }
            '#' if hash && (!shell || is_word_start(code, rest)) => line_end(behind),
            // A document in a shell script ends at a word of its own.
            '<' if shell && behind.starts_with('<') => return false,
            '/' if slashes && behind.starts_with('/') => line_end(behind),
            '/' if slashes && behind.starts_with('*') => {
                let Some((_, end)) = behind.split_once("*/") else { return false };
                end
            }
            '\\' => {
                behind.get(behind.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default()
            }
            _ => behind,
        };
    }
    open.is_empty()
}

/// Whether a shell would take a `#` at the start of `rest` for a comment.
fn is_word_start(code: &str, rest: &str) -> bool {
    let before = code.get(..code.len() - rest.len()).and_then(|before| before.chars().next_back());
    before.is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '(' | ')' | '|' | '&'))
}

/// How often a word stands in a text as one.
fn words(text: &str, word: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| *w == word).count()
}

fn line_end(text: &str) -> &str {
    text.find('\n').and_then(|at| text.get(at..)).unwrap_or_default()
}

/// What stands behind the end of a string, in which a backslash may take the next character in.
fn after<'a>(text: &'a str, end: &str, over_lines: bool, escapes: bool) -> Option<&'a str> {
    let mut rest = text;
    loop {
        if let Some(behind) = rest.strip_prefix(end) {
            return Some(behind);
        }
        let c = rest.chars().next()?;
        if c == '\n' && !over_lines {
            return None;
        }
        rest = rest.get(c.len_utf8()..)?;
        if escapes && c == '\\' {
            rest = rest.get(rest.chars().next()?.len_utf8()..)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_closes_all_that_it_opens_is_balanced() {
        for (code, balanced) in [
            ("f(x, [1, { a: \"}\" }]) // (\n", true),
            ("const a = `x\n${b}`;\n", true),
            ("foo bar baz ... qux\n", true),
            ("/* ( */ f()\n", true),
            ("a = 'it\\'s'\n", true),
            ("function broken(a, {\n", false),
            ("})\n", false),
            ("(]\n", false),
            ("const s = `open\n", false),
            ("const s = 'open\n';\n", false),
            ("/* open\n", false),
            ("  return x\n", false),
            ("a = b \\\n", false),
            ("if x:\n", false),
            ("a = `${ `\n", false),
        ] {
            assert_eq!(is_balanced(code, Language::TypeScript), balanced, "{code}");
        }
        for (code, balanced) in [
            ("if x:\n    y = 1 << 2\n", true),
            ("x = '''a\n( '''\n# (\n", true),
            ("x = '''a\n", false),
            ("a // (\n", false),
            ("def f():\n# later\n", false),
        ] {
            assert_eq!(is_balanced(code, Language::Python), balanced, "{code}");
        }
        for (code, balanced) in [
            ("cat <<EOF\n", false),
            ("a // (\n", false),
            ("if true; then\n  a\n", false),
            ("if true; then\n  a\nfi\n", true),
            ("for x in y; do\n", false),
            ("echo a#\" # x\n", false),
            ("echo '\\' \"x\"\n", true),
        ] {
            assert_eq!(is_balanced(code, Language::Shell), balanced, "{code}");
        }
    }

    proptest! {
        #[test]
        fn what_is_balanced_stays_so_beside_another(
            a in "[a()\\[\\]{}\"'`/*#\\\\ \n]{0,20}\n", b in "[a()\\[\\]{}\"'`/*#\\\\ \n]{0,20}\n",
        ) {
            for language in [Language::Python, Language::Shell, Language::JavaScript] {
                if is_balanced(&a, language) && is_balanced(&b, language) {
                    let both = format!("{a}\n{b}");
                    prop_assert!(is_balanced(&both, language), "{:?}", both);
                }
            }
        }
    }
}
