//! Calls of what libraries and the language give.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared, either, given, merged, with_origins},
    documents::Format,
    flow::Flow,
    names::{self, Encoding, Operation},
    syntax::Unattended,
};
use crate::{
    chain::{Fact, Step},
    value::{Source, UNKNOWN, Value},
};

/// What is said of libraries that read the sessions of a browser.
pub(super) const SESSIONS: &str = "reads the sessions of a browser";

impl Flow {
    pub(super) fn call(&mut self, callee: &Shared, arguments: &Arguments) -> Shared {
        self.here = arguments.line;
        match &callee.kind {
            Kind::Function { function, scope } => self.call_function(function, *scope, arguments),
            Kind::Class(scope) => {
                let scope = *scope;
                let make = self.scopes.get(scope).and_then(|scope| {
                    scope.names.get("__init__").or_else(|| scope.names.get("constructor")).cloned()
                });
                if let Some(make) = make.filter(|make| matches!(make.kind, Kind::Function { .. })) {
                    self.call(&make, arguments);
                }
                callee.clone()
            }
            Kind::Resolver(slot) => {
                self.resolve(*slot, &arguments.item(0));
                Datum::unknown()
            }
            Kind::Method { receiver, name } => self.method(receiver, name, arguments),
            Kind::Path(path) => match names::operation(path, self.dialect) {
                Some(operation) => self.operation(operation, path, arguments),
                None => self.unknown_call(path, arguments),
            },
            _ => {
                self.call_all_back(arguments, &Datum::unknown());
                Datum::unknown()
            }
        }
    }

    fn unknown_call(&mut self, path: &str, arguments: &Arguments) -> Shared {
        let last = path.rsplit('.').next().unwrap_or(path);
        if matches!(path, "globals" | "locals" | "vars") {
            return Datum::path("globals");
        }
        if last == "_compile" {
            self.evaluated(&arguments.item(0).value, arguments.line, "the module loader");
        }
        self.handed_over(arguments);
        if matches!(last, "setInterval" | "every" | "schedule" | "add_job" | "call_later") {
            self.unattended(Unattended::Repeated, |flow| {
                flow.call_all_back(arguments, &Datum::unknown());
            });
            return Datum::unknown();
        }
        self.call_all_back(arguments, &Datum::unknown());
        if is_decoder(last) {
            return self.decoded(&arguments.item(0), Encoding::Other, arguments.line);
        }
        // A signature is no key.
        let signs = path.contains("jwt") || path.contains("jsonwebtoken") || path.contains("jose");
        Datum::plain(given(if signs { "sign" } else { last }, arguments.all()))
    }

