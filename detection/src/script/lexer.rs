//! Tokens of a program: names, strings, operators. Tolerant: what is not closed ends with the text.

use super::Dialect;

/// A token and the line that it begins at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: u32,
    /// It is the first character of its line.
    pub(super) first: bool,
    /// Blanks stand before it.
    pub(super) apart: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name; `variable` where a sigil says so.
    Name {
        text: String,
        variable: bool,
    },
    /// A string with what is put into it.
    Text(Vec<Piece>),
    /// A string that a shell runs.
    Command(Vec<Piece>),
    /// A list of words without quotes.
    Words(Vec<String>),
    Number(String),
    Operator(&'static str),
    /// The end of a line, where it may end a statement.
    LineEnd,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Code(Vec<Token>),
}

/// Operators of more than one character, longest first, and those of one.
const OPERATORS: [&str; 60] = [
    "<=>", "**=", "||=", "&&=", "...", "<<=", "===", "!==", "?->", "->", "=>", "::", "==", "!=",
    "=~", "!~", "<=", ">=", "&&", "||", "..", "|&", "&.", "?.", "+=", "-=", ".=", "*=", ":=", "<-",
    "<<", ">>", "++", "--", "(", ")", "[", "]", "{", "}", "=", ".", ",", ";", ":", "+", "-", "*",
    "/", "%", "<", ">", "|", "&", "!", "?", "~", "^", "\\", "@",
];
/// Levels of code in strings that are read.
const MAX_NESTING: u32 = 4;
/// A word that ends a here-document is not longer.
const MAX_DELIMITER: usize = 64;

/// The tokens of `text`, whose first line is `line`, and whether all code in its strings was read. Line ends that follow
/// one another are one token.
pub(super) fn read(text: &str, dialect: Dialect, line: u32) -> (Vec<Token>, bool) {
    // The tag that opens a program of PHP is no word of its first statement.
    let begun =
        (dialect == Dialect::Php).then(|| text.trim_start().strip_prefix("<?php")).flatten();
    let skipped = begun.map_or("", |rest| text.strip_suffix(rest).unwrap_or_default());
    let line =
        line.saturating_add(u32::try_from(skipped.matches('\n').count()).unwrap_or(u32::MAX));
    let mut lexer = Lexer::new(begun.unwrap_or(text), dialect, line, MAX_NESTING);
    lexer.tokens();
    (lexer.tokens, !lexer.too_deep)
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: u32,
    dialect: Dialect,
    /// Levels of code in strings that are still read.
    nesting: u32,
    /// Some code in a string was left out.
    too_deep: bool,
    tokens: Vec<Token>,
    /// Here-documents whose bodies begin behind this line: where the token stands, its end, whether it is raw.
    pending: Vec<(usize, String, bool)>,
}

impl Lexer {
    fn new(text: &str, dialect: Dialect, line: u32, nesting: u32) -> Self {
        let (chars, tokens) = (text.chars().collect(), Vec::new());
        let pending = Vec::new();
        Self { chars, at: 0, line, dialect, nesting, too_deep: false, tokens, pending }
    }

