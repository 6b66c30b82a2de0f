//! Programs that gather the keys of several services and send to a fixed host, in whatever language they are written.
//!
//! Data flow ends where a language, a library or a second process is not followed. What stays is that one skill's programs
//! name the files of keys of several services below the home folder, read files, and send something to a host that is
//! written down in them. No service needs the keys of three others, so that no flow is needed to judge it.

use crate::{
    Limits,
    chain::{Chain, Fact, Rule, Step},
    code::Linked,
    host, judge, secret,
    value::UNKNOWN,
};
use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
};

/// A file of a skill.
#[derive(Debug, Clone, Copy)]
pub struct GatheredFile<'a> {
    /// Where it lies in the skill, with `/` between folders.
    pub path: &'a str,
    /// Its content.
    pub text: &'a str,
    /// Whether it is a program; others are data that programs may name.
    pub is_program: bool,
}

/// Services whose keys no program needs together.
const SERVICES: usize = 3;
/// Files that name keys, and files that send, which are looked at.
const MAX_FILES: usize = 200;
/// Lines around a call that sends in which its address stands.
const BEFORE: usize = 6;
const BEHIND: usize = 8;
/// Lines above a list of paths in which it is said what the list is for.
const TITLE: usize = 3;
/// Bytes of a line that are looked at: longer ones are bundles.
const MAX_LINE: usize = 2_000;
/// Bytes of an address.
const MAX_ADDRESS: usize = 300;
/// Bytes of a file that may bind the names of addresses.
const MAX_BINDING: usize = 1 << 18;
/// Budget of one skill: each file is read a few times, however many of them name keys or send.
pub const GATHERED_LIMITS: Limits = Limits {
    commands: 0,
    depth: 0,
    work: 256 << 20,
    exhausted: false,
    too_deep: false,
    value_bytes: 0,
};

/// What says that a file is below the home folder of the user.
const HOME: [&str; 8] =
    ["home", "~/", "userprofile", "appdata", "expanduser", "/users/", "/root/", "user_dir"];
/// What reads, copies or packs files.
const READING: [&str; 14] = [
    "read",
    "open(",
    "cat ",
    "copy",
    "cp ",
    "tar ",
    "zip",
    "get-content",
    "gc ",
    "get_contents",
    "slurp",
    ".add(",
    "load",
    "file(",
];
/// What sends data, in lower case.
const SENDING: [&str; 38] = [
    ".post(",
    "::post",
    "->post(",
    "'post'",
    "\"post\"",
    "`post`",
    ":post",
    "-x post",
    "-x put",
    "methodpost",
    "methodput",
    "-method post",
    "-method put",
    "'put'",
    "\"put\"",
    ".put(",
    "->put(",
    "http.post",
    "uploadstring",
    "uploadfile",
    "uploaddata",
    "uploadvalues",
    "postfields",
    "sendall(",
    ".send(",
    "sendmail",
    "send_message",
    " mail(",
    "@mail(",
    "git push",
    "| nc ",
    "|nc ",
    "ncat ",
    "postasync",
    "putasync",
    "sendto(",
    "storbinary",
    "scp ",
];
/// Options with which `curl` and `wget` send.
const OPTIONS: [&str; 8] =
    [" -d", " --data", " -F", " -T", " --upload-file", " --form", "--post-file", "--post-data"];
/// What a list of paths is for that keeps programs from them.
const KEEPING: [&str; 16] = [
    "deny",
    "denied",
    "block",
    "forbid",
    "refuse",
    "protect",
    "exclud",
    "ignore",
    "skip",
    "redact",
    "never",
    "not allowed",
    "disallow",
    "sensitive",
    "restrict",
    "guard",
];

/// A line of a program that says something, from 1.
struct Place {
    file: usize,
    line: u32,
}

