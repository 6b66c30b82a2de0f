//! Tokens of JavaScript and Python, with their strings decoded, in one pass.
//!
//! A text that is not well formed gives what can be read of it: a string of one line ends with its line, and a closing
//! bracket closes the nearest bracket of its kind.

mod pattern;
mod text;

use super::syntax::Dialect;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Number(i64),
    Text(String),
    Pattern(String),
    /// A template begins; up to its end stand texts and holes.
    Template,
    TemplateEnd,
    Hole,
    HoleEnd,
    Sign(&'a str),
    /// A logical line of Python begins at this column.
    Line(usize),
}

/// The tokens of a text.
pub(super) struct Tokens<'a> {
    pub(super) all: Vec<(Token<'a>, u32)>,
    /// For each token that opens, the one that closes it; the number of tokens where there is none.
    pub(super) closing: Vec<usize>,
}

/// How a string ends, and what stands in it.
#[derive(Debug, Clone, Copy)]
struct Opening {
    quote: char,
    long: bool,
    raw: bool,
}

enum Mode {
    Template(Opening),
    /// An expression in a template, with its open brackets.
    Hole(u32),
}

struct Lexer<'a> {
    source: &'a str,
    dialect: Dialect,
    at: usize,
    line: u32,
    tokens: Vec<(Token<'a>, u32)>,
    modes: Vec<Mode>,
    brackets: u32,
    /// A line of Python has ended; where the next one begins.
    ended: bool,
    line_start: usize,
    /// The column at which the token begins that is being read.
    column: usize,
    endings: pattern::Endings,
}

