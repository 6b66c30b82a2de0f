//! What decoders and functions of texts make of data.

use super::{
    calls::Call,
    effects::UNKNOWN_TEXT,
    evaluate::{Datum, Flow},
    names,
};
use crate::{
    chain::{Fact, Step},
    decode,
    host::Host,
    value::{Origin, Source, UNKNOWN, Value},
};

/// Characters that an encoded text has at least: shorter ones hide nothing.
const HIDING: usize = 16;

impl Flow {
    pub(super) fn decoding(&mut self, call: &Call, all: &Datum) -> Option<Datum> {
        let name = call.name.as_str();
        let text = all.value.text.as_str();
        let format = call
            .arguments
            .iter()
            .find(|a| a.value.text.len() < 4)
            .map(|a| a.value.text.clone())
            .unwrap_or_default();
        let source = call
            .receiver
            .as_ref()
            .or(call.arguments.last())
            .map(|datum| datum.value.text.clone())
            .unwrap_or_default();
        let unpacks = matches!(name, "unpack" | "unpack1" | "pack");
        let decoded =
            if names::BASE64.contains(&name) || name == "decode" && call.path.contains("base64") {
                decode::base64(call.arguments.first().map_or(text, |a| a.value.text.as_str()))
            } else if unpacks && format.starts_with(['m', 'u']) {
                decode::base64(&source)
            } else if name == "hex2bin" || unpacks && format.starts_with('H') {
                let hex = call
                    .receiver
                    .as_ref()
                    .and_then(|r| r.items().first())
                    .map_or(source, |item| item.value.text.clone());
                decode::hexadecimal(&hex)
            } else if matches!(name, "str_rot13" | "rot13")
                || matches!(name, "tr" | "translate") && all_of_text(call).contains("N-ZA-M")
                || name == "tr" && all_of_text(call).to_ascii_lowercase().contains("n-za-m")
            {
                Some(decode::rot13(
                    &call
                        .receiver
                        .as_ref()
                        .or(call.arguments.first())
                        .map_or_else(String::new, |d| d.value.text.clone()),
                ))
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
        if let Some(decoded) =
            decoded.filter(|decoded| decoded.len() + 4 > HIDING && !decoded.contains(UNKNOWN))
        {
            let what = format!("decodes a text of {} characters", decoded.chars().count());
            value.origins.push(Origin {
                source: Source::Decoded,
                step: Step { fact: Fact::Decode, line: call.line, what },
            });
            value.text = decoded;
        }
        Some(Datum::of(value))
    }

    /// Texts that are put together or turned around.
    pub(super) fn folded(&mut self, call: &Call, all: Datum) -> Datum {
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
            "reverse" | "strrev" | "reversed" => {
                match first.filter(|first| first.value.is_literal()) {
                    Some(first) if first.value.text.len() <= most => {
                        value(first.value.text.chars().rev().collect())
                    }
                    _ => all,
                }
            }
            "join" | "implode" | "concat" => {
                let lists = call.receiver.iter().chain(&call.arguments);
                let Some(list) = lists.clone().find(|datum| !datum.items().is_empty()) else {
                    return all;
                };
                let others = lists
                    .filter(|datum| datum.items().is_empty() && datum.value.text != UNKNOWN_TEXT);
                let separator =
                    others.map(|datum| datum.value.text.as_str()).next().unwrap_or_default();
                let separator = if call.path.starts_with("file") || call.path.starts_with("path") {
                    "/"
                } else {
                    separator
                };
                let texts: Vec<&str> =
                    list.items().iter().map(|item| item.value.text.as_str()).collect();
                match joined(&texts, separator, most) {
                    Some(text) => value(text),
                    None => all,
                }
            }
            "chr" | "pack" | "fromcharcode" => {
                let list = call.receiver.iter().chain(&call.arguments);
                let numbers: String = list
                    .clone()
                    .flat_map(|d| std::iter::once(d).chain(d.items()))
                    .filter_map(|d| d.value.text.parse::<u32>().ok())
                    .filter_map(char::from_u32)
                    .collect();
                if numbers.is_empty() { all } else { value(numbers) }
            }
            "gsub" | "sub" | "str_replace" | "replace" | "delete" => {
                let receiver = call.receiver.as_ref().or(call.arguments.get(2));
                let (Some(text), Some(from)) = (receiver, call.arguments.first()) else {
                    return all;
                };
                let to = call
                    .arguments
                    .get(1)
                    .map(|d| d.value.text.as_str())
                    .filter(|_| call.name != "delete")
                    .unwrap_or_default();
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
                let literal = call.receiver.iter().chain(&call.arguments).find(|d| {
                    d.value.text != UNKNOWN_TEXT
                        && d.value.text.contains(|c: char| !c.is_ascii_digit())
                });
                match literal {
                    Some(datum) => value(datum.value.text.clone()),
                    None => all,
                }
            }
            _ if call.receiver.is_none() && call.arguments.is_empty() => {
                Datum::of(Value::unknown())
            }
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
        let mut arguments = arguments
            .iter()
            .flat_map(|a| if a.items().is_empty() { std::slice::from_ref(a) } else { a.items() });
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once('%') {
            format.value.text.push_str(before);
            rest = behind.get(1..).unwrap_or_default();
            match (behind.chars().next(), arguments.next()) {
                (Some('s' | 'd' | 'v' | 'q'), Some(argument)) => {
                    if !self.charge([argument, &*format]) {
                        return;
                    }
                    format.join(argument, most);
                }
                _ => format.value.text.push(UNKNOWN),
            }
        }
        format.value.text.push_str(rest);
        let whole = Datum::of(format.value.clone());
        format.url = whole.url.or_else(|| format.url.take());
    }
}

/// Texts with a separator between them; `None` where that is longer than `most`.
pub(super) fn joined(texts: &[&str], separator: &str, most: usize) -> Option<String> {
    let between = separator.len().saturating_mul(texts.len().saturating_sub(1));
    let bytes = texts.iter().map(|text| text.len()).fold(between, usize::saturating_add);
    (bytes <= most).then(|| texts.join(separator))
}

fn all_of_text(call: &Call) -> String {
    call.arguments.iter().map(|argument| argument.value.text.as_str()).collect::<Vec<_>>().join(" ")
}
