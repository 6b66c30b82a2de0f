//! Regular expressions.

use super::{Lexer, Token};

/// Where on one line a pattern that begins there would end. A line is read once, whatever slashes stand in it.
#[derive(Debug, Default)]
pub(super) struct Endings {
    /// The bytes of the text that are known.
    start: usize,
    /// Of each byte, whether a slash closes a pattern whose body begins there.
    closes: Vec<bool>,
}

impl Endings {
    fn of(start: usize, line: &str) -> Self {
        let bytes = line.as_bytes();
        // Whether it closes when read from here on, outside and inside of brackets; also from the byte behind.
        let (mut here, mut behind) = ((false, false), (false, false));
        let mut closes = vec![false; bytes.len()];
        for (byte, slot) in bytes.iter().zip(&mut closes).rev() {
            let (plain, class) = match byte {
                b'\\' => behind,
                b'[' => (here.1, here.1),
                b']' => (here.0, here.0),
                b'/' => (true, here.1),
                _ => here,
            };
            *slot = plain;
            behind = here;
            here = (plain, class);
        }
        Self { start, closes }
    }

    fn known(&self, at: usize) -> Option<bool> {
        at.checked_sub(self.start).and_then(|at| self.closes.get(at)).copied()
    }
}

impl Lexer<'_> {
    /// Reads the pattern that the slash here begins, or the slash alone where nothing closes it on its line.
    pub(super) fn pattern(&mut self) {
        let rest = self.rest();
        let body = self.at + 1;
        if self.endings.known(body).is_none() {
            let line = rest.get(1..).unwrap_or_default();
            let line = line.get(..line.find('\n').unwrap_or(line.len())).unwrap_or_default();
            self.endings = Endings::of(body, line);
        }
        let (mut class, mut escaped, mut end) = (false, false, None);
        if self.endings.known(body) == Some(true) {
            for (at, c) in rest.char_indices().skip(1) {
                match c {
                    '\n' => break,
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '[' => class = true,
                    ']' => class = false,
                    '/' if !class => {
                        end = Some(at);
                        break;
                    }
                    _ => {}
                }
            }
        }
        let Some(end) = end else {
            self.push(Token::Sign("/"));
            return self.skip(1);
        };
        self.push(Token::Pattern(rest.get(1..end).unwrap_or_default().to_owned()));
        let flags = rest.get(end + 1..).unwrap_or_default();
        let flags = flags.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(flags.len());
        self.skip(end + 1 + flags);
    }
}
