//! Words: quotes, expansions, substitutions.

use super::{Parser, Part, Until, Word, parse};

impl Parser {
    pub(super) fn word(&mut self) -> Option<Word> {
        let mut word = Word::default();
        let mut text = String::new();
        let flush = |text: &mut String, parts: &mut Vec<Part>| {
            if !text.is_empty() {
                parts.push(Part::Text { text: std::mem::take(text), bare: true });
            }
        };
        let begin = self.at;
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | ')' => break,
                '&' | '(' => break,
                '<' | '>' if self.peek_at(1) == Some('(') && self.at == begin => {
                    self.bump_by(2);
                    let script = self.script(Until::Bracket);
                    self.bump();
                    word.parts.push(Part::Process(script));
                }
                '<' | '>' => break,
                '\\' => {
                    self.bump();
                    match self.bump() {
                        Some('\n') | None => {}
                        Some(c) => {
                            flush(&mut text, &mut word.parts);
                            word.parts.push(Part::Text { text: c.into(), bare: false });
                        }
                    }
                }
                '\'' | '"' | '$' | '`' => {
                    flush(&mut text, &mut word.parts);
                    let part = self.special(c, false);
                    word.parts.extend(part);
                }
                _ => {
                    text.push(c);
                    self.bump();
                }
            }
        }
        flush(&mut text, &mut word.parts);
        (self.at > begin).then_some(word)
    }

    /// What begins with a quote, a dollar or a backquote.
    pub(super) fn special(&mut self, c: char, quoted: bool) -> Vec<Part> {
        let literal = |text: String| vec![Part::Text { text, bare: false }];
        match (c, self.peek_at(1)) {
            ('\'', _) => {
                self.bump();
                literal(self.until('\''))
            }
            ('"', _) => {
                self.bump();
                let mut parts = self.quoted(Some('"'));
                if parts.is_empty() {
                    parts = literal(String::new());
                }
                parts
            }
            ('`', _) => {
                self.bump();
                let line = self.line;
                let mut raw = String::new();
                while let Some(c) = self.bump().filter(|c| *c != '`') {
                    match (c, self.peek()) {
                        ('\\', Some(next @ ('`' | '\\' | '$'))) => {
                            raw.push(next);
                            self.bump();
                        }
                        _ => raw.push(c),
                    }
                }
                let (script, whole) = parse(&raw, line, self.depth);
                self.whole &= whole;
                vec![Part::Output { script, quoted }]
            }
            (_, Some('\'')) if !quoted => {
                self.bump_by(2);
                let raw = self.until_unescaped('\'');
                literal(crate::decode::escapes(&raw))
            }
            (_, Some('"')) if !quoted => {
                self.bump();
                self.special('"', quoted)
            }
            (_, Some('(')) if self.begins("$((") => {
                self.arithmetic();
                vec![Part::Unknown]
            }
            (_, Some('(')) => {
                self.bump_by(2);
                let script = self.script(Until::Bracket);
                self.bump();
                vec![Part::Output { script, quoted }]
            }
            (_, Some('{')) => {
                self.bump_by(2);
                self.braced(quoted)
            }
            (_, Some(next)) if next.is_ascii_alphanumeric() || next == '_' => {
                self.bump();
                let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                let mut name: String =
                    self.chars.iter().skip(self.at).take_while(|c| is_name(c)).collect();
                if name.starts_with(|c: char| c.is_ascii_digit()) {
                    name.truncate(1);
                }
                self.bump_by(name.len());
                vec![Part::Variable { name, operation: String::new(), quoted }]
            }
            (_, Some('@' | '*')) => {
                self.bump_by(2);
                vec![Part::Variable { name: "@".to_owned(), operation: String::new(), quoted }]
            }
            (_, Some('#' | '?' | '$' | '!' | '-')) => {
                self.bump_by(2);
                vec![Part::Unknown]
            }
            _ => {
                self.bump();
                literal("$".into())
            }
        }
    }

    pub(super) fn braced(&mut self, quoted: bool) -> Vec<Part> {
        let mut raw = String::new();
        let mut level = 1u32;
        while let Some(c) = self.bump() {
            match c {
                '{' => level += 1,
                '}' => level -= 1,
                _ => {}
            }
            if level == 0 {
                break;
            }
            raw.push(c);
        }
        let length = raw.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
        let name: String = raw.chars().take(length).collect();
        if name.is_empty() {
            return vec![Part::Unknown];
        }
        vec![Part::Variable { name, operation: raw.chars().skip(length).collect(), quoted }]
    }

    /// The parts of a text in double quotes, or of a here-document.
    pub(super) fn quoted(&mut self, end: Option<char>) -> Vec<Part> {
        let (mut parts, mut text) = (Vec::new(), String::new());
        while let Some(c) = self.peek() {
            match c {
                _ if Some(c) == end => {
                    self.bump();
                    break;
                }
                '\\' => {
                    self.bump();
                    match self.bump() {
                        Some('\n') | None => {}
                        Some(next @ ('$' | '`' | '"' | '\\')) => text.push(next),
                        Some(next) => text.extend(['\\', next]),
                    }
                }
                '$' | '`' => {
                    if !text.is_empty() {
                        parts.push(Part::Text { text: std::mem::take(&mut text), bare: false });
                    }
                    parts.extend(self.special(c, true));
                }
                _ => {
                    text.push(c);
                    self.bump();
                }
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text { text, bare: false });
        }
        parts
    }

    pub(super) fn until(&mut self, end: char) -> String {
        let mut text = String::new();
        while let Some(c) = self.bump().filter(|c| *c != end) {
            text.push(c);
        }
        text
    }

    pub(super) fn until_unescaped(&mut self, end: char) -> String {
        let mut text = String::new();
        while let Some(c) = self.bump().filter(|c| *c != end) {
            text.push(c);
            if c == '\\' {
                text.extend(self.bump());
            }
        }
        text
    }
}
