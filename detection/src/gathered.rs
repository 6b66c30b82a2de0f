//! Programs that gather the keys of several services and send to a fixed host, in whatever language they are written.
//!
//! Data flow ends where a language, a library or a second process is not followed. What stays is that one skill's programs
//! name the files of keys of several services below the home folder, read files, and send something to a host that is
//! written down in them. No service needs the keys of three others, so that no flow is needed to judge it.

use crate::{
    chain::{Chain, Fact, Rule, Step},
    code::Linked,
    host, judge, secret,
    value::UNKNOWN,
};
use std::collections::BTreeSet;

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

/// The chains of programs that gather and send; each stands at the line that sends.
#[must_use]
pub fn gathered(files: &[GatheredFile<'_>]) -> Vec<Linked> {
    let mut sources: Vec<(usize, u32, BTreeSet<&'static str>)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        if sources.len() < MAX_FILES
            && let Some((line, services)) = named(file.text)
        {
            sources.push((at, line, services));
        }
    }
    let all: BTreeSet<_> = sources.iter().flat_map(|(_, _, services)| services).collect();
    if all.len() < SERVICES {
        return Vec::new();
    }
    let mut found = Vec::new();
    let senders = files.iter().enumerate().filter(|(_, file)| file.is_program);
    for (sender, file) in senders.take(MAX_FILES) {
        let of_sender: Vec<_> =
            sources.iter().filter(|(source, ..)| joined(files, sender, *source)).collect();
        let services: BTreeSet<_> = of_sender.iter().flat_map(|(_, _, all)| all).collect();
        let Some((first, line, _)) = of_sender.first().filter(|_| services.len() >= SERVICES)
        else {
            continue;
        };
        if let Some((at, address)) = sends(files, file.text) {
            let source = Place { file: *first, line: *line };
            found.push(chain(
                files,
                &source,
                &Place { file: sender, line: at },
                &services,
                &address,
            ));
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
    let chain = Chain { rule: Rule::Gathered, steps: vec![gathers, sends] };
    Linked { file: sender.file, chain, crosses }
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
        titles.push(KEEPING.iter().any(|word| lower.contains(word)));
        let here = secret::services(&line);
        if here.is_empty() {
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

/// Whether what one file names another may send: they are one, one names the other, or a third names both.
fn joined(files: &[GatheredFile<'_>], sender: usize, source: usize) -> bool {
    let (Some(one), Some(other)) = (files.get(sender), files.get(source)) else { return false };
    let reads = |file: &GatheredFile<'_>| {
        let text = file.text.to_ascii_lowercase();
        HOME.iter().any(|word| text.contains(word))
            && READING.iter().any(|word| text.contains(word))
    };
    if sender == source {
        return reads(one);
    }
    let near = files.iter().filter(|file| file.path.len() < 4096);
    let third = |file: &GatheredFile<'_>| names(file, one) && names(file, other);
    let is_joined = names(one, other) || names(other, one) || near.clone().any(third);
    let reader = |file: &GatheredFile<'_>| file.is_program && names(file, other) && reads(file);
    is_joined && (other.is_program && reads(other) || near.clone().any(reader))
}

/// Whether a file names another by its name, with or without an extension, and both lie in one tree of folders.
fn names(file: &GatheredFile<'_>, other: &GatheredFile<'_>) -> bool {
    let (folder, name) = other.path.rsplit_once('/').unwrap_or(("", other.path));
    let stem = name.split('.').next().unwrap_or(name);
    let stem = if matches!(stem, "__init__" | "index" | "mod" | "main") {
        folder.rsplit('/').next().unwrap_or(stem)
    } else {
        stem
    };
    let top = |path: &str| path.split('/').next().filter(|_| path.contains('/')).map(str::to_owned);
    let near = match (top(file.path), top(other.path)) {
        (Some(one), Some(other)) => one == other || file.path.matches('/').count() < 3,
        _ => true,
    };
    if stem.len() < 3 || !near || file.path == other.path {
        return false;
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    file.text.match_indices(stem).any(|(at, _)| {
        let before = file.text.get(..at).and_then(|text| text.chars().next_back());
        let behind = file.text.get(at + stem.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}

/// The line of a program that sends to a fixed host, and the host's address.
fn sends(files: &[GatheredFile<'_>], text: &str) -> Option<(u32, String)> {
    let lines: Vec<_> = code_lines(text).collect();
    for (at, (number, line)) in lines.iter().enumerate() {
        let lower = format!(" {}", line.to_ascii_lowercase());
        let by_option = (lower.contains("curl") || lower.contains("wget"))
            && OPTIONS.iter().any(|option| line.contains(option));
        if !by_option && !SENDING.iter().any(|word| lower.contains(word)) {
            continue;
        }
        let around = lines.get(at.saturating_sub(BEFORE)..(at + BEHIND).min(lines.len()));
        let around = around.unwrap_or_default();
        let own = around.iter().find_map(|(_, line)| address(line));
        let named = || {
            let words: BTreeSet<&str> = around.iter().flat_map(|(_, line)| words(line)).collect();
            files.iter().filter(|file| file.text.len() < 1 << 18).find_map(|file| {
                code_lines(file.text).find_map(|(_, line)| {
                    let (before, _) = line.split_once("://").or_else(|| line.split_once('.'))?;
                    let name = bound_name(before)?;
                    words.contains(name).then(|| address(&line)).flatten()
                })
            })
        };
        if let Some(address) = own.or_else(named) {
            return Some((*number, address));
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
