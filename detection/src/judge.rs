//! Which rule two facts fulfil when data ties them: the same for each language.

use crate::{
    chain::{Chain, Fact, Rule, Step},
    host::{self, Host},
    value::{Origin, Source, UNKNOWN, Value},
};

/// The chains of data that leaves for an address.
pub(crate) fn sent(value: &Value, address: &Value, line: u32) -> Vec<Chain> {
    let host = host::of(&address.text, UNKNOWN);
    if !host.is_fixed() {
        return Vec::new();
    }
    let chain = |origin: &Origin| {
        let rule = match origin.source {
            Source::Secret | Source::Token => Rule::SecretSent,
            Source::Environment => Rule::EnvironmentSent,
            Source::Shell => Rule::ReverseShell,
            Source::Variable if host.is_nameless() => Rule::VariableSent,
            Source::Fetched(_)
            | Source::FetchedDecoded(_)
            | Source::Decoded
            | Source::Received(_)
            | Source::Variable => return None,
        };
        let what = format!("sends it to {}", shown_address(&address.text));
        Some(Chain {
            rule,
            steps: vec![origin.step.clone(), Step { fact: Fact::Send, line, what }],
        })
    };
    value.origins.iter().filter_map(chain).collect()
}

/// The chains of data that is run. `unasked`: by something that starts by itself, and that has asked nobody.
pub(crate) fn run(value: &Value, unasked: bool, line: u32, with: &str) -> Vec<Chain> {
    let chain = |origin: &Origin| {
        let rule = match &origin.source {
            Source::FetchedDecoded(host) if host.is_fixed() => Rule::FetchDecodeRun,
            Source::Fetched(host) | Source::Received(host) if host.is_nameless() => Rule::FetchRun,
            Source::Fetched(Host::Named | Host::Encoded) if unasked => Rule::AutomaticFetchRun,
            Source::Decoded => Rule::DecodeRun,
            _ => return None,
        };
        let what = format!("runs it with {}", shown(with));
        Some(Chain { rule, steps: vec![origin.step.clone(), Step { fact: Fact::Run, line, what }] })
    };
    value.origins.iter().filter_map(chain).collect()
}

/// The chain of a shell whose input and output are the socket of `address`.
pub(crate) fn tied(program: &str, address: &Value, line: u32) -> Option<Chain> {
    host::of(&address.text, UNKNOWN).is_fixed().then(|| {
        let what = format!("starts {}", shown(program));
        let starts = Step { fact: Fact::Run, line, what };
        let what = format!("ties it to {}", shown_address(&address.text));
        let ties = Step { fact: Fact::Connect, line, what };
        Chain { rule: Rule::ReverseShell, steps: vec![starts, ties] }
    })
}

/// An address for a step: scheme, host and port. Its path and its credentials may be secrets of somebody.
pub(crate) fn shown_address(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), address),
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let more = if path.len() > 1 { "/…" } else { path };
    shown(&format!("{scheme}{host}{more}"))
}

/// A text for a step: short, and with a mark for what is not known.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let text: String = text.chars().map(|c| if c == UNKNOWN { '…' } else { c }).collect();
    let short: String = text.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if text.chars().count() > MOST { short + "…" } else { short }
}
