//! What some files must not import.

use crate::{Source, imports, is_below};
use std::fmt;

/// A folder or file that must not name some modules of its crate.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The rule in words: `pages import no store`.
    pub name: &'static str,
    /// The file or folder that it holds for, without `.rs`: `src/pages`.
    pub of: &'static str,
    /// The only modules at the top of the crate that may be named; where it is empty, any but the forbidden.
    pub allowed: &'static [&'static str],
    /// The modules at the top of the crate that must not be named.
    pub forbidden: &'static [&'static str],
}

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// Which rule is broken by what.
    pub what: String,
}

impl Rule {
    /// The imports of a file that break this rule.
    #[must_use]
    pub fn faults(&self, source: &Source) -> Vec<Fault> {
        if !is_below(&source.path, self.of) {
            return Vec::new();
        }
        let breaks = |module: &str| {
            let allowed = self.allowed.is_empty() || self.allowed.contains(&module);
            !allowed || self.forbidden.contains(&module)
        };
        imports(source)
            .into_iter()
            .filter(|import| import.path.first().is_some_and(|module| breaks(module)))
            .map(|import| Fault {
                path: source.path.clone(),
                line: import.line,
                what: format!("{}, but names crate::{}", self.name, import.path.join("::")),
            })
            .collect()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_and_forbidden_modules_are_told_apart() {
        let only = Rule { name: "a only", of: "src/x", allowed: &["a"], forbidden: &[] };
        let never = Rule { name: "no b", of: "src/x", allowed: &[], forbidden: &["b"] };
        let source = Source::new("src/x/y.rs", "use crate::a::A;\nuse crate::b::B;\nuse crate::c;");
        let shown = |rule: Rule, source: &Source| {
            rule.faults(source).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            shown(only, &source),
            [
                "src/x/y.rs:2: a only, but names crate::b::B",
                "src/x/y.rs:3: a only, but names crate::c"
            ]
        );
        assert_eq!(shown(never, &source), ["src/x/y.rs:2: no b, but names crate::b::B"]);
        let elsewhere = Source::new("src/xy.rs", &source.text);
        assert_eq!(shown(never, &elsewhere), [""; 0]);
    }
}
