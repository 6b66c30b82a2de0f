//! String literals of JSON, JavaScript, Python and TOML.

use super::{Syntax, Text, UNKNOWN, is_record};

/// An expression between two literals that are joined is not longer.
const MAX_JOINED: usize = 80;

/// Every literal; literals that are joined in the source are one text.
pub(super) fn read(syntax: Syntax, source: &str) -> Vec<Text> {
    let mut lexer = Lexer { syntax, chars: source.chars().collect(), at: 0, line: 1 };
    let mut texts = Vec::new();
    // The name of the field whose value comes next.
    let mut field = String::new();
    while lexer.at < lexer.chars.len() {
        if lexer.comment() {
            continue;
        }
        match lexer.opening() {
            Some(opening) => {
                let mut text = Text::default();
                lexer.literal(&opening, &mut text);
                while let Some(opening) = lexer.joined(&mut text) {
                    lexer.literal(&opening, &mut text);
                }
                if lexer.is_before_colon() {
                    field = text.text;
                } else if !text.text.is_empty() && !is_record(&std::mem::take(&mut field)) {
                    texts.push(text);
                }
            }
            None => lexer.bump(),
        }
    }
    texts
}

/// How a literal begins.
struct Opening {
    /// Characters up to its content.
    length: usize,
    quote: char,
    /// Three quotes open and close it.
    long: bool,
    raw: bool,
    /// Expressions in braces are put in.
    formatted: bool,
}

struct Lexer {
    syntax: Syntax,
    chars: Vec<char>,
    at: usize,
    line: u32,
}

