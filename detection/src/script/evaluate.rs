//! The state of a program, and what its expressions hold.

use super::{
    Dialect,
    lexer::{self, Kind, Piece, Token},
    names,
};
use crate::{
    Chain, Limits,
    chain::Chains,
    shell::Start,
    value::{UNKNOWN, Value},
};
use std::{collections::HashMap, rc::Rc};

/// What an operand costs beside its text, and a byte of a program that is read, in bytes of data.
const OPERAND_WORK: usize = 64;
const READ_WORK: usize = 8;
/// What an item of a list costs beside its text, in bytes of data.
const ITEM_WORK: usize = 32;
/// Levels of lists in lists: of deeper ones it is known only what they mention.
const MAX_LEVELS: u8 = 16;

/// What an expression holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Datum {
    pub(super) value: Value,
    /// The socket that it mentions leads to this address; empty before it is connected.
    pub(super) socket: Option<Value>,
    /// The URL that it mentions.
    pub(super) url: Option<Value>,
    /// The file that it stands for.
    pub(super) file: Option<Value>,
    /// A shell without a command that it starts.
    pub(super) shell: bool,
    /// What a list holds; copies of it share them.
    pub(super) items: Rc<[Datum]>,
    /// Levels of lists in it.
    pub(super) levels: u8,
}

impl Datum {
    pub(super) fn of(value: Value) -> Self {
        Self { url: is_url(&value).then(|| value.clone()), value, ..Self::default() }
    }

    /// A list of these, of which it mentions nothing by itself.
    pub(super) fn list(items: Vec<Self>) -> Self {
        let mut list = Self::default();
        list.hold(items);
        list
    }

    /// Makes it a list of these.
    pub(super) fn hold(&mut self, items: Vec<Self>) {
        let inner = items.iter().map(|item| item.levels).max().unwrap_or(0);
        self.forget_items();
        if inner < MAX_LEVELS && !items.is_empty() {
            self.items = items.into();
            self.levels = inner + 1;
        }
    }

    /// Makes it no list.
    pub(super) fn forget_items(&mut self) {
        self.items = Rc::default();
        self.levels = 0;
    }

    /// What a list holds.
    pub(super) fn items(&self) -> &[Self] {
        &self.items
    }

    /// What a copy costs, in bytes of data.
    fn weight(&self) -> usize {
        let others = [&self.socket, &self.url, &self.file].into_iter().flatten();
        let bytes: usize = others.map(|value| value.text.len()).sum();
        let items = self.items.len().saturating_mul(ITEM_WORK);
        self.value.text.len().saturating_add(bytes).saturating_add(items)
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::of(Value::literal(text))
    }

    /// What comes from both; its text is not known.
    pub(super) fn mention(&mut self, other: &Self, most: usize) {
        let partial = self.value.partial || other.value.partial;
        let mut value = self.value.changed();
        value.append(&other.value.changed(), most);
        value.text = UNKNOWN.into();
        value.partial = partial;
        self.value = value;
        self.keep(other);
    }

    /// Both texts behind each other.
    pub(super) fn join(&mut self, other: &Self, most: usize) {
        self.value.append(&other.value, most);
        let url = is_url(&self.value).then(|| self.value.clone());
        self.keep(other);
        self.url = url.or_else(|| self.url.take());
    }

    fn keep(&mut self, other: &Self) {
        let connected =
            |socket: &Option<Value>| socket.as_ref().is_some_and(|a| !a.text.is_empty());
        if !connected(&self.socket) && other.socket.is_some() {
            self.socket.clone_from(&other.socket);
        }
        self.url = self.url.take().or_else(|| other.url.clone());
        self.file = self.file.take().or_else(|| other.file.clone());
        self.shell |= other.shell;
    }
}

fn is_url(value: &Value) -> bool {
    let begins = |scheme: &&str| {
        value.text.get(..scheme.len()).is_some_and(|t| t.eq_ignore_ascii_case(scheme))
    };
    ["http://", "https://", "ftp://"].iter().any(begins)
}

