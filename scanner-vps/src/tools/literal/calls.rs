//! Calls around a literal: which search or assert, which hand on, and whether the program calls something else so.

use super::{MAX_VARIABLES, Program, rows::closed, rows::uses};
use crate::tools::sink;

/// Calls whose first argument is what is looked for.
const SEARCHES: [&str; 10] = [
    "re.compile",
    "re.search",
    "re.match",
    "re.fullmatch",
    "re.findall",
    "re.finditer",
    ".includes",
    ".startswith",
    ".startsWith",
    ".indexOf",
];
/// Calls that hand a text on to people, agents, files or hosts, in lower case.
const EMIT: &str = "print write writelines write_text writefile writefilesync appendfile appendfilesync log info debug \
    warn warning error send sendall post put patch request fetch urlopen echo puts tool prompt register addtool \
    registertool system popen run exec execsync spawn spawnsync eval function call check_output check_call getoutput \
    execfile execfilesync textcontent fail";
/// In the name of an assertion that compares its second argument too, in lower case; of another, that is a message.
const OF_TWO: [&str; 8] =
    ["equal", "assertin", "assertnotin", "match", "include", "contain", "regex", "count"];
/// Bytes of a call that are looked at for the body of a method.
const MAX_CALL: usize = 400;
/// Modules whose assertions and tests are known.
const KNOWN: &str = "pytest unittest re os sys assert assert/strict node:assert node:assert/strict node:test vitest \
    @jest/globals chai mocha test";

impl Program {
    /// Whether a name is what the language or a module of tests calls so: the program neither defines nor assigns it.
    pub(super) fn believes(&self, name: &str) -> bool {
        if let Some(known) = self.names.borrow().get(name) {
            return *known;
        }
        let is_full = self.names.borrow().len() >= MAX_VARIABLES;
        let Some(code) = self.code.as_deref().filter(|code| !is_full && self.pay(code.len()))
        else {
            return false;
        };
        let changed = ["prototype", "defineProperty", "setattr"];
        let believed = !name.is_empty()
            && !changed.iter().any(|word| code.contains(word))
            && uses(code, name).all(|(before, behind)| self.is_no_definition(before, behind));
        self.names.borrow_mut().insert(name.to_owned(), believed);
        believed
    }

    pub(super) fn believes_search(&self, search: &str) -> bool {
        search.split('.').filter(|name| !name.is_empty()).all(|name| self.believes(name))
    }

    /// Whether a use of a name leaves it what it is.
    fn is_no_definition(&self, before: &str, behind: &str) -> bool {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let begin = before.len() - line.len();
        let whole = self.text.get(begin..).and_then(|text| text.lines().next()).unwrap_or_default();
        if !self.pay(whole.len().saturating_mul(8)) {
            return false;
        }
        let head = whole.trim_start();
        let of_line = before.rsplit(['\n', ';']).next().unwrap_or_default().trim_start();
        // Taken from a module of tests, under its own name.
        let python = head.strip_prefix("from ").and_then(|rest| rest.split_once(" import "));
        let modules = head.strip_prefix("import ").filter(|rest| !rest.contains(['"', '\'', '{']));
        let quoted = whole.split(['"', '\'']).nth(1);
        let declares = ["import ", "const ", "let ", "var "].iter().any(|d| of_line.starts_with(d));
        let renamed = whole.contains(" as ") || whole.contains(':') && !whole.contains("node:");
        if !renamed {
            if let Some((module, _)) = python {
                return KNOWN.split_ascii_whitespace().any(|known| known == module.trim());
            }
            if modules.is_some() && of_line.starts_with("import ") {
                return true;
            }
            let taken = whole.contains("require(") || whole.contains(" from ");
            if declares && taken && whole.matches(['"', '\'']).count() == 2 {
                let known = |name| KNOWN.split_ascii_whitespace().any(|known| known == name);
                return quoted.is_some_and(known);
            }
        }
        let word = line.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next();
        let defined = ["def", "function", "class", "const", "let", "var", "as", "get", "set"];
        if word.is_some_and(|word| defined.contains(&word)) || line.trim_end().ends_with('*') {
            return false;
        }
        // The statement of Python.
        if behind.starts_with(' ') && head.starts_with("assert ") && line.trim().is_empty() {
            return true;
        }
        let near = behind.get(..behind.floor_char_boundary(behind.len().min(MAX_CALL)));
        let near = near.unwrap_or_default();
        match near.chars().next() {
            Some('.') => true,
            // A method's body.
            Some('(') => !closed(near).is_some_and(|rest| {
                let rest = rest.trim_start();
                let typed = rest.lines().next().unwrap_or_default();
                rest.starts_with('{') || rest.starts_with(':') && typed.contains('{')
            }),
            _ => false,
        }
    }
}

/// Whether a call, by what stands before its bracket, may hand on what it is given, or is not called by a plain name.
pub(super) fn is_emitted(before: &str) -> bool {
    let before = before.trim_end();
    let word = |c: char| !(c.is_alphanumeric() || c == '_' || c == '$');
    let name = before.rsplit(word).next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    before.ends_with([')', ']', '`', '"', '\'', '}', '.'])
        || EMIT.split_ascii_whitespace().any(|emit| emit == lower)
        || sink::is_sink(name)
}

/// Commas outside of all brackets that open in a part of code.
pub(super) fn commas(code: &str) -> usize {
    let mut depth = 0usize;
    code.bytes().fold(0, |commas, byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        commas + usize::from(byte == b',' && depth == 0)
    })
}

/// Whether an argument of an assertion, by the code between its bracket and the argument, is what it asserts, and not
/// what it says where it fails.
pub(super) fn is_no_message(name: &str, between: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    match commas(between) {
        0 => true,
        1 => OF_TWO.iter().any(|of_two| lower.contains(of_two)),
        _ => false,
    }
}

/// The search that what stands before a bracket calls.
pub(super) fn search_of(before: &str) -> Option<&'static str> {
    SEARCHES.iter().copied().find(|search| {
        before.strip_suffix(search).is_some_and(|front| {
            search.starts_with('.')
                || !front.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))
        })
    })
}
