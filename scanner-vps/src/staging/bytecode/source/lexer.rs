//! Goes through Python source once, from code to literals and the expressions in them, and fills a [`Source`].

use super::{Source, is_plain};
use crate::staging::bytecode::number;

/// Literals and expressions that are open at once.
const MAX_OPEN: usize = 20;
/// How a literal was opened.
#[derive(Debug, Clone, Copy)]
struct Opening {
    quote: char,
    long: bool,
    raw: bool,
    formatted: bool,
    bytes: bool,
    /// Where its text begins.
    start: usize,
}

#[derive(Debug, Clone, Copy)]
enum Frame {
    Literal(Opening),
    /// An expression in a formatted literal, and the brackets that are open in it.
    Expression(u32),
    /// What follows the colon of such an expression.
    Format,
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Adds what stands in a text whose lines end with `\n`.
pub(super) fn read(text: &str, source: Source) -> Source {
    let mut lexer = Lexer { rest: text, open: Vec::new(), source };
    while !lexer.rest.is_empty() {
        match lexer.open.last().copied() {
            Some(Frame::Literal(opening)) => lexer.literal(opening),
            Some(Frame::Format) => lexer.format(),
            Some(Frame::Expression(_)) | None => lexer.code(),
        }
    }
    lexer.source
}

struct Lexer<'a> {
    rest: &'a str,
    open: Vec<Frame>,
    source: Source,
}

