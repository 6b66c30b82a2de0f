//! Strings and templates.

use super::{Dialect, Lexer, Mode, Opening, Token};

impl Lexer<'_> {
    /// Reads a string that begins here, or opens a template; false where none begins.
    pub(super) fn string(&mut self) -> bool {
        let rest = self.rest();
        let python = self.dialect == Dialect::Python;
        let letters = if python {
            rest.bytes().take(2).take_while(|b| b"rRbBuUfFtT".contains(b)).count()
        } else {
            0
        };
        let prefix = rest.get(..letters).unwrap_or_default().to_ascii_lowercase();
        let Some(body) = rest.get(letters..) else { return false };
        let Some(quote) = body.chars().next() else { return false };
        if !(matches!(quote, '"' | '\'') || quote == '`' && !python) {
            return false;
        }
        let long = python && body.chars().take(3).filter(|c| *c == quote).count() == 3;
        let opening = Opening { quote, long, raw: prefix.contains('r') };
        let formatted = quote == '`' || prefix.contains(['f', 't']);
        let line = self.line;
        self.skip(letters + if long { 3 } else { 1 });
        if formatted {
            self.push_at(Token::Template, line);
            self.modes.push(Mode::Template(opening));
            return true;
        }
        let mut text = String::new();
        while !self.closes(opening) && !self.breaks(opening) && self.at < self.source.len() {
            self.character(opening, &mut text);
        }
        if self.closes(opening) {
            self.skip(if long { 3 } else { 1 });
        }
        self.push_at(Token::Text(text), line);
        true
    }

    /// Reads a template up to its next hole, or its end.
    pub(super) fn template(&mut self, opening: Opening) {
        let (mut text, line) = (String::new(), self.line);
        let javascript = opening.quote == '`';
        loop {
            let rest = self.rest();
            let hole = if javascript { "${" } else { "{" };
            let doubled = !javascript && (rest.starts_with("{{") || rest.starts_with("}}"));
            if rest.is_empty() || self.closes(opening) || self.breaks(opening) {
                self.push_at(Token::Text(text), line);
                if self.closes(opening) {
                    self.skip(if opening.long { 3 } else { 1 });
                }
                self.modes.pop();
                return self.push(Token::TemplateEnd);
            } else if doubled {
                text.push_str(rest.get(..1).unwrap_or_default());
                self.skip(2);
            } else if rest.starts_with(hole) {
                self.push_at(Token::Text(text), line);
                self.push(Token::Hole);
                self.skip(hole.len());
                return self.modes.push(Mode::Hole(0));
            }
            if !doubled {
                self.character(opening, &mut text);
            }
        }
    }

    fn closes(&self, opening: Opening) -> bool {
        let mut next = self.rest().chars();
        let wanted = if opening.long { 3 } else { 1 };
        (0..wanted).all(|_| next.next() == Some(opening.quote))
    }

    /// A line end where a string has one line only.
    fn breaks(&self, opening: Opening) -> bool {
        !opening.long && opening.quote != '`' && self.peek() == Some('\n')
    }

    fn character(&mut self, opening: Opening, text: &mut String) {
        let Some(c) = self.peek() else { return };
        self.bump();
        if c != '\\' {
            text.push(c);
        } else if opening.raw {
            text.push(c);
            if let Some(next) = self.peek().filter(|next| *next != '\n') {
                text.push(next);
                self.bump();
            }
        } else {
            self.escape(text);
        }
    }

    fn escape(&mut self, text: &mut String) {
        let Some(c) = self.peek() else { return };
        self.bump();
        match c {
            '\n' => {}
            '\r' => {
                if self.peek() == Some('\n') {
                    self.bump();
                }
            }
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' | 'f' | 'v' | 'a' => text.push(' '),
            'x' => self.code(16, 2, text),
            'u' if self.peek() == Some('{') => {
                self.bump();
                self.code(16, 6, text);
                if self.peek() == Some('}') {
                    self.bump();
                }
            }
            'u' => self.code(16, 4, text),
            'U' => self.code(16, 8, text),
            '0'..='7' => {
                self.at -= 1;
                self.code(8, 3, text);
            }
            other => {
                // An escape that Python does not know stays as it is.
                if self.dialect == Dialect::Python && !matches!(other, '\\' | '\'' | '"') {
                    text.push('\\');
                }
                text.push(other);
            }
        }
    }

    fn code(&mut self, radix: u32, most: usize, text: &mut String) {
        let mut value = 0u32;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)) else { break };
            value = value.saturating_mul(radix).saturating_add(digit);
            self.bump();
        }
        text.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
}
