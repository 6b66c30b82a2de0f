//! Statements: functions, loops, blocks and assignments.

use super::{
    Dialect,
    evaluate::{Datum, Flow, begins, bracket, is_keyword, parts},
    lexer::{Kind, Token},
};
use crate::host;

/// Words that begin a function.
const FUNCTIONS: [&str; 6] = ["def", "function", "sub", "func", "fun", "fn"];
/// Words that part statements from each other.
const PARTING: [&str; 17] = [
    "then", "do", "begin", "else", "elsif", "elseif", "ensure", "rescue", "if", "unless", "while",
    "until", "try", "finally", "and", "or", "repeat",
];
/// Operators behind which a statement goes on in the next line.
const OPEN: [&str; 20] = [
    ".", ",", "+", "..", "|", "&&", "||", "=", ":=", "&.", "?.", "->", "=>", "-", "*", "?", "::",
    "<<", "+=", "|&",
];
const ASSIGNING: [&str; 7] = ["=", ":=", "+=", ".=", "<<=", "||=", "<-"];

impl Flow {
    /// Follows statements in their order.
    pub(super) fn statements(&mut self, tokens: &[Token]) {
        let (mut level, mut begin) = (0u32, 0);
        let mut last = Datum::default();
        for at in 0..=tokens.len() {
            let boundary = match tokens.get(at) {
                None => true,
                Some(token) => self.parts_statement(tokens, at, token, &mut level),
            };
            if !boundary {
                continue;
            }
            let statement = tokens.get(begin..at).unwrap_or_default();
            begin = at + 1;
            let opens = tokens.get(at).is_some_and(|token| opens_block(&token.kind));
            let statement = trimmed(statement);
            if !statement.is_empty() {
                last = self.statement(statement, &last);
            }
            if opens && self.charge([&last]) {
                for name in ["it", "_", "_1"] {
                    self.assign(name, last.clone());
                }
            }
            let closes = |token: &Token| {
                token.first
                    && matches!(
                        &token.kind,
                        Kind::Operator("}") | Kind::Name { variable: false, .. }
                    )
            };
            let ends =
                tokens.get(at).filter(|token| closes(token)).is_some_and(|token| {
                    match &token.kind {
                        Kind::Name { text, .. } => text == "end",
                        _ => true,
                    }
                });
            if ends {
                self.current = None;
            }
        }
    }

