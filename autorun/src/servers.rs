//! Servers that an agent starts: of tools (MCP) and of languages (LSP).

use crate::{
    collector::{Collector, Found, Source},
    command,
    model::{Language, When},
    value::{Node, Value},
};

/// A map of servers by name.
pub(crate) fn all(out: &mut Collector, source: Source<'_>, prefix: &str, servers: &Node) {
    for (name, server) in servers.pairs() {
        let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        one(out, source, &key, When::ServerStart, server);
    }
}

/// One server: a program with arguments and variables, an address, and a program that prints headers.
pub(crate) fn one(out: &mut Collector, source: Source<'_>, key: &str, when: When, server: &Node) {
    if let Some(program) = server.get("command") {
        let words: Vec<&str> = match &program.value {
            Value::List(items) => items.iter().filter_map(Node::text).collect(),
            Value::Str(text) => vec![text],
            _ => Vec::new(),
        };
        let args: Vec<&str> =
            server.get("args").map_or(&[][..], Node::items).iter().filter_map(Node::text).collect();
        let (line, text) = match words.as_slice() {
            [] => (0, String::new()),
            // Some clients take a whole line here; without arguments it is read as one.
            [only] if args.is_empty() => (program.line, (*only).to_owned()),
            _ => {
                let script = server.get("args").and_then(|args| script_line(args.items()));
                let script = script.or_else(|| script_line(program.items()));
                (script.unwrap_or(program.line), command::join(words.iter().copied().chain(args)))
            }
        };
        if !words.is_empty() {
            out.run(
                source,
                Found::new(format!("{key}.command"), line, when, variables(server) + &text),
            );
        }
    }
    for field in ["url", "httpUrl", "serverUrl"] {
        if let Some((line, text)) = text(server, field) {
            out.run(
                source,
                Found::new(format!("{key}.{field}"), line, when, text).is(Language::None),
            );
        }
    }
    if let Some((line, text)) = text(server, "headersHelper") {
        out.run(source, Found::new(format!("{key}.headersHelper"), line, when, text));
    }
}

/// The line of the script behind a `-c`, which is the command's own text.
fn script_line(words: &[Node]) -> Option<u32> {
    let at = words.iter().position(|word| {
        word.text().is_some_and(|text| {
            text.starts_with('-') && !text.starts_with("--") && text.ends_with('c')
        })
    })?;
    words.get(at + 1).map(|script| script.line)
}

/// Variables as a shell sets them in front of a command.
fn variables(server: &Node) -> String {
    let mut text = String::new();
    for field in ["env", "environment"] {
        for (name, value) in server.get(field).map(Node::pairs).unwrap_or_default() {
            let is_name = !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if let (true, Some(value)) = (is_name, value.text()) {
                text.push_str(&format!("{name}={} ", command::join([value])));
            }
        }
    }
    text
}

/// A key's text with its line.
pub(crate) fn text<'a>(node: &'a Node, key: &str) -> Option<(u32, &'a str)> {
    let node = node.get(key)?;
    Some((node.line, node.text()?))
}