    fn operation(&mut self, operation: Operation, path: &str, arguments: &Arguments) -> Shared {
        let line = arguments.line;
        let first = arguments.item(0);
        let result = match operation {
            Operation::Evaluate => {
                let last = arguments
                    .items
                    .last()
                    .filter(|_| self.is_javascript() && path.ends_with("Function"));
                let code = last.cloned().unwrap_or(first);
                self.evaluated(&code.value, line, path);
                Datum::unknown()
            }
            Operation::Load => {
                let value = first.value.clone();
                if !value.origins.iter().any(|origin| origin.source == Source::Decoded) {
                    self.run_value(&value, line, path);
                }
                Datum::unknown()
            }
            Operation::Shell => {
                let code = match first.items() {
                    [] => first,
                    _ => self.join(" ", &first),
                };
                self.shell(&code.value, arguments)
            }
            Operation::Spawn => self.spawn(path, arguments),
            Operation::RunFile => {
                let file = arguments.items.last().cloned().unwrap_or(first);
                self.run_file(&file.value, line, path);
                Datum::unknown()
            }
            Operation::Request(at) => {
                let served = self.request(at, arguments);
                if path != "Request" && path != "urllib.request.Request" {
                    served
                } else {
                    // It is sent later, and answered then.
                    let address = self.address(&arguments.get("url", 0));
                    Datum::of(Kind::Request(address), Value::unknown())
                }
            }
            Operation::Download => {
                let body = self.request(0, arguments);
                let file =
                    arguments.items.get(1).or(arguments.items.first()).cloned().unwrap_or_default();
                let file = arguments
                    .option("filename")
                    .or_else(|| arguments.option("out"))
                    .unwrap_or(file);
                self.written(&file.value, &body.value, line);
                Datum::list(vec![Datum::plain(file.value.clone()), Datum::unknown()])
            }
            Operation::WebSocket => {
                let address = self.address(&arguments.get("url", 0));
                self.socket(address, line)
            }
            Operation::OpenRequest => {
                let request = self.open_request(arguments);
                if let Kind::Request(address) = &request.kind {
                    let body = self.fetched(&address.clone(), line);
                    self.call_all_back(arguments, &body);
                }
                return request;
            }
            Operation::Socket => {
                let socket =
                    if matches!(path, "socket.socket" | "net.Socket" | "dgram.createSocket") {
                        self.socket(Value::unknown(), line)
                    } else {
                        self.connected(arguments)
                    };
                if path == "asyncio.open_connection" {
                    return Datum::list(vec![socket.clone(), socket]);
                }
                socket
            }
            Operation::Duplicate => {
                if let Kind::Socket(address) = &first.kind {
                    self.duplicated = Some(address.clone());
                }
                Datum::unknown()
            }
            Operation::Archive => {
                let path = match &first.kind {
                    Kind::File(path) => path.clone(),
                    _ => first.value.clone(),
                };
                let mut content = self.read(&path, line);
                if content.origins.is_empty() {
                    content = merged(arguments.all());
                }
                Datum::of(Kind::Archive(path), content)
            }
            Operation::Pack => {
                let content = self.read(&arguments.get("root_dir", 2).value, line);
                self.written(&first.value, &content, line);
                Datum::plain(first.value.clone())
            }
            Operation::CopyStream => {
                let to = arguments
                    .items
                    .iter()
                    .rfind(|item| !matches!(item.kind, Kind::Function { .. }))
                    .cloned()
                    .unwrap_or_default();
                self.piped(&first, &to, line);
                Datum::unknown()
            }
            Operation::Secret => {
                let what = SESSIONS.to_owned();
                let step = Step { fact: Fact::ReadSecret, line, what };
                Datum::plain(Value::from(Source::Secret, step))
            }
            Operation::Resolve => {
                self.looked_up(arguments);
                Datum::unknown()
            }
            Operation::Open => self.open(arguments),
            Operation::Read => {
                let content = self.read(&first.value, line);
                Datum::of(Kind::File(first.value.clone()), content)
            }
            Operation::Write => {
                let data = arguments.item(1);
                if path.contains("Stream") {
                    return Datum::of(Kind::File(first.value.clone()), Value::unknown());
                }
                self.written(&first.value, &data.value, line);
                Datum::unknown()
            }
            Operation::Copy => {
                let content = self.read(&first.value, line);
                if !content.origins.is_empty() {
                    self.written(&arguments.item(1).value, &content, line);
                }
                Datum::unknown()
            }
            Operation::MakeExecutable => {
                self.made_executable(&first.value, line);
                Datum::unknown()
            }
            Operation::ListFolder => {
                // Names of files in a folder are paths below it.
                let mut path = arguments
                    .items
                    .iter()
                    .find(|item| item.value.text.contains('/'))
                    .unwrap_or(&first)
                    .value
                    .clone();
                if !path.text.contains('*') {
                    path.append(&Value::literal(format!("/{UNKNOWN}")), self.limits.value_bytes);
                }
                let file = Datum::plain(path);
                Datum::list(vec![file.clone(), Datum::unknown(), Datum::list(vec![file])])
            }
            Operation::Destroy => {
                if crate::shell::is_personal(&first.value.text) {
                    let what = format!("deletes {}", crate::judge::shown(&first.value.text));
                    let steps = vec![Step { fact: Fact::Destroy, line, what }];
                    let rule = if self.asks {
                        crate::chain::Rule::HomeDestroyedAsked
                    } else {
                        crate::chain::Rule::HomeDestroyed
                    };
                    self.report([crate::chain::Chain { rule, steps }]);
                }
                Datum::unknown()
            }
            Operation::Variable => either(&[self.variable(&first.value.text), arguments.item(1)]),
            Operation::Decode(encoding) => self.decoded(&first, encoding, line),
            Operation::Buffer => self.decoded_as(&first, &arguments.get("encoding", 1), line),
            Operation::Characters => self.characters(arguments),
            Operation::Pass => self.passed(path, arguments),
            Operation::JoinPath => self.path_of(&arguments.items),
            Operation::Home => Datum::text("~"),
            Operation::Temporary => {
                let path = self.temporary();
                Datum::of(Kind::File(path.value.clone()), path.value.clone())
            }
            Operation::Member => self.indexed(&first, &arguments.item(1)),
            // Python's own function gives the outermost package.
            Operation::Module if path == "__import__" && first.value.is_literal() => {
                let module = self.imported(&first, line);
                match (&module.kind, first.value.text.split_once('.')) {
                    (Kind::Path(_), Some((package, _))) => self.path(package),
                    _ => module,
                }
            }
            Operation::Module => self.imported(&first, line),
            Operation::Library(library) => Datum::path(library),
            Operation::CallTarget => {
                let target = arguments.option("target").unwrap_or(first);
                let items =
                    arguments.option("args").map(|args| args.items().to_vec()).unwrap_or_default();
                let named = match arguments.option("kwargs").map(|named| named.kind.again()) {
                    Some(Kind::Map(fields)) => fields,
                    _ => Vec::new(),
                };
                let call = Arguments { items, named, line };
                self.call(&target, &call);
                return Datum::unknown();
            }
            Operation::Promise => return self.promise(arguments),
            Operation::Map => {
                let items = arguments.item(1);
                if items.items().is_empty() {
                    let item = self.element(&items);
                    self.call_back(&first, &item, line)
                } else {
                    let all = items
                        .items()
                        .iter()
                        .map(|item| self.call_back(&first, item, line))
                        .collect();
                    Datum::list(all)
                }
            }
        };
        if operation != Operation::Map {
            self.call_all_back(arguments, &result);
        }
        result
    }

