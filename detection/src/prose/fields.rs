//! Passages of code, JSON and TOML: descriptions, docstrings, comments.

use super::{Form, Passage, Place};

/// Names of fields that describe a tool or a skill, or instruct a model; in lower case, without marks.
const DESCRIPTIONS: [&str; 9] = [
    "description",
    "longdescription",
    "shortdescription",
    "descriptionformodel",
    "instructions",
    "summary",
    "whentouse",
    "defaultprompt",
    "doc",
];

pub(super) fn describes(key: &str) -> bool {
    let plain: String =
        key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    DESCRIPTIONS.contains(&plain.as_str())
}

fn passage(chars: Vec<(char, u32)>, place: Place) -> Passage {
    let chars =
        chars.into_iter().map(|(c, line)| (if c == '\n' { ' ' } else { c }, line)).collect();
    Passage { chars, place, shown: false, content: false }
}

/// The descriptions and comments of JSON, TOML or code.
pub(super) fn code(form: Form, source: &str) -> Vec<Passage> {
    let mut reader = Reader {
        form,
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        passages: Vec::new(),
        key: String::new(),
        joined: None,
    };
    reader.read();
    reader.passages
}

struct Reader {
    form: Form,
    chars: Vec<char>,
    at: usize,
    line: u32,
    passages: Vec<Passage>,
    /// The word or string before a colon or an equals sign.
    key: String,
    /// The description that another string may go on with.
    joined: Option<usize>,
}

impl Reader {
    fn peek(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        if c == '\n' {
            self.line = self.line.saturating_add(1);
        }
        self.at += 1;
        Some(c)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(offset, c)| self.peek(offset) == Some(c))
    }

    fn read(&mut self) {
        let hash = matches!(self.form, Form::Python | Form::Toml | Form::Shell);
        let slashes = matches!(self.form, Form::JavaScript | Form::Json);
        // The word that ends here.
        let mut word = String::new();
        let mut assigned = false;
        while let Some(c) = self.peek(0) {
            if hash && c == '#' || slashes && self.starts_with("//") {
                self.line_comment(c);
            } else if slashes && self.starts_with("/*") {
                self.block_comment();
            } else if matches!(c, '"' | '\'' | '`') && self.form != Form::Shell {
                let begins = self.is_first_on_line();
                let text = self.string();
                if assigned && describes(&self.key) {
                    self.passages.push(passage(text, Place::Description));
                    self.joined = Some(self.passages.len() - 1);
                } else if let Some(joined) = self.joined.and_then(|at| self.passages.get_mut(at)) {
                    joined.chars.extend(text);
                } else if begins && self.form == Form::Python {
                    self.passages.push(passage(text, Place::Description));
                } else {
                    word = text.iter().take(40).map(|(c, _)| *c).collect();
                    continue;
                }
                assigned = false;
                word.clear();
            } else {
                self.bump();
                match c {
                    ':' | '=' => {
                        if !word.is_empty() {
                            self.key = std::mem::take(&mut word);
                        }
                        assigned = true;
                        self.joined = None;
                    }
                    _ if c.is_alphanumeric() || matches!(c, '_' | '-') => {
                        if assigned {
                            // What is assigned is no string.
                            assigned =
                                matches!(c, 'f' | 'r' | 'b' | 'u' | 'F' | 'R') && word.is_empty();
                        }
                        self.joined = None;
                        if word.len() < 40 {
                            word.push(c);
                        }
                    }
                    _ if c.is_whitespace() || matches!(c, '+' | '(' | '\\') => {
                        if c == '\n' && self.form == Form::Toml {
                            self.joined = None;
                        }
                        if !matches!(c, ' ' | '\t') {
                            word.clear();
                        }
                    }
                    _ => {
                        assigned = false;
                        self.joined = None;
                        word.clear();
                    }
                }
            }
        }
    }

    fn is_first_on_line(&self) -> bool {
        let before = self.chars.get(..self.at).unwrap_or_default();
        let line = before.iter().rev().take(80).take_while(|c| **c != '\n');
        line.clone().all(|c| c.is_whitespace() || matches!(c, 'r' | 'u' | 'R'))
    }

    fn comment(&mut self, text: Vec<(char, u32)>) {
        if self.form == Form::Json {
            return;
        }
        // A comment on the line below goes on with it.
        let line = text.first().map_or(0, |(_, line)| *line);
        let follows = self.passages.last().is_some_and(|last| {
            last.place == Place::CodeComment
                && last.chars.last().is_some_and(|(_, end)| end.saturating_add(1) == line)
        });
        match self.passages.last_mut().filter(|_| follows) {
            Some(last) => {
                last.chars.push((' ', line));
                last.chars.extend(text);
            }
            None => self.passages.push(passage(text, Place::CodeComment)),
        }
    }

    fn line_comment(&mut self, mark: char) {
        while self.peek(0) == Some(mark) {
            self.bump();
        }
        let mut text = Vec::new();
        while let Some(c) = self.peek(0).filter(|c| *c != '\n') {
            text.push((c, self.line));
            self.bump();
        }
        self.comment(text);
    }

    fn block_comment(&mut self) {
        self.bump();
        self.bump();
        let mut text = Vec::new();
        while self.peek(0).is_some() && !self.starts_with("*/") {
            let line = self.line;
            match self.bump() {
                Some('\n' | '*') | None => text.push((' ', line)),
                Some(c) => text.push((c, line)),
            }
        }
        self.bump();
        self.bump();
        self.comment(text);
    }

    /// The string that begins here, decoded.
    fn string(&mut self) -> Vec<(char, u32)> {
        let Some(quote) = self.bump() else { return Vec::new() };
        let long =
            self.peek(0) == Some(quote) && self.peek(1) == Some(quote) && self.form != Form::Json;
        if long {
            self.bump();
            self.bump();
        }
        let several_lines = long || quote == '`';
        let mut text = Vec::new();
        while let Some(c) = self.peek(0) {
            if c == quote && (!long || self.peek(1) == Some(quote) && self.peek(2) == Some(quote)) {
                break;
            }
            if c == '\n' && !several_lines {
                return text;
            }
            let line = self.line;
            self.bump();
            if c == '\\' {
                text.extend(self.escape().map(|c| (c, line)));
            } else {
                text.push((c, line));
            }
        }
        for _ in 0..if long { 3 } else { 1 } {
            self.bump();
        }
        text
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.bump()?;
        let digits = match c {
            'n' | 't' | 'r' | '\n' => return Some(' '),
            'x' => 2,
            'u' => 4,
            other => return Some(other),
        };
        let hexadecimal: String = (0..digits).filter_map(|offset| self.peek(offset)).collect();
        let decoded = u32::from_str_radix(&hexadecimal, 16).ok().and_then(char::from_u32)?;
        for _ in 0..digits {
            self.bump();
        }
        Some(decoded)
    }
}
