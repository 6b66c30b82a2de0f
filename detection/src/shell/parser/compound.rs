//! Compound commands: conditions, loops, `case`, subshells, functions.

use super::{Kind, MAX_NAME, Parser, Pipeline, Script, Stage, Until};
use std::rc::Rc;

impl Parser {
    pub(super) fn compound(&mut self, length: usize, end: &'static str) -> Kind {
        self.bump_by(length);
        let body = self.script(Until::Word(end));
        if self.keyword() == end {
            self.bump_by(end.len());
        }
        Kind::Group(body)
    }

    pub(super) fn subshell(&mut self) -> Kind {
        self.bump();
        let body = self.script(Until::Bracket);
        if self.peek() == Some(')') {
            self.bump();
        }
        Kind::Group(body)
    }

    /// Whether `((` begins a calculation here; where commands stand in it, it is two subshells.
    pub(super) fn is_arithmetic(&self) -> bool {
        if !self.begins("((") {
            return false;
        }
        let inside = self.chars.iter().skip(self.at + 2).take(MAX_NAME);
        let end = inside.clone().position(|c| matches!(c, ')' | ';' | '|' | '\n' | '$' | '`'));
        end.is_some_and(|end| inside.skip(end).take(2).all(|c| *c == ')'))
    }

    pub(super) fn arithmetic(&mut self) -> Kind {
        while self.peek().is_some() && !self.begins("))") {
            self.bump();
        }
        self.bump_by(2);
        Kind::Group(Script::default())
    }

    /// `[[ … ]]`, whose `&&`, `||` and `|` join no commands.
    pub(super) fn test(&mut self) -> Kind {
        while self.peek().is_some_and(|c| c != '\n') && !self.begins("]]") {
            self.bump();
        }
        if self.begins("]]") {
            self.bump_by(2);
        }
        Kind::Group(Script::default())
    }

    /// `for NAME in WORDS; do … done`.
    pub(super) fn for_loop(&mut self, length: usize) -> Kind {
        self.bump_by(length);
        self.skip_blanks(false);
        let mut values = None;
        if self.begins("((") {
            self.arithmetic();
        } else {
            let name = self.keyword();
            self.bump_by(name.chars().count());
            self.skip_blanks(false);
            if self.keyword() == "in" {
                self.bump_by(2);
                self.skip_blanks(false);
                let mut words = Vec::new();
                while let Some(word) = self.word() {
                    words.push(word);
                    self.skip_blanks(false);
                }
                while self.peek().is_some_and(|c| !matches!(c, ';' | '\n')) {
                    self.bump();
                }
                values = Some((name, words));
            }
        }
        let body = self.script(Until::Word("done"));
        if self.keyword() == "done" {
            self.bump_by(4);
        }
        match values {
            Some((name, words)) => Kind::Loop { name, words, body },
            None => Kind::Group(body),
        }
    }

    pub(super) fn case(&mut self) -> Kind {
        self.bump_by(4);
        self.skip_blanks(false);
        self.word();
        self.skip_blanks(true);
        if self.keyword() == "in" {
            self.bump_by(2);
        }
        let mut all = Script::default();
        loop {
            self.skip_blanks(true);
            if self.peek().is_none() || self.keyword() == "esac" {
                break;
            }
            while self.peek().is_some_and(|c| c != ')') {
                self.bump();
            }
            self.bump();
            all.pipelines.extend(self.script(Until::Branch).pipelines);
            while matches!(self.peek(), Some(';' | '&')) {
                self.bump();
            }
        }
        self.bump_by(4);
        Kind::Group(all)
    }

    /// The name of a function that is defined here as `NAME()`; goes on behind the name then.
    pub(super) fn function_name(&mut self) -> Option<String> {
        let name = self.keyword_long();
        let mut offset = name.chars().count();
        if offset == 0 {
            return None;
        }
        while self.peek_at(offset) == Some(' ') {
            offset += 1;
        }
        let brackets = self.peek_at(offset) == Some('(') && self.peek_at(offset + 1) == Some(')');
        brackets.then(|| {
            self.bump_by(offset);
            name
        })
    }

    pub(super) fn keyword_long(&self) -> String {
        let is_name = |c: &char| c.is_alphanumeric() || "_-:.".contains(*c);
        self.chars.iter().skip(self.at).take_while(|c| is_name(c)).take(MAX_NAME).collect()
    }

    pub(super) fn function(&mut self, name: String) -> Kind {
        self.skip_blanks(true);
        if self.begins("()") {
            self.bump_by(2);
        }
        self.skip_blanks(true);
        // A definition may stand in a definition, without a bracket around it.
        let Some(depth) = self.depth.checked_sub(1) else {
            self.whole = false;
            return Kind::Group(Script::default());
        };
        let before = std::mem::replace(&mut self.depth, depth);
        let body = match self.stage() {
            Some(Stage { kind: Kind::Group(body), .. }) => body,
            Some(stage) => Script {
                pipelines: vec![Pipeline { stages: vec![stage], gated: false, detached: false }],
            },
            None => Script::default(),
        };
        self.depth = before;
        Kind::Function { name, body: Rc::new(body) }
    }
}
