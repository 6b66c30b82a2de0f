//! What calls do, by their names: what a program runs, and what runs with it.

use super::{
    Dialect,
    calls::Call,
    evaluate::{Datum, Flow},
    lexer::Token,
    names,
    network::fetched,
};
use crate::{
    chain::{Chain, Fact, Rule, Step},
    host::Host,
    judge,
    shell::{Command, Start, follow, key},
    value::{Origin, Source, UNKNOWN, Value},
};

const SHELLS: [&str; 9] = ["sh", "bash", "zsh", "dash", "ksh", "ash", "cmd", "powershell", "pwsh"];
/// What a call costs beside what it is given, in bytes of data.
const CALL_WORK: usize = 128;
/// The text of what is not known at all.
pub(super) const UNKNOWN_TEXT: &str = "\u{fffc}";

impl Flow {
    /// Follows a call, and gives what it returns.
    pub(super) fn called(&mut self, call: &Call) -> Datum {
        if !self.limits.pay(CALL_WORK.saturating_add(call.path.len()))
            || !self.charge(call.receiver.iter().chain(&call.arguments))
        {
            return Datum::default();
        }
        let mut call = Call {
            path: call.path.clone(),
            name: call.name.clone(),
            receiver: call.receiver.clone(),
            base: call.base.clone(),
            arguments: call.arguments.clone(),
            line: call.line,
        };
        let indirect =
            ["send", "__send__", "public_send", "call_user_func", "call_user_func_array", "method"];
        if indirect.contains(&call.name.as_str())
            && call.receiver.as_ref().is_none_or(|receiver| receiver.socket.is_none())
            && let Some((first, rest)) = call.arguments.clone().split_first()
            && first.value.is_literal()
            && first.value.text.chars().all(|c| c.is_alphanumeric() || c == '_')
        {
            call.name = first.value.text.to_lowercase();
            call.path.clone_from(&call.name);
            call.arguments = rest.to_vec();
        }
        if let Some(result) = self.own_function(&call) {
            return result;
        }
        let all = self.all_of(&call);
        let name = call.name.as_str();
        let receives = call.receiver.is_some();
        if names::EVALUATING.contains(&name) || call.path == "scriptblock.create" {
            return self.evaluated(&call, all);
        }
        if names::LOADING.contains(&name)
            && !receives
            && call.path == call.name
            && !call.arguments.is_empty()
        {
            return self.loaded(&call, all);
        }
        if self.is_starter(&call) {
            return self.started_by(&call);
        }
        if self.is_connecting(&call) {
            return self.connected(&call);
        }
        if let Some(decoded) = self.decoding(&call, &all) {
            return decoded;
        }
        if name == "open"
            && let Some(socket) = self.copied(&call)
        {
            self.duplicated = Some(socket);
        }
        if matches!(name, "dup2" | "reopen") && all.socket.is_some() {
            self.duplicated.clone_from(&all.socket);
        }
        let mut result = all.clone();
        self.sends(&call, &all);
        if let Some(read) = self.fetches(&call, &all) {
            result = read;
        }
        self.writes(&call, &result);
        if let Some(datum) = self.file_of(&call, &result) {
            return datum;
        }
        if let Some(datum) = self.reads(&call) {
            return datum;
        }
        let mut result = self.folded(&call, result);
        result.value.origins.retain(|origin| !names::loses(&call, &origin.source));
        result
    }

    /// A function of the program.
    fn own_function(&mut self, call: &Call) -> Option<Datum> {
        let function = self.functions.get_mut(&call.name).or(None)?;
        for (at, argument) in call.arguments.iter().enumerate() {
            let says = |datum: &Datum| {
                !datum.value.origins.is_empty() || datum.socket.is_some() || datum.url.is_some()
            };
            match function.arguments.get_mut(at) {
                Some(known) if says(argument) || !says(known) => *known = argument.clone(),
                Some(_) => {}
                None => function.arguments.push(argument.clone()),
            }
        }
        Some(function.result.clone())
    }

    /// All that a call mentions.
    fn all_of(&self, call: &Call) -> Datum {
        let mut all = call.receiver.clone().unwrap_or_default();
        match (call.arguments.as_slice(), &call.receiver) {
            ([one], None) => all = one.clone(),
            (arguments, _) => {
                for argument in arguments {
                    all.mention(argument, self.most());
                }
            }
        }
        all.forget_items();
        all
    }