impl<'a> Lexer<'a> {
    /// The next `count` bytes, at least one character.
    fn take(&mut self, count: usize) -> &'a str {
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let (taken, rest) = self.rest.split_at_checked(count.max(first)).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn while_of(&self, is_of: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c| !is_of(c)).unwrap_or(self.rest.len())
    }

    fn code(&mut self) {
        let Some(c) = self.rest.chars().next() else { return };
        let second = self.rest.chars().nth(1);
        if c == '#' {
            self.take(self.while_of(|c| c != '\n'));
            return;
        }
        if self.opens() {
            return;
        }
        if c.is_ascii_digit() || c == '.' && second.is_some_and(|c| c.is_ascii_digit()) {
            self.number();
        } else if is_part(c) {
            let word = self.take(self.while_of(is_part));
            self.source.plain.push_str(word);
            if !self.source.words.contains(word) {
                self.source.words.insert(word.to_owned());
            }
        } else {
            self.take(1);
            self.source.plain.extend(Some(c).filter(|c| is_plain(*c)));
            self.bracket(c);
        }
    }

    /// Follows the brackets of an expression in a literal to its end.
    fn bracket(&mut self, c: char) {
        let Some(Frame::Expression(level)) = self.open.last_mut() else { return };
        match (c, *level) {
            ('}', 0) => {
                self.open.pop();
            }
            (':', 0) => {
                self.open.pop();
                self.open.push(Frame::Format);
            }
            ('(' | '[' | '{', _) => *level = level.saturating_add(1),
            (')' | ']' | '}', _) => *level = level.saturating_sub(1),
            _ => {}
        }
    }

    /// Opens a literal that begins here.
    fn opens(&mut self) -> bool {
        let length = self.while_of(|c| "rRbBuUfFtT".contains(c));
        let (prefix, behind) = self.rest.split_at(length.min(self.rest.len()));
        let Some(quote) = behind.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            return false;
        };
        if length > 2 || self.open.len() >= MAX_OPEN {
            return false;
        }
        let has = |letter| prefix.chars().any(|c| c.eq_ignore_ascii_case(&letter));
        let long = behind.chars().take(3).filter(|c| *c == quote).count() == 3;
        self.open.push(Frame::Literal(Opening {
            quote,
            long,
            raw: has('r'),
            formatted: has('f') || has('t'),
            bytes: has('b'),
            start: self.source.literals.len(),
        }));
        self.take(length + if long { 3 } else { 1 });
        true
    }

    fn number(&mut self) {
        let is_hex = self.rest.starts_with("0x") || self.rest.starts_with("0X");
        let mut length = self.while_of(|c| is_part(c) || c == '.');
        let ends_in_e = self.rest.get(..length).is_some_and(|token| token.ends_with(['e', 'E']));
        if ends_in_e && !is_hex {
            let sign = self.rest.get(length..).unwrap_or_default();
            if let Some(exponent) = sign.strip_prefix(['+', '-']) {
                length += 1 + exponent.find(|c| !is_part(c)).unwrap_or(exponent.len());
            }
        }
        let token = self.take(length);
        self.source.plain.push_str(token);
        if let Some(number) = number::of_source(token) {
            self.source.row.push_str(&number);
            self.source.row.push(' ');
            self.source.numbers.insert(number);
        }
    }

    fn literal(&mut self, opening: Opening) {
        let Opening { quote, long, raw, formatted, .. } = opening;
        let mut next = self.rest.chars();
        let Some(c) = next.next() else { return };
        let second = next.next();
        let closes = c == quote && (!long || second == Some(c) && next.next() == Some(c));
        if closes || c == '\n' && !long {
            self.take(if closes && long { 3 } else { 1 });
            self.open.pop();
            let text = self.source.literals.get(opening.start..).unwrap_or_default();
            if !formatted && !self.source.whole.contains(text) {
                self.source.whole.insert(text.to_owned());
            }
        } else if c == '\\' && raw {
            self.take(1);
            self.push(c);
            if let Some(c) = second {
                self.take(1);
                self.push(c);
            }
        } else if c == '\\' {
            self.escape(opening.bytes);
        } else if formatted && matches!(c, '{' | '}') && second == Some(c) {
            self.take(2);
            self.push(c);
        } else if formatted && c == '{' && self.open.len() < MAX_OPEN {
            self.take(1);
            self.open.push(Frame::Expression(0));
        } else {
            self.take(1);
            self.push(c);
        }
    }

    fn format(&mut self) {
        match self.take(1).chars().next() {
            Some('}') => {
                self.open.pop();
            }
            Some('{') if self.open.len() < MAX_OPEN => self.open.push(Frame::Expression(0)),
            Some(c) => self.push(c),
            None => {}
        }
    }

    fn push(&mut self, c: char) {
        self.source.literals.push(c);
        self.source.plain.extend(Some(c).filter(|c| is_plain(*c)));
    }

    /// An escape (Python, Lexical analysis, 2.5.1). Names of characters are not known here.
    fn escape(&mut self, bytes: bool) {
        self.take(1);
        let Some(c) = self.rest.chars().next() else { return };
        let (skipped, radix, most) = match c {
            '0'..='7' => (0, 8, 3),
            'x' => (1, 16, 2),
            'u' if !bytes => (1, 16, 4),
            'U' if !bytes => (1, 16, 8),
            _ => {
                self.take(1);
                return self.plain_escape(c);
            }
        };
        if skipped > 0 {
            self.take(skipped);
        }
        let digits = self.while_of(|c| c.is_digit(radix)).min(most);
        let Some(code) = self.rest.get(..digits).and_then(|d| u32::from_str_radix(d, radix).ok())
        else {
            return;
        };
        self.take(digits);
        match char::from_u32(code) {
            Some(c) => self.push(c),
            // A lone surrogate, as its three bytes show in bytecode.
            None => (0..3).for_each(|_| self.push(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn plain_escape(&mut self, c: char) {
        match c {
            '\n' => {}
            '\\' | '\'' | '"' => self.push(c),
            'a' => self.push('\u{7}'),
            'b' => self.push('\u{8}'),
            'f' => self.push('\u{c}'),
            'n' => self.push('\n'),
            'r' => self.push('\r'),
            't' => self.push('\t'),
            'v' => self.push('\u{b}'),
            _ => {
                self.push('\\');
                self.push(c);
            }
        }
    }
}
