//! Programs and commands of Windows that fetch, run or schedule.

use super::{
    builtin,
    command::Call,
    flow::{Flow, Start},
};
use crate::value::Value;

/// Programs that run what a file or a URL among their words holds.
const HOSTS: [&str; 11] = [
    "rundll32",
    "regsvr32",
    "mshta",
    "msiexec",
    "wscript",
    "cscript",
    "installutil",
    "regasm",
    "msbuild",
    "hh",
    "control",
];
/// Options of `Start-Process` that take a value which is no program.
const VALUES: [&str; 6] = [
    "windowstyle",
    "verb",
    "workingdirectory",
    "credential",
    "redirectstandardoutput",
    "redirectstandarderror",
];

impl Flow {
    /// Follows a command of Windows; `None` where it is none of them.
    pub(super) fn windows(&mut self, name: &str, call: Call<'_>) -> Option<Value> {
        let Call { words, line, .. } = call;
        let is_url = |word: &&Value| word.text.contains("://");
        let url = words.iter().find(is_url);
        match name {
            "certutil" if has(words, "decode") || has(words, "decodehex") => {
                let files: Vec<_> = words.iter().filter(|word| !is_option(&word.text)).collect();
                if let [from, to, ..] = files.as_slice() {
                    let content = self.read(from, line);
                    let decoded =
                        builtin::transformed("base64", &[Value::literal("-d")], &content, line);
                    self.written(to, &decoded, line);
                }
            }
            "certutil" | "bitsadmin" | "start-bitstransfer" => {
                let url = url?;
                let at = words.iter().position(|word| word.text.contains("://"))?;
                let target = option(words, &["destination"]).or_else(|| {
                    words
                        .iter()
                        .skip(at + 1)
                        .find(|word| !is_option(&word.text) && !word.text.contains("://"))
                });
                let content = self.fetched(url, line);
                let target = target.cloned().unwrap_or_else(|| url.with_text(url.text.clone()));
                self.written(&Value::literal(target.text), &content, line);
            }
            "start" => {
                let at = words
                    .iter()
                    .position(|word| !word.text.is_empty() && !word.text.starts_with('/'))?;
                let words = words.get(at..)?;
                return Some(self.opened_by(Call { words, ..call }));
            }
            "start-process" | "saps" | "invoke-item" | "ii" => return self.start_process(call),
            name if HOSTS.contains(&name) => {
                for word in words {
                    let text = word.text.as_str();
                    let scheme = text.find("http").filter(|_| text.contains("://"));
                    let content = match scheme.and_then(|at| text.get(at..)) {
                        Some(_) if self.start == Start::Mentioned => continue,
                        Some(url) => self.fetched(&word.with_text(url), line),
                        None => {
                            let file = text.split(',').next().unwrap_or(text);
                            if !self.knows(file) {
                                continue;
                            }
                            self.read(&word.with_text(file), line)
                        }
                    };
                    self.run_content(&content, line, name);
                }
            }
            "schtasks" => {
                let command = option(words, &["tr"])?.clone();
                self.starts_later(&command, line);
            }
            "new-scheduledtaskaction" => {
                let mut command = option(words, &["execute"])?.clone();
                if let Some(arguments) = option(words, &["argument"]) {
                    command.text.push(' ');
                    command.append(arguments, builtin::MAX_PRINTED);
                }
                self.starts_later(&command, line);
            }
            "reg" | "set-itemproperty" | "new-itemproperty" | "sp" => {
                let runs = |word: &Value| {
                    let text = word.text.to_ascii_lowercase().replace('/', "\\");
                    [
                        "currentversion\\run",
                        "\\winlogon",
                        "\\userinit",
                        "policies\\explorer\\run",
                        "\\environment",
                    ]
                    .iter()
                    .any(|key| text.contains(key))
                };
                if !words.iter().any(runs) {
                    return None;
                }
                let command = option(words, &["d", "value"])?.clone();
                self.starts_later(&command, line);
            }
            "set-content" | "add-content" | "out-file" | "sc" | "ac" => {
                let operands: Vec<_> = words.iter().filter(|word| !is_option(&word.text)).collect();
                let path = option(words, &["path", "filepath", "literalpath"])
                    .or(operands.first().copied())?
                    .clone();
                let value = option(words, &["value"])
                    .or(operands.get(1).copied())
                    .unwrap_or(call.input)
                    .clone();
                self.written(&path, &value, line);
            }
            "copy-item" | "move-item" | "copy" | "move" | "xcopy" => {
                let operands: Vec<_> = words.iter().filter(|word| !is_option(&word.text)).collect();
                let from =
                    option(words, &["path", "literalpath"]).or(operands.first().copied())?.clone();
                let to = option(words, &["destination"]).or(operands.last().copied())?.clone();
                let content = self.read(&from, line);
                if !content.origins.is_empty() || self.knows(&from.text) {
                    self.written(&to, &content, line);
                }
            }
            "join-path" => {
                let operands: Vec<_> = words.iter().filter(|word| !is_option(&word.text)).collect();
                let mut path = Value::default();
                for (at, part) in operands.iter().enumerate() {
                    if at > 0 {
                        path.text.push('/');
                    }
                    path.append(part, builtin::MAX_PRINTED);
                }
                return Some(path);
            }
            _ => return None,
        }
        Some(Value::unknown())
    }

    fn start_process(&mut self, call: Call<'_>) -> Option<Value> {
        let mut words = call.words.iter();
        let mut program: Vec<Value> = Vec::new();
        while let Some(word) = words.next() {
            let Some(name) = word.text.strip_prefix('-') else {
                let first = program.is_empty();
                // A list of arguments may be one text.
                let texts = word
                    .text
                    .split_whitespace()
                    .filter(|_| !first)
                    .map(|text| word.with_text(text));
                let texts: Vec<_> = texts.collect();
                if texts.is_empty() {
                    program.push(word.clone());
                } else {
                    program.extend(texts);
                }
                continue;
            };
            if VALUES.contains(&name.to_ascii_lowercase().as_str()) {
                words.next();
            }
        }
        (!program.is_empty()).then(|| self.opened_by(Call { words: &program, ..call }))
    }

    /// Starts a program, which needs no folder in its name here.
    fn opened_by(&mut self, call: Call<'_>) -> Value {
        if let Some(program) = call.words.first().filter(|program| self.knows(&program.text)) {
            let content = self.read(program, call.line);
            self.run_content(&content, call.line, "the system");
            return Value::unknown();
        }
        self.command(call)
    }
}

/// The value of an option: `-Name value`, `/name value`.
fn option<'a>(words: &'a [Value], names: &[&str]) -> Option<&'a Value> {
    let at = words.iter().position(|word| {
        let name = word.text.strip_prefix(['-', '/']).map(str::to_ascii_lowercase);
        name.is_some_and(|name| names.contains(&name.as_str()))
    })?;
    words.get(at + 1)
}

fn has(words: &[Value], name: &str) -> bool {
    words.iter().any(|word| {
        word.text.strip_prefix(['-', '/']).is_some_and(|text| text.eq_ignore_ascii_case(name))
    })
}

fn is_option(text: &str) -> bool {
    text.starts_with('-')
        || text.starts_with('/')
            && text.len() < 12
            && !text.get(1..).unwrap_or_default().contains('/')
}
