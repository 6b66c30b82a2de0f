//! Statements of JavaScript.

use super::{super::lexer::Token, Parser};
use crate::code::syntax::{Expression, Function, Statement, Target};
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
                "abstract" | "declare" | "else" | "do" | "try" | "finally" | "export"
                | "default" | "case" => self.at += 1,
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
                    self.at += 1;
                    if self.is_sign("(") {
                        let conditions = self.inside(Self::list);
                        out.push(Statement::Expression(Expression::Opaque(conditions)));
                    }
                    self.body(out);
                }
                _ => self.simple(out),
            },
            _ => self.simple(out),
        }
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
                Some(Token::Name("as")) | Some(Token::Sign("*" | ",")) => self.at += 1,
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
