//! Redirections and here-documents.

use super::{Parser, Part, Word};
use crate::shell::syntax::{Direction, Redirect};

impl Parser {
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let digits = self.chars.iter().skip(self.at).take_while(|c| c.is_ascii_digit()).count();
        let descriptor: String = self.chars.iter().skip(self.at).take(digits).collect();
        let ahead = |parser: &Self, text: &str| {
            text.chars().enumerate().all(|(i, c)| parser.peek_at(digits + i) == Some(c))
        };
        if digits == 0 && (self.begins("<(") || self.begins(">(")) {
            return None;
        }
        let (operator, mut to) = [
            ("<<<", Direction::Text),
            ("<<-", Direction::Text),
            ("<<", Direction::Text),
            ("<>", Direction::Both),
            ("<&", Direction::Other),
            ("<", Direction::In),
            ("&>>", Direction::Out),
            ("&>", Direction::Out),
            (">>", Direction::Out),
            (">|", Direction::Out),
            (">&", Direction::Out),
            (">", Direction::Out),
        ]
        .into_iter()
        .find(|(operator, _)| ahead(self, operator))?;
        self.bump_by(digits + operator.len());
        if operator == "<<" || operator == "<<-" {
            return Some(self.here_document(operator == "<<-"));
        }
        self.skip_blanks(false);
        let target = self.word().unwrap_or_default();
        let copies = operator.ends_with('&') && target.is_descriptor();
        let opened = copies && target.plain().parse::<u32>().is_ok_and(|number| number > 2);
        if opened {
            to = if operator.starts_with('<') { Direction::CopyIn } else { Direction::CopyOut };
        } else if descriptor == "2" && operator.starts_with('>') {
            to = Direction::Errors;
        } else if copies || to == Direction::Out && !matches!(descriptor.as_str(), "" | "1") {
            to = Direction::Other;
        }
        Some(Redirect { to, target })
    }

    pub(super) fn here_document(&mut self, tabs: bool) -> Redirect {
        self.skip_blanks(false);
        let quoted = matches!(self.peek(), Some('\'' | '"' | '\\'));
        let delimiter = self.word().map(|word| word.plain()).unwrap_or_default();
        let (mut at, mut line) = match self.resume {
            Some(resume) => resume,
            None => {
                let rest = self.chars.iter().skip(self.at);
                let length = rest.take_while(|c| **c != '\n').count();
                (self.at + length + 1, self.line + 1)
            }
        };
        let (first, mut body) = (line, String::new());
        while at < self.chars.len() {
            let text: String = self.chars.iter().skip(at).take_while(|c| **c != '\n').collect();
            at += text.chars().count() + 1;
            line += 1;
            let text = if tabs { text.trim_start_matches('\t') } else { &text };
            if text.trim_end_matches('\r') == delimiter {
                break;
            }
            body.push_str(text);
            body.push('\n');
        }
        self.resume = Some((at.min(self.chars.len()), line));
        let parts = if quoted {
            vec![Part::Text { text: body, bare: false }]
        } else {
            let chars = body.chars().collect();
            let mut inner =
                Self { chars, at: 0, line: first, depth: self.depth, resume: None, whole: true };
            let parts = inner.quoted(None);
            self.whole &= inner.whole;
            parts
        };
        Redirect { to: Direction::Text, target: Word { parts } }
    }
}

impl Word {
    /// Its text as far as it is written out.
    pub(crate) fn plain(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.parts.iter().filter_map(text).collect()
    }

    /// `1`, `2-`, `-`: names of open files.
    fn is_descriptor(&self) -> bool {
        let text = self.plain();
        !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '-')
    }
}
