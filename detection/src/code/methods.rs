//! Methods of values: texts, lists, files, answers, sockets.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared, either, given, merged},
    evaluate::without,
    flow::Flow,
    members::is_environment,
    names::Encoding,
};
use crate::value::Source;

/// Methods whose result is what they are called on, in another form.
const PASSING: [&str; 67] = [
    "read",
    "readline",
    "readlines",
    "text",
    "json",
    "arrayBuffer",
    "blob",
    "bytes",
    "buffer",
    "encode",
    "toString",
    "strip",
    "trim",
    "rstrip",
    "lstrip",
    "lower",
    "upper",
    "toLowerCase",
    "toUpperCase",
    "slice",
    "substring",
    "substr",
    "items",
    "values",
    "entries",
    "copy",
    "flat",
    "sort",
    "getvalue",
    "getBuffer",
    "toJSON",
    "valueOf",
    "hex",
    "toObject",
    "setEncoding",
    "splitlines",
    "communicate",
    "wait",
    "spawn",
    "output",
    "outputSync",
    "getresponse",
    "iter_content",
    "iter_lines",
    "result",
    "unwrap",
    "__enter__",
    "fileno",
    "makefile",
    "getReader",
    "getWriter",
    "decodeToString",
    "readAll",
    "findall",
    "match",
    "matchAll",
    "search",
    "group",
    "exec",
    "concat",
    "tobytes",
    "iter_bytes",
    "aread",
    "expanduser",
    "resolve",
    "as_posix",
    "absolute",
];
/// Items for each of which a function is called.
const MAX_CALLED: usize = 16;
/// Methods that send their arguments.
const SENDING: [&str; 20] = [
    "sendfile",
    "send",
    "sendall",
    "sendto",
    "write",
    "end",
    "request",
    "sendmail",
    "send_message",
    "sendMail",
    "storbinary",
    "storlines",
    "emit",
    "putrequest",
    "setRequestHeader",
    "putheader",
    "login",
    "endheaders",
    "writelines",
    "drain",
];

impl Flow {
    pub(super) fn method(
        &mut self,
        receiver: &Shared,
        name: &str,
        arguments: &Arguments,
    ) -> Shared {
        let line = arguments.line;
        match (&receiver.kind, name) {
            (Kind::Path(path), name) if is_environment(path) => match name {
                "get" | "pop" if !arguments.item(0).value.origins.is_empty() => {
                    Datum::plain(arguments.item(0).value.changed())
                }
                "get" | "pop" => {
                    either(&[self.variable(&arguments.item(0).value.text), arguments.item(1)])
                }
                "items" | "copy" | "values" | "toObject" | "entries" => {
                    Datum::plain(receiver.value.clone())
                }
                _ => Datum::unknown(),
            },
            // Ways to call a function that is a value.
            (Kind::Function { .. } | Kind::Method { .. }, "call") => {
                let items = arguments.items.iter().skip(1).cloned().collect();
                self.call(receiver, &Arguments { items, named: Vec::new(), line })
            }
            (Kind::Function { .. } | Kind::Method { .. }, "apply") => {
                let items = arguments.item(1).items().to_vec();
                self.call(receiver, &Arguments { items, named: Vec::new(), line })
            }
            (Kind::Function { .. }, "bind") => receiver.clone(),
            (_, "pipe" | "pipeTo" | "pipeThrough") => {
                let to = arguments.item(0);
                self.piped(receiver, &to, line);
                if to.is_blank() { Datum::plain(receiver.value.clone()) } else { to }
            }
            (Kind::Socket(address), "connect" | "connect_ex") => {
                let _ = address;
                let socket = self.connected(arguments);
                self.call_all_back(arguments, &socket);
                socket
            }
            (Kind::Socket(address) | Kind::Request(address), name) if SENDING.contains(&name) => {
                let address = address.clone();
                match &receiver.kind {
                    Kind::Socket(_) if address.text.contains("://") => {
                        let value = self.message(&address, arguments);
                        self.report(crate::judge::sent(&value, &address, line));
                    }
                    Kind::Socket(_) => {
                        // A datagram names the address itself.
                        let to = arguments.item(1);
                        let named = arguments.items.iter().skip(1).find(|item| {
                            !address.is_literal()
                                && item.value.is_literal()
                                && item.value.text.contains('.')
                        });
                        let to = to
                            .items()
                            .first()
                            .filter(|_| name == "sendto")
                            .or(named)
                            .map(|host| host.value.clone());
                        let value = merged(arguments.all());
                        self.report(crate::judge::sent(
                            &value,
                            to.as_ref().unwrap_or(&address),
                            line,
                        ));
                    }
                    _ => self.send_all(&address, arguments),
                }
                receiver.clone()
            }
            (
                Kind::Socket(_),
                "recv" | "recvfrom" | "read" | "readline" | "readuntil" | "on" | "once"
                | "addListener" | "addEventListener" | "receive" | "recv_json" | "receive_text"
                | "receive_json",
            ) => {
                let data = Datum::plain(receiver.value.clone());
                self.call_all_back(arguments, &data);
                if name.starts_with("on") || name.starts_with("add") {
                    receiver.clone()
                } else {
                    data
                }
            }
            (
                Kind::Request(address),
                "getresponse" | "on" | "once" | "recv" | "addEventListener",
            ) => {
                let body = self.fetched(&address.clone(), line);
                self.call_all_back(arguments, &body);
                if name == "getresponse" || name == "recv" { body } else { receiver.clone() }
            }
            (Kind::Process(program), "write" | "communicate" | "end" | "writelines")
                if !program.is_empty() =>
            {
                let program = program.clone();
                let data = merged(arguments.all());
                let data = match arguments.items.first() {
                    Some(first) => first.value.clone(),
                    None => data,
                };
                self.fed(&program, &data, line);
                receiver.clone()
            }
            (Kind::File(path), "write" | "writelines" | "end" | "write_text" | "write_bytes") => {
                let path = path.clone();
                self.written(&path, &arguments.item(0).value, line);
                receiver.clone()
            }
            (
                Kind::Archive(path),
                "write" | "add" | "addLocalFile" | "addLocalFolder" | "file" | "directory"
                | "addfile",
            ) => {
                let path = path.clone();
                let content = self.read(&arguments.item(0).value, line);
                self.written(&path, &content, line);
                receiver.clone()
            }
            (Kind::Archive(path), "writestr" | "append" | "addFile") => {
                let path = path.clone();
                self.written(&path, &merged(arguments.all()), line);
                receiver.clone()
            }
            (Kind::File(path), "getvalue" | "getbuffer" | "read")
                if receiver.value.origins.is_empty() =>
            {
                let path = path.clone();
                match self.files.contains_key(&crate::shell::key(&path.text)) {
                    true => Datum::plain(self.read(&path, line)),
                    false => Datum::plain(receiver.value.clone()),
                }
            }
            (Kind::Class(_), _) => {
                self.call_all_back(arguments, &Datum::unknown());
                Datum::unknown()
            }
            _ => self.of_data(receiver, name, arguments),
        }
    }

