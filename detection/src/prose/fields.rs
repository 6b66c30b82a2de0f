//! Passages of code, JSON and TOML: descriptions, docstrings, comments.

use super::{Form, Passage, Place, compared::Compared, marks::MEMORY};
use crate::decode;

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
        kept: None,
        lists: joined_lists(form, source),
        strings: strings_of(form, source),
        compared: Compared::of(source),
    };
    reader.read();
    if form == Form::Shell {
        reader.passages.extend(memory_documents(source));
    }
    reader.passages
}

/// What marks a program that describes tools to a model.
const TOOLS: [&str; 8] = [
    "FastMCP",
    "@mcp.tool",
    "inputSchema",
    "input_schema",
    "tools/list",
    "McpServer",
    "server.tool(",
    "registerTool(",
];
/// What marks a program that writes files.
pub(super) const WRITES: [&str; 7] =
    ["write", "append", "open(", "Write", "Append", "copyFile", "dump("];
/// A string of fewer words orders nothing.
const FEWEST_WORDS: usize = 5;
/// The same of a string that goes on with what is written before it.
const FEWEST_WRITTEN: usize = 3;

/// What all longer strings of a program are: descriptions in a server of tools, and what a program writes that names a
/// file of an agent's memory.
fn strings_of(form: Form, source: &str) -> Option<Place> {
    let is_code = matches!(form, Form::JavaScript | Form::Python);
    if !is_code && form != Form::Json {
        return None;
    }
    let has = |words: &[&str]| words.iter().any(|word| source.contains(word));
    if is_code && (names_memory(source) || names_memory(&joined(source))) && has(&WRITES) {
        Some(Place::Memory)
    } else {
        has(&TOOLS).then_some(Place::Description)
    }
}

fn names_memory(text: &str) -> bool {
    let lower = text.to_lowercase();
    MEMORY.iter().any(|name| lower.contains(name))
        // Other skills of the agent.
        || lower.contains("skill.md") && lower.contains("skills")
}

/// The lists whose strings a program makes one text of: from their bracket to the one that closes them.
fn joined_lists(form: Form, source: &str) -> Vec<(usize, usize)> {
    const LONGEST: usize = 8_000;
    const MOST: usize = 40;
    if !matches!(form, Form::JavaScript | Form::Python) || !source.contains("join(") {
        return Vec::new();
    }
    let chars: Vec<char> = source.chars().collect();
    let is = |at: usize, text: &str| {
        text.chars().enumerate().all(|(offset, c)| chars.get(at + offset) == Some(&c))
    };
    let mut lists = Vec::new();
    for at in 0..chars.len() {
        if is(at, "].join(") {
            let from = at.saturating_sub(LONGEST);
            let before = chars.get(from..at).unwrap_or_default();
            lists.extend(before.iter().rposition(|c| *c == '[').map(|begin| (from + begin, at)));
        } else if is(at, "join([") {
            let behind = chars.get(at..).unwrap_or_default().iter().take(LONGEST);
            lists.extend(behind.clone().position(|c| *c == ']').map(|end| (at, at + end)));
        }
        if lists.len() >= MOST {
            break;
        }
    }
    lists
}

/// A program whose adjoining strings are one: `"CLAU" + "DE.md"`.
fn joined(source: &str) -> String {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
    let mut joined = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(is_quote) {
        let (before, from) = rest.split_at(at);
        joined.push_str(before);
        let behind = from.get(1..).unwrap_or_default();
        let next = behind.trim_start_matches(|c: char| c.is_whitespace() || "+,.\\".contains(c));
        rest = next.strip_prefix(is_quote).unwrap_or(behind);
    }
    joined.push_str(rest);
    joined
}

