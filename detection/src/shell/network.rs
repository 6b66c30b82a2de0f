//! Programs that speak to other hosts: what they fetch and what they send.

use super::{
    builtin,
    command::{Call, SHELLS, name_of},
    destruction::Gate,
    flow::Flow,
    options::part,
};
use crate::{
    chain::{Fact, Step},
    host, judge,
    value::{Source, UNKNOWN, Value},
};

impl Flow {
    pub(super) fn fetcher(&mut self, name: &str, call: Call<'_>) -> Value {
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
        for (option, value) in &parted.options {
            let Some(value) = value.as_ref().filter(|_| data.contains(&option.as_str())) else {
                continue;
            };
            let file = value.text.split_once('@').map(|(_, file)| file).filter(|_| curl);
            let upload = builtin::UPLOADS.contains(&option.as_str());
            let mut content = match file.or_else(|| upload.then_some(value.text.as_str())) {
                Some("-") => input.clone(),
                Some(file) => {
                    let file = file.split(';').next().unwrap_or(file);
                    self.read(&value.with_text(file), line)
                }
                None => value.clone(),
            };
            // A token names a program to the service that gave it: in a header, or as one field of a request.
            if builtin::CREDENTIALS.contains(&option.as_str()) || content.partial {
                content.origins.retain(|origin| origin.source != Source::Token);
            }
            // A shell's output is a report here, and no conversation.
            content.origins.retain(|origin| origin.source != Source::Shell);
            sent.append(&content, self.limits.value_bytes);
        }
        for address in &addresses {
            // An address that holds data carries it there.
            let mut carried = address.with_text(String::new());
            carried.origins.retain(|origin| origin.source != Source::Token);
            sent.append(&carried, self.limits.value_bytes);
        }
        let mut fetched = Value::default();
        let nameless = |address: &&Value| !host::Host::of(&address.text).is_nameless();
        let mut judged = addresses.clone();
        judged.sort_by_key(nameless);
        self.limits.exhausted |= judged.len() > MAX_ADDRESSES;
        for address in judged.into_iter().take(MAX_ADDRESSES) {
            self.sent(&sent, address, line);
            fetched.append(&self.fetched(address, line), self.limits.value_bytes);
        }
        let output: &[&str] =
            if curl { &["o", "output"] } else { &["O", "output-document", "OutFile"] };
        let file = parted.values(output).next().cloned();
        let stores = match &file {
            Some(file) => !matches!(file.text.as_str(), "-" | "/dev/null"),
            None if curl => parted.has(&["O", "remote-name"]),
            None => name == "wget" || name == "aria2c",
        };
        let fixed = addresses.iter().find(|address| host::Host::of(&address.text).is_fixed());
        if let Some(address) = fixed {
            let what = format!("asks {}", judge::shown_address(&address.text));
            self.gate = Some(Gate { step: Step { fact: Fact::Fetch, line, what }, stores });
        }
        let named = Value::literal(address.text.split(['?', '#']).next().unwrap_or_default());
        match file {
            Some(file) if file.text == "-" => fetched,
            Some(file) => {
                self.written(&file, &fetched, line);
                Value::default()
            }
            None if !stores => fetched,
            None => {
                self.written(&named, &fetched, line);
                Value::default()
            }
        }
    }

    pub(super) fn socket(&mut self, call: Call<'_>) -> Value {
        let Call { words, input, line, .. } = call;
        let connects =
            words.iter().position(|word| word.text == "-connect" || word.text == "--connect");
        if let Some(address) = connects.and_then(|at| words.get(at + 1)) {
            self.sent(input, address, line);
            return self.received(address, line);
        }
        let parted = part(words, &["e", "c", "p", "s", "w", "i", "x", "X", "q", "exec", "sh-exec"]);
        if parted.has(&["l", "listen"]) {
            return Value::unknown();
        }
        let is_program = |word: &&&Value| word.text.to_ascii_uppercase().starts_with("EXEC:");
        let operands = parted.operands.iter();
        let Some(first) = parted.operands.iter().find(|word| !is_program(word)) else {
            return Value::unknown();
        };
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
        if let Some(program) = program.filter(|program| is_shell(program)) {
            self.tied(&program, &address, line);
        }
        self.sent(input, &address, line);
        self.received(&address, line)
    }

    pub(super) fn resolver(&mut self, call: Call<'_>) -> Value {
        for word in call.words.iter().filter(|word| !word.origins.is_empty()) {
            self.sent(word, word, call.line);
        }
        Value::unknown()
    }
}

/// Whether what a socket is tied to is a shell: `/bin/sh`, `EXEC:bash -li,pty`.
fn is_shell(program: &str) -> bool {
    let program = program.rsplit_once("EXEC:").map_or(program, |(_, program)| program);
    let first = program.split([' ', ',']).next().unwrap_or_default();
    SHELLS.contains(&name_of(first).as_str())
        || matches!(name_of(first).as_str(), "pwsh" | "powershell")
}

/// Addresses of one command that are judged.
const MAX_ADDRESSES: usize = 64;

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
