//! What small programs print, as far as it can be known.

use crate::{
    decode,
    host::Host,
    value::{Source, UNKNOWN, Value},
};

/// Options of curl that take a value (curl 8, `curl --help all`).
pub(super) const CURL: &[&str] = &[
    "o",
    "output",
    "x",
    "proxy",
    "preproxy",
    "socks4",
    "socks4a",
    "socks5",
    "socks5-hostname",
    "H",
    "header",
    "A",
    "user-agent",
    "e",
    "referer",
    "u",
    "user",
    "d",
    "data",
    "data-raw",
    "data-ascii",
    "data-binary",
    "data-urlencode",
    "json",
    "F",
    "form",
    "form-string",
    "T",
    "upload-file",
    "X",
    "request",
    "b",
    "cookie",
    "c",
    "cookie-jar",
    "m",
    "max-time",
    "connect-timeout",
    "retry",
    "retry-delay",
    "retry-max-time",
    "w",
    "write-out",
    "resolve",
    "connect-to",
    "cacert",
    "capath",
    "cert",
    "E",
    "key",
    "K",
    "config",
    "url",
    "r",
    "range",
    "C",
    "continue-at",
    "D",
    "dump-header",
    "y",
    "Y",
    "z",
    "time-cond",
    "t",
    "Q",
    "quote",
    "P",
    "ftp-port",
    "limit-rate",
    "max-filesize",
    "max-redirs",
    "interface",
    "proto",
    "proto-redir",
    "proto-default",
    "ciphers",
    "tls-max",
    "doh-url",
    "noproxy",
    "output-dir",
    "stderr",
    "trace",
];
/// Those of them whose value is sent.
pub(super) const CURL_DATA: &[&str] = &[
    "d",
    "data",
    "data-raw",
    "data-ascii",
    "data-binary",
    "data-urlencode",
    "json",
    "F",
    "form",
    "form-string",
    "T",
    "upload-file",
    "H",
    "header",
    "u",
    "user",
    "A",
    "user-agent",
    "b",
    "cookie",
    "e",
    "referer",
];
/// Those whose value is a file that is sent.
pub(super) const UPLOADS: &[&str] = &["T", "upload-file", "post-file", "body-file", "InFile"];
/// Those in which a program names itself to the service that it speaks to.
pub(super) const CREDENTIALS: &[&str] = &["H", "header", "u", "user", "b", "cookie", "password"];
/// Options of wget and of PowerShell's commands that take a value.
pub(super) const WGET: &[&str] = &[
    "Uri",
    "OutFile",
    "InFile",
    "Body",
    "Headers",
    "Method",
    "O",
    "output-document",
    "o",
    "output-file",
    "a",
    "append-output",
    "P",
    "directory-prefix",
    "post-file",
    "post-data",
    "body-file",
    "body-data",
    "header",
    "user",
    "password",
    "U",
    "user-agent",
    "e",
    "execute",
    "t",
    "tries",
    "T",
    "timeout",
    "w",
    "wait",
    "Q",
    "quota",
    "referer",
    "load-cookies",
    "method",
    "i",
    "input-file",
];
/// Those of them whose value is sent.
pub(super) const WGET_DATA: &[&str] = &[
    "InFile",
    "Body",
    "post-file",
    "post-data",
    "body-file",
    "body-data",
    "header",
    "user",
    "password",
    "U",
    "user-agent",
];

/// Bytes that a command prints of its own words.
pub(super) const MAX_PRINTED: usize = 65_536;

/// `echo`: its words, and with `-e` their escapes.
pub(super) fn echo(words: &[Value]) -> Value {
    let is_option = |word: &&Value| {
        word.text.strip_prefix('-').is_some_and(|letters| {
            !letters.is_empty() && letters.chars().all(|c| matches!(c, 'n' | 'e' | 'E'))
        })
    };
    let options: Vec<_> = words.iter().take_while(is_option).collect();
    let mut all = Value::default();
    for (at, word) in words.iter().skip(options.len()).enumerate() {
        if at > 0 {
            all.text.push(' ');
        }
        all.append(word, MAX_PRINTED);
    }
    if options.iter().any(|word| word.text.contains('e')) {
        all.text = decode::escapes(&all.text);
    }
    all.text.push('\n');
    all
}

