//! Parses a shell text. It never fails: what is not closed ends with the text.
//!
//! Written from the POSIX Shell Command Language and the bash manual; zsh and ksh differ where nothing flows.

use super::syntax::{Direction, Kind, Part, Pipeline, Redirect, Script, Stage, Word};

/// Words that only part commands from each other, inside of a compound command.
const SEPARATORS: [&str; 4] = ["then", "else", "elif", "do"];

/// Parses `text`, whose first line is `line`. Below `depth` levels of nesting a part is unknown.
pub(crate) fn parse(text: &str, line: u32, depth: u32) -> Script {
    let mut parser = Parser { chars: text.chars().collect(), at: 0, line, depth, resume: None };
    let mut script = Script::default();
    // A closing word or bracket that nothing opened ends no script.
    while parser.at < parser.chars.len() {
        let begin = parser.at;
        script.pipelines.extend(parser.script(Until::End).pipelines);
        if parser.at == begin {
            parser.bump();
        }
    }
    script
}

/// What ends a script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Bracket,
    Word(&'static str),
    /// A branch of `case`: `;;` or `esac`.
    Branch,
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    line: u32,
    depth: u32,
    /// Where the text goes on behind the bodies of here-documents, once this line has ended, and its line.
    resume: Option<(usize, u32)>,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Option<char> {
        self.chars.get(self.at + offset).copied()
    }

    fn begins(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(offset, c)| self.peek_at(offset) == Some(c))
    }

    /// Goes one character on. Behind a line's end it skips the bodies of here-documents.
    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        if c == '\n' {
            self.line = self.line.saturating_add(1);
            if let Some((at, line)) = self.resume.take() {
                self.at = at.max(self.at);
                self.line = line.max(self.line);
            }
        }
        Some(c)
    }

    fn bump_by(&mut self, count: usize) {
        for _ in 0..count {
            self.bump();
        }
    }

    /// Skips blanks, escaped line ends and comments; line ends too if `lines`.
    fn skip_blanks(&mut self, lines: bool) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.bump_by(1),
                Some('\n') if lines => self.bump_by(1),
                Some('\\') if self.peek_at(1) == Some('\n') => self.bump_by(2),
                Some('\\') if self.peek_at(1) == Some('\r') && self.peek_at(2) == Some('\n') => {
                    self.bump_by(3);
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    /// The unquoted word that stands here, without going on; empty where none does.
    fn keyword(&self) -> String {
        let ends = |c: &char| c.is_whitespace() || ";&|()<>\"'`$\\".contains(*c);
        self.chars.iter().skip(self.at).take_while(|c| !ends(c)).take(10).collect()
    }

    fn script(&mut self, until: Until) -> Script {
        let mut script = Script::default();
        if self.depth == 0 {
            return script;
        }
        self.depth -= 1;
        loop {
            self.skip_blanks(true);
            match self.peek() {
                None => break,
                Some(')') => break,
                Some(';') if until == Until::Branch && self.peek_at(1) == Some(';') => break,
                Some(';' | '&' | '|') => {
                    self.bump();
                    continue;
                }
                Some(_) => {}
            }
            let keyword = self.keyword();
            let closes = match until {
                Until::Word(word) => keyword == word,
                Until::Branch => keyword == "esac",
                Until::End | Until::Bracket => false,
            };
            if closes {
                break;
            }
            if SEPARATORS.contains(&keyword.as_str()) {
                self.bump_by(keyword.len());
                continue;
            }
            let begin = self.at;
            let pipeline = self.pipeline();
            if !pipeline.stages.is_empty() {
                script.pipelines.push(pipeline);
            }
            if self.at == begin {
                self.bump();
            }
        }
        self.depth += 1;
        script
    }

    fn pipeline(&mut self) -> Pipeline {
        let mut stages = Vec::new();
        loop {
            self.skip_blanks(!stages.is_empty());
            stages.extend(self.stage());
            self.skip_blanks(false);
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                return Pipeline { stages };
            }
            self.bump();
            if self.peek() == Some('&') {
                self.bump();
            }
        }
    }

    fn stage(&mut self) -> Option<Stage> {
        let line = self.line;
        while matches!(self.keyword().as_str(), "!" | "time") {
            let length = self.keyword().len();
            self.bump_by(length);
            self.skip_blanks(false);
        }
        let keyword = self.keyword();
        let kind = match keyword.as_str() {
            "if" => self.compound(2, "fi"),
            "while" | "until" => self.compound(5, "done"),
            "for" | "select" => self.for_loop(keyword.len()),
            "case" => self.case(),
            "{" => self.compound(1, "}"),
            "function" => {
                self.bump_by(keyword.len());
                self.skip_blanks(false);
                let name = self.keyword();
                self.bump_by(name.chars().count());
                self.function(name)
            }
            "[[" => self.test(),
            "" if self.begins("((") => self.arithmetic(),
            "" if self.peek() == Some('(') => self.subshell(),
            _ => match self.function_name() {
                Some(name) => self.function(name),
                None => return self.simple(line),
            },
        };
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks(false);
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
        }
        Some(Stage { kind, redirects, line })
    }

    fn compound(&mut self, length: usize, end: &'static str) -> Kind {
        self.bump_by(length);
        let body = self.script(Until::Word(end));
        if self.keyword() == end {
            self.bump_by(end.len());
        }
        Kind::Group(body)
    }

    fn subshell(&mut self) -> Kind {
        self.bump();
        let body = self.script(Until::Bracket);
        if self.peek() == Some(')') {
            self.bump();
        }
        Kind::Group(body)
    }

    fn arithmetic(&mut self) -> Kind {
        while self.peek().is_some() && !self.begins("))") {
            self.bump();
        }
        self.bump_by(2);
        Kind::Group(Script::default())
    }

    /// `[[ … ]]`, whose `&&`, `||` and `|` join no commands.
    fn test(&mut self) -> Kind {
        while self.peek().is_some_and(|c| c != '\n') && !self.begins("]]") {
            self.bump();
        }
        if self.begins("]]") {
            self.bump_by(2);
        }
        Kind::Group(Script::default())
    }

    /// `for NAME in WORDS; do … done`: the name holds the first word.
    fn for_loop(&mut self, length: usize) -> Kind {
        let line = self.line;
        self.bump_by(length);
        self.skip_blanks(false);
        let mut assignments = Vec::new();
        if self.begins("((") {
            self.arithmetic();
        } else {
            let name = self.keyword();
            self.bump_by(name.chars().count());
            self.skip_blanks(false);
            if self.keyword() == "in" {
                self.bump_by(2);
                self.skip_blanks(false);
                assignments.extend(self.word().map(|word| (name, word)));
                while self.peek().is_some_and(|c| !matches!(c, ';' | '\n')) {
                    self.bump();
                }
            }
        }
        let mut body = self.script(Until::Word("done"));
        if self.keyword() == "done" {
            self.bump_by(4);
        }
        if !assignments.is_empty() {
            let kind = Kind::Simple { assignments, words: Vec::new() };
            let stages = vec![Stage { kind, redirects: Vec::new(), line }];
            body.pipelines.insert(0, Pipeline { stages });
        }
        Kind::Group(body)
    }

    fn case(&mut self) -> Kind {
        self.bump_by(4);
        self.skip_blanks(false);
        self.word();
        self.skip_blanks(true);
        if self.keyword() == "in" {
            self.bump_by(2);
        }
        let mut all = Script::default();
        loop {
            self.skip_blanks(true);
            if self.peek().is_none() || self.keyword() == "esac" {
                break;
            }
            while self.peek().is_some_and(|c| c != ')') {
                self.bump();
            }
            self.bump();
            all.pipelines.extend(self.script(Until::Branch).pipelines);
            while matches!(self.peek(), Some(';' | '&')) {
                self.bump();
            }
        }
        self.bump_by(4);
        Kind::Group(all)
    }

    /// The name of a function that is defined here as `NAME()`; goes on behind the name then.
    fn function_name(&mut self) -> Option<String> {
        let name = self.keyword_long();
        let mut offset = name.chars().count();
        if offset == 0 {
            return None;
        }
        while self.peek_at(offset) == Some(' ') {
            offset += 1;
        }
        let brackets = self.peek_at(offset) == Some('(') && self.peek_at(offset + 1) == Some(')');
        brackets.then(|| {
            self.bump_by(offset);
            name
        })
    }

    fn keyword_long(&self) -> String {
        let is_name = |c: &char| c.is_alphanumeric() || "_-:.".contains(*c);
        self.chars.iter().skip(self.at).take_while(|c| is_name(c)).take(64).collect()
    }

    fn function(&mut self, name: String) -> Kind {
        self.skip_blanks(true);
        if self.begins("()") {
            self.bump_by(2);
        }
        self.skip_blanks(true);
        // A definition may stand in a definition, without a bracket around it.
        let Some(depth) = self.depth.checked_sub(1) else { return Kind::Group(Script::default()) };
        let before = std::mem::replace(&mut self.depth, depth);
        let body = match self.stage() {
            Some(Stage { kind: Kind::Group(body), .. }) => body,
            Some(stage) => Script { pipelines: vec![Pipeline { stages: vec![stage] }] },
            None => Script::default(),
        };
        self.depth = before;
        Kind::Function { name, body }
    }

    fn simple(&mut self, line: u32) -> Option<Stage> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.skip_blanks(false);
            if let Some(redirect) = self.redirect() {
                redirects.push(redirect);
                continue;
            }
            if words.is_empty()
                && let Some(name) = self.assigned()
            {
                let value = if self.peek() == Some('(') { self.array() } else { self.word() };
                assignments.push((name, value.unwrap_or_default()));
                continue;
            }
            // PowerShell: `command (command)`; no shell of POSIX reads a bracket there.
            if !words.is_empty() && self.peek() == Some('(') {
                let line = self.line;
                self.bump();
                let script = self.script(Until::Bracket);
                self.bump();
                let parts = vec![Part::Output { script, quoted: true }];
                words.push(Word { parts, line });
                continue;
            }
            match self.word() {
                Some(word) => words.push(word),
                None => break,
            }
        }
        let empty = assignments.is_empty() && words.is_empty() && redirects.is_empty();
        let kind = Kind::Simple { assignments, words };
        (!empty).then_some(Stage { kind, redirects, line })
    }

    /// The name in front of `=`; goes on behind it then.
    fn assigned(&mut self) -> Option<String> {
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let name: String = self.chars.iter().skip(self.at).take_while(|c| is_name(c)).collect();
        let mut offset = name.len();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if self.peek_at(offset) == Some('+') {
            offset += 1;
        }
        (self.peek_at(offset) == Some('=')).then(|| {
            self.bump_by(offset + 1);
            name
        })
    }

    /// `( … )` behind `=`: the words, joined by blanks.
    fn array(&mut self) -> Option<Word> {
        let mut all = Word { parts: Vec::new(), line: self.line };
        self.bump();
        loop {
            self.skip_blanks(true);
            if self.peek().is_none_or(|c| c == ')') {
                self.bump();
                return Some(all);
            }
            let Some(word) = self.word() else {
                self.bump();
                continue;
            };
            if !all.parts.is_empty() {
                all.parts.push(Part::Text { text: " ".into(), bare: false });
            }
            all.parts.extend(word.parts);
        }
    }

    fn redirect(&mut self) -> Option<Redirect> {
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
        if copies || to == Direction::Out && !matches!(descriptor.as_str(), "" | "1") {
            to = Direction::Other;
        }
        Some(Redirect { to, target })
    }

    fn here_document(&mut self, tabs: bool) -> Redirect {
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
            let mut inner = Self { chars, at: 0, line: first, depth: self.depth, resume: None };
            inner.quoted(None)
        };
        Redirect { to: Direction::Text, target: Word { parts, line: first } }
    }

    fn word(&mut self) -> Option<Word> {
        let mut word = Word { parts: Vec::new(), line: self.line };
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
    fn special(&mut self, c: char, quoted: bool) -> Vec<Part> {
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
                vec![Part::Output { script: parse(&raw, line, self.depth), quoted }]
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
            (_, Some('@' | '*' | '#' | '?' | '$' | '!' | '-')) => {
                self.bump_by(2);
                vec![Part::Unknown]
            }
            _ => {
                self.bump();
                literal("$".into())
            }
        }
    }

    fn braced(&mut self, quoted: bool) -> Vec<Part> {
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
    fn quoted(&mut self, end: Option<char>) -> Vec<Part> {
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

    fn until(&mut self, end: char) -> String {
        let mut text = String::new();
        while let Some(c) = self.bump().filter(|c| *c != end) {
            text.push(c);
        }
        text
    }

    fn until_unescaped(&mut self, end: char) -> String {
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
