//! Shells and interpreters: what they run.

use super::{command::Call, flow::Flow};
use crate::{
    chain::{Rule, Step},
    value::{Source, UNKNOWN, Value},
};

impl Flow {
    pub(super) fn shell(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, socket } = call;
        if let Some(address) = socket {
            let shell = Step { line, what: format!("starts {name}") };
            let what = format!("ties it to {}", super::flow::shown(&address.text));
            if crate::host::of(&address.text, UNKNOWN).is_fixed() {
                self.report(Rule::ReverseShell, &[shell, Step { line, what }]);
            }
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
                Some(letters) if letters.contains(['c', 'C', 'k']) => {
                    if let Some(code) = words.next() {
                        let code = if name == "cmd" {
                            joined(code, words.as_slice())
                        } else {
                            code.clone()
                        };
                        self.run_content(&code, line, name);
                    }
                    return Value::unknown();
                }
                Some(letters) => {
                    if matches!(letters, "o" | "O") {
                        words.next();
                    }
                }
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
            self.run_content(input, line, name);
            let what = format!("starts {name}");
            return Value::from(Source::Shell, Step { line, what });
        }
        Value::unknown()
    }

    pub(super) fn interpreter(&mut self, name: &str, code: &[&str], call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let Some(first) = words.first() else {
            self.run(input, line, name);
            return Value::unknown();
        };
        let option = first.text.trim_start_matches('-');
        let given = first.text.starts_with('-') || name == "deno";
        let takes_code = given
            && code
                .iter()
                .any(|known| option == *known || option.ends_with(known) && option.len() < 5);
        if takes_code {
            if let Some(code) = words.get(1) {
                if matches!(name, "pwsh" | "powershell") {
                    self.run_content(code, line, name);
                } else {
                    self.run(code, line, name);
                }
            }
        } else if matches!(first.text.as_str(), "-" | "/dev/stdin") {
            self.run(input, line, name);
        } else if !first.text.starts_with('-') {
            let content = self.read(first, line);
            self.run(&content, line, name);
        }
        Value::unknown()
    }
}

fn joined(first: &Value, rest: &[Value]) -> Value {
    let mut all = first.clone();
    for word in rest {
        all.text.push(' ');
        all.append(word, usize::MAX);
    }
    all
}
