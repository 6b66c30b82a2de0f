//! The syntax tree of a shell text, as far as data can flow through it.

use std::rc::Rc;

/// Commands one after the other, however they are joined (`;`, `&&`, `||`, `&`, line ends).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) pipelines: Vec<Pipeline>,
}

/// Commands joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pipeline {
    pub(crate) stages: Vec<Stage>,
    /// It runs only if what stands before it succeeds: behind `&&` or `then`.
    pub(crate) gated: bool,
    /// Nobody waits for it: `&` stands behind it.
    pub(crate) detached: bool,
}

/// One part of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stage {
    pub(crate) kind: Kind,
    pub(crate) redirects: Vec<Redirect>,
    /// Its first line, from 1.
    pub(crate) line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Assignments and words.
    Simple { assignments: Vec<(String, Word)>, words: Vec<Word> },
    /// A subshell, a loop, a condition: what is inside runs, or may.
    Group(Script),
    /// `for NAME in WORDS`: the body with the name holding one word after the other.
    Loop { name: String, words: Vec<Word>, body: Script },
    /// A function: what is inside runs when its name is called.
    Function { name: String, body: Rc<Script> },
}

/// One word, before it is expanded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text as it is meant, without its quotes. `bare`: unquoted, so that blanks were none and `{a,b}` is expanded.
    Text { text: String, bare: bool },
    /// `$name`, or `${name…}` with what stands behind the name.
    Variable { name: String, operation: String, quoted: bool },
    /// `$(…)` and backquotes.
    Output { script: Script, quoted: bool },
    /// `<(…)`: a file that holds the output.
    Process(Script),
    /// What depends on the run: arithmetic, other parameters.
    Unknown,
}

/// Where data comes from or goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redirect {
    pub(crate) to: Direction,
    pub(crate) target: Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// `<`: standard input is the file.
    In,
    /// `>`, `>>`, `>|`, `&>`: standard output goes into the file.
    Out,
    /// `<>`: both.
    Both,
    /// `<<<` and `<<`: standard input is the text.
    Text,
    /// `<&3`: standard input is a file that `exec` opened.
    CopyIn,
    /// `>&3`: standard output is a file that `exec` opened.
    CopyOut,
    /// `2>&1`, `2>/dev/null`: where errors go.
    Errors,
    /// Another descriptor, or a copy of one: no data of interest.
    Other,
}