/// The chains of programs that gather and send; each stands at the line that sends. What `limits.work` does not suffice
/// for is left out, and noted as exhausted.
#[must_use]
pub fn gathered(files: &[GatheredFile<'_>], limits: &mut Limits) -> Vec<Linked> {
    let mut sources: Vec<(usize, u32, BTreeSet<&'static str>)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        if !limits.pay(file.text.len()) {
            return Vec::new();
        }
        if let Some((line, services)) = named(file.text) {
            if sources.len() == MAX_FILES {
                limits.exhausted = true;
                break;
            }
            sources.push((at, line, services));
        }
    }
    let all: BTreeSet<_> = sources.iter().flat_map(|(_, _, services)| services).collect();
    if all.len() < SERVICES {
        return Vec::new();
    }
    let bound = bound_addresses(files, limits);
    let mut senders = Vec::new();
    for (at, file) in files.iter().enumerate().filter(|(_, file)| file.is_program) {
        if let Some((line, address)) = sends(file.text, &bound, limits) {
            if senders.len() == MAX_FILES {
                limits.exhausted = true;
                break;
            }
            senders.push((Place { file: at, line }, address));
        }
    }
    let targets = sources.iter().map(|(at, ..)| *at);
    let targets = targets.chain(senders.iter().map(|(place, _)| place.file)).collect();
    let names = Names::of(files, &targets, limits);
    let mut found = Vec::new();
    for (sender, address) in senders {
        let joined = |source: usize| names.join(files, sender.file, source);
        let of_sender: Vec<_> = sources.iter().filter(|(source, ..)| joined(*source)).collect();
        let services: BTreeSet<_> = of_sender.iter().flat_map(|(_, _, all)| all).collect();
        if services.len() >= SERVICES
            && let Some((first, line, _)) = of_sender.first()
        {
            let source = Place { file: *first, line: *line };
            found.push(chain(files, &source, &sender, &services, &address));
        }
    }
    found
}

fn chain(
    files: &[GatheredFile<'_>],
    source: &Place,
    sender: &Place,
    services: &BTreeSet<&&'static str>,
    address: &str,
) -> Linked {
    let names: Vec<_> = services.iter().take(4).map(|name| **name).collect();
    let mut what = format!("names the keys of {} services ({})", services.len(), names.join(", "));
    let crosses = source.file != sender.file;
    if crosses {
        let path = files.get(source.file).map(|file| file.path).unwrap_or_default();
        what = format!("{what} ({}, line {})", judge::shown(path), source.line);
    }
    let line = if crosses { sender.line } else { source.line };
    let gathers = Step { fact: Fact::ReadSecret, line, what };
    let what = format!("sends to {}", judge::shown_address(address));
    let sends = Step { fact: Fact::Send, line: sender.line, what };
    let measures = !crosses && files.get(sender.file).is_some_and(|file| only_measures(file.text));
    let rule = if measures { Rule::GatheredInDoubt } else { Rule::Gathered };
    let chain = Chain { rule, steps: vec![gathers, sends] };
    Linked { file: sender.file, chain, crosses }
}

/// Whether all that a program reads is only counted, searched or compared: neither a reading, nor a line that has the name
/// of what was read, hands its content on.
fn only_measures(text: &str) -> bool {
    const CONTENT: [&str; 9] =
        ["read", "open(", "cat ", "copy", "cp ", "tar", "zip", "get_contents", "get-content"];
    const MEASURES: [&str; 14] = [
        "len(",
        ".length",
        ".size",
        ".search(",
        ".match(",
        ".findall(",
        ".test(",
        ".includes(",
        ".scan(",
        ".count",
        "count(",
        "sha256(",
        "grep -c",
        "grep -q",
    ];
    let is_measuring = |line: &str| MEASURES.iter().any(|word| line.contains(word));
    let is_import = |line: &str| line.starts_with("import ") || line.starts_with("from ");
    let lines: Vec<_> = code_lines(text)
        .map(|(_, line)| line.trim().to_ascii_lowercase())
        .filter(|line| !is_import(line) && !line.contains("require("))
        .collect();
    let is_reading = |line: &str| CONTENT.iter().any(|word| line.contains(word));
    let mut bound = BTreeSet::new();
    let mut any = false;
    for line in lines.iter().filter(|line| is_reading(line)) {
        any = true;
        if is_measuring(line) {
            continue;
        }
        let Some(name) = read_into(line) else { return false };
        bound.insert(name);
    }
    let hands_on = |line: &String| {
        !is_reading(line) && !is_measuring(line) && words_of(line).any(|word| bound.contains(word))
    };
    any && !lines.iter().any(hands_on)
}

/// The name that a line binds to what it reads: `name = …`, `with … as name:`, `for name in …`.
fn read_into(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("for ") {
        return words_of(rest).next();
    }
    if line.starts_with("with ") {
        return words_of(line.rsplit_once(" as ")?.1).next();
    }
    let (before, behind) = line.split_once('=')?;
    let is_name =
        !behind.starts_with('=') && before.chars().all(|c| is_part(c) || c == ' ' || c == '$');
    words_of(before).last().filter(|_| is_name)
}

fn words_of(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c| !is_part(c)).filter(|word| !word.is_empty())
}

