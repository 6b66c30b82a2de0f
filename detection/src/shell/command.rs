//! What a command does with data: which programs fetch, decode, send or run.

use super::{builtin, flow::Flow, options::part};
use crate::{
    chain::{Rule, Step},
    secret,
    value::{Source, UNKNOWN, Value},
};

/// A command with its words expanded.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    /// The program and its arguments; never empty.
    pub(super) words: &'a [Value],
    /// Standard input.
    pub(super) input: &'a Value,
    pub(super) line: u32,
    /// The socket that one of its descriptors is tied to.
    pub(super) socket: Option<&'a Value>,
}

/// Programs that start the rest of their words as a command, and their options that take a value.
const WRAPPERS: [(&str, &[&str]); 17] = [
    ("sudo", &["u", "g", "h", "p", "C", "D", "R", "T", "user", "group"]),
    ("doas", &["u", "C"]),
    ("env", &["u", "C", "unset", "chdir"]),
    ("nohup", &[]),
    ("exec", &["a"]),
    ("command", &[]),
    ("builtin", &[]),
    ("setsid", &[]),
    ("nice", &["n", "adjustment"]),
    ("ionice", &["c", "n"]),
    ("time", &["f", "o"]),
    ("stdbuf", &["i", "o", "e"]),
    ("timeout", &["k", "s", "kill-after", "signal"]),
    ("xargs", &["I", "n", "P", "L", "d", "a", "E", "s"]),
    ("busybox", &[]),
    ("unbuffer", &[]),
    ("torsocks", &[]),
];
const SHELLS: [&str; 9] = ["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "rbash", "cmd"];
/// Interpreters, and their options that are followed by code.
const INTERPRETERS: [(&str, &[&str]); 10] = [
    ("python", &["c"]),
    ("node", &["e", "p", "eval", "print"]),
    ("nodejs", &["e", "p", "eval", "print"]),
    ("perl", &["e", "E", "n", "p"]),
    ("ruby", &["e"]),
    ("php", &["r"]),
    ("osascript", &["e"]),
    ("bun", &["e", "eval"]),
    ("deno", &["eval"]),
    ("pwsh", &["c", "Command", "command"]),
];
/// Programs that print what they read, as it is or in another encoding.
const PASSING: [&str; 24] = [
    "gunzip", "zcat", "bunzip2", "unxz", "iconv", "pv", "cat", "tee", "sort", "uniq", "tr", "jq",
    "gzip", "bzip2", "xz", "zstd", "tac", "od", "xxd", "base64", "openssl", "uuencode", "tar",
    "zip",
];
/// Programs that print a part of what they read.
const FILTERING: [&str; 9] =
    ["grep", "egrep", "fgrep", "sed", "awk", "cut", "head", "tail", "strings"];
const FETCHERS: [&str; 9] = [
    "curl",
    "wget",
    "aria2c",
    "fetch",
    "iwr",
    "irm",
    "invoke-webrequest",
    "invoke-restmethod",
    "http",
];
const SOCKETS: [&str; 5] = ["nc", "ncat", "netcat", "socat", "telnet"];
const RESOLVERS: [&str; 5] = ["dig", "nslookup", "host", "drill", "ping"];

impl Flow {
    /// Follows one command, and returns what it prints.
    pub(super) fn command(&mut self, call: Call<'_>) -> Value {
        let Some((program, arguments)) = call.words.split_first() else { return Value::default() };
        if !program.origins.is_empty() {
            self.run(program, call.line, "the shell");
        }
        let name = name_of(&program.text);
        if let Some(body) = self.functions.remove(&name) {
            self.expanding += 1;
            let output = self.script(&body, call.input);
            self.expanding -= 1;
            self.functions.entry(name).or_insert(body);
            return output;
        }
        let asks = arguments.first().is_some_and(|word| matches!(word.text.as_str(), "-v" | "-V"));
        if matches!(name.as_str(), "which" | "type" | "hash") || name == "command" && asks {
            self.asks_first = true;
            return Value::unknown();
        }
        if let Some((_, with_value)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) {
            return self.wrapped(&name, arguments, with_value, call);
        }
        let path = program.text.contains('/') && self.knows(&program.text);
        if path {
            let content = self.read(program, call.line);
            self.run_content(&content, call.line, "the system");
        }
        let call = Call { words: arguments, ..call };
        match name.as_str() {
            "iex" | "invoke-expression" => self.evaluated(call),
            "eval" => self.evaluated(call),
            "source" | "." => {
                for file in arguments.iter().take(1) {
                    let content = self.read(file, call.line);
                    self.run_content(&content, call.line, "the shell");
                }
                Value::default()
            }
            name if SHELLS.contains(&name) => self.shell(name, call),
            name if FETCHERS.contains(&name) => self.fetcher(name, call),
            ".downloadstring" | ".downloaddata" | ".downloadfile" => match arguments.first() {
                Some(address) => self.fetched(address, call.line),
                None => Value::unknown(),
            },
            // PowerShell: a text that stands alone is its own value.
            _ if program.text.contains("://") => program.clone(),
            name if SOCKETS.contains(&name) => self.socket(call),
            name if RESOLVERS.contains(&name) => self.resolver(call),
            name => match interpreter(name) {
                Some(code) => self.interpreter(name, code, call),
                None => self.builtin(name, call),
            },
        }
    }

    fn wrapped(
        &mut self,
        name: &str,
        words: &[Value],
        with_value: &[&str],
        call: Call<'_>,
    ) -> Value {
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let text = word.text.as_str();
            let assigns = name == "env" && text.contains('=') && !text.starts_with('-');
            if text == "--" {
                at += 1;
                break;
            }
            let duration = name == "timeout" && text.starts_with(|c: char| c.is_ascii_digit());
            if !text.starts_with('-') && !assigns && !duration {
                break;
            }
            let option = text.trim_start_matches('-');
            at += if with_value.contains(&option) { 2 } else { 1 };
            // `env -S 'command …'` parts its one word itself.
            if name == "env" && (option == "S" || option == "split-string") {
                break;
            }
        }
        let rest = words.get(at..).unwrap_or_default();
        if rest.is_empty() {
            if name == "env" {
                return self.environment(call.line);
            }
            if name == "exec" {
                return Value::default();
            }
            return call.input.clone();
        }
        if name == "xargs" {
            let mut words = rest.to_vec();
            words.push(Value { text: call.input.text.trim().to_owned(), ..call.input.clone() });
            return self.command(Call { words: &words, ..call });
        }
        self.command(Call { words: rest, ..call })
    }

    pub(super) fn environment(&self, line: u32) -> Value {
        let what = "reads the whole environment".to_owned();
        Value::from(Source::Environment, Step { line, what })
    }

    fn evaluated(&mut self, call: Call<'_>) -> Value {
        let mut code = Value::default();
        for (at, word) in call.words.iter().enumerate() {
            if at > 0 {
                code.text.push(' ');
            }
            code.append(word, self.limits.value_bytes);
        }
        if code.text.is_empty() {
            code = call.input.clone();
        }
        self.run_content(&code, call.line, "eval");
        Value::unknown()
    }

    /// Runs data as shell code: what is known of it is followed.
    pub(super) fn run_content(&mut self, content: &Value, line: u32, with: &str) {
        if !content.partial {
            self.run(content, line, with);
        }
        self.nested(content, line);
    }

    fn shell(&mut self, name: &str, call: Call<'_>) -> Value {
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

    fn interpreter(&mut self, name: &str, code: &[&str], call: Call<'_>) -> Value {
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
                self.run(code, line, name);
            }
        } else if matches!(first.text.as_str(), "-" | "/dev/stdin") {
            self.run(input, line, name);
        } else if !first.text.starts_with('-') {
            let content = self.read(first, line);
            self.run(&content, line, name);
        }
        Value::unknown()
    }

    fn fetcher(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let curl = name == "curl";
        let with_value = if curl { builtin::CURL } else { builtin::WGET };
        let parted = part(words, with_value);
        let mut addresses: Vec<&Value> = parted.values(&["url", "Uri"]).collect();
        // PowerShell's options have one dash and a long name: their values look like operands.
        addresses
            .extend(parted.operands.iter().copied().filter(|operand| is_address(&operand.text)));
        let Some(address) = addresses.first().copied().cloned() else { return Value::unknown() };
        let mut sent = Value::default();
        let data: &[&str] = if curl { builtin::CURL_DATA } else { builtin::WGET_DATA };
        for value in parted.values(data) {
            let file = value.text.split_once('@').map(|(_, file)| file).filter(|_| curl);
            let upload =
                parted.values(&["T", "upload-file", "post-file", "body-file"]).any(|v| v == value);
            let content = match file.or_else(|| upload.then_some(value.text.as_str())) {
                Some("-") => input.clone(),
                Some(file) => {
                    let file = file.split(';').next().unwrap_or(file);
                    self.read(&Value { text: file.to_owned(), ..value.clone() }, line)
                }
                None => value.clone(),
            };
            let mut content = content;
            if parted.values(builtin::CREDENTIALS).any(|v| v == value) {
                content.origins.retain(|origin| origin.source != Source::Token);
            }
            sent.append(&content, self.limits.value_bytes);
        }
        for address in &addresses {
            // An address that holds data carries it there.
            let carried = Value { text: String::new(), ..(*address).clone() };
            sent.append(&carried, self.limits.value_bytes);
        }
        self.sent(&sent, &address, line);
        let fetched = self.fetched(&address, line);
        let output: &[&str] =
            if curl { &["o", "output"] } else { &["O", "output-document", "OutFile"] };
        let file = parted.values(output).next().cloned();
        let named = Value::literal(address.text.split(['?', '#']).next().unwrap_or_default());
        match file {
            Some(file) if file.text == "-" => fetched,
            Some(file) => {
                self.written(&file, &fetched, line);
                Value::default()
            }
            None if curl && !parted.has(&["O", "remote-name"]) => fetched,
            None if !curl && name != "wget" && name != "aria2c" => fetched,
            None => {
                self.written(&named, &fetched, line);
                Value::default()
            }
        }
    }

    fn socket(&mut self, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let parted = part(words, &["e", "c", "p", "s", "w", "i", "x", "X", "q", "exec", "sh-exec"]);
        if parted.has(&["l", "listen"]) {
            return Value::unknown();
        }
        let mut operands = parted.operands.iter();
        let Some(first) = operands.next() else { return Value::unknown() };
        // socat names the kind of a socket first.
        let tcp = first.text.split_once(':').filter(|(kind, _)| {
            let kind = kind.to_ascii_uppercase();
            kind.starts_with("TCP") || kind.starts_with("UDP") || kind.starts_with("OPENSSL")
        });
        let address = match tcp {
            Some((_, rest)) => Value::literal(rest),
            None => (*first).clone(),
        };
        let program = parted
            .values(&["e", "c", "exec", "sh-exec"])
            .map(|value| value.text.clone())
            .chain(
                operands
                    .filter(|o| o.text.to_ascii_uppercase().starts_with("EXEC"))
                    .map(|o| o.text.clone()),
            )
            .next();
        if let Some(program) = program
            && crate::host::of(&address.text, UNKNOWN).is_fixed()
        {
            let shell = Step { line, what: format!("starts {}", super::flow::shown(&program)) };
            let what = format!("ties it to {}", super::flow::shown(&address.text));
            self.report(Rule::ReverseShell, &[shell, Step { line, what }]);
        }
        self.sent(input, &address, line);
        self.fetched(&address, line)
    }

    fn resolver(&mut self, call: Call<'_>) -> Value {
        for word in call.words.iter().filter(|word| !word.origins.is_empty()) {
            self.sent(word, word, call.line);
        }
        Value::unknown()
    }

    fn builtin(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        match name {
            "echo" => builtin::echo(words),
            "printf" => builtin::printf(words),
            "printenv" if words.is_empty() => self.environment(line),
            "export" | "local" | "declare" | "typeset" | "readonly" => {
                if words.iter().all(|word| word.text.starts_with('-')) {
                    return self.environment(line);
                }
                for word in words {
                    if let Some((name, value)) = word.text.split_once('=') {
                        let value = Value { text: value.to_owned(), ..word.clone() };
                        self.variables.insert(name.to_owned(), value);
                    }
                }
                Value::default()
            }
            "set" if words.is_empty() => self.environment(line),
            "alias" => {
                for word in words {
                    if let Some((name, code)) = word.text.split_once('=') {
                        let body = super::parser::parse(code, line, self.limits.depth);
                        self.functions.insert(name.to_owned(), body);
                    }
                }
                Value::default()
            }
            "trap" => {
                for code in words.iter().take(1) {
                    self.run_content(code, line, "trap");
                }
                Value::default()
            }
            "read" | "mapfile" | "readarray" => {
                for word in words.iter().filter(|word| !word.text.starts_with('-')) {
                    self.variables.insert(word.text.clone(), input.changed());
                }
                Value::default()
            }
            "crontab" => {
                let content = match words.last().filter(|word| word.text != "-") {
                    Some(file) => self.read(file, line),
                    None => input.clone(),
                };
                self.written(&Value::literal("/crontab"), &builtin::cron_commands(&content), line);
                Value::default()
            }
            "mktemp" => self.temporary(Value::default(), line),
            "chmod" => {
                let executable =
                    words.first().is_some_and(|mode| builtin::makes_executable(&mode.text));
                for file in words.iter().skip(1).filter(|_| executable) {
                    let content = self.read(file, line);
                    self.made_executable(&content, line);
                }
                Value::default()
            }
            "cp" | "mv" | "ln" | "install" => {
                let files: Vec<_> =
                    words.iter().filter(|word| !word.text.starts_with('-')).collect();
                if let [from, .., to] = files.as_slice() {
                    let content = self.read(from, line);
                    if !content.origins.is_empty() || self.knows(&from.text) {
                        self.written(to, &content, line);
                    }
                }
                Value::default()
            }
            name if PASSING.contains(&name) => self.passing(name, call),
            name if FILTERING.contains(&name) => self.filtering(call),
            _ => Value::unknown(),
        }
    }

    fn passing(&mut self, name: &str, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        if name == "tee" {
            for file in words.iter().filter(|word| !word.text.starts_with('-')) {
                self.written(file, input, line);
            }
            return input.clone();
        }
        let parted =
            part(words, &["C", "exclude", "T", "S", "A", "iter", "pass", "k", "K", "iv", "w"]);
        let mut data = Value::default();
        let reads_files = !matches!(name, "tr" | "openssl");
        for file in parted.operands.iter().filter(|_| reads_files) {
            let secret = secret::kind(&file.text).is_some();
            if secret || self.knows(&file.text) {
                let content = self.read(file, line);
                data.append(&content, self.limits.value_bytes);
            }
        }
        for file in parted.values(&["in"]) {
            let content = self.read(file, line);
            data.append(&content, self.limits.value_bytes);
        }
        if data == Value::default() {
            data = input.clone();
        }
        if let ("tar" | "zip", Some(archive)) = (name, builtin::archive(name, words)) {
            let packed = data.changed();
            self.written(&archive, &packed, line);
            return packed;
        }
        builtin::transformed(name, words, &data, line)
    }

    /// A filter drops most of the environment, unless it looks for keys.
    fn filtering(&mut self, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let mut data = input.changed();
        for file in
            words.iter().filter(|word| secret::kind(&word.text).is_some() || self.knows(&word.text))
        {
            let content = self.read(file, line).changed();
            data.append(&content, self.limits.value_bytes);
        }
        let wanted = |text: &str| {
            let text = text.to_ascii_lowercase();
            ["key", "token", "secret", "passw", "cred"].iter().any(|word| text.contains(word))
        };
        if !words.iter().any(|word| wanted(&word.text)) {
            data.origins.retain(|origin| origin.source != Source::Environment);
        }
        data
    }
}

/// The name of a program: without its folder, its version and `.exe`.
fn name_of(text: &str) -> String {
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text).to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let versioned = ["python", "pypy", "perl", "ruby", "php", "node"].contains(&base);
    if versioned { base.to_owned() } else { name.to_owned() }
}

fn interpreter(name: &str) -> Option<&'static [&'static str]> {
    let name = if name == "pypy" { "python" } else { name };
    let name = if name == "powershell" { "pwsh" } else { name };
    INTERPRETERS.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
}

fn is_address(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && (text.contains("://")
            || text.contains('.')
            || text.contains(UNKNOWN)
            || text.contains(':')
            || text.starts_with("0x")
            || text.bytes().all(|b| b.is_ascii_digit()) && text.len() > 6)
}

fn joined(first: &Value, rest: &[Value]) -> Value {
    let mut all = first.clone();
    for word in rest {
        all.text.push(' ');
        all.append(word, usize::MAX);
    }
    all
}
