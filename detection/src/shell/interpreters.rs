//! Shells and interpreters: what they run.

use super::{
    builtin::{self, MAX_PRINTED},
    command::Call,
    flow::{Flow, PARSE_WORK},
};
use crate::{
    chain::{Fact, Step},
    code::{self, Dialect},
    script,
    value::{Source, UNKNOWN, Value},
};

impl Flow {
    pub(super) fn shell(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, socket } = call;
        if let Some(address) = socket {
            self.tied(name, address, line);
        }
        let mut words = words.iter();
        let mut from_input = true;
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            let letters =
                text.strip_prefix('-').or_else(|| text.strip_prefix('/').filter(|_| name == "cmd"));
            match letters {
                Some("-") => break,
                Some("" | "s") => break,
                Some(long) if long.starts_with('-') => {
                    if matches!(long, "-rcfile" | "-init-file") {
                        words.next();
                    }
                }
                Some(letters) if is_code_option(name, letters) => {
                    if let Some(code) = words.next() {
                        let code = if name == "cmd" {
                            joined(code, words.as_slice())
                        } else {
                            code.clone()
                        };
                        self.run_unstored(&code, line, name);
                        self.run_content(&code, line, name);
                    }
                    return Value::unknown();
                }
                Some(letters) => {
                    if matches!(letters, "o" | "O") {
                        words.next();
                    }
                }
                None if text.starts_with('+') && name != "cmd" => {}
                None => {
                    from_input = matches!(text, "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0");
                    if !from_input {
                        let content = self.read(word, line);
                        self.run_content(&content, line, name);
                    }
                    break;
                }
            }
        }
        if from_input {
            self.run_unstored(input, line, name);
            self.run_content(input, line, name);
            let what = format!("starts {name}");
            return Value::from(Source::Shell, Step { fact: Fact::Run, line, what });
        }
        Value::unknown()
    }

    pub(super) fn interpreter(&mut self, name: &str, code: &[&str], call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            let option = text.trim_start_matches('-');
            let given = text.starts_with('-') && text != "-" || name == "deno" && text == "eval";
            let powershell = matches!(name, "pwsh" | "powershell");
            if powershell
                && given
                && let Some(used) = self.powershell_option(option, words.as_slice(), line)
            {
                match used {
                    Used::Value => words.next(),
                    Used::Code => return Value::unknown(),
                };
                continue;
            }
            let library = matches!(name, "perl" | "ruby")
                && option.len() > 1
                && option.starts_with(LIBRARIES);
            let takes_code = given
                && !library
                && code
                    .iter()
                    .any(|known| option == *known || option.ends_with(known) && option.len() < 5);
            if takes_code {
                let Some(code) = words.next() else { return Value::unknown() };
                if matches!(name, "pwsh" | "powershell") {
                    self.run_content(code, line, name);
                } else {
                    self.program(name, code, line);
                    if !code.partial {
                        // Data that is put into code may be a text in it.
                        self.run(code, line, name);
                    }
                }
                return Value::unknown();
            }
            if matches!(option, "m" | "module") {
                return Value::unknown();
            }
            if given || name == "deno" && text == "run" {
                if TAKES_VALUE.contains(&option) {
                    words.next();
                }
                continue;
            }
            if !matches!(text, "-" | "/dev/stdin") {
                let content = self.read(word, line);
                self.program(name, &content, line);
                self.run(&content, line, name);
                return Value::unknown();
            }
            break;
        }
        self.program(name, input, line);
        self.run(input, line, name);
        Value::unknown()
    }

    /// An option of PowerShell that takes a value or code; its names are short or long, in any case.
    fn powershell_option(&mut self, option: &str, rest: &[Value], line: u32) -> Option<Used> {
        let option = option.to_ascii_lowercase();
        let is = |name: &str| !option.is_empty() && name.starts_with(&option);
        if is("encodedcommand") || option == "ec" {
            // What the code does is judged, and not that it is encoded: tools pass commands so.
            let code = builtin::transformed("base64", &[Value::literal("-d")], rest.first()?, line);
            let code = Value::literal(code.text);
            self.program("powershell", &code, line);
            self.nested(&code, line);
            return Some(Used::Code);
        }
        let values = ["windowstyle", "executionpolicy", "version", "inputformat", "outputformat"];
        let short = matches!(option.as_str(), "ep" | "ex" | "exec");
        (short || values.iter().any(|name| is(name))).then_some(Used::Value)
    }

    /// Follows a program in another language that stands in this text; its lines count as `line`.
    pub(super) fn program(&mut self, name: &str, program: &Value, line: u32) {
        let dialect = match name {
            "node" | "nodejs" | "deno" | "bun" | "tsx" | "ts-node" => Some(Dialect::JavaScript),
            "python" | "pypy" => Some(Dialect::Python),
            _ => None,
        };
        let other = script::Dialect::of_name(name).filter(|_| dialect.is_none());
        if dialect.is_none() && other.is_none() {
            return;
        }
        let is_code = program.text.chars().any(|c| c != UNKNOWN && !c.is_whitespace());
        if !is_code || !self.charge(PARSE_WORK * program.text.len()) {
            return;
        }
        let mut limits = self.limits;
        // Programs start shells and shells start programs: each change of language leaves half of the depth.
        limits.depth = self.depth / 2;
        let text = program.text.replace(UNKNOWN, "_");
        let mut found = match (dialect, other) {
            (Some(dialect), _) => code::chains(&text, dialect, self.start, &mut limits),
            (None, Some(other)) => script::chains(&text, other, self.start, &mut limits),
            (None, None) => Vec::new(),
        };
        limits.depth = self.limits.depth;
        // A text that is not all known may look too deep.
        limits.too_deep = self.limits.too_deep || limits.too_deep && program.is_literal();
        self.limits = limits;
        for step in found.iter_mut().flat_map(|chain| &mut chain.steps) {
            step.line = line;
        }
        self.report_all(found);
    }
}

/// What stands behind an option.
enum Used {
    Value,
    Code,
}

/// Options of interpreters that take a value, which is no code.
const TAKES_VALUE: [&str; 6] = ["W", "X", "r", "require", "import", "I"];
/// Options of Perl and Ruby that load a library, with its name in the same word.
const LIBRARIES: [char; 3] = ['M', 'r', 'I'];

/// Whether an option of a shell is followed by code: `-c`, also among other letters.
fn is_code_option(shell: &str, letters: &str) -> bool {
    if shell == "cmd" {
        return letters.eq_ignore_ascii_case("c") || letters.eq_ignore_ascii_case("k");
    }
    letters.contains('c')
}

fn joined(first: &Value, rest: &[Value]) -> Value {
    let mut all = first.clone();
    for word in rest {
        all.text.push(' ');
        all.append(word, MAX_PRINTED);
    }
    all
}
