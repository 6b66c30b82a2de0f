//! Splits a passage into sentences, and a sentence into tokens: words, addresses, names of files, marks.

use super::fold::{self, is_invisible, is_unspaced};
use crate::{host, host::Host, value::UNKNOWN};

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word in its plain form; of a script without blanks, one character.
    Word(String),
    /// A URL or an e-mail address, and whose host it names.
    Address(Host),
    /// A name of a file or a path.
    File,
    /// A comma, or what stands for one.
    Comma,
    /// A colon, a semicolon, a bracket: what follows is a clause of its own.
    Break,
}

/// A token of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// As it stands in the text.
    pub(super) text: String,
    pub(super) line: u32,
    /// It stands in quotation marks.
    pub(super) quoted: bool,
    /// It stands in a code span.
    pub(super) code: bool,
    /// Letters of two scripts, or characters that nobody sees, are in its word.
    pub(super) disguised: bool,
}

/// The tokens between two ends.
pub(super) type Sentence = Vec<Token>;

/// Tokens of a sentence that are read as one; a longer one is parted.
const MAX_TOKENS: usize = 400;
/// Tokens of a part that the next one begins with: as many as an object stands away from its verb, and its target.
const OVERLAP: usize = 100;
/// A quotation that is not closed within this many tokens is none.
const MAX_QUOTED: usize = 80;

/// The sentences of a passage.
pub(super) fn sentences(chars: &[(char, u32)]) -> Vec<Sentence> {
    let mut reader = Reader {
        chars,
        at: 0,
        sentences: Vec::new(),
        tokens: Vec::new(),
        quote: None,
        code: false,
    };
    reader.read();
    reader.sentences
}

/// A quotation that is open: what closes it, and the token that it began at.
struct Quote {
    close: char,
    from: usize,
}

struct Reader<'a> {
    chars: &'a [(char, u32)],
    at: usize,
    sentences: Vec<Sentence>,
    tokens: Sentence,
    quote: Option<Quote>,
    code: bool,
}