    fn is_starter(&self, call: &Call) -> bool {
        if !names::STARTING.contains(&call.name.as_str()) {
            return call.name == "shell" && call.path == "shell";
        }
        // `"command".execute()` of Groovy.
        if call.name == "execute" {
            return self.dialect == Dialect::CLike
                && call
                    .receiver
                    .as_ref()
                    .is_some_and(|r| r.value.text.contains(' ') || !r.items().is_empty());
        }
        let mut path = call.path.rsplit('.').skip(1).peekable();
        let owned = path.peek().is_some();
        let known = path.any(|part| names::STARTERS.contains(&part));
        match call.name.as_str() {
            "start" => known,
            "command" | "commandcontext" => {
                known && self.dialect == Dialect::Go
                    || !owned && self.dialect == Dialect::CLike
                    || call.path.ends_with("command.new")
            }
            _ => known || !owned && call.receiver.is_none(),
        }
    }

    fn started_by(&mut self, call: &Call) -> Datum {
        let words = match call.name.as_str() {
            "start" if call.arguments.is_empty() => {
                return call.receiver.clone().unwrap_or_default();
            }
            "popen" | "proc_open" | "capture2" | "capture2e" | "capture3" | "popen3" => {
                let first = call.arguments.first().cloned().unwrap_or_default();
                let rest = call.arguments.get(1..).unwrap_or_default();
                let socket = rest.iter().find_map(|argument| argument.socket.clone());
                let mut first = first;
                first.socket = first.socket.or(socket);
                vec![first]
            }
            "execute" => call.receiver.clone().into_iter().collect(),
            "commandcontext" => call.arguments.get(1..).unwrap_or_default().to_vec(),
            _ => call.arguments.clone(),
        };
        let words = match words.as_slice() {
            [one] if !one.items().is_empty() => one.items().to_vec(),
            _ => words,
        };
        self.started(&words, call.line)
    }

    /// A text or words that the system runs, and what they print.
    pub(super) fn started(&mut self, words: &[Datum], line: u32) -> Datum {
        let socket =
            words.iter().find_map(|word| word.socket.clone()).filter(|a| !a.text.is_empty());
        let Some(first) = words.first() else { return Datum::default() };
        let texts: Vec<&str> = words
            .iter()
            .map(|word| word.value.text.trim())
            .filter(|t| *t != UNKNOWN.to_string())
            .collect();
        if let Some(program) = plain_shell(&texts) {
            let digits = texts.iter().any(|text| text.contains("<&"));
            let duplicated =
                self.duplicated.clone().or_else(|| self.any_socket().filter(|_| digits));
            if let Some(address) = socket.or(duplicated) {
                self.report(judge::tied(&program, &address, line));
            }
            let what = format!("starts {program}");
            let value = Value::from(Source::Shell, Step { fact: Fact::Run, line, what });
            return Datum { value, shell: true, ..Datum::default() };
        }
        // A map in front is the environment of the program.
        let maps = words.len() > 1 && !first.items.is_empty() && first.value.origins.is_empty();
        let given: Vec<&Value> =
            words.iter().skip(usize::from(maps)).map(|word| &word.value).collect();
        let received = judge::command_word(&given)
            .into_iter()
            .flat_map(|word| &word.origins)
            .find(|origin| matches!(origin.source, Source::Received(_)));
        if let Some(origin) = received.cloned() {
            let value =
                Value { text: UNKNOWN.into(), origins: vec![origin.clone()], partial: false };
            self.report(judge::run(&value, self.start == Start::Automatic, line, "the system"));
            self.report(judge::commanded(&value, line, "the system"));
            let step =
                Step { what: format!("runs what it {}", origin.step.what), fact: Fact::Run, line };
            let mut result = Datum::of(Value::from(Source::Shell, step));
            result.socket = None;
            return result;
        }
        let values: Vec<Value> = words.iter().map(|word| word.value.clone()).collect();
        let one = words.len() == 1
            || words.get(1).is_some_and(|word| {
                word.value.origins.is_empty()
                    && matches!(word.value.text.as_str(), "r" | "w" | "r+" | "rb" | UNKNOWN_TEXT)
                    && first.value.text.contains(' ')
            });
        let command = if one { Command::Text(&first.value) } else { Command::Words(&values) };
        let (output, chains) = follow(
            &command,
            (&Value::default(), line),
            self.start,
            &mut self.files,
            &mut self.limits,
        );
        self.report(chains);
        Datum::of(output)
    }