/// The first line that names keys, and the services whose keys a text names, where it reads below the home folder.
fn named(text: &str) -> Option<(u32, BTreeSet<&'static str>)> {
    if !secret::may_name(text) {
        return None;
    }
    let mut first = None;
    let mut services = BTreeSet::new();
    let mut titles: Vec<bool> = Vec::new();
    let mut keeping = false;
    for (at, line) in code_lines(text) {
        let lower = line.to_ascii_lowercase();
        // What a comment says keeps nobody from a file.
        let code = lower.split(" #").next().unwrap_or_default();
        let code = code.split(" //").next().unwrap_or_default();
        titles.push(KEEPING.iter().any(|word| code.contains(word)));
        let here = secret::services(&line);
        if here.is_empty() || only_handles(code) {
            keeping = false;
            continue;
        }
        // A list goes on as it begins.
        keeping |= titles.iter().rev().take(TITLE + 1).any(|is_title| *is_title);
        if keeping {
            continue;
        }
        first = first.or(Some(at));
        services.extend(here);
    }
    Some((first?, services))
}

/// Whether a line gives a path to somebody, looks for it or sets its rights, and reads nothing of it.
fn only_handles(line: &str) -> bool {
    const HANDLING: [&str; 14] = [
        " -v ", "--volume", "--mount", "chmod", "chown", "exist", "[ -f", "[ -d", "[ -e", "test -",
        ".stat(", "is_file(", "isfile(", "isdir(",
    ];
    HANDLING.iter().any(|word| line.contains(word))
        && !READING.iter().any(|word| line.contains(word))
}

/// Which files name which others, and which of them read below the home folder.
struct Names {
    /// The files that name a file, by its place.
    of: BTreeMap<usize, BTreeSet<usize>>,
    readers: BTreeSet<usize>,
}

