//! The paths that a file names.

use crate::{Source, code};

/// A path below `crate`, and the line on which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The segments after `crate`: `["store", "rows", "ScanRow"]`.
    pub path: Vec<String>,
    /// From 1.
    pub line: usize,
}

/// Every path that begins with `crate::` or `super::`, with the braces of `use` resolved.
#[must_use]
pub fn imports(source: &Source) -> Vec<Import> {
    let code = code(&source.text);
    let mut found = Vec::new();
    let mut rest = code.as_str();
    let mut offset = 0;
    while let Some(at) = rest.find("::") {
        let start = rest[..at]
            .rfind(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(0, |before| before + 1);
        let (first, begin) = (&rest[start..at], offset + start);
        let follows = code[..begin].ends_with("::");
        let mut base = match first {
            "crate" => Some(Vec::new()),
            "super" | "self" if !follows => Some(module(&source.path)),
            _ => None,
        };
        if first == "super"
            && let Some(base) = &mut base
        {
            base.pop();
        }
        if let Some(base) = base.filter(|_| !follows) {
            tree(&code, begin + first.len() + 2, &base, &mut found);
        }
        offset += at + 2;
        rest = &rest[at + 2..];
    }
    found
}

/// Reads the path or group of paths at `at`; answers where it ends.
fn tree(code: &str, mut at: usize, base: &[String], found: &mut Vec<Import>) -> usize {
    let mut path = base.to_vec();
    let line = |at: usize| code[..at].matches('\n').count() + 1;
    loop {
        at += code[at..].len() - code[at..].trim_start().len();
        let rest = &code[at..];
        if let Some(group) = rest.strip_prefix('{') {
            at = code.len() - group.len();
            loop {
                let rest = code[at..].trim_start();
                at = code.len() - rest.len();
                if rest.is_empty() || rest.starts_with('}') {
                    return (at + 1).min(code.len());
                }
                if rest.starts_with(',') {
                    at += 1;
                    continue;
                }
                let next = tree(code, at, &path, found);
                at = next.max(at + 1);
            }
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let segment = &rest[..end];
        match segment {
            "super" => {
                path.pop();
            }
            "self" | "" => {}
            other => path.push(other.to_owned()),
        }
        let here = at;
        at += end;
        if code[at..].starts_with("::") {
            at += 2;
            continue;
        }
        found.push(Import { path, line: line(here) });
        // `a as b`, `*`: up to what ends the item of a group.
        let rest = &code[at..];
        return at + rest.find([',', '}', ';', '\n', ')']).unwrap_or(rest.len());
    }
}

/// The module that a file is: `src/store/rows/mod.rs` is `["store", "rows"]`.
#[must_use]
pub fn module(path: &str) -> Vec<String> {
    let path = path.strip_prefix("src/").unwrap_or(path);
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let root = ["lib", "main"].contains(&path);
    path.split('/').filter(|_| !root).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_parents_and_plain_paths_are_resolved() {
        for (path, text, found) in [
            (
                "src/a/b.rs",
                "use crate::{\n    c::{D, e::F},\n    g as h,\n};",
                "c::D:2 c::e::F:2 g:3",
            ),
            ("src/a/b.rs", "use super::c;\nuse super::super::d::E;", "a::c:1 d::E:2"),
            ("src/a/mod.rs", "use self::b::C;\nfn f() -> crate::d::E {}", "a::b::C:1 d::E:2"),
            ("src/a.rs", "use other::crate_like;\nuse crate::b::*;", "b:2"),
        ] {
            let shown = imports(&Source::new(path, text));
            let shown: Vec<String> =
                shown.iter().map(|i| format!("{}:{}", i.path.join("::"), i.line)).collect();
            assert_eq!(shown.join(" "), found, "{text}");
        }
    }
}
