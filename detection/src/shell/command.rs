//! What a command does with data: which programs fetch, decode, send or run.

use super::flow::Flow;
use crate::{
    chain::{Fact, Step},
    judge, secret,
    value::{Source, Value},
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
pub(super) const SHELLS: [&str; 9] =
    ["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "rbash", "cmd"];
/// Interpreters, and their options that are followed by code.
const INTERPRETERS: [(&str, &[&str]); 12] = [
    ("lua", &["e"]),
    ("luajit", &["e"]),
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
const FETCHERS: [&str; 18] = [
    "axel",
    "lwp-request",
    "lwp-download",
    "lynx",
    "w3m",
    "links",
    "xh",
    "https",
    "tftp",
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
const SOCKETS: [&str; 7] =
    ["nc", "ncat", "netcat", "socat", "telnet", "nc.traditional", "nc.openbsd"];
const RESOLVERS: [&str; 5] = ["dig", "nslookup", "host", "drill", "ping"];

impl Flow {
    /// Follows one command, and returns what it prints.
    pub(super) fn command(&mut self, call: Call<'_>) -> Value {
        if !self.enter() {
            return Value::unknown();
        }
        let output = self.followed(call);
        self.leave();
        output
    }

    fn followed(&mut self, call: Call<'_>) -> Value {
        let Some((program, arguments)) = call.words.split_first() else { return Value::default() };
        if !program.origins.is_empty() {
            self.run(program, call.line, "the shell");
        }
        let name = name_of(&program.text);
        if let Some(body) =
            self.functions.get(&name).cloned().filter(|_| !self.active.contains(&name))
        {
            return self.function(name, &body, call);
        }
        if let Some(words) = self.aliases.get(&name).filter(|_| !self.active.contains(&name)) {
            let words: Vec<Value> = words.iter().chain(arguments).cloned().collect();
            self.active.push(name);
            let output = self.command(Call { words: &words, ..call });
            self.active.pop();
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
        if let Some(printed) = self.asked_store(&name, arguments, call.line) {
            return printed;
        }
        let path = program.text.contains(['/', '\\']) && self.knows(&program.text);
        if path {
            let content = self.read(program, call.line);
            self.run_content(&content, call.line, "the system");
        }
        let call = Call { words: arguments, ..call };
        self.mined(&name, call);
        match name.as_str() {
            "eval" | "iex" | "invoke-expression" => self.evaluated(call),
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
            "openssl" if arguments.first().is_some_and(|word| word.text == "s_client") => {
                self.socket(call)
            }
            "git" => self.git(call),
            "kubectl" | "oc" => self.cluster(call),
            "scp" | "rsync" => self.copied(call),
            "cd" | "pushd" => {
                for folder in arguments.iter().filter(|word| !word.text.starts_with('-')).take(1) {
                    self.folder.clone_from(&folder.text);
                }
                Value::default()
            }
            "at" | "batch" => {
                self.starts_later(call.input, call.line);
                Value::default()
            }
            "unzip" | "7z" | "7za" | "unrar" | "expand-archive" | "bsdtar" => {
                self.unpacked(arguments, call.input, call.line);
                Value::default()
            }
            name if RESOLVERS.contains(&name) => self.resolver(call),
            name => {
                if let Some(output) = self.windows(name, call) {
                    return output;
                }
                self.destroyed(name, call);
                self.lets_back(name, call);
                match interpreter(name) {
                    Some(code) => self.interpreter(name, code, call),
                    None => self.builtin(name, call),
                }
            }
        }
    }

    /// A function of the script with its arguments.
    fn function(&mut self, name: String, body: &super::syntax::Script, call: Call<'_>) -> Value {
        const MOST: usize = 64;
        self.limits.exhausted |= call.words.len() > MOST + 1;
        let mut all = Value::default();
        let mut before = Vec::new();
        for (at, word) in call.words.iter().skip(1).take(MOST).enumerate() {
            if at > 0 {
                all.text.push(' ');
            }
            all.append(word, self.limits.value_bytes);
            let number = (at + 1).to_string();
            before.push((number.clone(), self.variables.insert(number, word.clone())));
        }
        before.push(("@".to_owned(), self.variables.insert("@".to_owned(), all)));
        self.active.push(name);
        self.expanding += 1;
        let output = self.script(body, call.input);
        self.expanding -= 1;
        self.active.pop();
        for (name, value) in before {
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        output
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
                if let Some(address) = call.socket {
                    self.opened = Some(address.clone());
                }
                return Value::default();
            }
            return call.input.clone();
        }
        if name == "xargs" {
            let mut words = rest.to_vec();
            words.push(call.input.with_text(call.input.text.trim().to_owned()));
            return self.command(Call { words: &words, ..call });
        }
        self.command(Call { words: rest, ..call })
    }

    /// What a store of passwords answers to a command that asks it: git's helper, a keychain, the tool of a service.
    fn asked_store(&self, name: &str, arguments: &[Value], line: u32) -> Option<Value> {
        const STORES: [&str; 7] = ["git", "security", "secret-tool", "gh", "gcloud", "aws", "az"];
        if !STORES.contains(&name) {
            return None;
        }
        let mut command = name.to_owned();
        for word in arguments.iter().take(11) {
            command.push(' ');
            command.push_str(&word.text);
        }
        let source = match secret::printed_by(&command)? {
            secret::Kind::Keys => Source::Secret,
            secret::Kind::Tokens => Source::Token,
        };
        let what = format!("asks {} for a password", judge::shown(name));
        Some(Value::from(source, Step { fact: Fact::ReadSecret, line, what }))
    }

    pub(super) fn environment(&self, line: u32) -> Value {
        let what = "reads the whole environment".to_owned();
        Value::from(Source::Environment, Step { fact: Fact::ReadEnvironment, line, what })
    }

    fn evaluated(&mut self, call: Call<'_>) -> Value {
        // PowerShell: `iex (New-Object Net.WebClient).DownloadString('…')`.
        let method = |word: &Value| name_of(&word.text) == ".downloadstring";
        let served = call.words.iter().position(method).and_then(|at| call.words.get(at + 1));
        if let Some(address) = served {
            let code = self.fetched(address, call.line);
            self.run_content(&code, call.line, "iex");
            return Value::unknown();
        }
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
        self.run_unstored(&code, call.line, "eval");
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
}

/// The name of a program: without its folder, its version and `.exe`.
pub(super) fn name_of(text: &str) -> String {
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