/// A function: its parameters and what flows into and out of it.
#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) parameters: Vec<String>,
    pub(super) arguments: Vec<Datum>,
    pub(super) result: Datum,
}

pub(super) struct Flow {
    pub(super) dialect: Dialect,
    pub(super) start: Start,
    pub(super) limits: Limits,
    pub(super) depth: u32,
    pub(super) globals: HashMap<String, Datum>,
    pub(super) locals: HashMap<String, Datum>,
    pub(super) functions: HashMap<String, Function>,
    /// The function whose lines are read.
    pub(super) current: Option<String>,
    /// What files hold, by the last part of their path.
    pub(super) files: HashMap<String, Value>,
    /// The socket that standard input and output are copies of.
    pub(super) duplicated: Option<Value>,
    pub(super) temporaries: u32,
    pub(super) chains: Chains,
}

impl Flow {
    pub(super) fn new(dialect: Dialect, start: Start, limits: Limits) -> Self {
        Self {
            dialect,
            start,
            limits,
            depth: limits.depth,
            globals: HashMap::new(),
            locals: HashMap::new(),
            functions: HashMap::new(),
            current: None,
            files: HashMap::new(),
            duplicated: None,
            temporaries: 0,
            chains: Chains::default(),
        }
    }

    /// Follows a program: twice, so that a function that stands behind its call is known.
    pub(super) fn program(&mut self, text: &str, line: u32) {
        if !self.limits.pay(text.len().saturating_mul(READ_WORK))
            || !self.limits.descend(&mut self.depth)
        {
            return;
        }
        let (tokens, whole) = lexer::read(text, self.dialect, line);
        self.limits.exhausted |= !whole;
        for _ in 0..2 {
            self.current = None;
            self.statements(&tokens);
        }
        self.depth += 1;
    }

    pub(super) fn report(&mut self, chains: impl IntoIterator<Item = Chain>) {
        self.chains.add(chains);
    }