const SIGNS: [&str; 33] = [
    "===", "!==", "...", "**=", "??=", "||=", "&&=", ">>>", "=>", "==", "!=", "<=", ">=", "+=",
    "-=", "*=", "/=", "%=", "&&", "||", "??", "?.", "++", "--", "**", ":=", "//", "->", "<<", ">>",
    "|=", "&=", "^=",
];
/// Words behind which a slash begins a pattern.
const BEFORE_PATTERN: [&str; 11] =
    ["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "await", "yield"];

pub(super) fn read(source: &str, dialect: Dialect, line: u32) -> Tokens<'_> {
    let mut lexer = Lexer {
        source,
        dialect,
        at: 0,
        line,
        tokens: Vec::new(),
        modes: Vec::new(),
        brackets: 0,
        ended: dialect == Dialect::Python,
        line_start: 0,
        column: 0,
        endings: pattern::Endings::default(),
    };
    while lexer.at < source.len() {
        match lexer.modes.last() {
            Some(Mode::Template(opening)) => {
                let opening = *opening;
                lexer.template(opening);
            }
            _ => lexer.token(),
        }
    }
    let closing = closing(&lexer.tokens);
    Tokens { all: lexer.tokens, closing }
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        let Some(c) = self.peek() else {
            self.at = self.source.len();
            return;
        };
        self.at += c.len_utf8();
        if c == '\n' {
            self.line = self.line.saturating_add(1);
        }
    }

    /// Goes on over `count` bytes, which hold no line end.
    fn skip(&mut self, count: usize) {
        self.at += count;
    }

    fn push(&mut self, token: Token<'a>) {
        self.push_at(token, self.line);
    }

    fn push_at(&mut self, token: Token<'a>, line: u32) {
        if std::mem::take(&mut self.ended) {
            self.tokens.push((Token::Line(self.column), line));
        }
        self.tokens.push((token, line));
    }

    fn token(&mut self) {
        let Some(c) = self.peek() else { return };
        // A string is pushed when it has been read.
        self.column = self.at.saturating_sub(self.line_start);
        let python = self.dialect == Dialect::Python;
        let rest = self.rest();
        if c == '\n' {
            self.bump();
            if python && self.brackets == 0 && self.modes.is_empty() {
                self.ended = true;
                self.line_start = self.at;
            }
        } else if c.is_whitespace() {
            self.bump();
        } else if python && c == '\\' {
            self.bump();
            if self.peek() == Some('\r') {
                self.bump();
            }
            if self.peek() == Some('\n') {
                self.bump();
            }
        } else if python && c == '#' || !python && rest.starts_with("//") || rest.starts_with("#!")
        {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        } else if !python && rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            let lines = rest.get(..end).unwrap_or_default().matches('\n').count();
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            self.skip(end);
        } else if !self.string() {
            if c.is_ascii_digit() {
                self.number();
            } else if is_name(c) {
                let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let name = rest.get(..length).unwrap_or_default();
                self.push(Token::Name(name.trim_start_matches('#')));
                self.skip(length);
            } else if !python && c == '/' && self.begins_pattern() {
                self.pattern();
            } else {
                self.sign(c);
            }
        }
    }

    fn sign(&mut self, c: char) {
        let rest = self.rest();
        let python = self.dialect == Dialect::Python;
        let mut leaves = false;
        if let Some(Mode::Hole(open)) = self.modes.last_mut() {
            match c {
                '(' | '[' | '{' => *open = open.saturating_add(1),
                '}' if *open == 0 => leaves = true,
                ')' | ']' | '}' => *open = open.saturating_sub(1),
                ':' | '!' if python && *open == 0 && !rest.starts_with("!=") => {
                    self.skip(format_end(rest));
                    return;
                }
                _ => {}
            }
        }
        if leaves {
            self.modes.pop();
            self.push(Token::HoleEnd);
            self.skip(1);
            return;
        }
        match c {
            '(' | '[' | '{' => self.brackets = self.brackets.saturating_add(1),
            ')' | ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
        let long = SIGNS.iter().find(|sign| rest.starts_with(**sign)).map(|sign| sign.len());
        let length = long.unwrap_or(c.len_utf8());
        self.push(Token::Sign(rest.get(..length).unwrap_or_default()));
        self.skip(length);
    }

    fn number(&mut self) {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')
            .unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default().replace('_', "");
        let lower = text.to_ascii_lowercase();
        let number = [("0x", 16), ("0o", 8), ("0b", 2)]
            .iter()
            .find_map(|(mark, radix)| {
                lower.strip_prefix(mark).map(|digits| i64::from_str_radix(digits, *radix))
            })
            .unwrap_or_else(|| lower.trim_end_matches('n').parse());
        self.push(Token::Number(number.unwrap_or(-1)));
        self.skip(length);
    }

    fn begins_pattern(&self) -> bool {
        match self.tokens.last().map(|(token, _)| token) {
            None => true,
            Some(Token::Sign(sign)) => !matches!(*sign, ")" | "]" | "}" | "++" | "--"),
            Some(Token::Name(name)) => BEFORE_PATTERN.contains(name),
            Some(Token::Hole) => true,
            _ => false,
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#')
}

/// Where the format of a hole of Python ends: before the brace that closes the hole, or with the line.
fn format_end(rest: &str) -> usize {
    let mut level = 0u32;
    for (at, c) in rest.char_indices() {
        match c {
            '{' => level += 1,
            '}' if level == 0 => return at,
            '}' => level -= 1,
            '\n' => return at,
            _ => {}
        }
    }
    rest.len()
}

/// The closing token of each opening one. A closing token that fits none of the nearest open ones closes nothing.
fn closing(tokens: &[(Token<'_>, u32)]) -> Vec<usize> {
    const NEAREST: usize = 8;
    let mut closing = vec![tokens.len(); tokens.len()];
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (at, (token, _)) in tokens.iter().enumerate() {
        let closes = match token {
            Token::Sign("(") => Err(")"),
            Token::Sign("[") => Err("]"),
            Token::Sign("{") => Err("}"),
            Token::Template => Err("`"),
            Token::Hole => Err("$"),
            Token::Sign(sign @ (")" | "]" | "}")) => Ok(*sign),
            Token::TemplateEnd => Ok("`"),
            Token::HoleEnd => Ok("$"),
            _ => continue,
        };
        match closes {
            Err(closer) => open.push((at, closer)),
            Ok(closer) => {
                let found = open.iter().rev().take(NEAREST).position(|(_, wants)| *wants == closer);
                if let Some(back) = found {
                    let keep = open.len() - back - 1;
                    if let Some((opener, _)) = open.get(keep)
                        && let Some(slot) = closing.get_mut(*opener)
                    {
                        *slot = at;
                    }
                    open.truncate(keep);
                }
            }
        }
    }
    closing
}