/// The documents that a script writes into files of an agent's memory.
fn memory_documents(source: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut lines = (1u32..).zip(source.lines());
    while let Some((number, line)) = lines.next() {
        if !names_memory(line) || !line.contains('>') && !line.contains("tee") {
            continue;
        }
        match line.split_once("<<") {
            Some((_, mark)) => {
                let mark = mark.trim_start_matches('-').trim();
                let mark = mark.split_whitespace().next().unwrap_or_default();
                let mark = mark.trim_matches(['\'', '"', '\\']).to_owned();
                let mut chars = Vec::new();
                for (at, body) in lines.by_ref().take_while(|(_, body)| body.trim() != mark) {
                    chars.extend(body.chars().chain(['\n']).map(|c| (c, at)));
                }
                passages.push(Passage {
                    chars,
                    place: Place::Memory,
                    shown: false,
                    content: false,
                });
            }
            None => passages.push(passage(
                line.chars().filter(|c| !matches!(c, '"' | '\'')).map(|c| (c, number)).collect(),
                Place::Memory,
            )),
        }
    }
    passages
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
    /// The string read for what it says that another one may go on with.
    kept: Option<usize>,
    /// Places in the text of lists whose strings the program joins.
    lists: Vec<(usize, usize)>,
    /// What every longer string is, where it is no description by its key.
    strings: Option<Place>,
    /// Which strings are only compared.
    compared: Compared,
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
                let compared = self.strings.is_some()
                    && self.compared.holds(self.chars.get(..self.at).unwrap_or_default());
                let text = self.string();
                if assigned && describes(&self.key) {
                    self.passages.push(passage(text, Place::Description));
                    self.joined = Some(self.passages.len() - 1);
                } else if let Some(joined) = self.joined.and_then(|at| self.passages.get_mut(at)) {
                    joined.chars.extend(text);
                } else if begins && self.form == Form::Python && self.kept.is_none() {
                    // What a server of tools or a writer of memory goes on with on the next line is one text.
                    if self.strings == Some(Place::Memory) {
                        self.passages.push(passage(text.clone(), Place::Description));
                    }
                    let place = self.strings.unwrap_or(Place::Description);
                    self.passages.push(passage(text, place));
                    self.kept = self.strings.map(|_| self.passages.len() - 1);
                } else {
                    if !compared {
                        self.keep(text.clone());
                    }
                    word = text.iter().take(40).map(|(c, _)| *c).collect();
                    continue;
                }
                assigned = false;
                word.clear();
            } else {
                self.bump();
                match c {
                    ':' | '=' => {
                        self.kept = None;
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
                        if !matches!(c, 'f' | 'r' | 'b' | 'u' | 'F' | 'R') {
                            self.kept = None;
                        }
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
                        let at = self.at;
                        let listed =
                            || self.lists.iter().any(|(from, to)| (*from..*to).contains(&at));
                        if c != ',' || !listed() {
                            self.kept = None;
                        }
                        assigned = false;
                        self.joined = None;
                        word.clear();
                    }
                }
            }
        }
    }

    /// Keeps a string that is read for what it says, decoded where it is encoded.
    fn keep(&mut self, text: Vec<(char, u32)>) {
        let Some(place) = self.strings else { return };
        if let Some(kept) = self.kept.and_then(|at| self.passages.get_mut(at)) {
            // Between the strings of a list stands what joins them.
            let line = text.first().map_or(self.line, |(_, line)| *line);
            let parts = kept.chars.last().is_some_and(|(c, _)| !c.is_whitespace())
                && text.first().is_some_and(|(c, _)| c.is_alphanumeric())
                && self.lists.iter().any(|(from, to)| (*from..*to).contains(&self.at));
            kept.chars.extend(parts.then_some((' ', line)));
            kept.chars.extend(text);
            return;
        }
        let plain: String = text.iter().map(|(c, _)| *c).collect();
        let line = text.first().map_or(self.line, |(_, line)| *line);
        let fewest = if place == Place::Memory { FEWEST_WRITTEN } else { FEWEST_WORDS };
        let is_blob = place == Place::Memory && !plain.contains(' ') && plain.len() >= 32;
        if let Some(decoded) = is_blob.then(|| decode::base64(&plain)).flatten() {
            let mut decoded = Passage::of_text(&decoded, line, place);
            decoded.chars.iter_mut().for_each(|(_, at)| *at = line);
            self.passages.push(decoded);
        } else if plain.split_whitespace().count() >= fewest || !plain.is_ascii() {
            self.passages.push(passage(text, place));
            self.kept = Some(self.passages.len() - 1);
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
