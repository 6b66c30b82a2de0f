//! What calls do: fetch, connect, decode, run, send, write.

use super::{
    Dialect,
    calls::Call,
    evaluate::{Datum, Flow},
    lexer::{Kind, Token},
    names,
};
use crate::{
    chain::{Chain, Fact, Rule, Step},
    decode,
    host::{self, Host},
    judge,
    secret::{self, Kind as SecretKind},
    shell::{Command, Start, follow, is_start_file, key},
    value::{Origin, Source, UNKNOWN, Value},
};

/// Characters that an encoded text has at least: shorter ones hide nothing.
const HIDING: usize = 16;
const SHELLS: [&str; 9] = ["sh", "bash", "zsh", "dash", "ksh", "ash", "cmd", "powershell", "pwsh"];

impl Flow {
    /// Follows a call, and gives what it returns.
    pub(super) fn called(&mut self, call: &Call) -> Datum {
        let mut call = Call { path: call.path.clone(), name: call.name.clone(), receiver: call.receiver.clone(), base: call.base.clone(), arguments: call.arguments.clone(), line: call.line };
        let indirect = ["send", "__send__", "public_send", "call_user_func", "call_user_func_array", "method"];
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
        if names::EVALUATING.contains(&name) {
            return self.evaluated(&call, all);
        }
        if names::LOADING.contains(&name) && !receives && !call.arguments.is_empty() {
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
        if name == "open" && call.arguments.iter().any(|argument| argument.value.text.starts_with(">&") || argument.value.text.starts_with("<&")) {
            self.duplicated = self.any_socket();
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
        self.folded(&call, result)
    }

    /// A function of the program.
    fn own_function(&mut self, call: &Call) -> Option<Datum> {
        let function = self.functions.get_mut(&call.name).or(None)?;
        for (at, argument) in call.arguments.iter().enumerate() {
            let says = |datum: &Datum| !datum.value.origins.is_empty() || datum.socket.is_some() || datum.url.is_some();
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
        all.items = Vec::new();
        all
    }

    fn is_starter(&self, call: &Call) -> bool {
        if !names::STARTING.contains(&call.name.as_str()) {
            return call.name == "shell" && call.path == "shell";
        }
        // `"command".execute()` of Groovy.
        if call.name == "execute" {
            return self.dialect == Dialect::CLike
                && call.receiver.as_ref().is_some_and(|r| r.value.text.contains(' ') || !r.items.is_empty());
        }
        let mut path = call.path.rsplit('.').skip(1).peekable();
        let owned = path.peek().is_some();
        let known = path.any(|part| names::STARTERS.contains(&part));
        match call.name.as_str() {
            "start" => known,
            "command" | "commandcontext" => known && self.dialect == Dialect::Go || !owned && self.dialect == Dialect::CLike || call.path.ends_with("command.new"),
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
            [one] if !one.items.is_empty() => one.items.clone(),
            _ => words,
        };
        self.started(&words, call.line)
    }

    /// A text or words that the system runs, and what they print.
    pub(super) fn started(&mut self, words: &[Datum], line: u32) -> Datum {
        let socket = words.iter().find_map(|word| word.socket.clone()).filter(|a| !a.text.is_empty());
        let Some(first) = words.first() else { return Datum::default() };
        let texts: Vec<&str> = words.iter().map(|word| word.value.text.trim()).filter(|t| *t != UNKNOWN.to_string()).collect();
        if let Some(program) = plain_shell(&texts) {
            let digits = texts.iter().any(|text| text.contains("<&"));
            let duplicated = self.duplicated.clone().or_else(|| self.any_socket().filter(|_| digits));
            if let Some(address) = socket.or(duplicated) {
                self.report(judge::tied(&program, &address, line));
            }
            let what = format!("starts {program}");
            let value = Value::from(Source::Shell, Step { fact: Fact::Run, line, what });
            return Datum { value, shell: true, ..Datum::default() };
        }
        let received = words.iter().flat_map(|word| &word.value.origins).find(|origin| matches!(origin.source, Source::Received(_)));
        if let Some(origin) = received.cloned() {
            let value = Value { text: UNKNOWN.into(), origins: vec![origin.clone()], partial: false };
            self.report(judge::run(&value, self.start == Start::Automatic, line, "the system"));
            self.report(judge::commanded(&value, line, "the system"));
            let step = Step { what: format!("runs what it {}", origin.step.what), fact: Fact::Run, line };
            let mut result = Datum::of(Value::from(Source::Shell, step));
            result.socket = None;
            return result;
        }
        let values: Vec<Value> = words.iter().map(|word| word.value.clone()).collect();
        let one = words.len() == 1 || words.get(1).is_some_and(|word| word.value.origins.is_empty() && matches!(word.value.text.as_str(), "r" | "w" | "r+" | "rb" | UNKNOWN_TEXT) && first.value.text.contains(' '));
        let command = if one { Command::Text(&first.value) } else { Command::Words(&values) };
        let (output, chains) = follow(&command, (&Value::default(), line), self.start, &mut self.files, &mut self.limits);
        self.report(chains);
        Datum::of(output)
    }

    fn any_socket(&self) -> Option<Value> {
        self.locals.values().chain(self.globals.values()).find_map(|datum| datum.socket.clone()).filter(|a| !a.text.is_empty())
    }

    /// A field of a process is a socket.
    pub(super) fn tied_by_field(&mut self, name: &str, address: &Value, line: u32) {
        if self.variable(name).is_some_and(|datum| datum.shell) {
            self.report(judge::tied("a shell", address, line));
        }
    }

    fn evaluated(&mut self, call: &Call, all: Datum) -> Datum {
        let Some(code) = call.arguments.first().or(call.receiver.as_ref()) else { return all };
        let code = code.value.clone();
        self.run(&code, call.line, &call.name);
        if code.text.len() > 8 && code.text != UNKNOWN_TEXT && !code.text.contains(UNKNOWN) && call.name != "assert" {
            let current = self.current.clone();
            if self.limits.pay(code.text.len() * 16) {
                let lines = super::lexer::read(&code.text, self.dialect, call.line);
                let lines: Vec<Token> = lines.into_iter().map(|token| Token { line: call.line, first: false, ..token }).collect();
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
                value.origins.retain(|origin| matches!(origin.source, Source::Fetched(_) | Source::FetchedDecoded(_)));
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
        let named = |origin: &&Origin| matches!(origin.source, Source::Fetched(Host::Named));
        let evaluated = code.origins.iter().find(named).map(|origin| {
            let what = format!("evaluates it with {}", judge::shown(with));
            let steps = vec![origin.step.clone(), Step { fact: Fact::Run, line, what }];
            Chain { rule: Rule::FetchEvaluated, steps }
        });
        self.report(evaluated.filter(|_| self.start == Start::Asked));
    }

    fn is_connecting(&self, call: &Call) -> bool {
        let known = |part: &str| names::CONNECTING.contains(&part) || part == "socket";
        let made = call.receiver.as_ref().is_some_and(|receiver| receiver.socket.is_some());
        match call.name.as_str() {
            "new" | "open" => call.path.rsplit('.').skip(1).take(3).any(|part| known(part) || part == "inet"),
            "connect" => made || call.path.contains("tcpstream") || call.path == "connect" || call.path.contains("socket"),
            "tcp" | "socket" => call.receiver.is_none(),
            "dial" | "dialtimeout" | "dialtcp" | "dialcontext" => !call.path.contains("grpc"),
            name => known(name) && call.receiver.is_none(),
        }
    }

    /// A socket, and the variable that holds it.
    fn connected(&mut self, call: &Call) -> Datum {
        let is_address = |datum: &&Datum| {
            let text = host_part(&datum.value.text);
            !text.is_empty() && text.contains(|c: char| c.is_alphabetic() || c == '.') && !is_protocol(text)
        };
        let mut candidates: Vec<&Datum> = call.arguments.iter().collect();
        candidates.extend(call.arguments.iter().flat_map(|argument| &argument.items));
        let address = candidates.into_iter().filter(is_address).find(|datum| !matches!(host::of(host_part(&datum.value.text), UNKNOWN), Host::Unknown));
        let address = match address {
            Some(datum) => datum.value.with_text(host_part(&datum.value.text)),
            None => Value::default(),
        };
        let mut socket = Datum { socket: Some(address.clone()), ..Datum::default() };
        if !address.text.is_empty() {
            let what = format!("reads from {}", judge::shown_address(&address.text));
            let source = Source::Received(host::of(&address.text, UNKNOWN));
            socket.value = Value::from(source, Step { fact: Fact::Connect, line: call.line, what });
            if call.receiver.is_none() {
                self.assign(LAST_SOCKET, socket.clone());
            }
            if matches!(call.name.as_str(), "connect" | "socket_connect") && let Some(base) = call.base.clone().filter(|_| call.receiver.is_some()) {
                self.assign(&base, socket.clone());
            }
        }
        socket
    }

    fn fetches(&mut self, call: &Call, all: &Datum) -> Option<Datum> {
        let url = all.url.as_ref()?;
        if !names::FETCHING.contains(&call.name.as_str()) || is_record(call) {
            return None;
        }
        let mut result = Datum::of(fetched(url, call.line));
        result.value.origins.extend(all.value.origins.iter().filter(|o| matches!(o.source, Source::Fetched(_))).cloned());
        let open = ["openconnection", "curl_init", "request", "fopen"].contains(&call.name.as_str());
        result.url = all.url.clone().filter(|_| open);
        result.file = None;
        if let ("getstore" | "mirror" | "downloadfile" | "copy", Some(path)) = (call.name.as_str(), call.arguments.get(1)) {
            self.files.insert(key(&path.value.text), result.value.clone());
        }
        Some(result)
    }

    fn sends(&mut self, call: &Call, all: &Datum) {
        let line = call.line;
        let data = || {
            let mut value = all.value.clone();
            value.origins.retain(|origin| !matches!(origin.source, Source::Token | Source::Variable));
            value
        };
        if names::SENDING.contains(&call.name.as_str()) {
            let address = all.socket.clone().filter(|a| !a.text.is_empty()).or_else(|| all.url.clone());
            if let Some(address) = address {
                let mut value = data();
                if all.socket.is_none() {
                    value.origins.retain(|origin| origin.source != Source::Shell);
                }
                self.report(judge::sent(&value, &address, line));
            }
        } else if names::FETCHING.contains(&call.name.as_str())
            && let Some(url) = &all.url
        {
            let mut carried = url.clone();
            carried.origins.retain(|origin| matches!(origin.source, Source::Secret | Source::Environment));
            self.report(judge::sent(&carried, url, line));
        }
    }

    fn writes(&mut self, call: &Call, all: &Datum) {
        if call.name.contains("chmod") || call.name == "setexecutable" {
            let paths = call.arguments.iter().chain(call.receiver.as_ref());
            for path in paths.filter_map(|path| self.files.get(&key(&path.value.text)).cloned()).collect::<Vec<_>>() {
                for origin in path.origins.iter().filter(|o| matches!(&o.source, Source::Fetched(h) if h.is_nameless())) {
                    let step = Step { fact: Fact::Run, line: call.line, what: "makes it executable".to_owned() };
                    self.report([Chain { rule: Rule::FetchRun, steps: vec![origin.step.clone(), step] }]);
                }
            }
        }
        if !names::WRITING.contains(&call.name.as_str()) || all.socket.is_some() {
            return;
        }
        let handle = call.receiver.iter().chain(&call.arguments).find_map(|datum| datum.file.clone());
        let (path, data): (Value, Vec<Datum>) = match (handle, call.arguments.as_slice()) {
            (Some(path), arguments) => (path, arguments.to_vec()),
            (None, [path, data, ..]) => (path.value.clone(), vec![data.clone()]),
            _ => return,
        };
        if path.text.is_empty() || path.text == UNKNOWN_TEXT {
            return;
        }
        let mut content = Value::default();
        for data in &data {
            content.append(&data.value, self.limits.value_bytes);
        }
        if is_start_file(&path.text) {
            let (_, chains) = follow(&Command::Start(&path, &content), (&Value::default(), call.line), self.start, &mut self.files, &mut self.limits);
            self.report(chains);
        }
        self.files.insert(key(&path.text), content);
    }

    /// A file that is opened or named.
    fn file_of(&mut self, call: &Call, all: &Datum) -> Option<Datum> {
        let files = ["file", "tempfile", "fileutils", "pathname", "ioutil", "os", "io", "files", "path", "paths", "kernel"];
        let named = call.path.split('.').any(|part| files.contains(&part)) || matches!(call.name.as_str(), "open" | "fopen" | "tempnam");
        if !names::FILES.contains(&call.name.as_str()) || !named || all.url.is_some() {
            return None;
        }
        if !all.value.origins.is_empty() {
            return None;
        }
        if matches!(call.name.as_str(), "createtempfile" | "createtemp" | "tempnam" | "tmpname" | "tempfile") || call.path.contains("tempfile") {
            self.temporaries += 1;
            let path = Value::literal(format!("/tmp/skillgate-{}", self.temporaries));
            return Some(Datum { file: Some(path.clone()), value: path, ..Datum::default() });
        }
        // Perl: `open(HANDLE, '>', path)`.
        let is_path = |datum: &&Datum| (datum.value.is_literal() || datum.value.text.contains(['/', '.', '\\'])) && datum.value.text.len() > 2 && !datum.value.text.starts_with(['<', '>', '+', '|']);
        let path = call.arguments.iter().rev().find(is_path)?.value.clone();
        if path.text.ends_with('|') || call.arguments.iter().any(|a| a.value.text == "-|" || a.value.text.starts_with('|')) {
            return Some(self.started(&[Datum::of(path)], call.line));
        }
        let mut datum = Datum { value: path.clone(), file: Some(path.clone()), ..Datum::default() };
        if let Some(content) = self.content(&path, call.line) {
            datum.value.origins.extend(content.origins);
        }
        Some(datum)
    }

    /// What a file holds, as far as something is known of it.
    fn content(&self, path: &Value, line: u32) -> Option<Value> {
        if let Some(known) = self.files.get(&key(&path.text)) {
            return Some(known.clone());
        }
        let source = match secret::kind(&path.text)? {
            SecretKind::Keys => Source::Secret,
            SecretKind::Tokens => Source::Token,
        };
        let what = format!("reads {}", judge::shown(&path.text));
        Some(Value::from(source, Step { fact: Fact::ReadSecret, line, what }))
    }

    fn reads(&mut self, call: &Call) -> Option<Datum> {
        let names = ["read", "readlines", "binread", "file_get_contents", "readfile", "readtext", "readbytes", "readalltext", "readallbytes", "slurp", "file", "readall", "fread", "read_file", "readstring", "foreach", "readline", "get-content", "contentsof", "readallbytes", "read_to_string"];
        if !names.contains(&call.name.as_str()) {
            return None;
        }
        let first = call.arguments.first().map(|argument| &argument.value);
        let path = first.filter(|path| path.text.len() > 2 && path.text != UNKNOWN_TEXT).cloned().or_else(|| call.receiver.as_ref()?.file.clone())?;
        self.content(&path, call.line).map(Datum::of)
    }

    fn decoding(&mut self, call: &Call, all: &Datum) -> Option<Datum> {
        let name = call.name.as_str();
        let text = all.value.text.as_str();
        let format = call.arguments.iter().find(|a| a.value.text.len() < 4).map(|a| a.value.text.clone()).unwrap_or_default();
        let source = call.receiver.as_ref().or(call.arguments.last()).map(|datum| datum.value.text.clone()).unwrap_or_default();
        let unpacks = matches!(name, "unpack" | "unpack1" | "pack");
        let decoded = if names::BASE64.contains(&name) || name == "decode" && call.path.contains("base64") {
            decode::base64(call.arguments.first().map_or(text, |a| a.value.text.as_str()))
        } else if unpacks && format.starts_with('m') || unpacks && format.starts_with('u') {
            decode::base64(&source)
        } else if name == "hex2bin" || unpacks && format.starts_with('H') {
            let hex = call.receiver.as_ref().and_then(|r| r.items.first()).map_or(source, |item| item.value.text.clone());
            decode::hexadecimal(&hex)
        } else if matches!(name, "str_rot13" | "rot13") || matches!(name, "tr" | "translate") && all_of_text(call).contains("N-ZA-M") || name == "tr" && all_of_text(call).to_ascii_lowercase().contains("n-za-m") {
            Some(decode::rot13(&call.receiver.as_ref().or(call.arguments.first()).map_or_else(String::new, |d| d.value.text.clone())))
        } else {
            return None;
        };
        let mut value = all.value.changed();
        value.partial = false;
        for origin in &mut value.origins {
            if let Source::Fetched(host) = &origin.source
                && *host != Host::Encoded
            {
                origin.source = Source::FetchedDecoded(host.clone());
                origin.step.what.push_str(" and decodes it");
            }
        }
        if let Some(decoded) = decoded.filter(|decoded| decoded.len() + 4 > HIDING && !decoded.contains(UNKNOWN)) {
            let what = format!("decodes a text of {} characters", decoded.chars().count());
            value.origins.push(Origin { source: Source::Decoded, step: Step { fact: Fact::Decode, line: call.line, what } });
            value.text = decoded;
        }
        Some(Datum::of(value))
    }

    /// Texts that are put together or turned around.
    fn folded(&mut self, call: &Call, all: Datum) -> Datum {
        let most = self.most();
        let first = call.receiver.as_ref().or(call.arguments.first());
        let value = |text: String| {
            let mut datum = Datum::of(all.value.with_text(text));
            datum.socket.clone_from(&all.socket);
            datum.file.clone_from(&all.file);
            datum.url = datum.url.take().or_else(|| all.url.clone());
            datum
        };
        match call.name.as_str() {
            "reverse" | "strrev" | "reversed" => match first.filter(|first| first.value.is_literal()) {
                Some(first) if first.value.text.len() <= most => value(first.value.text.chars().rev().collect()),
                _ => all,
            },
            "join" | "implode" | "concat" => {
                let lists = call.receiver.iter().chain(&call.arguments);
                let Some(list) = lists.clone().find(|datum| !datum.items.is_empty()) else { return all };
                let others = lists.filter(|datum| datum.items.is_empty() && datum.value.text != UNKNOWN_TEXT);
                let separator = others.map(|datum| datum.value.text.as_str()).next().unwrap_or_default();
                let separator = if call.path.starts_with("file") || call.path.starts_with("path") { "/" } else { separator };
                let texts: Vec<&str> = list.items.iter().map(|item| item.value.text.as_str()).collect();
                let text = texts.join(separator);
                if text.len() > most { all } else { value(text) }
            }
            "chr" | "pack" | "fromcharcode" => {
                let list = call.receiver.iter().chain(&call.arguments);
                let numbers: String = list.clone().flat_map(|d| std::iter::once(d).chain(&d.items)).filter_map(|d| d.value.text.parse::<u32>().ok()).filter_map(char::from_u32).collect();
                if numbers.is_empty() { all } else { value(numbers) }
            }
            "gsub" | "sub" | "str_replace" | "replace" | "delete" => {
                let receiver = call.receiver.as_ref().or(call.arguments.get(2));
                let (Some(text), Some(from)) = (receiver, call.arguments.first()) else { return all };
                let to = call.arguments.get(1).map(|d| d.value.text.as_str()).filter(|_| call.name != "delete").unwrap_or_default();
                let count = text.value.text.len().saturating_mul(to.len().max(1));
                if text.value.is_literal() && from.value.is_literal() && count <= most {
                    value(text.value.text.replace(&from.value.text, to))
                } else {
                    all
                }
            }
            "sprintf" | "format" => {
                let Some((format, rest)) = call.arguments.split_first() else { return all };
                let mut format = format.clone();
                self.formatted(&mut format, rest);
                format
            }
            name if names::PASSING.contains(&name) => {
                let literal = call.receiver.iter().chain(&call.arguments).find(|d| d.value.text != UNKNOWN_TEXT && d.value.text.contains(|c: char| !c.is_ascii_digit()));
                match literal {
                    Some(datum) => value(datum.value.text.clone()),
                    None => all,
                }
            }
            _ if call.receiver.is_none() && call.arguments.is_empty() => Datum::of(Value::unknown()),
            _ => {
                let mut datum = all;
                datum.value.text = UNKNOWN.into();
                datum
            }
        }
    }

    /// Puts arguments into a format of `printf`.
    pub(super) fn formatted(&mut self, format: &mut Datum, arguments: &[Datum]) {
        let most = self.most();
        let text = std::mem::take(&mut format.value.text);
        let mut arguments = arguments.iter().flat_map(|a| if a.items.is_empty() { std::slice::from_ref(a) } else { a.items.as_slice() });
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once('%') {
            format.value.text.push_str(before);
            rest = behind.get(1..).unwrap_or_default();
            match (behind.chars().next(), arguments.next()) {
                (Some('s' | 'd' | 'v' | 'q'), Some(argument)) => {
                    format.join(argument, most);
                }
                _ => format.value.text.push(UNKNOWN),
            }
        }
        format.value.text.push_str(rest);
        let whole = Datum::of(format.value.clone());
        format.url = whole.url.or_else(|| format.url.take());
    }

    /// The environment, whole or one variable of it.
    pub(super) fn environment<'a>(&self, name: &str, rest: &'a [Token]) -> Option<(Datum, &'a [Token])> {
        let whole = match (self.dialect, name) {
            (Dialect::Ruby | Dialect::Perl, "ENV") | (Dialect::Php, "_ENV") => rest,
            _ => return None,
        };
        let line = rest.first().map_or(1, |token| token.line);
        let subscript = matches!(rest.first().map(|t| &t.kind), Some(Kind::Operator("[" | "{"))) ;
        let fetches = matches!(rest.get(1).map(|t| &t.kind), Some(Kind::Name { text, .. }) if matches!(text.as_str(), "fetch" | "key" | "values_at" | "slice" | "include" | "dig" | "select" | "delete"));
        if !subscript && !fetches {
            let step = Step { fact: Fact::ReadEnvironment, line, what: "reads the whole environment".to_owned() };
            return Some((Datum::of(Value::from(Source::Environment, step)), rest));
        }
        let taken = if subscript { super::evaluate::bracket(rest) } else { super::evaluate::bracket(rest.get(2..).unwrap_or_default()) };
        let key = taken.0.iter().find_map(|token| match &token.kind {
            Kind::Text(pieces) => pieces.iter().find_map(|piece| match piece {
                super::lexer::Piece::Text(text) => Some(text.clone()),
                super::lexer::Piece::Code(_) => None,
            }),
            Kind::Name { text, .. } => Some(text.clone()),
            _ => None,
        });
        let key = key.unwrap_or_default();
        let value = if key == "HOME" || key == "USERPROFILE" {
            Value::literal("~")
        } else if names::KEY_ENDS.iter().any(|end| key.ends_with(end)) {
            Value::from(Source::Variable, Step { fact: Fact::ReadEnvironment, line, what: format!("reads {}", judge::shown(&key)) })
        } else {
            Value::unknown()
        };
        let _ = whole;
        Some((Datum::of(value), taken.1))
    }
}

/// A name that no program has, for the socket that was connected last.
const LAST_SOCKET: &str = "<socket>";
const UNKNOWN_TEXT: &str = "\u{fffc}";

/// What a URL serves.
fn fetched(url: &Value, line: u32) -> Value {
    let what = format!("fetches {}", judge::shown_address(&url.text));
    Value::from(Source::Fetched(host::of(&url.text, UNKNOWN)), Step { fact: Fact::Fetch, line, what })
}

fn all_of_text(call: &Call) -> String {
    call.arguments.iter().map(|argument| argument.value.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// A call that only notes or names what it is given.
fn is_record(call: &Call) -> bool {
    ["log", "logger", "puts", "test", "assert", "expect"].iter().any(|name| call.path.starts_with(name))
}

fn is_protocol(text: &str) -> bool {
    matches!(text, "tcp" | "tcp4" | "tcp6" | "udp" | "udp4" | "unix" | "ssl" | "tls" | "stream")
}

/// The host and port of an address: `tcp://host:port`, `/inet/tcp/0/host/port`.
fn host_part(text: &str) -> &str {
    let text = text.strip_prefix("/inet/tcp/0/").map_or(text, |rest| rest.split('/').next().unwrap_or(rest));
    text.split_once("://").map_or(text, |(_, rest)| rest).trim()
}

/// The shell that words start without a command: `/bin/sh -i`, `cmd.exe`.
fn plain_shell(words: &[&str]) -> Option<String> {
    let mut words = words.iter().flat_map(|word| word.split_whitespace());
    let first = words.next()?;
    let name = first.rsplit(['/', '\\']).next().unwrap_or(first).to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name).to_owned();
    let plain = |word: &str| {
        matches!(word, "-i" | "-l" | "-li" | "-il" | "-" | "r" | "w" | "r+" | "sh" | "bash" | "rw" | "--noprofile" | "--norc" | "-q" | "/q")
            || word.contains(">&")
            || word.contains("<&")
            || word == "/K"
    };
    (SHELLS.contains(&name.as_str()) && words.all(plain)).then_some(name)
}