/// `printf FORMAT WORDS…`: the format's `%s`, `%b` and `%d` are the words.
pub(super) fn printf(words: &[Value]) -> Value {
    let words: &[Value] = match words {
        [first, rest @ ..] if first.text == "--" => rest,
        words => words,
    };
    let Some((format, arguments)) = words.split_first() else { return Value::default() };
    let mut all = format.with_text(String::new());
    let text = decode::escapes(&format.text);
    let mut arguments = arguments.iter();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            all.text.push(c);
            continue;
        }
        let is_flag = |c: &char| c.is_ascii_digit() || "-+ #.".contains(*c);
        while chars.next_if(is_flag).is_some() {}
        match chars.next() {
            Some('%') => all.text.push('%'),
            Some('b') => {
                if let Some(word) = arguments.next() {
                    let text = decode::escapes(&word.text);
                    all.append(&word.with_text(text), MAX_PRINTED);
                }
            }
            _ => {
                if let Some(word) = arguments.next() {
                    all.append(word, MAX_PRINTED);
                }
            }
        }
    }
    for word in arguments {
        all.append(word, MAX_PRINTED);
    }
    all
}

/// What a program makes of data that it reads.
pub(super) fn transformed(name: &str, words: &[Value], data: &Value, line: u32) -> Value {
    let has = |options: &[&str]| words.iter().any(|word| options.contains(&word.text.as_str()));
    let short = |letter: char| {
        words.iter().any(|word| {
            word.text
                .strip_prefix('-')
                .is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter))
        })
    };
    match name {
        "cat" | "sort" | "uniq" | "tac" => data.clone(),
        "base64" if short('d') || short('D') || has(&["--decode"]) => {
            decoded(data, decode::base64(&data.text), line)
        }
        "xxd" if short('r') => decoded(data, decode::hexadecimal(&data.text), line),
        "openssl" if has(&["-d"]) => {
            let plain = has(&["base64", "-base64", "-a", "-A"]);
            decoded(data, decode::base64(&data.text).filter(|_| plain), line)
        }
        "tr" => translated(words, data, line),
        "rev" => reversed(data, line),
        "jq" => {
            let mut field = data.changed();
            one_field(&mut field);
            let filter = filter_of_jq(words);
            // Names are no secrets, and one field is one variable. Whatever else a filter does may keep all.
            if NAMES_ALONE.contains(&filter) {
                field.origins.clear();
            } else if is_one_field(filter) {
                field.origins.retain(|origin| origin.source != Source::Environment);
            }
            field
        }
        _ => data.changed(),
    }
}

/// Filters of jq that give the names of fields, or how many there are.
const NAMES_ALONE: [&str; 5] = ["keys", "keys[]", "keys_unsorted", "keys_unsorted[]", "length"];

/// The filter among the words of jq: the first that is neither an option nor the value of one.
fn filter_of_jq(words: &[Value]) -> &str {
    let mut words = words.iter().map(|word| word.text.trim());
    while let Some(word) = words.next() {
        let values = match word {
            "--arg" | "--argjson" | "--slurpfile" | "--rawfile" => 2,
            "--indent" | "-L" => 1,
            word if word.starts_with('-') => 0,
            word => return word,
        };
        for _ in 0..values {
            words.next();
        }
    }
    "."
}

/// Whether a filter of jq is a path to one field: `.TOKEN`, `.a.b`.
fn is_one_field(filter: &str) -> bool {
    filter.strip_prefix('.').is_some_and(|path| {
        path.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
    })
}

/// A part that is picked out of a file of secrets is a token, which a program may send to whoever gave it.
pub(super) fn one_field(data: &mut Value) {
    for origin in &mut data.origins {
        if origin.source == Source::Secret {
            origin.source = Source::Token;
        }
    }
}