    /// Takes the work of an operation on data; false, and noted, where there is none left.
    pub(super) fn charge<'a>(&mut self, data: impl IntoIterator<Item = &'a Datum>) -> bool {
        let bytes = data.into_iter().map(Datum::weight).fold(OPERAND_WORK, usize::saturating_add);
        self.limits.pay(bytes)
    }

    pub(super) const fn most(&self) -> usize {
        self.limits.value_bytes
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Datum> {
        self.locals.get(name).or_else(|| self.globals.get(name))
    }

    pub(super) fn assign(&mut self, name: &str, datum: Datum) {
        let variables = if self.current.is_some() { &mut self.locals } else { &mut self.globals };
        variables.insert(name.to_owned(), datum);
    }

    /// Adds what flows into an object that is there.
    pub(super) fn absorb(&mut self, name: &str, datum: &Datum) {
        let most = self.most();
        let mut known = self.variable(name).cloned().unwrap_or_default();
        known.mention(datum, most);
        self.assign(name, known);
    }

    /// The value of an expression.
    pub(super) fn expression(&mut self, tokens: &[Token]) -> Datum {
        if !self.limits.pay(tokens.len().saturating_mul(4)) || !self.limits.descend(&mut self.depth)
        {
            return Datum::default();
        }
        let datum = self.operands(tokens);
        self.depth += 1;
        datum
    }

    fn operands(&mut self, tokens: &[Token]) -> Datum {
        if let Some((targets, value)) = self.assignment(tokens) {
            return self.assigned(targets, value, tokens);
        }
        match self.dialect {
            Dialect::PowerShell => self.piped(tokens),
            Dialect::Awk => match self.awk_pipe(tokens) {
                Some(datum) => datum,
                None => self.joined_operands(tokens),
            },
            _ => self.joined_operands(tokens),
        }
    }

    /// Operands, and the operators between them.
    pub(super) fn joined_operands(&mut self, tokens: &[Token]) -> Datum {
        let mut rest = tokens;
        let mut result: Option<Datum> = None;
        let mut joins = false;
        while let Some((token, behind)) = rest.split_first() {
            if !self.limits.pay(OPERAND_WORK) {
                break;
            }
            match &token.kind {
                Kind::Operator(operator) if !matches!(*operator, "(" | "[" | "{" | "@") => {
                    joins = result.is_some() && self.dialect.joins(operator);
                    let formats = *operator == "%" && self.dialect == Dialect::Ruby;
                    if let Some(format) = result.as_mut().filter(|_| formats) {
                        let arguments = self.list(behind);
                        self.formatted(format, &arguments);
                        return result.unwrap_or_default();
                    }
                    rest = behind;
                    continue;
                }
                Kind::LineEnd => {
                    rest = behind;
                    continue;
                }
                _ => {}
            }
            let (operand, next) = self.operand(rest);
            rest = if next.len() < rest.len() { next } else { behind };
            let most = self.most();
            let known = result.as_ref().filter(|known| joins && known.url.is_some());
            if !self.charge(known.into_iter().chain([&operand])) {
                break;
            }
            match &mut result {
                None => result = Some(operand),
                Some(known) if joins => known.join(&operand, most),
                Some(known) => known.mention(&operand, most),
            }
            joins = false;
        }
        result.unwrap_or_default()
    }

    /// The text of a string with what is put into it.
    pub(super) fn text_of(&mut self, pieces: &[Piece]) -> Datum {
        let most = self.most();
        let mut all = Datum::text("");
        for piece in pieces {
            let piece = match piece {
                Piece::Text(text) => Datum::text(text.clone()),
                Piece::Code(tokens) => {
                    let mut value = self.expression(tokens);
                    if value.value.text.is_empty() {
                        value.value.text.push(UNKNOWN);
                    }
                    value
                }
            };
            let known = Some(&all).filter(|known| known.url.is_some());
            if !self.charge(known.into_iter().chain([&piece])) {
                break;
            }
            all.join(&piece, most);
        }
        all
    }

    /// Arguments: expressions between commas.
    pub(super) fn list(&mut self, tokens: &[Token]) -> Vec<Datum> {
        parts(tokens, ",")
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(|part| self.expression(part))
            .collect()
    }
}

/// The parts of tokens between a separator that stands in no bracket.
pub(super) fn parts<'a>(tokens: &'a [Token], separator: &str) -> Vec<&'a [Token]> {
    let (mut parts, mut level, mut begin) = (Vec::new(), 0u32, 0);
    for (at, token) in tokens.iter().enumerate() {
        let Kind::Operator(operator) = &token.kind else { continue };
        match *operator {
            "(" | "[" | "{" => level = level.saturating_add(1),
            ")" | "]" | "}" => level = level.saturating_sub(1),
            other if other == separator && level == 0 => {
                parts.push(tokens.get(begin..at).unwrap_or_default());
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(tokens.get(begin..).unwrap_or_default());
    parts
}

/// Parts tokens that begin with a bracket: what stands in it, and what stands behind it.
pub(super) fn bracket(tokens: &[Token]) -> (&[Token], &[Token]) {
    let mut level = 0u32;
    for (at, token) in tokens.iter().enumerate() {
        match &token.kind {
            Kind::Operator("(" | "[" | "{") => level = level.saturating_add(1),
            Kind::Operator(")" | "]" | "}") => level = level.saturating_sub(1),
            _ => {}
        }
        if level == 0 {
            let inside = tokens.get(1..at).unwrap_or_default();
            return (inside, tokens.get(at + 1..).unwrap_or_default());
        }
    }
    (tokens.get(1..).unwrap_or_default(), &[])
}

/// Whether tokens begin with this operator.
pub(super) fn begins(tokens: &[Token], operators: &[&str]) -> bool {
    matches!(tokens.first().map(|t| &t.kind), Some(Kind::Operator(o)) if operators.contains(o))
}

/// Whether a name is a word of a language, and stands for no value.
pub(super) fn is_keyword(name: &str) -> bool {
    names::KEYWORDS.contains(&name)
}
