//! Parses tokens of JavaScript and Python into the tree that both share.
//!
//! The parser never fails: what it does not understand it skips, a bracket at the most. Each level of brackets and of
//! blocks takes one of the depth budget; what lies deeper is skipped, and said.

mod expression;
mod function;
mod javascript;
mod literal;
mod operators;
mod python;

use super::{
    lexer::{self, Token, Tokens},
    syntax::{Dialect, Expression, Selection, Statement},
};
use crate::secret::looks_for_secrets;
use std::rc::Rc;

pub(super) struct Parser<'a> {
    dialect: Dialect,
    tokens: Tokens<'a>,
    at: usize,
    /// The token before which everything must end.
    end: usize,
    depth: u32,
    /// Levels that may still be entered: a bound of the work, for a parser that never goes back.
    steps: usize,
    whole: bool,
}

/// Levels that one token may enter.
const STEPS: usize = 16;

/// The statements of a text whose first line is `line`, and whether all of it lies within `depth` levels.
pub(super) fn parse(
    source: &str,
    dialect: Dialect,
    line: u32,
    depth: u32,
) -> (Vec<Statement>, bool) {
    let tokens = lexer::read(source, dialect, line);
    let end = tokens.all.len();
    let steps = end.saturating_add(64).saturating_mul(STEPS);
    let mut parser = Parser { dialect, tokens, at: 0, end, depth, steps, whole: true };
    let statements = match dialect {
        Dialect::JavaScript => parser.statements(),
        Dialect::Python => parser.block(0),
    };
    (statements, parser.whole)
}

impl<'a> Parser<'a> {
    fn is_python(&self) -> bool {
        self.dialect == Dialect::Python
    }

    fn token_at(&self, at: usize) -> Option<&Token<'a>> {
        self.tokens.all.get(at).filter(|_| at < self.end).map(|(token, _)| token)
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.token_at(self.at)
    }

    fn line(&self) -> u32 {
        self.tokens.all.get(self.at).or(self.tokens.all.last()).map_or(1, |(_, line)| *line)
    }

    fn name(&self) -> Option<&'a str> {
        match self.peek() {
            Some(Token::Name(name)) => Some(name),
            _ => None,
        }
    }

    fn is_name(&self, name: &str) -> bool {
        self.name() == Some(name)
    }

    fn sign_at(&self, at: usize) -> Option<&'a str> {
        match self.token_at(at) {
            Some(Token::Sign(sign)) => Some(sign),
            _ => None,
        }
    }

    fn sign(&self) -> Option<&'a str> {
        self.sign_at(self.at)
    }

    fn is_sign(&self, sign: &str) -> bool {
        self.sign() == Some(sign)
    }

    /// Goes on where the sign stands here.
    fn eat(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn eat_name(&mut self, name: &str) -> bool {
        let found = self.is_name(name);
        self.at += usize::from(found);
        found
    }

    fn take_name(&mut self) -> Option<Rc<str>> {
        let name = self.name()?;
        self.at += 1;
        Some(name.into())
    }

    /// Where the bracket that opens here closes.
    fn close(&self) -> usize {
        self.tokens.closing.get(self.at).copied().unwrap_or(self.end).min(self.end)
    }

    fn skip_bracket(&mut self) {
        self.at = (self.close() + 1).min(self.end).max(self.at + 1);
    }

    /// Takes one step; false, and at the end, where there is none left.
    fn step(&mut self) -> bool {
        match self.steps.checked_sub(1) {
            Some(steps) => self.steps = steps,
            None => {
                self.whole = false;
                self.at = self.end;
                return false;
            }
        }
        true
    }

    /// Parses what stands in the bracket that opens here, and goes on behind it. One level deeper.
    fn inside<T: Default>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        if !self.step() {
            return T::default();
        }
        let (close, end) = (self.close(), self.end);
        if self.depth == 0 {
            self.whole = false;
            self.skip_bracket();
            return T::default();
        }
        self.depth -= 1;
        self.at += 1;
        self.end = close.max(self.at).min(end);
        let parsed = parse(self);
        self.end = end;
        self.at = (close + 1).min(end);
        self.depth += 1;
        parsed
    }

    /// Parses one level deeper; the default, and one token skipped, where there is none left.
    fn deeper<T: Default>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        if !self.step() {
            return T::default();
        }
        let Some(depth) = self.depth.checked_sub(1) else {
            self.whole = false;
            self.skip_bracket();
            return T::default();
        };
        self.depth = depth;
        let parsed = parse(self);
        self.depth += 1;
        parsed
    }

    /// The names that a condition reads which begins at `begin` and ends here, and what it keeps of them. A name alone and
    /// a negation select nothing that is harmless.
    fn selecting(&self, begin: usize) -> (Vec<Rc<str>>, Selection) {
        let tokens = self.tokens.all.get(begin..self.at).unwrap_or_default();
        let (mut negates, mut widens, mut secrets, mut has_text) = (false, false, false, false);
        for (token, _) in tokens {
            match token {
                Token::Name("not") | Token::Sign("!" | "!=" | "!==") => negates = true,
                Token::Name("or") | Token::Sign("||") => widens = true,
                // Most loops call the name of a variable a key.
                Token::Name(text) => secrets |= !is_key(text) && looks_for_secrets(text),
                Token::Text(text) | Token::Pattern(text) => {
                    has_text = true;
                    widens |= text.is_empty();
                    secrets |= looks_for_secrets(text);
                }
                _ => {}
            }
        }
        let selection = match (secrets, negates) {
            (true, false) => Selection::Secrets,
            (true, true) => Selection::NoSecrets,
            (false, true) => Selection::Others,
            (false, false) if has_text && !widens => Selection::Some,
            _ => Selection::Any,
        };
        let name = |(token, _): &(Token<'_>, u32)| match token {
            Token::Name(name) => Some(Rc::from(*name)),
            _ => None,
        };
        (tokens.iter().filter_map(name).collect(), selection)
    }

    /// Expressions parted by commas up to the end.
    fn list(&mut self) -> Vec<Expression> {
        let mut items = Vec::new();
        while self.at < self.end {
            let before = self.at;
            if !self.eat(",") {
                items.push(self.expression());
            }
            if self.at == before {
                self.at += 1;
            }
        }
        items
    }
}

/// Whether a variable is called no more than a key: `key`, `env_key`, `keys`.
fn is_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let rest = lower.trim_end_matches('s').trim_end_matches("key").trim_end_matches('_');
    matches!(rest, "" | "e" | "env" | "var" | "name" | "environ" | "environment")
}