/// Data behind a decoder. What was a literal is one that hides; shorter ones hide nothing.
fn decoded(data: &Value, text: Option<String>, line: u32) -> Value {
    const HIDING: usize = 16;
    let mut value = data.changed();
    for origin in &mut value.origins {
        if let Source::Fetched(host) = &origin.source
            && *host != Host::Encoded
        {
            origin.source = Source::FetchedDecoded(host.clone());
            origin.step.what.push_str(" and decodes it");
        }
    }
    if data.is_literal() && data.text.trim().len() >= HIDING {
        let what = format!("decodes a text of {} characters", data.text.trim().chars().count());
        let step = crate::Step { fact: crate::Fact::Decode, line, what };
        value.origins.push(crate::value::Origin { source: Source::Decoded, step });
    }
    if let Some(text) = text {
        value.text = text;
    }
    value
}

/// `rev`: a command that is written from its end hides. Who turns a path round, picks a part and turns it back hides
/// nothing.
fn reversed(data: &Value, line: u32) -> Value {
    if data.is_literal() {
        let lines: Vec<String> =
            data.text.lines().map(|line| line.chars().rev().collect()).collect();
        let mut text = lines.join("\n");
        text.push('\n');
        if data.text.trim().contains(char::is_whitespace) {
            return decoded(data, Some(text), line);
        }
        return data.with_text(text);
    }
    let mut value = data.changed();
    value.origins.retain(|origin| origin.source != Source::Decoded);
    value
}

/// `tr` as rot13, as an eraser, and as an exchange of single characters; another translation is not followed.
fn translated(words: &[Value], data: &Value, line: u32) -> Value {
    let mut sets =
        words.iter().map(|word| word.text.as_str()).filter(|text| !text.starts_with('-'));
    let (first, second) = (sets.next().unwrap_or_default(), sets.next().unwrap_or_default());
    if second.to_ascii_lowercase().starts_with("n-z") {
        return decoded(data, Some(decode::rot13(&data.text)), line);
    }
    let erases = words.iter().any(|word| word.text == "-d" || word.text == "-cd");
    if erases && second.is_empty() && !first.contains(['[', UNKNOWN]) && data.is_literal() {
        let set = decode::escapes(first);
        let text: String = data.text.chars().filter(|c| !set.contains(*c)).collect();
        return data.with_text(text);
    }
    let single = |set: &str| {
        let mut chars = set.chars();
        chars.next().filter(|c| *c != UNKNOWN && chars.next().is_none())
    };
    let exchanged = single(&decode::escapes(first)).zip(single(&decode::escapes(second)));
    if let Some((from, to)) = exchanged.filter(|_| data.is_literal()) {
        let to = to.to_string();
        return data.with_text(data.text.replace(from, &to));
    }
    data.changed()
}

/// The archive that `tar` or `zip` writes; `None` for standard output.
pub(super) fn archive(name: &str, words: &[Value]) -> Option<Value> {
    if name == "zip" {
        let file = words.iter().find(|word| !word.text.starts_with('-'))?;
        return Some(file.clone());
    }
    let at = words.iter().position(|word| {
        let letters = word.text.strip_prefix('-').unwrap_or(&word.text);
        letters == "-file"
            || letters.ends_with('f') && letters.contains('c') && !letters.contains('/')
    })?;
    words.get(at + 1).filter(|file| file.text != "-").cloned()
}

/// Whether a mode of `chmod` adds the right to execute.
pub(super) fn makes_executable(mode: &str) -> bool {
    let numeric = mode.trim_start_matches('0');
    let octal = numeric.len() == 3 && numeric.bytes().all(|b| b.is_ascii_digit());
    octal && numeric.starts_with('7') || mode.contains('+') && mode.contains('x')
}

/// Whether a word of `tar` tells it to unpack.
pub(super) fn extracts(word: &Value) -> bool {
    let letters = word.text.strip_prefix('-').unwrap_or(&word.text);
    word.text == "--extract"
        || letters.starts_with('x')
        || letters != word.text && !letters.starts_with('-') && letters.contains('x')
}
