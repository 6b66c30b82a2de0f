//! Extracts path references from a text: paths in commands, in strings of code, in links and imports.
//! Pure.
//!
//! More is taken for a path than is one; [`super::reference_closure`] keeps those that lead to a file
//! of the commit.

use super::language;
use std::{collections::HashSet, sync::LazyLock};

/// Words before what is run, loaded or read. Parted by spaces.
static CALLS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "bash sh zsh ksh dash source . exec eval node nodejs deno bun tsx ts-node npx \
    bunx pnpx npm pnpm yarn python python3 py pypy pypy3 uv uvx pipx pip pip3 ruby perl php lua \
    pwsh powershell cmd start call env sudo nohup xargs time run runs running execute executes \
    executing invoke launch follow read open load spawn spawnsync execfile execfilesync execsync \
    execa system popen subprocess check_call check_output require import include from go cargo \
    java make just docker osascript rscript julia chmod install",
    )
});
/// Words before a folder that the following paths may start from. Parted by spaces.
static ENTERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    words(
        "cd pushd chdir cwd workdir working-directory working_directory -C --prefix \
    --cwd --dir --directory",
    )
});
/// The longest of these words.
const MAX_WORD: usize = 20;
/// Characters of a quoted path with blanks in it.
const MAX_QUOTED: usize = 300;

fn words(list: &str) -> HashSet<&str> {
    list.split_ascii_whitespace().collect()
}

/// How a text names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Somewhere in it.
    Named,
    /// Behind a word that runs, loads or reads it, or by a variable.
    Called,
    /// As the folder to go to.
    Entered,
    /// As a module of Python: a path without its extension.
    Module,
}

/// A path in a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct PathReference {
    pub(super) kind: Kind,
    /// Relative, with `/` between its parts.
    pub(super) path: String,
}

impl PathReference {
    /// Whether it leads to a folder above.
    pub(super) fn climbs(&self) -> bool {
        self.path.split('/').any(|part| part == "..")
    }
}

/// All paths in a file's text, each once, folders that are entered first.
pub(super) fn path_references(path: &[u8], text: &str) -> Vec<PathReference> {
    let mut found = Vec::new();
    lines(text, &mut found);
    let joined = joined_literals(text);
    if joined != text {
        lines(&joined, &mut found);
    }
    if text.contains("..\\") {
        lines(&text.replace("\\\\", "/").replace('\\', "/"), &mut found);
    }
    let readings = language::readings(path, text);
    if readings.iter().any(|(language, _)| *language == super::Language::Python) {
        modules(text, &mut found);
    }
    found.sort_unstable_by(|a, b| (a.kind != Kind::Entered, a).cmp(&(b.kind != Kind::Entered, b)));
    found.dedup();
    found
}

fn lines(text: &str, found: &mut Vec<PathReference>) {
    for whole in text.lines() {
        line(whole, found);
        // `../"tools"/x`, `../t\\ools/x`: a shell takes the signs out.
        if let Some(bare) = whole.contains("..").then(|| unquoted(whole)).flatten() {
            line(&bare, found);
        }
    }
}

fn line(line: &str, found: &mut Vec<PathReference>) {
    let (mut called, mut entered, mut module) = (false, false, false);
    for Token { before, text: token, behind } in tokens(line) {
        if std::mem::replace(&mut module, token == "-m" && called) {
            let path = token.trim_matches('.').replace('.', "/");
            found.push(PathReference { kind: Kind::Module, path });
        }
        let short = token.len() <= MAX_WORD;
        let word = if short { token.to_ascii_lowercase() } else { String::new() };
        if ENTERS.contains(token) || ENTERS.contains(word.as_str()) {
            entered = true;
        } else if CALLS.contains(word.as_str()) {
            called = true;
        } else if let Some(mention) = mention(before, token, called, entered) {
            found.push(mention);
            entered = false;
        }
        let folder = pattern_folder(token, behind);
        found.extend(folder.and_then(|folder| mention(before, folder, called, false)));
    }
    found.extend(quoted(line, called));
}

/// A line without the quotes and backslashes inside of its words; `None` where there are none.
fn unquoted(line: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let mut bare = String::with_capacity(line.len());
    let mut before = ' ';
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let inside = matches!(c, '"' | '\'' | '\\') && is_part(before) && is_part(next);
        if !inside {
            bare.push(c);
        }
        before = c;
    }
    (bare.len() < line.len()).then_some(bare)
}

/// The folder of `../tools/se*.sh`, `../lib/$NAME.sh`: which files are meant shows when it runs.
fn pattern_folder<'a>(token: &'a str, behind: &str) -> Option<&'a str> {
    let mut behind = behind.chars();
    let sign = behind.next()?;
    let next = behind.next()?;
    let (folder, name) = token.rsplit_once('/')?;
    let is_pattern = match sign {
        // Not the end of a text in italics, nor of an address with a question.
        '*' => next.is_alphanumeric() || matches!(next, '.' | '/' | '['),
        '?' => !name.contains('.') && (next.is_alphanumeric() || matches!(next, '?' | '.')),
        '[' | '{' | '$' => next.is_alphanumeric() || matches!(next, '{' | '(' | '_' | '!' | '^'),
        _ => false,
    };
    (is_pattern && !name.is_empty()).then_some(folder)
}