    fn passed(&mut self, path: &str, arguments: &Arguments) -> Shared {
        let first = arguments.item(0);
        match (path, arguments.items.as_slice()) {
            ("bytes" | "bytearray" | "Uint8Array", [list, ..])
                if matches!(list.kind, Kind::List(_)) =>
            {
                self.decoded_as(&first, &Datum::unknown(), arguments.line)
            }
            ("reversed", [_]) => self.reversed(&first),
            ("list" | "Array.from", [text]) if text.value.is_literal() => {
                self.split(text, &Datum::text(""))
            }
            ("io.BytesIO" | "io.StringIO", []) if arguments.named.is_empty() => {
                let path = self.temporary();
                Datum::of(Kind::File(path.value.clone()), Value::unknown())
            }
            ("configparser.ConfigParser" | "configparser.RawConfigParser", _) => {
                Datum::map(Vec::new())
            }
            ("FormData" | "form-data" | "URLSearchParams" | "Map" | "Object" | "dict", [])
                if arguments.named.is_empty() =>
            {
                Datum::map(Vec::new())
            }
            (_, [only]) if matches!(only.kind, Kind::Path(_)) => Datum::of(
                if only.value.origins.is_empty() { only.kind.again() } else { Kind::Plain },
                only.value.clone(),
            ),
            // An object that is written as text keeps that it is made of several.
            ("json.dumps" | "JSON.stringify", [only, ..]) => Datum::plain(
                only.value.changed_if(matches!(only.kind, Kind::List(_) | Kind::Map(_))),
            ),
            (_, [only, ..]) if format_of(path).is_some() => {
                let read = format_of(path).and_then(|format| self.document(only, format));
                read.unwrap_or_else(|| Datum::plain(only.value.changed()))
            }
            (_, [only, rest @ ..]) => with_origins(
                only,
                rest.iter().filter(|item| !matches!(item.kind, Kind::Function { .. })),
            ),
            (_, []) => Datum::plain(merged(arguments.all())),
        }
    }

