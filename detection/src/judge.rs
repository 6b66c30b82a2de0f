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
            Source::Shell | Source::Obeyed => Rule::ReverseShell,
            Source::Variable if host.is_nameless() || host::is_inbox(&address.text) => {
                Rule::VariableSent
            }
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

/// The chains of commands that are read from a socket which leads to a host with a name: no web server answers there.
pub(crate) fn commanded(value: &Value, line: u32, with: &str) -> Vec<Chain> {
    let named = |origin: &&Origin| matches!(origin.source, Source::Received(Host::Named));
    let chain = |origin: &Origin| {
        let what = format!("runs it with {}", shown(with));
        let steps = vec![origin.step.clone(), Step { fact: Fact::Run, line, what }];
        Chain { rule: Rule::ReverseShell, steps }
    };
    value.origins.iter().filter(named).map(chain).collect()
}

/// The word that says which program runs, or which text a shell or an interpreter runs, where that is wholly data that
/// is not known: `DATA -x`, `sh -c DATA`. Data that is an argument of a known program is no command.
pub(crate) fn command_word<'a>(words: &[&'a Value]) -> Option<&'a Value> {
    let data = |text: &str| {
        let text = text.trim_matches(['"', '\'']);
        !text.is_empty() && text.chars().all(|c| c == UNKNOWN)
    };
    let option =
        |text: &str| text.starts_with(['-', '+']) || text.starts_with('/') && text.len() == 2;
    let mut starting = true;
    for word in words {
        for text in parted(&word.text) {
            if matches!(text, ";" | "&" | "|" | "\n") {
                starting = true;
            } else if starting && data(text) {
                return Some(word);
            } else if !option(text) && !is_starter(text) {
                starting = false;
            }
        }
    }
    None
}

/// The words of a shell text and the marks between its commands.
fn parted(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive([' ', '\t', ';', '&', '|', '\n']).flat_map(|part| {
        let (word, mark) = match part.char_indices().next_back() {
            Some((at, ' ' | '\t' | ';' | '&' | '|' | '\n')) => part.split_at(at),
            _ => (part, ""),
        };
        [word, mark.trim_matches([' ', '\t'])].into_iter().filter(|part| !part.is_empty())
    })
}

/// Whether a word names a program that runs what stands behind it.
fn is_starter(word: &str) -> bool {
    const STARTERS: [&str; 27] = [
        "sh",
        "bash",
        "zsh",
        "dash",
        "ksh",
        "ash",
        "fish",
        "cmd",
        "powershell",
        "pwsh",
        "python",
        "python3",
        "node",
        "perl",
        "ruby",
        "php",
        "sudo",
        "doas",
        "env",
        "nohup",
        "exec",
        "eval",
        "setsid",
        "nice",
        "busybox",
        "time",
        "timeout",
    ];
    let word = word.trim_matches(['"', '\'']);
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    STARTERS.contains(&name.strip_suffix(".exe").unwrap_or(&name))
}

/// The chains of data of a host with a name that is run where nobody sees it.
pub(crate) fn concealed(value: &Value, line: u32, with: &str) -> Vec<Chain> {
    let named = |origin: &&Origin| matches!(origin.source, Source::Fetched(Host::Named));
    let chain = |origin: &Origin| {
        let what = format!("runs it unseen with {}", shown(with));
        let steps = vec![origin.step.clone(), Step { fact: Fact::Run, line, what }];
        Chain { rule: Rule::ConcealedFetchRun, steps }
    };
    value.origins.iter().filter(named).map(chain).collect()
}

/// The chains of keys that may log in.
pub(crate) fn let_in(value: &Value, line: u32) -> Vec<Chain> {
    let nameless =
        |origin: &&Origin| matches!(&origin.source, Source::Fetched(host) if host.is_nameless());
    let chain = |origin: &Origin| {
        let what = "lets its keys log in".to_owned();
        let steps = vec![origin.step.clone(), Step { fact: Fact::Connect, line, what }];
        Chain { rule: Rule::FetchedKeys, steps }
    };
    value.origins.iter().filter(nameless).map(chain).collect()
}

/// The chain of a page that runs what visitors send, and that is put among those of a site or is hidden.
pub(crate) fn web_shell(path: &str, text: &str, line: u32) -> Option<Chain> {
    const RUNNING: [&str; 9] = [
        "system(",
        "exec(",
        "passthru(",
        "popen(",
        "eval(",
        "assert(",
        "proc_open(",
        "Process.Start(",
        ".exec(",
    ];
    const SENT: [&str; 8] = [
        "$_GET",
        "$_POST",
        "$_REQUEST",
        "$_COOKIE",
        "$_SERVER",
        "request.getParameter",
        "Request[",
        "Request.",
    ];
    const SITES: [&str; 8] = [
        "uploads",
        "wp-content",
        "/var/www",
        "public_html",
        "htdocs",
        "wwwroot",
        "webapps",
        "/srv/http",
    ];
    let name = path.rsplit(['/', UNKNOWN]).next().unwrap_or(path);
    let is_page =
        [".php", ".phtml", ".jsp", ".aspx", ".ashx"].iter().any(|end| name.ends_with(end));
    let placed = name.starts_with('.') || SITES.iter().any(|site| path.contains(site));
    // Bytes of a call that are looked at, and calls: a longer text is cut, so that the work is bounded.
    const CALL: usize = 400;
    const CALLS: usize = 64;
    let runs = |call: &str| {
        text.match_indices(call).take(CALLS).any(|(at, _)| {
            // `WP_Filesystem(` and `$db->exec(` are no calls of a shell.
            let before = text.get(..at).unwrap_or_default();
            let is_other = before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
                || before.ends_with("->")
                || before.ends_with("::");
            let is_own = call.starts_with('.') || before.ends_with("shell_");
            let rest = text.get(at + call.len()..).unwrap_or_default();
            let rest = rest.get(..rest.floor_char_boundary(CALL)).unwrap_or(rest);
            let inside = rest.split([';', '{']).next().unwrap_or(rest);
            (is_own || !is_other) && SENT.iter().any(|sent| inside.contains(sent))
        })
    };
    (is_page && placed && RUNNING.iter().any(|call| runs(call))).then(|| {
        let what = format!("writes a page that runs what visitors send: {}", shown(name));
        let steps = vec![Step { fact: Fact::Connect, line, what }];
        Chain { rule: Rule::WebShell, steps }
    })
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
