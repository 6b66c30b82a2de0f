//! Parses a shell text. It never fails: what is not closed ends with the text.
//!
//! Written from the POSIX Shell Command Language and the bash manual; zsh and ksh differ where nothing flows.

use super::syntax::{Kind, Part, Pipeline, Script, Stage, Word};

mod compound;
mod redirect;
mod word;

/// A name of a function or a variable is not longer.
const MAX_NAME: usize = 128;
/// Words that only part commands from each other, inside of a compound command.
const SEPARATORS: [&str; 4] = ["then", "else", "elif", "do"];

/// Parses `text`, whose first line is `line`. Below `depth` levels of nesting a part is unknown.
/// The second value says whether every part was read.
pub(crate) fn parse(text: &str, line: u32, depth: u32) -> (Script, bool) {
    let mut parser =
        Parser { chars: text.chars().collect(), at: 0, line, depth, resume: None, whole: true };
    let mut script = Script::default();
    // A closing word or bracket that nothing opened ends no script.
    while parser.at < parser.chars.len() {
        let begin = parser.at;
        script.pipelines.extend(parser.script(Until::End).pipelines);
        if parser.at == begin {
            parser.bump();
        }
    }
    (script, parser.whole)
}

/// What ends a script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Bracket,
    Word(&'static str),
    /// A branch of `case`: `;;` or `esac`.
    Branch,
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    line: u32,
    depth: u32,
    /// Where the text goes on behind the bodies of here-documents, once this line has ended, and its line.
    resume: Option<(usize, u32)>,
    /// No part lay below the last level of nesting.
    whole: bool,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).copied()
    }

    fn begins(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(offset, c)| self.peek_at(offset) == Some(c))
    }

    /// Goes one character on. Behind a line's end it skips the bodies of here-documents.
    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        if c == '\n' {
            self.line = self.line.saturating_add(1);
            if let Some((at, line)) = self.resume.take() {
                self.at = at.max(self.at);
                self.line = line.max(self.line);
            }
        }
        Some(c)
    }

    fn bump_by(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    /// Skips blanks, escaped line ends and comments; line ends too if `lines`.
    fn skip_blanks(&mut self, lines: bool) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.bump_by(1),
                Some('\n') if lines => self.bump_by(1),
                Some('\\') if self.peek_at(1) == Some('\n') => self.bump_by(2),
                Some('\\') if self.peek_at(1) == Some('\r') && self.peek_at(2) == Some('\n') => {
                    self.bump_by(3);
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    /// The unquoted word that stands here, without going on; empty where none does.
    fn keyword(&self) -> String {
        let ends = |c: &char| c.is_whitespace() || ";&|()<>\"'`$\\".contains(*c);
        self.chars.iter().skip(self.at).take_while(|c| !ends(c)).take(MAX_NAME).collect()
    }

    fn script(&mut self, until: Until) -> Script {
        let mut script = Script::default();
        if self.depth == 0 {
            self.whole = false;
            return script;
        }
        self.depth -= 1;
        let mut gated = false;
        loop {
            self.skip_blanks(true);
            if self.begins("&&") {
                gated = true;
                self.bump_by(2);
                continue;
            }
            match self.peek() {
                None => break,
                Some(')') => break,
                Some(';') if until == Until::Branch && self.peek_at(1) == Some(';') => break,
                Some(';' | '&' | '|') => {
                    self.bump();
                    continue;
                }
                Some(_) => {}
            }
            let keyword = self.keyword();
            let closes = match until {
                Until::Word(word) => keyword == word,
                Until::Branch => keyword == "esac",
                Until::End | Until::Bracket => false,
            };
            if closes {
                break;
            }
            if SEPARATORS.contains(&keyword.as_str()) {
                gated |= keyword == "then";
                self.bump_by(keyword.len());
                continue;
            }
            let begin = self.at;
            let mut pipeline = self.pipeline();
            pipeline.gated = std::mem::take(&mut gated);
            pipeline.detached = self.peek() == Some('&') && self.peek_at(1) != Some('&');
            if !pipeline.stages.is_empty() {
                script.pipelines.push(pipeline);
            }
            if self.at == begin {
                self.bump();
            }
        }
        self.depth += 1;
        script
    }

    fn pipeline(&mut self) -> Pipeline {
        let mut stages = Vec::new();
        loop {
            self.skip_blanks(!stages.is_empty());
            stages.extend(self.stage());
            self.skip_blanks(false);
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                return Pipeline { stages, gated: false, detached: false };
            }
            self.bump();
            if self.peek() == Some('&') {
                self.bump();
            }
        }
    }

    fn stage(&mut self) -> Option<Stage> {
        let line = self.line;
        while matches!(self.keyword().as_str(), "!" | "time") {
            let length = self.keyword().len();
            self.bump_by(length);
            self.skip_blanks(false);
        }
        let keyword = self.keyword();
        let kind = match keyword.as_str() {
            "if" => self.compound(2, "fi"),
            "while" | "until" => self.compound(5, "done"),
            "for" | "select" => self.for_loop(keyword.len()),
            "case" => self.case(),
            "{" => self.compound(1, "}"),
            "function" => {
                self.bump_by(keyword.len());
                self.skip_blanks(false);
                let name = self.keyword();
                self.bump_by(name.chars().count());
                self.function(name)
            }
            "[[" => self.test(),
            "" if self.is_arithmetic() => self.arithmetic(),
            "" if self.peek() == Some('(') => self.subshell(),
            _ => match self.function_name() {
                Some(name) => self.function(name),
                None => return self.simple(line),
            },
        };
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks(false);
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
        }
        Some(Stage { kind, redirects, line })
    }

    fn simple(&mut self, line: u32) -> Option<Stage> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.skip_blanks(false);
            if let Some(redirect) = self.redirect() {
                redirects.push(redirect);
                continue;
            }
            if words.is_empty()
                && let Some(name) = self.assigned()
            {
                let value = if self.peek() == Some('(') { self.array() } else { self.word() };
                assignments.push((name, value.unwrap_or_default()));
                continue;
            }
            // PowerShell: `command (command)`; no shell of POSIX reads a bracket there.
            if !words.is_empty() && self.peek() == Some('(') {
                self.bump();
                let script = self.script(Until::Bracket);
                self.bump();
                let parts = vec![Part::Output { script, quoted: true }];
                words.push(Word { parts });
                continue;
            }
            match self.word() {
                Some(word) => words.push(word),
                None => break,
            }
        }
        let empty = assignments.is_empty() && words.is_empty() && redirects.is_empty();
        let kind = Kind::Simple { assignments, words };
        (!empty).then_some(Stage { kind, redirects, line })
    }

    /// The name in front of `=`; goes on behind it then.
    fn assigned(&mut self) -> Option<String> {
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let name: String = self.chars.iter().skip(self.at).take_while(|c| is_name(c)).collect();
        let mut offset = name.len();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if self.peek_at(offset) == Some('+') {
            offset += 1;
        }
        (self.peek_at(offset) == Some('=')).then(|| {
            self.bump_by(offset + 1);
            name
        })
    }

    /// `( … )` behind `=`: the words, joined by blanks.
    fn array(&mut self) -> Option<Word> {
        let mut all = Word::default();
        self.bump();
        loop {
            self.skip_blanks(true);
            if self.peek().is_none_or(|c| c == ')') {
                self.bump();
                return Some(all);
            }
            let Some(word) = self.word() else {
                self.bump();
                continue;
            };
            if !all.parts.is_empty() {
                all.parts.push(Part::Text { text: " ".into(), bare: false });
            }
            all.parts.extend(word.parts);
        }
    }
}
