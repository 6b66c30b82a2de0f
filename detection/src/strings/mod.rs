//! Strings of other languages, decoded as their language would: what a program, a configuration or a build file hands
//! to a shell is hidden from a reader of bytes by escapes, concatenation, folding and continued lines.
//!
//! The readers are tolerant: a text that is not well formed gives what can be read of it.

mod build_file;
mod literals;
mod markdown;
mod yaml;

/// Stands in a decoded text for what is not known before it runs.
pub(crate) use crate::value::UNKNOWN;

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// JSON, with or without comments.
    Json,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Python.
    Python,
    /// TOML.
    Toml,
    /// YAML.
    Yaml,
    /// The instructions of a container image.
    Dockerfile,
    /// The recipes of make.
    Makefile,
    /// Inline code of Markdown. Code blocks are files of their own.
    Markdown,
}

/// A decoded text, and where its lines stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The text as the language's own reader would give it.
    pub text: String,
    /// The line in the source of each line of `text`, from 1. Not empty.
    pub lines: Vec<u32>,
    /// Bytes that stand before it on its first line, where what they say matters: prose around inline code.
    pub column: u32,
}

impl Text {
    /// The line in the source of line `line` of the text, both from 1.
    #[must_use]
    pub fn line(&self, line: u32) -> u32 {
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        self.lines.get(at).or(self.lines.last()).copied().unwrap_or(1)
    }

    /// Adds a character that stands at `line` of the source.
    fn push(&mut self, c: char, line: u32) {
        if self.lines.is_empty() || self.text.ends_with('\n') {
            self.lines.push(line);
        }
        self.text.push(c);
    }
}

/// A value that is run while the file around it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The language whose code it is; `None` for a command of a shell.
    pub code: Option<Syntax>,
    /// The value.
    pub text: Text,
}

/// What a loader of YAML that is not safe runs: the values below tags that name a function of Python, and functions of
/// JavaScript.
#[must_use]
pub fn loaded(source: &str) -> Vec<Loaded> {
    yaml::loaded(source)
}

/// The strings of a source that can be commands: those of two words at least.
#[must_use]
pub fn strings(syntax: Syntax, source: &str) -> Vec<Text> {
    let mut all = match syntax {
        Syntax::Json | Syntax::JavaScript | Syntax::Python | Syntax::Toml => {
            literals::read(syntax, source)
        }
        Syntax::Yaml => yaml::read(source),
        Syntax::Dockerfile => build_file::dockerfile(source),
        Syntax::Makefile => build_file::makefile(source),
        Syntax::Markdown => markdown::inline_code(source),
    };
    all.retain(|text| text.text.trim().contains(char::is_whitespace));
    all
}

/// Whether a field of this name records what has run. Detection rules and samples of logs hold such fields, and nothing
/// starts their values.
fn is_record(field: &str) -> bool {
    const NAMES: [&str; 4] = ["command_line", "commandline", "cmdline", "cmd_line"];
    let field = field.to_ascii_lowercase();
    NAMES.iter().any(|name| field.ends_with(name))
}

#[cfg(test)]
mod tests;
