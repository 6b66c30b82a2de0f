//! Programs in other languages than shell, JavaScript and Python: what flows from a host, a file of keys, a decoder or
//! a socket into what runs or sends ([`chains`]).
//!
//! One tolerant reader for all of them. It knows tokens, strings, names and calls, and no grammar: an expression comes
//! from whatever it mentions, a variable holds what was assigned last within its function. What a program hands to a
//! shell is followed by [`crate::shell`].

mod awk;
mod calls;
mod effects;
mod evaluate;
mod files;
mod folding;
mod lexer;
mod names;
mod network;
mod powershell;
mod statements;

use crate::{Chain, Limits, shell::Start};

/// A language, or a family of languages that are written alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Perl.
    Perl,
    /// Lua.
    Lua,
    /// Go.
    Go,
    /// awk with the network of gawk.
    Awk,
    /// Languages with the strings and comments of C: Java, Kotlin, Groovy, Scala, C#, Swift, Rust, C.
    CLike,
    /// PowerShell.
    PowerShell,
}

impl Dialect {
    /// The language of files with this extension, in lower case.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        Some(match extension {
            "rb" | "rake" | "gemspec" | "podspec" | "ru" => Self::Ruby,
            "php" | "phtml" | "php5" | "php7" | "phar" | "inc" => Self::Php,
            "pl" | "pm" | "perl" | "cgi" => Self::Perl,
            "lua" => Self::Lua,
            "go" => Self::Go,
            "awk" | "gawk" => Self::Awk,
            "java" | "kt" | "kts" | "groovy" | "gradle" | "scala" | "sc" | "cs" | "csx"
            | "swift" | "rs" | "c" | "cc" | "cpp" | "cxx" | "dart" => Self::CLike,
            "ps1" | "psm1" | "psd1" => Self::PowerShell,
            _ => return None,
        })
    }

    /// The language that a program of this name runs: an interpreter, or the tag of a code block.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "ruby" | "jruby" => Self::Ruby,
            "php" => Self::Php,
            "perl" => Self::Perl,
            "lua" | "luajit" | "texlua" => Self::Lua,
            "go" | "golang" => Self::Go,
            "awk" | "gawk" | "mawk" | "nawk" => Self::Awk,
            "java" | "kotlin" | "groovy" | "gradle" | "csharp" | "rust" | "swift" => Self::CLike,
            "powershell" | "pwsh" | "ps1" | "ps" | "posh" => Self::PowerShell,
            other => return Self::of_extension(other),
        })
    }

    /// What begins a comment of one line, and what opens and closes one of several.
    const fn comments(self) -> (&'static [&'static str], &'static [(&'static str, &'static str)]) {
        match self {
            Self::Ruby => (&["#"], &[("=begin", "\n=end")]),
            Self::Perl => (&["#"], &[("=pod", "\n=cut"), ("=head", "\n=cut")]),
            Self::Awk => (&["#"], &[]),
            Self::PowerShell => (&["#"], &[("<#", "#>")]),
            Self::Php => (&["#", "//"], &[("/*", "*/")]),
            Self::Lua => (&["--"], &[("--[[", "]]")]),
            Self::Go | Self::CLike => (&["//"], &[("/*", "*/")]),
        }
    }

    const fn escape(self) -> char {
        if matches!(self, Self::PowerShell) { '`' } else { '\\' }
    }

    const fn has_sigils(self) -> bool {
        matches!(self, Self::Ruby | Self::Php | Self::Perl | Self::PowerShell)
    }

    const fn has_patterns(self) -> bool {
        matches!(self, Self::Ruby | Self::Perl | Self::Awk)
    }

    const fn runs_backquotes(self) -> bool {
        matches!(self, Self::Ruby | Self::Php | Self::Perl)
    }

    /// Whether a line's end ends a statement.
    const fn ends_at_lines(self) -> bool {
        !matches!(self, Self::Php | Self::Perl)
    }

    /// The operators that join texts.
    const fn joins(self, operator: &str) -> bool {
        match operator.as_bytes() {
            b"+" => !matches!(self, Self::Php | Self::Perl | Self::Lua),
            b"." => matches!(self, Self::Php | Self::Perl),
            b".." => matches!(self, Self::Lua),
            b"<<" => matches!(self, Self::Ruby),
            _ => false,
        }
    }

    /// The operators that lead to a member.
    const fn is_member(self, operator: &str) -> bool {
        match operator.as_bytes() {
            b"." => !matches!(self, Self::Php | Self::Perl),
            b"->" | b"?->" => matches!(self, Self::Php | Self::Perl | Self::CLike),
            b"::" => !matches!(self, Self::Lua),
            b"&." | b"?." => true,
            b":" => matches!(self, Self::Lua),
            _ => false,
        }
    }
}

/// The chains of a program whose first line is line 1. Takes its work from `limits`.
#[must_use]
pub fn chains(text: &str, dialect: Dialect, start: Start, limits: &mut Limits) -> Vec<Chain> {
    let mut flow = evaluate::Flow::new(dialect, start, *limits);
    flow.program(text, 1);
    *limits = flow.limits;
    flow.chains.all
}

/// A program of Go with the texts that it embeds written in, on the same lines; `None` where it embeds none. `file` gives
/// the content of a file that lies beside the program.
#[must_use]
pub fn with_embedded<'a>(text: &str, file: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    /// Bytes of a program with what it embeds: a text that is embedded again and again is written in a few times.
    const MOST: usize = 1 << 20;
    let mut named: Option<&str> = None;
    let mut found = false;
    let mut all = String::with_capacity(text.len());
    for line in text.lines() {
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), named) {
            (Some("//go:embed"), Some(path), _) => named = Some(path.trim_matches(['"', '`'])),
            (Some("var"), Some(variable), Some(path)) => {
                named = None;
                if let Some(content) = file(path).filter(|_| all.len() < MOST) {
                    found = true;
                    let written = content
                        .replace('\\', "\\\\")
                        .replace('"', "\\\"")
                        .replace('\r', "")
                        .replace('\n', "\\n");
                    for part in ["var ", variable, " = \"", &written, "\"\n"] {
                        all.push_str(part);
                    }
                    continue;
                }
            }
            _ => {}
        }
        all.push_str(line);
        all.push('\n');
    }
    found.then_some(all)
}

#[cfg(test)]
mod tests;