impl Names {
    /// Reads each file once and looks for the names of all `targets`.
    fn of(files: &[GatheredFile<'_>], targets: &BTreeSet<usize>, limits: &mut Limits) -> Self {
        // By the first word of a name: the whole names that begin with it, and the files that have them.
        let mut stems: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for at in targets {
            let stem = files.get(*at).map(|file| stem(file.path)).unwrap_or_default();
            let word = stem.split(|c| !is_part(c)).find(|word| !word.is_empty());
            if let Some(word) = word.filter(|_| stem.len() >= 3) {
                stems.entry(word).or_default().entry(stem).or_default().push(*at);
            }
        }
        let mut names = Self { of: BTreeMap::new(), readers: BTreeSet::new() };
        for (at, file) in files.iter().enumerate() {
            if !limits.pay(file.text.len().saturating_mul(2)) {
                break;
            }
            if file.is_program && reads(file.text) {
                names.readers.insert(at);
            }
            if file.path.len() > MAX_LINE {
                continue;
            }
            for target in named_in(file.text, &stems, limits) {
                let other = files.get(target).map(|other| other.path).unwrap_or_default();
                if target != at && near(file.path, other) {
                    names.of.entry(target).or_default().insert(at);
                }
            }
        }
        names
    }

    /// Whether what one file names another may send: they are one, one names the other, or a third names both.
    fn join(&self, files: &[GatheredFile<'_>], sender: usize, source: usize) -> bool {
        if sender == source {
            return self.readers.contains(&sender);
        }
        let none = BTreeSet::new();
        let of_sender = self.of.get(&sender).unwrap_or(&none);
        let of_source = self.of.get(&source).unwrap_or(&none);
        let is_joined = of_source.contains(&sender)
            || of_sender.contains(&source)
            || !of_sender.is_disjoint(of_source);
        let is_program = files.get(source).is_some_and(|file| file.is_program);
        let is_reader = is_program && self.readers.contains(&source);
        is_joined && (is_reader || !of_source.is_disjoint(&self.readers))
    }
}

/// Whether a text reads below the home folder.
fn reads(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    HOME.iter().any(|word| text.contains(word)) && READING.iter().any(|word| text.contains(word))
}

/// The name by which other files name one: without its extension, or the folder of one that stands for its folder.
fn stem(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    match stem {
        "__init__" | "index" | "mod" | "main" => folder.rsplit('/').next().unwrap_or(stem),
        _ => stem,
    }
}

/// Whether two files lie in one tree of folders.
fn near(path: &str, other: &str) -> bool {
    match (path.split_once('/'), other.split_once('/')) {
        (Some((one, _)), Some((two, _))) => one == two || path.matches('/').count() < 3,
        _ => true,
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The files whose names stand in a text as whole words.
fn named_in(
    text: &str,
    stems: &BTreeMap<&str, BTreeMap<&str, Vec<usize>>>,
    limits: &mut Limits,
) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut at = 0_usize;
    for piece in text.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        for (stem, targets) in stems.get(word).into_iter().flatten() {
            if !limits.pay(stem.len()) {
                return found;
            }
            // A name may begin with a mark, such as a point.
            let begin = at.checked_sub(stem.find(is_part).unwrap_or(0));
            let here = begin.and_then(|begin| text.get(begin..)?.strip_prefix(stem));
            if here.is_some_and(|behind| !behind.starts_with(is_part)) && seen.insert(*stem) {
                found.extend(targets);
            }
        }
        at += piece.len();
    }
    found
}

/// The addresses that lines of all files bind to names.
fn bound_addresses(files: &[GatheredFile<'_>], limits: &mut Limits) -> BTreeMap<String, String> {
    let mut bound = BTreeMap::new();
    for file in files.iter().filter(|file| file.text.len() < MAX_BINDING) {
        if !limits.pay(file.text.len()) {
            break;
        }
        for (_, line) in code_lines(file.text) {
            let before = line.split_once("://").or_else(|| line.split_once('.'));
            if let Some(name) = before.and_then(|(before, _)| bound_name(before))
                && !bound.contains_key(name)
                && let Some(address) = address(&line)
            {
                bound.insert(name.to_owned(), address);
            }
        }
    }
    bound
}

/// The line of a program that sends to a fixed host, and the host's address.
fn sends(
    text: &str,
    bound: &BTreeMap<String, String>,
    limits: &mut Limits,
) -> Option<(u32, String)> {
    if !limits.pay(text.len()) {
        return None;
    }
    let lines: Vec<_> = code_lines(text).collect();
    let is_sending = |line: &str| {
        let lower = format!(" {}", line.to_ascii_lowercase());
        let by_option = (lower.contains("curl") || lower.contains("wget"))
            && OPTIONS.iter().any(|option| line.contains(option));
        by_option || SENDING.iter().any(|word| lower.contains(word))
    };
    // Calls that stand near each other look at the same lines: each of them is read once.
    let written: Vec<OnceCell<_>> = lines.iter().map(|_| OnceCell::new()).collect();
    let named: Vec<OnceCell<_>> = lines.iter().map(|_| OnceCell::new()).collect();
    for (at, (number, line)) in lines.iter().enumerate() {
        if !is_sending(line) {
            continue;
        }
        let around = || at.saturating_sub(BEFORE)..(at + BEHIND).min(lines.len());
        let own = |at: usize| {
            let line = &lines.get(at)?.1;
            written.get(at)?.get_or_init(|| address(line)).as_ref()
        };
        let by_name = |at: usize| {
            let line = &lines.get(at)?.1;
            *named.get(at)?.get_or_init(|| words(line).find_map(|word| bound.get(word)))
        };
        if let Some(address) = around().find_map(own).or_else(|| around().find_map(by_name)) {
            return Some((*number, address.clone()));
        }
    }
    None
}

/// The name that a line gives to what it begins: `NAME = '…`, `name: "…`, `"name": "…`.
fn bound_name(before: &str) -> Option<&str> {
    let at = before.find(['=', ':'])?;
    let name = words(before.get(..at)?).last()?;
    (name.len() > 2).then_some(name)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| word.len() > 2)
}

/// The address of a fixed host that a line writes out.
fn address(line: &str) -> Option<String> {
    const SCHEMES: [&str; 5] = ["https://", "http://", "wss://", "ws://", "ftp://"];
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ')' | '>' | ',' | ';');
    let is_known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    for scheme in SCHEMES {
        for (at, _) in line.match_indices(scheme) {
            let rest = line.get(at + scheme.len()..)?;
            let rest = rest.get(..rest.floor_char_boundary(MAX_ADDRESS))?;
            let whole = rest.split(ends).next().unwrap_or_default();
            let host = whole.split(['/', '?', '#']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or(host);
            let is_fixed = host.chars().all(is_known) && host::of(host, UNKNOWN).is_fixed();
            if is_fixed && !host.ends_with("w3.org") && !host.contains("schema") {
                return Some(format!("{scheme}{whole}"));
            }
        }
    }
    // A host by itself, where the line says that it is one, or a mailbox.
    let lower = line.to_ascii_lowercase();
    let says = ["host", "conn", "dial", "addr", "mail(", "smtp"].iter().any(|w| lower.contains(w));
    let quoted = line.split(['"', '\'', '`']).skip(1).step_by(2).filter(|_| says);
    quoted.map(|text| text.rsplit('@').next().unwrap_or(text)).find_map(|text| {
        let name = text.split(':').next().unwrap_or(text);
        let end = name.rsplit('.').next().unwrap_or_default();
        let is_name = name.contains('.')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
            && (end.len() > 3 && end.chars().all(|c| c.is_ascii_lowercase())
                || name.chars().all(|c| c.is_ascii_digit() || c == '.'));
        (is_name && host::of(text, UNKNOWN).is_fixed()).then(|| text.to_owned())
    })
}

/// The lines of a text that are no comments, with their numbers from 1; a literal in three quotes of several lines is none.
fn code_lines(text: &str) -> impl Iterator<Item = (u32, String)> {
    let mut inside = false;
    (1u32..).zip(text.lines()).filter_map(move |(number, line)| {
        let marks = line.matches("\"\"\"").count() + line.matches("'''").count();
        let was_inside = inside;
        inside ^= marks % 2 == 1;
        let trimmed = line.trim_start();
        let comment = ["#", "//", "* ", "/*", "--", "REM ", "rem "];
        let skips = was_inside
            || trimmed.is_empty()
            || line.len() > MAX_LINE
            || comment.iter().any(|mark| trimmed.starts_with(mark));
        (!skips).then(|| (number, line.to_owned()))
    })
}

#[cfg(test)]
mod tests;
