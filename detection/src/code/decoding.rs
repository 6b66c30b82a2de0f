//! What decoders make of data.

use super::{
    data::{Datum, Kind, Shared},
    flow::Flow,
    names::Encoding,
};
use crate::{
    chain::{Fact, Step},
    decode,
    host::Host,
    value::{Origin, Source, Value},
};

/// Characters that an encoded text has at least: shorter ones hide nothing.
const HIDING: usize = 16;

impl Flow {
    /// Data behind a decoder.
    pub(super) fn decoded(&mut self, data: &Shared, encoding: Encoding, line: u32) -> Shared {
        let known = &data.value;
        if !self.charge(known.text.len() * 4) {
            return Datum::unknown();
        }
        let text = match encoding {
            Encoding::Base64 => decode::base64(&known.text),
            Encoding::Hexadecimal => decode::hexadecimal(&known.text),
            Encoding::Rot13 => Some(decode::rot13(&known.text)),
            Encoding::Url => Some(percent(&known.text)),
            Encoding::Other | Encoding::Compressed => None,
        };
        let mut value = known.changed();
        // Compression hides nothing that is fetched, and escapes of URLs hide little.
        if !matches!(encoding, Encoding::Compressed | Encoding::Url) {
            for origin in &mut value.origins {
                if let Source::Fetched(host) = &origin.source
                    && *host != Host::Encoded
                {
                    origin.source = Source::FetchedDecoded(host.clone());
                    origin.step.what.push_str(" and decodes it");
                }
            }
        }
        let hides =
            encoding != Encoding::Url || known.text.matches('%').count() * 6 > known.text.len();
        if known.is_literal() && known.text.trim().len() >= HIDING && hides {
            value.origins.push(hidden(known.text.trim().chars().count(), line));
        }
        if let Some(text) = text {
            value.text = text;
        }
        Datum::plain(value)
    }

    /// A text that is written as the numbers of its characters.
    pub(super) fn spelled(&self, text: String, line: u32) -> Shared {
        let mut value = Value::literal(text);
        let length = value.text.chars().count();
        if length >= HIDING {
            value.origins.push(hidden(length, line));
        }
        Datum::plain(value)
    }

    /// Data that is decoded where `encoding` names how: `Buffer.from(data, 'base64')`, `data.decode('hex')`.
    pub(super) fn decoded_as(&mut self, data: &Shared, encoding: &Shared, line: u32) -> Shared {
        let name = encoding.value.text.to_ascii_lowercase().replace(['-', '_'], "");
        let encoding = match name.as_str() {
            "base64" | "base64url" => Encoding::Base64,
            "hex" => Encoding::Hexadecimal,
            "rot13" => Encoding::Rot13,
            "zlib" | "zip" | "bz2" => Encoding::Compressed,
            _ => {
                return match &data.kind {
                    Kind::List(items)
                        if items.iter().all(|item| matches!(item.kind, Kind::Number(_)))
                            && !items.is_empty() =>
                    {
                        let arguments = super::arguments::Arguments {
                            items: items.clone(),
                            named: Vec::new(),
                            line,
                        };
                        self.characters(&arguments)
                    }
                    _ => Datum::plain(data.value.clone()),
                };
            }
        };
        self.decoded(data, encoding, line)
    }
}

fn hidden(length: usize, line: u32) -> Origin {
    let what = format!("decodes a text of {length} characters");
    Origin { source: Source::Decoded, step: Step { fact: Fact::Decode, line, what } }
}

/// Decodes `%41` and `+`.
fn percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = behind.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = behind;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}