    fn open(&mut self, arguments: &Arguments) -> Shared {
        let path = arguments.get("file", 0).value.clone();
        let mode = arguments.get("mode", 1);
        let writes = mode.value.text.starts_with(['w', 'a', 'x']);
        let content = if writes { Value::unknown() } else { self.read(&path, arguments.line) };
        Datum::of(Kind::File(path), content)
    }

    fn imported(&mut self, name: &Shared, line: u32) -> Shared {
        if let Some((head, data)) =
            name.value.text.split_once(',').filter(|(head, _)| head.starts_with("data:"))
        {
            let encoded = head.ends_with("base64");
            let data = Datum::plain(name.value.with_text(data));
            let code = if encoded { self.decoded(&data, Encoding::Base64, line) } else { data };
            self.evaluated(&code.value, line, "import");
            return Datum::unknown();
        }
        if self.is_javascript() && name.value.text.contains("://") {
            let body = self.fetched(&name.value, line);
            self.run_value(&body.value, line, "import");
            return Datum::unknown();
        }
        self.run_file(&name.value, line, "import");
        if let Some(module) = self.module_of(&name.value.text) {
            return module;
        }
        let text = name.value.text.clone();
        if name.value.is_literal() { self.path(&text) } else { Datum::unknown() }
    }

    /// A program and its arguments, in the ways in which libraries take them.
    fn spawn(&mut self, path: &str, arguments: &Arguments) -> Shared {
        let first = match arguments.items.first() {
            Some(first) => first.clone(),
            None => arguments
                .option("args")
                .or_else(|| arguments.option("cmd"))
                .unwrap_or_else(Datum::unknown),
        };
        if path == "Deno.run" || path == "Bun.spawn" && matches!(first.kind, Kind::Map(_)) {
            let words = arguments.option("cmd").unwrap_or_else(Datum::unknown);
            return self.spawned(words.items(), arguments);
        }
        let shell = arguments
            .option("shell")
            .is_some_and(|shell| !matches!(shell.value.text.as_str(), "False" | "false"));
        let mut words = match first.items() {
            [] => vec![first.clone()],
            items => items.to_vec(),
        };
        let python_list = !first.items().is_empty();
        let more = if path == "Deno.Command" {
            arguments.option("args")
        } else {
            arguments.items.get(1).cloned()
        };
        if let Some(more) = more.filter(|_| !python_list) {
            match &more.kind {
                Kind::List(items) => words.extend(items.iter().cloned()),
                _ if path.starts_with("os.") => {
                    words = arguments.items.iter().skip(1).cloned().collect();
                }
                _ => {}
            }
        }
        if path.starts_with("os.execv")
            && let Some(more) = arguments.items.get(1)
        {
            words = more.items().to_vec();
        }
        // A program of several words is a command of a shell.
        if shell || words.len() == 1 && first.items().is_empty() && first.value.text.contains(' ') {
            let text = self.join(" ", &Datum::list(words));
            return self.shell(&text.value, arguments);
        }
        if path == "child_process.fork" {
            self.run_file(&first.value, arguments.line, "node");
        }
        let result = self.spawned(&words, arguments);
        if path.contains("create_subprocess") { either(&[result]) } else { result }
    }
}

/// Whether a function that is not known undoes an encoding, by its name.
fn is_decoder(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["decrypt", "decode", "decompress", "deobfus", "unscramble"]
        .iter()
        .any(|word| name.contains(word))
}

/// The format that a function of a library reads.
fn format_of(path: &str) -> Option<Format> {
    Some(match path {
        "JSON.parse" | "json.loads" | "json.load" | "json5.loads" | "json5.parse" => Format::Json,
        "tomllib.loads"
        | "tomllib.load"
        | "tomli.loads"
        | "tomli.load"
        | "toml.loads"
        | "toml.load"
        | "toml.parse"
        | "ini.parse"
        | "dotenv.parse"
        | "dotenv.dotenv_values" => Format::Settings,
        "yaml.safe_load" | "yaml.load" | "yaml.parse" | "js-yaml.load" | "js-yaml.safeLoad" => {
            Format::Yaml
        }
        _ => return None,
    })
}