    fn peek(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).copied()
    }

    fn begins(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(offset, c)| self.peek(offset) == Some(c))
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.line = self.line.saturating_add(1);
        }
        Some(c)
    }

    fn bump_by(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    fn taken(&mut self, is: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek(0).filter(|c| is(*c)) {
            text.push(c);
            self.bump();
        }
        text
    }

    fn tokens(&mut self) {
        loop {
            let before = self.at;
            let mut skipped = true;
            while skipped {
                skipped = self.skip_blank() || self.skip_comment();
            }
            let first = self.at.checked_sub(1).is_none_or(|at| self.chars.get(at) == Some(&'\n'));
            let (line, apart) = (self.line, self.at > before);
            let Some(c) = self.peek(0) else { break };
            if c == '\n' {
                if self.tokens.last().is_none_or(|token| token.kind != Kind::LineEnd) {
                    self.tokens.push(Token { kind: Kind::LineEnd, line, first, apart });
                }
                self.bump();
                self.here_documents();
                continue;
            }
            let begin = self.at;
            if let Some(kind) = self.token(c) {
                self.tokens.push(Token { kind, line, first, apart });
            }
            if self.at == begin {
                // Nothing here begins a token, such as a mark at the end of the text.
                self.bump();
            }
        }
    }

    fn skip_blank(&mut self) -> bool {
        let begin = self.at;
        while let Some(c) = self.peek(0) {
            let continued = matches!(c, '\\' | '`')
                && self.peek(1) == Some('\n')
                && (c == '\\' || self.dialect == Dialect::PowerShell);
            if continued {
                self.bump_by(2);
            } else if c.is_whitespace() && c != '\n' {
                self.bump();
            } else {
                break;
            }
        }
        self.at > begin
    }

    fn skip_comment(&mut self) -> bool {
        let (lines, block) = self.dialect.comments();
        if let Some((open, close)) = block.iter().find(|(open, _)| self.begins(open)) {
            let at_start = self.at == 0 || self.chars.get(self.at - 1) == Some(&'\n');
            if !open.starts_with('=') || at_start {
                self.bump_by(open.len());
                while self.peek(0).is_some() && !self.begins(close) {
                    self.bump();
                }
                self.bump_by(close.len());
                return true;
            }
        }
        if lines.iter().any(|mark| self.begins(mark)) {
            while self.peek(0).is_some_and(|c| c != '\n') {
                self.bump();
            }
            return true;
        }
        false
    }

    fn token(&mut self, c: char) -> Option<Kind> {
        let next = self.peek(1).unwrap_or(' ');
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        if let Some(kind) = self.here_document() {
            return Some(kind);
        }
        let field = self.dialect == Dialect::Awk && c == '$' && is_name(next);
        // PHP's `@` silences the call behind it.
        let is_sigil = c == '$' || self.dialect != Dialect::Php && matches!(c, '@' | '%');
        if (field || self.dialect.has_sigils() && is_sigil) && (is_name(next) || next == '{') {
            let operand = c == '%' && self.after_operand();
            if !operand {
                self.bump();
                let braced = self.peek(0) == Some('{');
                if braced {
                    self.bump();
                }
                let scoped = self.dialect == Dialect::PowerShell;
                let mut text = self.taken(|c| is_name(c) || scoped && c == ':');
                while self.begins("::") {
                    self.bump_by(2);
                    text = text + "::" + &self.taken(is_name);
                }
                if braced && self.peek(0) == Some('}') {
                    self.bump();
                }
                return Some(Kind::Name { text, variable: true });
            }
        }
        if c.is_ascii_digit() {
            return Some(Kind::Number(self.taken(|c| c.is_ascii_alphanumeric() || c == '_')));
        }
        if is_name(c) {
            return Some(self.name());
        }
        match c {
            '"' => Some(self.double()),
            '\'' => self.single(),
            '`' => self.backquoted(),
            '/' if self.dialect.has_patterns() && !self.after_operand() => {
                self.pattern();
                None
            }
            '%' if self.dialect == Dialect::Ruby && !self.after_operand() => self.percent(),
            '#' if self.dialect == Dialect::PowerShell => None,
            _ => {
                let operator = OPERATORS.iter().find(|operator| self.begins(operator)).copied();
                self.bump_by(operator.map_or(1, str::len));
                operator.map(Kind::Operator)
            }
        }
    }

    /// Whether the last token ends an operand, so that what follows is an operator.
    fn after_operand(&self) -> bool {
        match self.tokens.last().map(|token| &token.kind) {
            None | Some(Kind::LineEnd) => false,
            Some(Kind::Operator(operator)) => matches!(*operator, ")" | "]" | "}"),
            Some(Kind::Name { text, .. }) => !matches!(
                text.as_str(),
                "if" | "unless" | "and" | "or" | "not" | "when" | "return" | "split" | "while"
            ),
            Some(_) => true,
        }
    }

    fn name(&mut self) -> Kind {
        let dialect = self.dialect;
        let dashes = dialect == Dialect::PowerShell;
        let mut text =
            self.taken(|c| c.is_alphanumeric() || c == '_' || dashes && matches!(c, '-' | '`'));
        let joins =
            matches!(dialect, Dialect::Ruby | Dialect::Perl | Dialect::Php | Dialect::CLike);
        while joins && self.begins("::") && self.peek(2).is_some_and(char::is_alphabetic) {
            self.bump_by(2);
            text = text + "::" + &self.taken(|c| c.is_alphanumeric() || c == '_');
        }
        if dialect == Dialect::Ruby
            && matches!(self.peek(0), Some('?' | '!'))
            && self.peek(1) != Some('=')
        {
            self.bump();
        }
        if dialect == Dialect::Perl
            && matches!(text.as_str(), "q" | "qq" | "qw" | "qx" | "m" | "qr")
        {
            let open = self.peek(0).filter(|c| !c.is_alphanumeric() && !" \t\n=,;)-".contains(*c));
            if let Some(open) = open {
                return self.delimited(&text, open);
            }
        }
        if dialect == Dialect::Perl
            && matches!(text.as_str(), "s" | "tr" | "y")
            && let Some(open) = self.exchanging()
        {
            // Both halves: quotes in a pattern begin no text.
            let paired = matches!(open, '(' | '[' | '{' | '<');
            self.delimited("m", open);
            if paired {
                self.taken(char::is_whitespace);
            }
            match (paired, self.peek(0)) {
                (true, Some(next)) if matches!(next, '(' | '[' | '{' | '<' | '/') => {
                    self.delimited("m", next);
                }
                (true, _) => {}
                (false, _) => {
                    self.at = self.at.saturating_sub(1);
                    self.delimited("m", open);
                }
            }
            self.taken(|c| c.is_ascii_lowercase());
            return Kind::Text(Vec::new());
        }
        if dashes {
            text.retain(|c| c != '`');
        }
        Kind::Name { text, variable: false }
    }

    /// What opens the pattern of `s/…/…/` where one stands here, and no name `s`.
    fn exchanging(&self) -> Option<char> {
        let open =
            self.peek(0).filter(|c| c.is_ascii_punctuation() && !"_,;)}=-.'\"".contains(*c))?;
        let applied = matches!(
            self.tokens.last().map(|token| &token.kind),
            Some(Kind::Operator("=~" | "!~" | "~"))
        );
        (applied || matches!(open, '/' | '|' | '!' | '#')).then_some(open)
    }

    fn percent(&mut self) -> Option<Kind> {
        let letter = self.peek(1).filter(char::is_ascii_alphabetic);
        let open = self.peek(if letter.is_some() { 2 } else { 1 })?;
        if !"([{<|!/".contains(open) {
            self.bump();
            return Some(Kind::Operator("%"));
        }
        self.bump_by(if letter.is_some() { 2 } else { 1 });
        let kind = match letter {
            Some('w' | 'W' | 'i') => "qw",
            Some('x') => "qx",
            Some('q') => "q",
            Some('r') => "qr",
            _ => "qq",
        };
        Some(self.delimited(kind, open))
    }

    /// `qw(…)`, `qx{…}` and the like: what stands between brackets of any kind.
    fn delimited(&mut self, kind: &str, open: char) -> Kind {
        let close = match open {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            other => other,
        };
        self.bump();
        let (mut text, mut level, line) = (String::new(), 1u32, self.line);
        while let Some(c) = self.bump() {
            if c == '\\' && open != '\\' {
                text.push(c);
                text.extend(self.bump());
                continue;
            }
            if c == close {
                level -= 1;
            } else if c == open {
                level = level.saturating_add(1);
            }
            if level == 0 {
                break;
            }
            text.push(c);
        }
        match kind {
            "qw" => Kind::Words(text.split_whitespace().map(str::to_owned).collect()),
            "qx" => Kind::Command(self.pieces(&text, line)),
            "qq" => Kind::Text(self.pieces(&text, line)),
            "q" => Kind::Text(vec![Piece::Text(text)]),
            _ => Kind::Text(Vec::new()),
        }
    }

    fn pattern(&mut self) {
        self.bump();
        while let Some(c) = self.peek(0).filter(|c| *c != '\n') {
            self.bump();
            match c {
                '\\' => self.bump_by(1),
                '[' => {
                    while self.peek(0).is_some_and(|c| c != ']' && c != '\n') {
                        if self.bump() == Some('\\') {
                            self.bump();
                        }
                    }
                }
                '/' => break,
                _ => {}
            }
        }
    }

    fn single(&mut self) -> Option<Kind> {
        let escape = self.dialect.escape();
        if self.dialect == Dialect::CLike {
            // A character, a string of Groovy, or a lifetime of Rust, which nothing closes.
            let rest = self.chars.iter().skip(self.at + 1).take_while(|c| **c != '\n');
            if !rest.into_iter().any(|c| *c == '\'') {
                self.bump();
                return None;
            }
        }
        self.bump();
        let mut text = String::new();
        while let Some(c) = self.bump() {
            match c {
                '\'' if self.dialect == Dialect::PowerShell && self.peek(0) == Some('\'') => {
                    self.bump();
                    text.push('\'');
                }
                '\'' => break,
                c if c == escape && escape == '\\' => match self.bump() {
                    Some(next @ ('\'' | '\\')) => text.push(next),
                    Some(next) if matches!(self.dialect, Dialect::Lua | Dialect::CLike) => {
                        text.push_str(&crate::decode::escapes(&format!("\\{next}")));
                    }
                    Some(next) => text.extend(['\\', next]),
                    None => {}
                },
                c => text.push(c),
            }
        }
        Some(Kind::Text(vec![Piece::Text(text)]))
    }

    fn double(&mut self) -> Kind {
        let (escape, line) = (self.dialect.escape(), self.line);
        let triple = self.begins("\"\"\"");
        self.bump_by(if triple { 3 } else { 1 });
        let mut raw = String::new();
        while let Some(c) = self.peek(0) {
            if triple && self.begins("\"\"\"") {
                self.bump_by(3);
                break;
            }
            self.bump();
            if c == '"' && !triple {
                break;
            }
            raw.push(c);
            if c == escape {
                raw.extend(self.bump());
            }
        }
        Kind::Text(self.pieces(&raw, line))
    }

    fn backquoted(&mut self) -> Option<Kind> {
        let line = self.line;
        let runs = self.dialect.runs_backquotes();
        if !runs && self.dialect != Dialect::Go {
            self.bump();
            return None;
        }
        self.bump();
        let raw = self.taken(|c| c != '`');
        self.bump();
        Some(if runs {
            Kind::Command(self.pieces(&raw, line))
        } else {
            Kind::Text(vec![Piece::Text(raw)])
        })
    }

    /// The parts of a string between double quotes.
    fn pieces(&mut self, raw: &str, line: u32) -> Vec<Piece> {
        let mut inner = Self::new(raw, self.dialect, line, self.nesting.saturating_sub(1));
        let (mut pieces, mut text) = (Vec::new(), String::new());
        let escape = self.dialect.escape();
        while let Some(c) = inner.peek(0) {
            if c == escape {
                inner.bump();
                match inner.bump() {
                    Some(next @ ('$' | '#' | '@' | '"')) => text.push(next),
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(next @ ('x' | 'u' | '0'..='7')) if escape == '\\' => {
                        text.extend(['\\', next]);
                        let digits = inner.taken(|c| c.is_ascii_hexdigit());
                        text.push_str(&digits);
                    }
                    Some('\\') => text.push_str("\\\\"),
                    Some(next) => text.push(next),
                    None => {}
                }
                continue;
            }
            match inner.interpolated() {
                Some(code) if self.nesting > 0 => {
                    if !text.is_empty() {
                        pieces.push(Piece::Text(self.unescaped(&text)));
                        text.clear();
                    }
                    let mut lexer = Self::new(&code, self.dialect, inner.line, inner.nesting);
                    lexer.tokens();
                    self.too_deep |= lexer.too_deep;
                    pieces.push(Piece::Code(lexer.tokens));
                }
                Some(_) => {
                    self.too_deep = true;
                    text.push(crate::value::UNKNOWN);
                }
                None => text.extend(inner.bump()),
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(self.unescaped(&text)));
        }
        pieces
    }

    fn unescaped(&self, text: &str) -> String {
        if self.dialect.escape() == '\\' && text.contains('\\') {
            crate::decode::escapes(text)
        } else {
            text.to_owned()
        }
    }

    /// Code in a string, whose mark stands here; goes on behind it.
    fn interpolated(&mut self) -> Option<String> {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let (mark, next) = (self.peek(0)?, self.peek(1)?);
        let code = match (self.dialect, mark, next) {
            (Dialect::Ruby, '#', '{') | (Dialect::CLike, '$', '{') | (Dialect::Php, '{', '$') => {
                self.bracketed(usize::from(mark != '{'))
            }
            (Dialect::PowerShell, '$', '(') => self.bracketed(1),
            (Dialect::Perl, '$' | '@', '{') | (Dialect::Php | Dialect::PowerShell, '$', '{') => {
                let name = self.bracketed(1);
                format!("${name}")
            }
            (Dialect::Perl | Dialect::Php | Dialect::PowerShell | Dialect::CLike, '$', next)
                if is_name(next) =>
            {
                self.bump();
                let scoped = self.dialect == Dialect::PowerShell;
                let name = self.taken(|c| is_name(c) || scoped && c == ':');
                let sigil = if self.dialect.has_sigils() { "$" } else { "" };
                let mut code = format!("{sigil}{name}");
                // A key of a map, or a member of an object.
                if matches!(self.dialect, Dialect::Perl | Dialect::Php) && self.begins("->{") {
                    self.bump_by(2);
                    code = format!("{code}{{{}}}", self.bracketed(0));
                }
                code
            }
            _ => return None,
        };
        Some(code)
    }

    /// What stands in the bracket `offset` characters ahead; goes on behind it.
    fn bracketed(&mut self, offset: usize) -> String {
        self.bump_by(offset);
        let (mut text, mut level) = (String::new(), 0u32);
        while let Some(c) = self.bump() {
            match c {
                '{' | '(' => level = level.saturating_add(1),
                '}' | ')' => level = level.saturating_sub(1),
                _ => {}
            }
            text.push(c);
            if level == 0 {
                break;
            }
        }
        let mut chars = text.chars();
        chars.next();
        chars.next_back();
        chars.as_str().to_owned()
    }

    /// `<<~END`, `<<<'END'`, `@"`: its body begins on the next line.
    fn here_document(&mut self) -> Option<Kind> {
        let mark = match self.dialect {
            Dialect::Ruby | Dialect::Perl if self.begins("<<~") || self.begins("<<-") => 3,
            Dialect::Php if self.begins("<<<") => 3,
            Dialect::Ruby | Dialect::Perl if self.begins("<<") => 2,
            Dialect::PowerShell if self.begins("@\"") || self.begins("@'") => {
                let close = if self.begins("@\"") { "\"@" } else { "'@" };
                let line = self.line;
                self.bump_by(2);
                let mut raw = String::new();
                while self.peek(0).is_some() && !self.begins(close) {
                    raw.extend(self.bump());
                }
                self.bump_by(2);
                let literal = close == "'@";
                return Some(Kind::Text(if literal {
                    vec![Piece::Text(raw)]
                } else {
                    self.pieces(&raw, line)
                }));
            }
            _ => return None,
        };
        let quote = self.peek(mark).filter(|c| matches!(c, '"' | '\''));
        let begin = mark + usize::from(quote.is_some());
        let is_word = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_';
        let rest = self.chars.iter().skip(self.at + begin);
        let word: String = rest.take_while(|c| is_word(c)).take(MAX_DELIMITER).collect();
        if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.bump_by(begin + word.len() + usize::from(quote.is_some()));
        self.pending.push((self.tokens.len(), word, quote == Some('\'')));
        Some(Kind::Text(Vec::new()))
    }

    fn here_documents(&mut self) {
        for (token, end, literal) in std::mem::take(&mut self.pending) {
            let (line, mut raw) = (self.line, String::new());
            while self.peek(0).is_some() {
                let text = self.taken(|c| c != '\n');
                self.bump();
                let trimmed = text.trim().trim_end_matches([';', ')', ',']);
                if trimmed == end {
                    break;
                }
                raw.push_str(&text);
                raw.push('\n');
            }
            let pieces = if literal { vec![Piece::Text(raw)] } else { self.pieces(&raw, line) };
            if let Some(token) = self.tokens.get_mut(token) {
                token.kind = Kind::Text(pieces);
            }
        }
    }
}