    /// Methods of texts, lists and answers.
    fn of_data(&mut self, receiver: &Shared, name: &str, arguments: &Arguments) -> Shared {
        let line = arguments.line;
        match name {
            "join" if self.is_javascript() => {
                let separator =
                    arguments.items.first().map_or(",".to_owned(), |item| item.value.text.clone());
                self.join(&separator, receiver)
            }
            "join" => {
                let separator = receiver.value.text.clone();
                self.join(&separator, &arguments.item(0))
            }
            "split" => self.split(receiver, &arguments.item(0)),
            "replace" => self.replaced(receiver, arguments, false),
            "replaceAll" => self.replaced(receiver, arguments, true),
            "reverse" | "toReversed" | "reversed" => self.reversed(receiver),
            "format" => {
                let mut items = arguments.items.clone();
                items.extend(arguments.named.iter().map(|(_, value)| value.clone()));
                self.formatted(receiver, &items)
            }
            "concat" => {
                let mut all = vec![receiver.clone()];
                all.extend(arguments.items.iter().cloned());
                self.joined(&all)
            }
            "decode" => self.decoded_as(receiver, &arguments.get("encoding", 0), line),
            "toString"
                if matches!(arguments.item(0).value.text.as_str(), "utf8" | "utf-8" | "ascii") =>
            {
                receiver.clone()
            }
            "joinpath" => {
                let mut all = vec![receiver.clone()];
                all.extend(arguments.items.iter().cloned());
                self.path_of(&all)
            }
            "read_text" | "read_bytes" | "open"
                if receiver.value.origins.is_empty() && !self.is_javascript() =>
            {
                let content = self.read(&receiver.value, line);
                Datum::of(Kind::File(receiver.value.clone()), content)
            }
            "write_text" | "write_bytes" => {
                self.written(&receiver.value, &arguments.item(0).value, line);
                Datum::unknown()
            }
            "extractall" | "extract" | "extractAllTo" | "extractAllToAsync"
                if !receiver.value.origins.is_empty() =>
            {
                let folder = arguments.get("path", 0);
                self.written(&folder.value, &receiver.value, line);
                if self.unpacked.len() < MAX_CALLED && folder.value.text.contains('/') {
                    let text = format!("{}/", folder.value.text.trim_end_matches('/'));
                    self.unpacked.push((text, receiver.value.clone()));
                }
                Datum::unknown()
            }
            "chmod" if receiver.value.origins.is_empty() => {
                self.made_executable(&receiver.value, line);
                Datum::unknown()
            }
            "glob" | "rglob" | "iterdir" if receiver.value.is_literal() => {
                let below = match arguments.items.first() {
                    Some(pattern) if pattern.value.is_literal() => pattern.clone(),
                    _ => Datum::text(crate::value::UNKNOWN),
                };
                self.path_of(&[receiver.clone(), below])
            }
            "with_name" | "with_stem" if receiver.value.origins.is_empty() => {
                self.path_of(&[receiver.clone(), arguments.item(0)])
            }
            "wrap_socket" => arguments.item(0),
            "_compile" => {
                self.evaluated(&arguments.item(0).value, line, "the module loader");
                Datum::unknown()
            }
            "submit" | "apply_async" | "run_in_executor" | "call_soon" | "call_later"
                if !arguments.callbacks().is_empty() =>
            {
                let at = arguments
                    .items
                    .iter()
                    .position(|item| matches!(item.kind, Kind::Function { .. }));
                let at = at.unwrap_or_default();
                let items = arguments.items.iter().skip(at + 1).cloned().collect();
                let call = Arguments { items, named: arguments.named.clone(), line };
                self.call(&arguments.item(at), &call)
            }
            "map" | "imap" | "imap_unordered" | "starmap" | "map_async"
                if arguments.items.len() > 1 && receiver.value.origins.is_empty() =>
            {
                let (callback, items) = (arguments.item(0), arguments.item(1));
                let results: Vec<_> = items
                    .items()
                    .iter()
                    .take(MAX_CALLED)
                    .map(|item| self.call_back(&callback, item, line))
                    .collect();
                Datum::list(results)
            }
            "reduce" if arguments.items.len() > 1 && !receiver.items().is_empty() => {
                let mut result = arguments.item(1);
                for item in receiver.items().iter().take(MAX_CALLED) {
                    let items = vec![result.clone(), item.clone()];
                    let call = Arguments { items, named: Vec::new(), line };
                    result = either(&[self.call(&arguments.item(0), &call), result]);
                }
                result
            }
            "reduce" if arguments.items.len() > 1 => {
                let item = self.element(receiver);
                let items = vec![arguments.item(1), item];
                let call = Arguments { items, named: Vec::new(), line };
                self.call(&arguments.item(0), &call)
            }
            "filter" => {
                self.call_all_back(arguments, &Datum::plain(receiver.value.clone()));
                match &arguments.item(0).kind {
                    Kind::Function { function, .. } => self.filtered(receiver, &function.body),
                    _ => without(receiver, &Source::Environment),
                }
            }
            "map" if !receiver.items().is_empty() => {
                let callback = arguments.item(0);
                let items = receiver
                    .items()
                    .iter()
                    .map(|item| self.call_back(&callback, item, line))
                    .collect();
                Datum::list(items)
            }
            "then" | "map" | "flatMap" | "reduce" => {
                let item = if name == "then" { receiver.clone() } else { self.element(receiver) };
                self.call_all_back(arguments, &item).unwrap_or_else(|| {
                    match arguments.items.first() {
                        // A function of a library, or what resolves a promise.
                        Some(callback) => self.call_back(callback, &item, line),
                        None => item,
                    }
                })
            }
            "encrypt" | "update" | "final" if !arguments.items.is_empty() => {
                Datum::plain(merged(arguments.all()))
            }
            "send" | "exec_command" => {
                self.call_all_back(arguments, &Datum::unknown());
                Datum::unknown()
            }
            _ if !arguments.callbacks().is_empty() => {
                let item = self.element(receiver);
                self.call_all_back(arguments, &item);
                receiver.clone()
            }
            name if PASSING.contains(&name) => match &receiver.kind {
                Kind::List(_) | Kind::Map(_) | Kind::Socket(_) | Kind::Process(_) | Kind::Plain => {
                    receiver.clone()
                }
                Kind::Method { .. } => Datum::plain(receiver.value.clone()),
                _ => Datum::plain(receiver.value.clone()),
            },
            "get" => {
                let first = self.indexed(receiver, &arguments.item(0));
                match (&first.kind, arguments.items.get(1)) {
                    (Kind::Map(_), Some(name)) if name.value.is_literal() => {
                        self.indexed(&first, name)
                    }
                    _ => first,
                }
            }
            "catch" | "finally" | "on" | "once" | "forEach" | "raise_for_status"
            | "setDefaultEncoding" => receiver.clone(),
            "unzip" | "gunzip" | "inflate" => self.decoded(receiver, Encoding::Compressed, line),
            // A method that is not known may give its data in another form.
            name => Datum::plain(given(name, arguments.all().chain(std::iter::once(receiver)))),
        }
    }
}