impl Reader<'_> {
    fn peek(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).map(|(c, _)| *c)
    }

    fn read(&mut self) {
        while let Some((c, line)) = self.chars.get(self.at).copied() {
            if is_unspaced(c) {
                self.push(Kind::Word(fold::plain(c).to_string()), c.to_string(), line, false);
                self.at += 1;
            } else if is_part(c)
                || matches!(c, '~' | '/' | '$')
                || c == '.' && self.peek(1).is_some_and(is_part)
            {
                self.chunk(line);
            } else {
                self.at += 1;
                self.mark(c, line);
            }
        }
        self.end();
    }

    /// A mark between words.
    fn mark(&mut self, c: char, line: u32) {
        if let Some(quote) = &self.quote
            && c == quote.close
        {
            self.quote = None;
            return;
        }
        let close = match c {
            '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' => Some(if c == '"' {
                '"'
            } else if c == '\u{201e}' {
                '\u{201c}'
            } else {
                '\u{201d}'
            }),
            '«' => Some('»'),
            '「' => Some('」'),
            '『' => Some('』'),
            _ => None,
        };
        if let Some(close) = close {
            if self.quote.is_none() {
                self.quote = Some(Quote { close, from: self.tokens.len() });
            }
            return;
        }
        match c {
            '`' => self.code = !self.code,
            '\n' => self.end(),
            '。' | '！' | '？' | '!' | '?' | '．' | '।' | '؟' => self.sentence_end(),
            '.' | '…'
                if self.peek(0).is_none_or(char::is_whitespace)
                    || self.peek(0).is_some_and(is_closing) =>
            {
                self.sentence_end();
            }
            ',' | '，' | '、' | '،' => self.push(Kind::Comma, c.into(), line, false),
            ':' | ';' | '：' | '；' | '(' | ')' | '（' | '）' | '—' | '–' | '→' => {
                self.push(Kind::Break, c.into(), line, false);
            }
            _ => {}
        }
    }

    /// The end of a sentence. In a quotation it ends none: the quotation is a part of the sentence around it.
    fn sentence_end(&mut self) {
        let quoted = self.quote.as_ref().map(|quote| self.tokens.len().saturating_sub(quote.from));
        match quoted {
            Some(length) if length > 0 && length < MAX_QUOTED => {}
            _ => self.end(),
        }
    }

    fn end(&mut self) {
        // A quotation that does not end with its passage is none.
        if let Some(quote) = self.quote.take() {
            for token in self.tokens.iter_mut().skip(quote.from) {
                token.quoted = false;
            }
        }
        self.code = false;
        if !self.tokens.is_empty() {
            let mut rest = std::mem::take(&mut self.tokens).into_iter();
            let mut part: Sentence = rest.by_ref().take(MAX_TOKENS).collect();
            while rest.len() > 0 {
                let next = part.get(MAX_TOKENS - OVERLAP..).unwrap_or_default().to_vec();
                self.sentences.push(std::mem::replace(&mut part, next));
                part.extend(rest.by_ref().take(MAX_TOKENS - OVERLAP));
            }
            self.sentences.push(part);
        }
    }

    /// A run without blanks: words, a URL or a path.
    fn chunk(&mut self, line: u32) {
        let mut text = String::new();
        let mut hidden = false;
        while let Some(c) = self.peek(0) {
            if is_invisible(c) {
                hidden |= !matches!(c, '\u{fe00}'..='\u{fe0f}');
            } else if is_part(c) || is_of_path(c) {
                text.push(c);
            } else {
                break;
            }
            self.at += 1;
        }
        // What ends the sentence is no part of the run.
        let kept = text.trim_end_matches(['.', ':', '?', '\'', '&', '=']).len();
        let behind: Vec<char> = text.get(kept..).unwrap_or_default().chars().collect();
        text.truncate(kept);
        self.classify(&text, line, hidden);
        for c in behind {
            match c {
                '.' | '?' => self.sentence_end(),
                ':' => self.push(Kind::Break, ":".into(), line, false),
                _ => {}
            }
        }
    }

    fn classify(&mut self, text: &str, line: u32, hidden: bool) {
        if text.is_empty() {
            return;
        }
        let is_address = text.contains("://") || is_mail(text);
        let is_file = text.contains(['/', '~', '\\', '$'])
            || text.starts_with('.')
            || text.get(1..).is_some_and(|rest| rest.contains('.'));
        if is_address || is_file {
            // A script without blanks or endings of words may follow directly.
            let end = if text.is_ascii() {
                text.len()
            } else {
                text.char_indices()
                    .skip(1)
                    .find(|(_, c)| !c.is_ascii())
                    .map_or(text.len(), |(at, _)| at)
            };
            let (own, rest) = text.split_at(end);
            let own_is_address = own.contains("://") || is_mail(own);
            let kind = if own_is_address {
                let address = own.rsplit_once('@').filter(|_| !own.contains("://"));
                Kind::Address(host::of(address.map_or(own, |(_, host)| host), UNKNOWN))
            } else {
                Kind::File
            };
            if own.is_ascii() && own.len() > 2 && (own_is_address || own.contains(['/', '.'])) {
                self.push(kind, own.trim_end_matches(['.', ',', ':']).to_owned(), line, hidden);
                self.words(rest, line, hidden);
                return;
            }
        }
        self.words(text, line, hidden);
    }

    fn words(&mut self, text: &str, line: u32, hidden: bool) {
        for word in text
            .split(|c: char| !c.is_alphanumeric() && !is_mark_of_letter(c))
            .filter(|word| !word.is_empty())
        {
            let (folded, mixed) = fold::word(word);
            self.push(Kind::Word(folded), word.to_owned(), line, mixed || hidden);
        }
    }

    fn push(&mut self, kind: Kind, text: String, line: u32, disguised: bool) {
        let quoted = self.quote.is_some();
        self.tokens.push(Token { kind, text, line, quoted, code: self.code, disguised });
    }
}

/// Marks that letters of Indic and Arabic scripts carry.
const fn is_mark_of_letter(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{963}' | '\u{64b}'..='\u{65f}')
}

fn is_part(c: char) -> bool {
    (c.is_alphanumeric() || is_mark_of_letter(c)) && !is_unspaced(c)
}

const fn is_of_path(c: char) -> bool {
    matches!(
        c,
        '.' | '/'
            | '~'
            | '_'
            | '-'
            | '\\'
            | '$'
            | '{'
            | '}'
            | ':'
            | '@'
            | '%'
            | '?'
            | '='
            | '&'
            | '#'
            | '+'
            | '\''
            | '\u{2019}'
    )
}

const fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | '\u{201d}' | '\u{2019}' | '»' | '*' | '_' | '`' | '」')
}

fn is_mail(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && host.contains('.')
            && !host.starts_with('.')
            && !host.contains('/')
            && !name.contains(':')
    })
}
