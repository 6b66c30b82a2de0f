//! A file's code, without what only people or tests read.

use crate::{Source, is_below};
use std::collections::BTreeSet;

/// The text without comments and without what stands in string and character literals; the lines
/// stay where they are.
#[must_use]
pub fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                while chars.next_if(|c| *c != '\n').is_some() {}
                out.push(' ');
            }
            ('/', Some('*')) => {
                let mut last = ' ';
                for c in chars.by_ref() {
                    out.push(blank(c));
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            ('r', Some('"' | '#')) if !before.is_alphanumeric() && before != '_' => {
                let mut hashes = 0;
                while chars.next_if_eq(&'#').is_some() {
                    hashes += 1;
                }
                if chars.next_if_eq(&'"').is_some() {
                    let mut seen = None;
                    for c in chars.by_ref() {
                        out.push(blank(c));
                        seen = match (c, seen) {
                            ('"', _) => Some(0),
                            ('#', Some(n)) => Some(n + 1),
                            _ => None,
                        };
                        if seen == Some(hashes) {
                            break;
                        }
                    }
                } else {
                    out.push(' ');
                }
            }
            ('"', _) => {
                out.push('"');
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => {
                            out.push(' ');
                            out.extend(chars.next().map(blank));
                        }
                        '"' => break,
                        c => out.push(blank(c)),
                    }
                }
                out.push('"');
            }
            ('\'', Some('\\')) => {
                chars.next();
                chars.next();
                while chars.next_if(|c| *c != '\'').is_some() {}
                chars.next();
            }
            ('\'', Some(_)) => {
                let mut ahead = chars.clone();
                ahead.next();
                if ahead.peek() == Some(&'\'') {
                    chars.next();
                    chars.next();
                }
                out.push(' ');
            }
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// How an inline module of tests begins; it stands last in its file.
const INLINE_TESTS: [&str; 3] = [
    "#[cfg(test)]\nmod tests {",
    "#[cfg(test)]\npub(super) mod tests {",
    "#[cfg(test)]\npub(crate) mod tests {",
];

/// The sources without inline modules of tests, and without the files that a parent declares behind
/// `#[cfg(test)]`.
#[must_use]
pub fn without_tests(sources: &[Source]) -> Vec<Source> {
    let mut of_tests = BTreeSet::new();
    for Source { path, text } in sources {
        let folder = match path.rsplit_once('/') {
            Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder,
            _ => path.trim_end_matches(".rs"),
        };
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            let declared = line.split_once("mod ").and_then(|(_, name)| name.strip_suffix(';'));
            match declared {
                Some(name) if is_test => _ = of_tests.insert(format!("{folder}/{name}")),
                _ => is_test = line.starts_with("#[cfg(test)]") || is_test && line.starts_with('#'),
            }
            is_test &= declared.is_none();
        }
    }
    let product = sources
        .iter()
        .filter(|source| !of_tests.iter().any(|module| is_below(&source.path, module)));
    let code = |source: &Source| {
        let before = |text: &str, begin: &&str| text.find(*begin);
        let end = INLINE_TESTS.iter().filter_map(|begin| before(&source.text, begin)).min();
        Source::new(&source.path, &source.text[..end.unwrap_or(source.text.len())])
    };
    product.map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_lines_stay() {
        for (text, left) in [
            ("a // b\nc", "a  \nc"),
            ("a /* b\n */ c", "a    \n    c"),
            ("let a = \"b\\\"c\"; d", "let a = \"    \"; d"),
            ("let c = '\"'; a", "let c =  ; a"),
            ("fn f<'a>(x: &'a str)", "fn f< a>(x: & a str)"),
        ] {
            assert_eq!(code(text), left, "{text}");
        }
        let raw = code("let x = r#\"use crate::a;\n\"#; y");
        assert!(
            !raw.contains("crate") && raw.ends_with("; y") && raw.lines().count() == 2,
            "{raw}"
        );
    }

    #[test]
    fn code_of_tests_is_left_out() {
        let sources = [
            Source::new("src/lib.rs", "mod git;\n#[cfg(test)]\nmod fake;\n"),
            Source::new("src/fake.rs", "use crate::a;"),
            Source::new("src/git/mod.rs", "#[cfg(test)]\n#[expect(x)]\nmod b;\nmod a;"),
            Source::new(
                "src/git/a.rs",
                "fn a() {}\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}",
            ),
            Source::new("src/git/b/c.rs", ""),
        ];
        let left = without_tests(&sources);
        let paths: Vec<_> = left.iter().map(|source| source.path.as_str()).collect();
        assert_eq!(paths, ["src/lib.rs", "src/git/mod.rs", "src/git/a.rs"]);
        assert_eq!(left.last().map(|source| source.text.as_str()), Some("fn a() {}\n"));
    }
}