/// A run of characters that paths are written in.
struct Token<'a> {
    /// The character before it.
    before: char,
    text: &'a str,
    /// The rest of the line.
    behind: &'a str,
}

fn tokens(line: &str) -> impl Iterator<Item = Token<'_>> {
    let is_part = |c: char| {
        c.is_alphanumeric()
            || !c.is_ascii()
            || matches!(c, '.' | '_' | '-' | '/' | '+' | '~' | '%' | '@')
    };
    let mut rest = line;
    let mut before = ' ';
    std::iter::from_fn(move || {
        let start = rest.find(is_part)?;
        let (gap, here) = rest.split_at_checked(start)?;
        before = gap.chars().next_back().unwrap_or(before);
        let (token, behind) =
            here.split_at_checked(here.find(|c| !is_part(c)).unwrap_or(here.len()))?;
        rest = behind;
        Some(Token { before: std::mem::replace(&mut before, ' '), text: token, behind })
    })
}

fn mention(before: char, token: &str, called: bool, entered: bool) -> Option<PathReference> {
    // The rest of an address, somebody's home, an option.
    if token.starts_with("//") || token.starts_with('~') || token.starts_with('-') {
        return None;
    }
    let mut path = token.trim_start_matches('@');
    let mut by_variable = false;
    if before == '$' {
        path = path.split_once('/')?.1;
        by_variable = true;
    } else if path.starts_with('/') {
        by_variable = matches!(before, '}' | ')' | '>' | '%' | ']');
    }
    // `%~dp0../x`: whatever stands before is a folder.
    if let Some(at) = path.find("../").filter(|at| *at > 0) {
        let behind = path.get(at..).unwrap_or_default();
        let whole = path.get(..at).is_some_and(|head| head.ends_with('/'));
        by_variable |= !whole;
        path = if whole { path } else { behind };
    }
    let path = path.trim_start_matches('/');
    let mut path = decoded(path);
    while path.ends_with('.') && !path.ends_with("..") && !path.ends_with("/.") {
        path.pop();
    }
    let called = called || by_variable || path.starts_with("./");
    let kind = match (entered, called) {
        (true, _) => Kind::Entered,
        (false, true) => Kind::Called,
        (false, false) => Kind::Named,
    };
    let is_path = path.contains('/') || path == "..";
    let is_script = called && language::extension(path.as_bytes()).is_some();
    (is_path || is_script || entered && !path.is_empty()).then_some(PathReference { kind, path })
}

/// A path with its percent-encoding decoded. A `%` that begins no escape stays as it is: the text may
/// be no URL, so the contract's strict `percent_decode` does not fit.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match hex {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// Paths with blanks in them, between quotes or brackets.
fn quoted(line: &str, called: bool) -> Vec<PathReference> {
    let mut found = Vec::new();
    if !line.contains('/') || !line.contains(' ') {
        return found;
    }
    for (open, close) in [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>'), ('(', ')')] {
        let mut rest = line;
        while let Some((_, behind)) = rest.split_once(open) {
            let Some((inside, after)) = behind.split_once(close) else { break };
            rest = if open == close && !inside.contains('/') { behind } else { after };
            let fits = inside.len() <= MAX_QUOTED && inside.contains(' ') && inside.contains('/');
            if fits && !inside.contains("//") {
                let path = inside.trim().trim_start_matches('/').to_owned();
                let kind = if called { Kind::Called } else { Kind::Named };
                found.push(PathReference { kind, path });
            }
        }
    }
    found
}

/// A text in which strings that code joins to a path are one string: `"..", "x"` and `".." / "x"`
/// with a slash between them, `"../" + "x"` as they stand.
fn joined_literals(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'']) {
        let (head, tail) = rest.split_at(at);
        joined.push_str(head);
        let mut chars = tail.chars();
        let quote = chars.next().unwrap_or('"');
        let behind = chars.as_str().trim_start();
        let next = |sign: char| {
            let next = behind.strip_prefix(sign)?.trim_start();
            next.strip_prefix(['"', '\''])
        };
        if let Some(next) = next(',').or_else(|| next('/')) {
            joined.push('/');
            rest = next;
        } else if let Some(next) = next('+') {
            rest = next;
        } else {
            joined.push(quote);
            rest = chars.as_str();
        }
    }
    joined.push_str(rest);
    joined
}

/// What Python source imports, as paths without an extension.
fn modules(text: &str, found: &mut Vec<PathReference>) {
    let mut push = |path: String| {
        let path = path.trim_matches('/').to_owned();
        if !path.is_empty() {
            found.push(PathReference { kind: Kind::Module, path });
        }
    };
    for line in text.lines().map(str::trim) {
        if let Some(names) = line.strip_prefix("import ") {
            for name in names.split(',').filter_map(|name| name.split_whitespace().next()) {
                push(name.replace('.', "/"));
            }
        } else if let Some((from, names)) =
            line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "))
        {
            let from = from.trim();
            let bare = from.trim_start_matches('.');
            let up = (from.len() - bare.len()).saturating_sub(1);
            let base = "../".repeat(up) + &bare.replace('.', "/");
            for name in names.split([',', '(', ')']).filter_map(|n| n.split_whitespace().next()) {
                push(format!("{base}/{name}"));
            }
            if !bare.is_empty() {
                push(base);
            }
        }
    }
}

#[cfg(test)]
mod tests;