impl Lexer {
    fn peek(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).copied()
    }

    fn bump(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line = self.line.saturating_add(1);
        }
        self.at += 1;
    }

    fn bump_by(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    /// Skips a comment that begins here.
    fn comment(&mut self) -> bool {
        let hash = matches!(self.syntax, Syntax::Python | Syntax::Toml);
        match (self.peek(0), self.peek(1)) {
            (Some('#'), _) if hash => self.skip_line(),
            (Some('/'), Some('/')) if !hash => self.skip_line(),
            (Some('/'), Some('*')) if !hash => {
                self.bump_by(2);
                while self.peek(0).is_some()
                    && (self.peek(0), self.peek(1)) != (Some('*'), Some('/'))
                {
                    self.bump();
                }
                self.bump_by(2);
            }
            _ => return false,
        }
        true
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.bump();
        }
    }

    fn opening(&self) -> Option<Opening> {
        let mut length = 0;
        let (mut raw, mut formatted) = (false, false);
        if self.syntax == Syntax::Python {
            let before = self.at.checked_sub(1).and_then(|at| self.chars.get(at));
            if before.is_none_or(|c| !c.is_alphanumeric() && *c != '_') {
                while let Some(letter) = self.peek(length).filter(|_| length < 3) {
                    match letter.to_ascii_lowercase() {
                        'r' => raw = true,
                        'f' | 't' => formatted = true,
                        'b' | 'u' => {}
                        _ => break,
                    }
                    length += 1;
                }
            }
        }
        let quote = self.peek(length)?;
        let opens = match quote {
            '"' => true,
            '\'' => self.syntax != Syntax::Json,
            '`' => self.syntax == Syntax::JavaScript,
            _ => false,
        };
        if !opens {
            return None;
        }
        formatted |= quote == '`';
        raw |= self.syntax == Syntax::Toml && quote == '\'';
        let triple = matches!(self.syntax, Syntax::Python | Syntax::Toml)
            && self.peek(length + 1) == Some(quote)
            && self.peek(length + 2) == Some(quote);
        length += if triple { 3 } else { 1 };
        Some(Opening { length, quote, long: triple, raw, formatted })
    }

    /// Reads a literal to its end. One of a single line ends with the line.
    fn literal(&mut self, opening: &Opening, text: &mut Text) {
        self.bump_by(opening.length);
        let many_lines = opening.long || opening.quote == '`';
        while let Some(c) = self.peek(0) {
            let closes = c == opening.quote
                && (!opening.long || self.peek(1) == Some(c) && self.peek(2) == Some(c));
            if closes {
                self.bump_by(if opening.long { 3 } else { 1 });
                return;
            }
            let line = self.line;
            match c {
                '\n' if !many_lines => return,
                '\\' if !opening.raw => self.escape(text),
                '\\' if opening.raw && self.syntax == Syntax::Python => {
                    text.push(c, line);
                    self.bump();
                    if let Some(next) = self.peek(0).filter(|next| *next != '\n') {
                        text.push(next, line);
                        self.bump();
                    }
                }
                '$' if opening.quote == '`' && self.peek(1) == Some('{') => {
                    self.bump();
                    self.expression(text, line);
                }
                '{' if opening.formatted && opening.quote != '`' => {
                    if self.peek(1) == Some('{') {
                        text.push('{', line);
                        self.bump_by(2);
                    } else {
                        self.expression(text, line);
                    }
                }
                '}' if opening.formatted && opening.quote != '`' && self.peek(1) == Some('}') => {
                    text.push('}', line);
                    self.bump_by(2);
                }
                _ => {
                    text.push(c, line);
                    self.bump();
                }
            }
        }
    }

    /// An expression in braces: what it is worth is not known.
    fn expression(&mut self, text: &mut Text, line: u32) {
        let mut level = 0u32;
        while let Some(c) = self.peek(0) {
            match c {
                '{' => level += 1,
                '}' => level -= 1,
                _ => {}
            }
            self.bump();
            if level == 0 {
                break;
            }
        }
        text.push(UNKNOWN, line);
    }

    fn escape(&mut self, text: &mut Text) {
        let line = self.line;
        self.bump();
        let Some(c) = self.peek(0) else { return };
        self.bump();
        match c {
            '\n' => {
                // TOML drops the blanks of the next line too.
                while self.syntax == Syntax::Toml && self.peek(0).is_some_and(char::is_whitespace) {
                    self.bump();
                }
            }
            '\r' if self.peek(0) == Some('\n') => self.bump(),
            'n' => text.push('\n', line),
            't' => text.push('\t', line),
            'r' => text.push('\r', line),
            'b' | 'f' | 'v' | 'a' => text.push(' ', line),
            'x' => self.code(2, 16, text, line),
            'u' if self.peek(0) == Some('{') => {
                self.bump();
                self.code(6, 16, text, line);
                if self.peek(0) == Some('}') {
                    self.bump();
                }
            }
            'u' => self.code(4, 16, text, line),
            'U' => self.code(8, 16, text, line),
            '0'..='7' if self.syntax != Syntax::Json => {
                self.at -= 1;
                self.code(3, 8, text, line);
            }
            other => {
                // An escape that Python does not know stays as it is.
                if self.syntax == Syntax::Python && !matches!(other, '\\' | '\'' | '"') {
                    text.push('\\', line);
                }
                text.push(other, line);
            }
        }
    }

    /// A character by its number; two halves of a surrogate pair are one.
    fn code(&mut self, most: usize, radix: u32, text: &mut Text, line: u32) {
        let first = self.number(most, radix);
        let pair = (0xd800..0xdc00).contains(&first)
            && self.peek(0) == Some('\\')
            && self.peek(1) == Some('u');
        let value = if pair {
            self.bump_by(2);
            let second = self.number(4, 16);
            0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff)
        } else {
            first
        };
        text.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER), line);
    }

    fn number(&mut self, most: usize, radix: u32) -> u32 {
        let mut value = 0u32;
        for _ in 0..most {
            let Some(digit) = self.peek(0).and_then(|c| c.to_digit(radix)) else { break };
            value = value.saturating_mul(radix).saturating_add(digit);
            self.bump();
        }
        value
    }

    /// Whether the literal that has just ended is joined to another one. Goes on to that one then; an expression
    /// between them is not known.
    fn joined(&mut self, text: &mut Text) -> Option<Opening> {
        if !matches!(self.syntax, Syntax::JavaScript | Syntax::Python) {
            return None;
        }
        let (at, line) = (self.at, self.line);
        self.skip_blanks();
        if self.syntax == Syntax::Python && self.line - line < 3 {
            let adjacent = self.opening();
            if adjacent.is_some() {
                return adjacent;
            }
        }
        if self.peek(0) == Some('+') && !matches!(self.peek(1), Some('+' | '=')) {
            self.bump();
            self.skip_blanks();
            if let Some(opening) = self.opening() {
                return Some(opening);
            }
            let begin = self.at;
            while let Some(c) = self.peek(0).filter(|c| !";,\n'\"`=".contains(*c)) {
                if c == '+' || self.at - begin > MAX_JOINED {
                    break;
                }
                self.bump();
            }
            text.push(UNKNOWN, line);
            if self.peek(0) == Some('+') {
                self.bump();
                self.skip_blanks();
                if let Some(opening) = self.opening() {
                    return Some(opening);
                }
            }
        }
        (self.at, self.line) = (at, line);
        None
    }

    /// Whether a colon follows on this line: what has just ended is a field's name.
    fn is_before_colon(&self) -> bool {
        let blanks = |c: &&char| matches!(c, ' ' | '\t');
        self.chars.iter().skip(self.at).find(|c| !blanks(c)) == Some(&':')
    }

    fn skip_blanks(&mut self) {
        loop {
            while self.peek(0).is_some_and(char::is_whitespace) {
                self.bump();
            }
            if self.peek(0) == Some('\\') && self.peek(1) == Some('\n') {
                self.bump_by(2);
            } else if !self.comment() {
                return;
            }
        }
    }
}
