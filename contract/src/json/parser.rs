//! The parser of JSON (RFC 8259), strict. That of serde_json also makes floating-point numbers and says where a text is
//! wrong, which is 7 KB of gzipped wasm more.

use serde_json::{Map, Value};

/// How deep arrays and objects may be nested in a value, as in serde_json.
const MAX_DEPTH: usize = 127;

/// In place of each number that is no integer of 64 bits. Nothing here reads its value.
const NO_INTEGER: f64 = 0.5;

/// Reads a text. A number that is no integer of 64 bits stays a number, of another value. Of members with one name,
/// the last one counts.
pub(super) fn value(text: &str) -> Option<Value> {
    Parser { text, at: 0, checks_only: false }.whole(MAX_DEPTH)
}

/// Whether a text is JSON, and is nested at most `depth` deep. Half a surrogate pair in a text is none of its faults.
pub(crate) fn is_json(text: &str, depth: usize) -> bool {
    Parser { text, at: 0, checks_only: true }.whole(depth).is_some()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// No value is made.
    checks_only: bool,
}

impl Parser<'_> {
    fn whole(mut self, depth: usize) -> Option<Value> {
        let value = self.value(depth)?;
        self.skip_space();
        (self.at == self.text.len()).then_some(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// As [`Self::eat`], behind white space.
    fn eat_next(&mut self, byte: u8) -> bool {
        self.skip_space();
        self.eat(byte)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        match self.peek()? {
            b'{' => self.object(depth.checked_sub(1)?),
            b'[' => self.array(depth.checked_sub(1)?),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        let found = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        found.then_some(value)
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        self.at += 1;
        if self.eat_next(b'}') {
            return Some(Value::Object(members));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            if !self.eat_next(b':') {
                return None;
            }
            let value = self.value(depth)?;
            if !self.checks_only {
                members.insert(name, value);
            }
            if !self.eat_next(b',') {
                return self.eat(b'}').then_some(Value::Object(members));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.at += 1;
        if self.eat_next(b']') {
            return Some(Value::Array(items));
        }
        loop {
            let value = self.value(depth)?;
            if !self.checks_only {
                items.push(value);
            }
            if !self.eat_next(b',') {
                return self.eat(b']').then_some(Value::Array(items));
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let mut string = String::new();
        if !self.eat(b'"') {
            return None;
        }
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            if !self.checks_only {
                string.push_str(self.text.get(start..self.at)?);
            }
            if self.eat(b'"') {
                return Some(string);
            }
            let escaped = self.escaped()?;
            if !self.checks_only {
                string.push(escaped);
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        if !self.eat(b'\\') {
            return None;
        }
        let escape = self.peek()?;
        self.at += 1;
        Some(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return None,
        })
    }

    fn unicode(&mut self) -> Option<char> {
        let unit = self.hex()?;
        if self.checks_only {
            return Some(char::REPLACEMENT_CHARACTER);
        }
        if !(0xD800..0xDC00).contains(&unit) {
            return char::from_u32(unit);
        }
        // The first half of a surrogate pair.
        if !(self.eat(b'\\') && self.eat(b'u')) {
            return None;
        }
        let second = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + second)
    }

    fn hex(&mut self) -> Option<u32> {
        let mut number = 0;
        for _ in 0..4 {
            number = number * 16 + char::from(self.peek()?).to_digit(16)?;
            self.at += 1;
        }
        Some(number)
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        self.eat(b'-');
        if !(self.eat(b'0') || self.digits()) {
            return None;
        }
        if self.eat(b'.') && !self.digits() {
            return None;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            if !self.digits() {
                return None;
            }
        }
        let number = self.text.get(start..self.at)?;
        Some(match (number.parse::<u64>(), number.parse::<i64>()) {
            (Ok(integer), _) => integer.into(),
            (_, Ok(integer @ ..0)) => integer.into(),
            // Too large, with a fraction or an exponent, or -0.
            _ => NO_INTEGER.into(),
        })
    }

    /// Skips at least one digit.
    fn digits(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at > start
    }
}

#[cfg(test)]
mod tests;