    fn parts_statement(&self, tokens: &[Token], at: usize, token: &Token, level: &mut u32) -> bool {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at)).map(|token| &token.kind);
        let next = tokens.get(at + 1).map(|token| &token.kind);
        match &token.kind {
            Kind::Operator("{") => {
                let subscript = !token.apart
                    && matches!(
                        before,
                        Some(Kind::Name { .. } | Kind::Operator("->" | "]" | "}" | "@"))
                    );
                // Perl: `exec { PROGRAM } WORDS`.
                let program = self.dialect == Dialect::Perl
                    && matches!(before, Some(Kind::Name { text, variable: false }) if matches!(text.as_str(), "exec" | "system"));
                let value = program
                    || matches!(
                        before,
                        Some(Kind::Operator(
                            "=" | "=>" | "(" | "," | "[" | ":" | ":=" | "+" | "||"
                        ))
                    );
                let opens =
                    !program && matches!(next, None | Some(Kind::LineEnd | Kind::Operator("|")));
                let block = !value && (*level == 0 || opens);
                if subscript && self.dialect != Dialect::CLike || !block {
                    *level = level.saturating_add(1);
                    return false;
                }
                *level = 0;
                true
            }
            Kind::Operator("}") if *level == 0 => true,
            Kind::Operator("(" | "[") => {
                *level = level.saturating_add(1);
                false
            }
            Kind::Operator(")" | "]" | "}") => {
                *level = level.saturating_sub(1);
                false
            }
            Kind::Operator(";") => *level == 0,
            Kind::LineEnd => {
                let open = matches!(before, Some(Kind::Operator(o)) if OPEN.contains(o));
                let rest = tokens.iter().skip(at + 1).map(|token| &token.kind);
                let next = rest.into_iter().find(|kind| **kind != Kind::LineEnd);
                let goes_on =
                    matches!(next, Some(Kind::Operator("." | "&." | "?." | "?->" | "->")));
                *level == 0 && self.dialect.ends_at_lines() && !open && !goes_on
            }
            Kind::Name { text, variable: false } => {
                let member = matches!(before, Some(Kind::Operator("." | "->" | "::" | "&." | "-")));
                let ends = text == "end" && matches!(self.dialect, Dialect::Ruby | Dialect::Lua);
                *level == 0 && !member && (ends || PARTING.contains(&text.as_str()))
            }
            _ => false,
        }
    }

    fn statement(&mut self, tokens: &[Token], last: &Datum) -> Datum {
        let mut tokens = self.bound(tokens, last);
        while let Some((token, rest)) = tokens.split_first() {
            let Kind::Name { text, variable: false } = &token.kind else { break };
            match text.as_str() {
                "local" | "my" | "our" | "static" | "public" | "private" | "defer" | "go"
                | "await" | "async" | "export" | "protected" | "final" | "suspend" | "override"
                | "open"
                    if !begins(rest, &["("]) || matches!(text.as_str(), "my" | "local" | "our") =>
                {
                    if matches!(text.as_str(), "my" | "local" | "our") && begins(rest, &["("]) {
                        break;
                    }
                    if text == "open" && self.dialect != Dialect::CLike {
                        break;
                    }
                    tokens = rest;
                }
                "for" | "foreach" => return self.loop_over(rest),
                "return" => {
                    let result = self.expression(rest);
                    self.returned(&result);
                    return result;
                }
                word if FUNCTIONS.contains(&word) && self.begins_function(rest) => {
                    return Datum::default();
                }
                _ => break,
            }
        }
        let value = self.expression(tokens);
        if matches!(self.dialect, Dialect::Ruby | Dialect::Perl | Dialect::PowerShell) {
            self.returned(&value);
        }
        value
    }

    /// Binds the names that a block gives to what it works on: `|a, b|`, `a ->`, `a in`.
    fn bound<'a>(&mut self, tokens: &'a [Token], last: &Datum) -> &'a [Token] {
        let piped = begins(tokens, &["|"]);
        let inner = if piped { tokens.get(1..).unwrap_or_default() } else { tokens };
        let is_end = |kind: &Kind| match kind {
            Kind::Operator("|") => piped,
            Kind::Operator("->") => !piped && self.dialect == Dialect::CLike,
            Kind::Name { text, .. } => !piped && text == "in" && self.dialect == Dialect::CLike,
            _ => false,
        };
        let end = inner.iter().take(16).position(|token| is_end(&token.kind));
        let Some((names, rest)) = end.map(|end| (inner.get(..end), inner.get(end + 1..))) else {
            return tokens;
        };
        let names = names.unwrap_or_default();
        let plain = names.iter().all(|token| {
            matches!(&token.kind, Kind::Name { .. } | Kind::Operator("," | "(" | ")"))
        });
        if !plain {
            return tokens;
        }
        for token in names {
            if let Kind::Name { text, .. } = &token.kind {
                let value = one_of(last);
                self.assign(text, value);
            }
        }
        rest.unwrap_or_default()
    }

    fn returned(&mut self, result: &Datum) {
        let most = self.most();
        if let Some(function) = self.current.as_ref().and_then(|name| self.functions.get_mut(name))
        {
            if function.result.value.origins.is_empty() && function.result.socket.is_none() {
                function.result = result.clone();
            } else if !result.value.origins.is_empty() {
                function.result.mention(result, most);
            }
        }
    }

    /// The head of a function, behind its keyword.
    fn begins_function(&mut self, tokens: &[Token]) -> bool {
        // Go: the receiver of a method.
        let tokens = if begins(tokens, &["("]) && self.dialect == Dialect::Go {
            bracket(tokens).1
        } else {
            tokens
        };
        let Some((Kind::Name { text: name, .. }, mut rest)) =
            tokens.split_first().map(|(token, rest)| (&token.kind, rest))
        else {
            return false;
        };
        let mut name = name.clone();
        while let [dot, next, behind @ ..] = rest
            && matches!(dot.kind, Kind::Operator("." | ":"))
            && let Kind::Name { text, .. } = &next.kind
        {
            name.clone_from(text);
            rest = behind;
        }
        let inside = if begins(rest, &["("]) { bracket(rest).0 } else { rest };
        let is_name = |token: &&Token| matches!(&token.kind, Kind::Name { .. });
        let parameters: Vec<String> = parts(inside, ",")
            .into_iter()
            .filter_map(|part| {
                let mut names = part.iter().filter(is_name);
                let typed = self.dialect == Dialect::Php;
                let token = if typed {
                    names.rfind(|t| matches!(&t.kind, Kind::Name { variable: true, .. }))
                } else {
                    names.next()
                };
                match token.map(|token| &token.kind) {
                    Some(Kind::Name { text, .. }) => Some(text.clone()),
                    _ => None,
                }
            })
            .collect();
        self.locals.clear();
        let function = self.functions.entry(name.clone()).or_default();
        function.parameters.clone_from(&parameters);
        let arguments = function.arguments.clone();
        self.current = Some(name);
        if !self.charge(&arguments) {
            return true;
        }
        let all = Datum::list(arguments.clone());
        for (at, parameter) in parameters.iter().enumerate() {
            self.assign(parameter, arguments.get(at).cloned().unwrap_or_default());
        }
        if self.dialect == Dialect::Perl {
            self.assign("_", all);
        }
        true
    }

    /// `for NAME in LIST`, `foreach (LIST as NAME)`, `for my NAME (LIST)`.
    fn loop_over(&mut self, tokens: &[Token]) -> Datum {
        let whole = begins(tokens, &["("]);
        let inside = if whole { bracket(tokens).0 } else { tokens };
        let word = |token: &Token| match &token.kind {
            Kind::Name { text, variable: false }
                if matches!(text.as_str(), "in" | "as" | "range") =>
            {
                Some(text.clone())
            }
            _ => None,
        };
        let at = inside.iter().position(|token| word(token).is_some());
        let split = at.and_then(|at| {
            Some((inside.get(..at)?, word(inside.get(at)?)?, inside.get(at + 1..)?))
        });
        let (names, list) = match split {
            Some((list, word, names)) if word == "as" => (names, list),
            Some((names, _, list)) => (names, list),
            None if whole => return self.expression(inside),
            None => match tokens.iter().position(|t| matches!(t.kind, Kind::Operator("("))) {
                Some(at) => {
                    let (names, rest) = tokens.split_at(at);
                    (names, bracket(rest).0)
                }
                None => return self.expression(tokens),
            },
        };
        let listed = self.list(list);
        let list = match listed.as_slice() {
            [one] => one.clone(),
            _ => Datum::list(listed),
        };
        let item = one_of(&list);
        for token in names {
            if let Kind::Name { text, .. } = &token.kind
                && !is_keyword(text)
                && self.charge([&item])
            {
                self.assign(text, item.clone());
            }
        }
        list
    }

    /// The targets and the value of an assignment.
    pub(super) fn assignment<'a>(&self, tokens: &'a [Token]) -> Option<(&'a [Token], &'a [Token])> {
        let mut level = 0u32;
        for (at, token) in tokens.iter().enumerate() {
            match &token.kind {
                Kind::Operator("(" | "[" | "{") => level = level.saturating_add(1),
                Kind::Operator(")" | "]" | "}") => level = level.saturating_sub(1),
                Kind::Operator(operator) if level == 0 && ASSIGNING.contains(operator) => {
                    let (targets, value) = tokens.split_at(at);
                    let named = targets.iter().any(|t| matches!(&t.kind, Kind::Name { .. }));
                    let calls = self.dialect == Dialect::PowerShell
                        && !matches!(
                            targets.first().map(|t| &t.kind),
                            Some(Kind::Name { variable: true, .. } | Kind::Operator(_))
                        );
                    return (named && !calls)
                        .then_some((targets, value.get(1..).unwrap_or_default()));
                }
                _ => {}
            }
        }
        None
    }

    pub(super) fn assigned(&mut self, targets: &[Token], value: &[Token], all: &[Token]) -> Datum {
        let operator = all.get(targets.len()).map(|token| &token.kind);
        let appends = matches!(operator, Some(Kind::Operator("+=" | ".=" | "<<=")));
        let listed = parts(value, ",");
        let result = if listed.len() > 1 && self.dialect != Dialect::PowerShell {
            let items: Vec<Datum> = listed.into_iter().map(|part| self.expression(part)).collect();
            Datum::list(items)
        } else {
            self.expression(value)
        };
        let line = all.first().map_or(1, |token| token.line);
        let is_tuple =
            |tokens: &[Token]| tokens.iter().any(|t| matches!(t.kind, Kind::Operator("(")));
        let inner = if is_tuple(targets) {
            let at = targets
                .iter()
                .position(|t| matches!(t.kind, Kind::Operator("(")))
                .unwrap_or_default();
            bracket(targets.get(at..).unwrap_or_default()).0
        } else {
            targets
        };
        let names = parts(inner, ",");
        let pairwise = names.len() > 1 && result.items().len() >= names.len();
        for (at, name) in names.iter().enumerate() {
            let item = if pairwise || names.len() > 1 && self.dialect == Dialect::Perl {
                result.items().get(at).cloned().unwrap_or_default()
            } else {
                result.clone()
            };
            if !self.charge([&item]) {
                break;
            }
            self.assign_to(name, item, appends, line);
        }
        result
    }

    fn assign_to(&mut self, target: &[Token], value: Datum, appends: bool, line: u32) {
        let typed = self.dialect == Dialect::CLike;
        let end = target.iter().position(|t| typed && matches!(t.kind, Kind::Operator(":")));
        let target = target.get(..end.unwrap_or(target.len())).unwrap_or_default();
        let mut names = target.iter().filter_map(|token| match &token.kind {
            Kind::Name { text, .. } if !is_keyword(text) => Some(text.as_str()),
            _ => None,
        });
        let dialect = self.dialect;
        let member = target.iter().skip(1).any(|token| match &token.kind {
            Kind::Operator(operator) => {
                matches!(*operator, "[" | "{") || dialect.is_member(operator)
            }
            _ => false,
        });
        let name = if member { names.next() } else { names.next_back() };
        let Some(name) = name.map(str::to_owned) else { return };
        if member {
            let value = self.without_own_key(&name, target, value);
            if let Some(address) = &value.socket {
                self.tied_by_field(&name, address, line);
            }
            let field = match target.last().map(|token| &token.kind) {
                Some(Kind::Name { text, .. }) => text.as_str(),
                _ => "",
            };
            if field == "Stdin" {
                self.fed_by_field(&name, &value.value, line);
            }
            self.absorb(&name, &value);
        } else if appends {
            let most = self.most();
            let mut known = self.variable(&name).cloned().unwrap_or_default();
            known.join(&value, most);
            self.assign(&name, known);
        } else {
            self.assign(&name, value);
        }
    }
}

/// What a loop over a list works on: the item that says most.
pub(super) fn one_of(list: &Datum) -> Datum {
    let nameless = |item: &&Datum| host::Host::of(&item.value.text).is_nameless();
    let item = list.items().iter().find(nameless).or(list.items().first());
    item.cloned().unwrap_or_else(|| list.clone())
}

fn opens_block(kind: &Kind) -> bool {
    match kind {
        Kind::Operator("{") => true,
        Kind::Name { text, .. } => text == "do",
        _ => false,
    }
}

fn trimmed(mut tokens: &[Token]) -> &[Token] {
    while let Some((token, rest)) = tokens.split_first() {
        if token.kind != Kind::LineEnd {
            break;
        }
        tokens = rest;
    }
    tokens
}