    /// A field of a process is a socket.
    pub(super) fn tied_by_field(&mut self, name: &str, address: &Value, line: u32) {
        if self.variable(name).is_some_and(|datum| datum.shell) {
            self.report(judge::tied("a shell", address, line));
        }
    }

    /// A field of a process is a text: a shell reads its commands from there.
    pub(super) fn fed_by_field(&mut self, name: &str, text: &Value, line: u32) {
        if text.is_literal() && self.variable(name).is_some_and(|datum| datum.shell) {
            let (_, chains) = follow(
                &Command::Text(text),
                (&Value::default(), line),
                self.start,
                &mut self.files,
                &mut self.limits,
            );
            self.report(chains);
        }
    }

    fn evaluated(&mut self, call: &Call, all: Datum) -> Datum {
        let Some(code) = call.arguments.first().or(call.receiver.as_ref()) else { return all };
        let code = code.value.clone();
        self.run(&code, call.line, &call.name);
        if code.text.len() > 8 && code.text != UNKNOWN_TEXT && !code.text.contains(UNKNOWN) {
            let current = self.current.clone();
            if self.limits.pay(code.text.len() * 16) {
                let (lines, whole) = super::lexer::read(&code.text, self.dialect, call.line);
                self.limits.exhausted |= !whole;
                let lines: Vec<Token> = lines
                    .into_iter()
                    .map(|token| Token { line: call.line, first: false, ..token })
                    .collect();
                if self.limits.descend(&mut self.depth) {
                    self.statements(&lines);
                    self.depth += 1;
                }
            }
            self.current = current;
        }
        Datum::default()
    }

    fn loaded(&mut self, call: &Call, all: Datum) -> Datum {
        let Some(file) = call.arguments.first() else { return all };
        let content = match &file.url {
            Some(url) => fetched(url, call.line),
            None => self.files.get(&key(&file.value.text)).cloned().unwrap_or_else(|| {
                let mut value = file.value.clone();
                value.origins.retain(|origin| {
                    matches!(origin.source, Source::Fetched(_) | Source::FetchedDecoded(_))
                });
                value
            }),
        };
        self.run(&content, call.line, &call.name);
        Datum::default()
    }

    /// Notes that data is run as a program.
    fn run(&mut self, code: &Value, line: u32, with: &str) {
        if code.partial {
            return;
        }
        self.report(judge::run(code, self.start == Start::Automatic, line, with));
        // Installers of PowerShell are piped into `iex`, as those of a shell into `sh`: the rules of the pack tell of both.
        if self.dialect == Dialect::PowerShell {
            return;
        }
        let named = |origin: &&Origin| matches!(origin.source, Source::Fetched(Host::Named));
        let evaluated = code.origins.iter().find(named).map(|origin| {
            let what = format!("evaluates it with {}", judge::shown(with));
            let steps = vec![origin.step.clone(), Step { fact: Fact::Run, line, what }];
            Chain { rule: Rule::FetchEvaluated, steps }
        });
        self.report(evaluated.filter(|_| self.start == Start::Asked));
    }
}

/// The shell that words start without a command: `/bin/sh -i`, `cmd.exe`.
fn plain_shell(words: &[&str]) -> Option<String> {
    let mut words = words.iter().flat_map(|word| word.split_whitespace());
    let first = words.next()?;
    let name = first.rsplit(['/', '\\']).next().unwrap_or(first).to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name).to_owned();
    let plain = |word: &str| {
        matches!(
            word.to_ascii_lowercase().as_str(),
            "-i" | "-s"
                | "-l"
                | "-li"
                | "-il"
                | "-"
                | "r"
                | "w"
                | "r+"
                | "sh"
                | "bash"
                | "rw"
                | "--noprofile"
                | "--norc"
                | "-q"
                | "/q"
                | "/k"
        ) || word.contains(">&")
            || word.contains("<&")
    };
    (SHELLS.contains(&name.as_str()) && words.all(plain)).then_some(name)
}
