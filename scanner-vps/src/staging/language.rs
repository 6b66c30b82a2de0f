//! What a file is written in, by its name, its first line, or its code block's tag.

use super::Language;

/// Dot files that a shell reads.
const SHELL_FILES: [&str; 9] = [
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".kshrc",
];

impl Language {
    /// Whether the rules for it need a parser that can fail on it.
    #[must_use]
    pub const fn is_parsed(self) -> bool {
        matches!(self, Self::JavaScript | Self::TypeScript | Self::Tsx | Self::Python | Self::Shell)
    }

    /// Whether njsscan reads it.
    #[must_use]
    pub const fn is_node(self) -> bool {
        matches!(self, Self::JavaScript | Self::TypeScript | Self::Tsx | Self::Template)
    }

    /// The extension of the copy of a file that is called `path` in the repository.
    #[must_use]
    pub fn extension(self, path: &[u8]) -> &'static str {
        match self {
            Self::JavaScript => "js",
            Self::TypeScript => "ts",
            Self::Tsx => "tsx",
            Self::Python => "py",
            Self::Shell => "sh",
            Self::Markdown => "md",
            Self::Template => template(extension(path).as_deref().unwrap_or_default()),
            Self::Text => "txt",
        }
    }
}

/// The extension under which njsscan's pattern rules read a template (its `settings.py`).
fn template(extension: &str) -> &'static str {
    match extension {
        "mustache" => "mustache",
        "hbs" | "handlebars" => "hbs",
        "hdbs" => "hdbs",
        "vue" | "svelte" | "astro" => "vue",
        "ejs" => "ejs",
        "dust" => "dust",
        "tpl" => "tpl",
        "tmpl" => "tmpl",
        "pug" | "jade" => "pug",
        "ect" => "ect",
        _ => "html",
    }
}

/// What follows the last dot of a file's name, in lower case; `None` for a name without a dot, or
/// with its only dot in front.
#[must_use]
pub fn extension(path: &[u8]) -> Option<String> {
    let name = file_name(path);
    let dot = name.iter().rposition(|b| *b == b'.').filter(|at| *at > 0)?;
    let extension = name.get(dot + 1..)?.to_ascii_lowercase();
    String::from_utf8(extension).ok()
}

fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|b| *b == b'/').next().unwrap_or(path)
}

/// The language that a name stands for; `None` where it stands for none that is known.
#[must_use]
pub fn of_path(path: &[u8]) -> Option<Language> {
    let name = String::from_utf8_lossy(file_name(path)).to_ascii_lowercase();
    if SHELL_FILES.contains(&name.as_str()) {
        return Some(Language::Shell);
    }
    Some(match extension(path)?.as_str() {
        "js" | "mjs" | "cjs" | "jsx" => Language::JavaScript,
        "ts" | "mts" | "cts" => Language::TypeScript,
        "tsx" => Language::Tsx,
        "py" | "pyw" | "pyi" => Language::Python,
        "sh" | "bash" | "zsh" | "ksh" | "command" => Language::Shell,
        "md" | "markdown" | "mdx" | "mdc" => Language::Markdown,
        "html" | "htm" | "xhtml" | "ejs" | "hbs" | "hdbs" | "handlebars" | "pug" | "jade"
        | "hjs" | "vue" | "svelte" | "astro" | "mustache" | "dust" | "tpl" | "tmpl" | "ect"
        | "njk" => Language::Template,
        _ => return None,
    })
}

/// The language of a `#!` line.
#[must_use]
pub fn of_shebang(text: &str) -> Option<Language> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let program = line
        .split_whitespace()
        .map(|word| word.rsplit('/').next().unwrap_or(word))
        .find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))?;
    let name = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(match name {
        "node" | "nodejs" | "zx" => Language::JavaScript,
        // These run TypeScript, of which JavaScript is a part.
        "deno" | "bun" | "ts-node" | "tsx" => Language::TypeScript,
        "python" | "pypy" | "uv" | "pipx" => Language::Python,
        "sh" | "bash" | "zsh" | "ksh" | "dash" | "ash" | "busybox" => Language::Shell,
        _ => return None,
    })
}

/// How a file is read: in the language of its name, or else of its first line. A file whose name
/// and first line disagree runs either way and is read both ways; the second is a guess.
#[must_use]
pub fn readings(path: &[u8], text: &str) -> Vec<(Language, bool)> {
    match (of_path(path), of_shebang(text)) {
        (Some(name), Some(line))
            if name != line && name.is_parsed() && !same_family(name, line) =>
        {
            vec![(name, false), (line, true)]
        }
        (Some(name), _) => vec![(name, false)],
        (None, Some(line)) => vec![(line, is_bun_lock(path, text.as_bytes()))],
        (None, None) => vec![(Language::Text, false)],
    }
}

/// Whether a file is Bun's lock file: bytes, behind a first line that has Bun print them.
pub(super) fn is_bun_lock(path: &[u8], content: &[u8]) -> bool {
    let is_named = path.rsplit(|byte| *byte == b'/').next() == Some(b"bun.lockb");
    is_named && content.starts_with(b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n")
}

fn same_family(a: Language, b: Language) -> bool {
    a == b || a.is_node() && b.is_node()
}

/// The language of a code block by its tag, and whether that is a guess. `None`: not copied; the
/// Markdown around it is read all the same.
#[must_use]
pub fn of_fence(info: &str) -> Option<(Language, bool)> {
    let tag = info.trim_start_matches(['{', '.', ' ']).to_ascii_lowercase();
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let tag = tag.get(..end.unwrap_or(tag.len())).unwrap_or_default();
    Some(match tag {
        "js" | "javascript" | "node" | "nodejs" | "mjs" | "cjs" | "jsx" | "es6" => {
            (Language::JavaScript, false)
        }
        "ts" | "typescript" | "mts" | "cts" | "deno" | "bun" => (Language::TypeScript, false),
        "tsx" => (Language::Tsx, false),
        "py" | "python" | "python3" | "py3" => (Language::Python, false),
        "sh" | "bash" | "shell" | "zsh" | "ksh" => (Language::Shell, false),
        // What stands between the commands of a session is output, and no language.
        "console" | "terminal" | "shell-session" | "shellsession" | "session" | "" => {
            (Language::Shell, true)
        }
        _ => return None,
    })
}

/// Whether a code block is the record of a terminal, with prompts before its commands.
#[must_use]
pub fn is_session(info: &str) -> bool {
    of_fence(info) == Some((Language::Shell, true))
}

#[cfg(test)]
mod tests;
