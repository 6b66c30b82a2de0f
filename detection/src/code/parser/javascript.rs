//! Statements of JavaScript.

use super::{super::lexer::Token, Parser};
use crate::code::syntax::{Expression, Function, Statement, Target, Unattended};
use std::rc::Rc;

impl Parser<'_> {
    /// The statements up to the end.
    pub(super) fn statements(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        while self.at < self.end {
            let before = self.at;
            self.statement(&mut statements);
            if self.at == before {
                self.at += 1;
            }
        }
        statements
    }

    fn statement(&mut self, out: &mut Vec<Statement>) {
        let next = self.sign_at(self.at + 1);
        if matches!(next, Some(":" | "=" | "." | "=>" | ",")) && !self.is_name("default") {
            return self.simple(out);
        }
        match self.peek() {
            Some(Token::Sign("{")) => {
                let body = self.inside(Self::statements);
                out.push(Statement::Branch(body));
            }
            Some(Token::Sign("@" | ";" | ":")) => self.at += 1,
            Some(Token::Name(name)) => match *name {
                "const" | "let" | "var" | "using" => {
                    self.at += 1;
                    let target = Target::of(self.postfix());
                    self.declarations(target, out);
                }
                "async" if self.is_name_at(self.at + 1, "function") => {
                    self.at += 1;
                    self.declared_function(out);
                }
                "function" => self.declared_function(out),
                "class" => {
                    self.at += 1;
                    let (name, body) = self.class_body();
                    out.push(Statement::Class { name: name.unwrap_or_else(|| "".into()), body });
                }
                "export" => self.export(out),
                "try" if next == Some("{") => {
                    self.at += 1;
                    let body = self.inside(Self::statements);
                    out.push(if self.is_caught_silently() {
                        Statement::Unattended(Unattended::Swallowed, body)
                    } else {
                        Statement::Branch(body)
                    });
                }
                "continue" => {
                    self.at += 1;
                    out.push(Statement::Skip);
                }
                "abstract" | "declare" | "else" | "do" | "try" | "finally" | "default" | "case" => {
                    self.at += 1;
                }
                "import" if !matches!(next, Some("(" | ".")) => self.import(out),
                "return" | "throw" => {
                    self.at += 1;
                    if !matches!(self.sign(), Some(";" | "}")) && self.at < self.end {
                        let value = self.sequence();
                        out.push(Statement::Return(value));
                    }
                }
                "for" => self.for_loop(out),
                "if" | "while" | "switch" | "catch" | "with" => {
                    let word = *name;
                    self.at += 1;
                    let mut selected = None;
                    if self.is_sign("(") {
                        let begin = self.at;
                        let conditions = self.inside(Self::list);
                        selected = (word == "if").then(|| self.selecting(begin));
                        out.push(Statement::Expression(Expression::Opaque(conditions)));
                    }
                    self.body(out);
                    let Some(Statement::Branch(body)) = out.pop() else { return };
                    out.push(match selected {
                        Some((by, selection)) => Statement::Selected { by, selection, body },
                        None if word == "while" => {
                            Statement::Unattended(Unattended::Repeated, body)
                        }
                        None => Statement::Branch(body),
                    });
                }
                _ => self.simple(out),
            },
            _ => self.simple(out),
        }
    }

    /// Whether the handler of errors that stands here does nothing with them.
    fn is_caught_silently(&self) -> bool {
        if !self.is_name("catch") {
            return false;
        }
        let at = match self.sign_at(self.at + 1) {
            Some("(") => self.tokens.closing.get(self.at + 1).copied().unwrap_or(self.end) + 1,
            _ => self.at + 1,
        };
        let (open, first) = (self.sign_at(at), self.sign_at(at + 1));
        open == Some("{")
            && (first == Some("}")
                || self.is_name_at(at + 1, "return")
                    && matches!(self.sign_at(at + 2), Some("}" | ";")))
    }

    /// The one statement that a condition or a loop is about.
    fn body(&mut self, out: &mut Vec<Statement>) {
        let body = self.deeper(|parser| {
            let mut body = Vec::new();
            parser.statement(&mut body);
            body
        });
        out.push(Statement::Branch(body));
    }

    fn simple(&mut self, out: &mut Vec<Statement>) {
        let value = self.sequence();
        out.push(Statement::Expression(value));
    }

    fn sequence(&mut self) -> Expression {
        let first = self.expression();
        if !self.is_sign(",") {
            return first;
        }
        let mut all = vec![first];
        while self.eat(",") {
            all.push(self.expression());
        }
        Expression::Last(all)
    }

    /// What follows the first target of a declaration.
    fn declarations(&mut self, mut target: Target, out: &mut Vec<Statement>) {
        loop {
            self.eat("!");
            if self.eat(":") {
                self.skip_type();
            }
            let value = if self.eat("=") { self.expression() } else { Expression::Unknown };
            let (assigned, value) = (Box::new(target), Box::new(value));
            let assign = Expression::Assign { target: assigned, value, adds: false };
            out.push(Statement::Expression(assign));
            if !self.eat(",") {
                break;
            }
            target = Target::of(self.postfix());
        }
    }

    fn declared_function(&mut self, out: &mut Vec<Statement>) {
        self.at += 1;
        self.eat("*");
        let name = self.take_name();
        let function: Function = self.deeper(Self::signature_and_body);
        out.push(match name {
            Some(name) => Statement::Define { name, function: Rc::new(function) },
            None => Statement::Expression(Expression::Function(Rc::new(function))),
        });
    }

    /// A class behind its word: its name and its members.
    pub(super) fn class_body(&mut self) -> (Option<Rc<str>>, Vec<Statement>) {
        let name = self.take_name();
        while self.at < self.end && !self.is_sign("{") {
            self.at += 1;
        }
        let body = self.inside(|parser| {
            let mut members = Vec::new();
            while parser.at < parser.end {
                let before = parser.at;
                parser.member(&mut members);
                if parser.at == before {
                    parser.at += 1;
                }
            }
            members
        });
        (name, body)
    }

    fn member(&mut self, members: &mut Vec<Statement>) {
        if self.is_sign("{") {
            let body = self.inside(Self::statements);
            return members.push(Statement::Branch(body));
        }
        let Some(name) = self.take_name() else { return };
        match self.sign() {
            Some("(" | "<") => {
                let function = Rc::new(self.signature_and_body());
                members.push(Statement::Define { name, function });
            }
            Some("=" | ":" | "?" | "!") => {
                if !self.eat("?") {
                    self.eat("!");
                }
                if self.eat(":") {
                    self.skip_type();
                }
                if self.eat("=") {
                    let value = Box::new(self.expression());
                    let target = Box::new(Target::Name(name));
                    let assign = Expression::Assign { target, value, adds: false };
                    members.push(Statement::Expression(assign));
                }
            }
            // A modifier, or a field without a value.
            _ => {}
        }
    }

    fn for_loop(&mut self, out: &mut Vec<Statement>) {
        self.at += 1;
        self.eat_name("await");
        if !self.is_sign("(") {
            return;
        }
        let (head, rest) = self.inside(|parser| {
            if matches!(parser.name(), Some("const" | "let" | "var")) {
                parser.at += 1;
                let target = Target::of(parser.postfix());
                if parser.eat_name("of") || parser.eat_name("in") {
                    return (Some((target, parser.expression())), Vec::new());
                }
                // What is parsed is kept: to parse it again at each level takes exponential time.
                let mut rest = Vec::new();
                parser.declarations(target, &mut rest);
                rest.extend(parser.statements());
                return (None, rest);
            } else if parser.is_name_at(parser.at + 1, "of")
                || parser.is_name_at(parser.at + 1, "in")
            {
                let target = Target::of(parser.primary());
                parser.at += 1;
                return (Some((target, parser.expression())), Vec::new());
            }
            (None, parser.statements())
        });
        out.extend(rest);
        let mut body = Vec::new();
        self.body(&mut body);
        match head {
            Some((target, items)) => out.push(Statement::For { target, items, body }),
            None => out.extend(body),
        }
    }

    /// What a module gives to those that import it, by the names that they use.
    fn export(&mut self, out: &mut Vec<Statement>) {
        self.at += 1;
        if self.is_sign("{") && !self.is_exported_from(self.close() + 1) {
            let names = self.inside(|parser| {
                let mut names = Vec::new();
                while parser.at < parser.end {
                    let line = parser.line();
                    let Some(name) = parser.take_name() else {
                        parser.at += 1;
                        continue;
                    };
                    if parser.eat_name("as")
                        && let Some(known) = parser.take_name()
                    {
                        names.push((known, Expression::Name(name, line)));
                    }
                }
                names
            });
            out.extend(names.into_iter().map(|(name, value)| named(name, value)));
        } else if matches!(self.sign(), Some("{" | "*")) {
            self.at -= 1;
            self.import(out);
        } else if self.eat_name("default") {
            let line = self.line();
            let before = out.len();
            match self.name() {
                Some("function" | "class" | "async" | "abstract") => self.statement(out),
                _ => {
                    let value = self.expression();
                    return out.push(named("default".into(), value));
                }
            }
            let value = match out.get(before) {
                Some(Statement::Define { name, .. } | Statement::Class { name, .. }) => {
                    Some(Expression::Name(name.clone(), line))
                }
                Some(Statement::Expression(_)) => match out.pop() {
                    Some(Statement::Expression(value)) => Some(value),
                    _ => None,
                },
                _ => None,
            };
            out.extend(value.map(|value| named("default".into(), value)));
        }
    }

    fn is_exported_from(&self, at: usize) -> bool {
        self.is_name_at(at, "from") && matches!(self.token_at(at + 1), Some(Token::Text(_)))
    }

    fn import(&mut self, out: &mut Vec<Statement>) {
        self.at += 1;
        self.eat_name("type");
        let (mut whole, mut members) = (Vec::new(), Vec::new());
        loop {
            match self.peek() {
                Some(Token::Name("from"))
                    if matches!(self.token_at(self.at + 1), Some(Token::Text(_))) =>
                {
                    self.at += 1;
                }
                Some(Token::Sign("*")) => {
                    self.at += 1;
                    self.eat_name("as");
                    let local = self.take_name().unwrap_or_else(|| "*".into());
                    members.push((local, "*".into()));
                }
                Some(Token::Name("as")) | Some(Token::Sign(",")) => self.at += 1,
                Some(Token::Name(_)) => whole.extend(self.take_name()),
                Some(Token::Sign("{")) => self.inside(|parser| {
                    while parser.at < parser.end {
                        parser.eat_name("type");
                        let Some(name) = parser.take_name() else {
                            parser.at += 1;
                            continue;
                        };
                        let local = if parser.eat_name("as") { parser.take_name() } else { None };
                        members.push((local.unwrap_or_else(|| name.clone()), name));
                    }
                }),
                _ => break,
            }
        }
        if let Some(Token::Text(module)) = self.peek() {
            let module = module.clone();
            self.at += 1;
            let mut names: Vec<(Rc<str>, String)> =
                whole.into_iter().map(|local| (local, module.clone())).collect();
            names.extend(
                members.into_iter().map(|(local, name)| (local, format!("{module}.{name}"))),
            );
            out.push(Statement::Import(names));
        }
    }
}

/// A value that gets a name.
fn named(name: Rc<str>, value: Expression) -> Statement {
    let target = Box::new(Target::Name(name));
    Statement::Expression(Expression::Assign { target, value: Box::new(value), adds: false })
}
