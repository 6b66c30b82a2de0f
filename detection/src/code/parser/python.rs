//! Statements of Python.

use super::{super::lexer::Token, Parser};
use crate::code::syntax::{Expression, Function, Statement, Target, Unattended};
use std::rc::Rc;

/// Tokens that the head of a handler of errors has at the most.
const MAX_HANDLER: usize = 24;

impl Parser<'_> {
    /// The statements of a block whose lines begin at `column` or behind it.
    pub(super) fn block(&mut self, column: usize) -> Vec<Statement> {
        let mut statements = Vec::new();
        while self.at < self.end {
            let before = self.at;
            match self.peek() {
                Some(Token::Line(at)) if *at < column => break,
                Some(Token::Line(at)) => {
                    let at = *at;
                    self.at += 1;
                    self.python_statement(at, &mut statements);
                }
                _ => self.python_statement(column, &mut statements),
            }
            if self.at == before {
                self.at += 1;
            }
        }
        statements
    }

    fn python_statement(&mut self, column: usize, out: &mut Vec<Statement>) {
        let next = self.sign_at(self.at + 1);
        // `from .module import name` is no member of a variable.
        let begins = |name: &&str| *name == "from" || !matches!(next, Some("=" | "." | ","));
        let Some(name) = self.name().filter(begins) else {
            return self.simple_statement(out);
        };
        match name {
            "async" => self.at += 1,
            "def" => {
                self.at += 1;
                let name = self.take_name().unwrap_or_else(|| "".into());
                let (parameters, mut body) = self.signature();
                body.append(&mut self.suite(column));
                let function = Rc::new(Function { parameters, body });
                out.push(Statement::Define { name, function });
            }
            "class" => {
                self.at += 1;
                let name = self.take_name().unwrap_or_else(|| "".into());
                let body = self.suite(column);
                out.push(Statement::Class { name, body });
            }
            "import" | "from" => self.python_import(out),
            "return" => {
                self.at += 1;
                let value = self.tuple();
                out.push(Statement::Return(value));
            }
            "with" => {
                self.at += 1;
                let suppresses =
                    self.is_name("suppress") || self.is_name_at(self.at + 2, "suppress");
                self.with_items(out);
                let body = self.suite(column);
                if suppresses {
                    out.push(Statement::Unattended(Unattended::Swallowed, body));
                } else {
                    out.extend(body);
                }
            }
            "for" => {
                self.at += 1;
                let target = self.for_target();
                self.eat_name("in");
                // No tuple of a statement: the colon behind it is no type's.
                let mut all = vec![self.expression()];
                while self.eat(",") {
                    all.push(self.expression());
                }
                let items = match all.pop() {
                    Some(only) if all.is_empty() => only,
                    last => {
                        all.extend(last);
                        Expression::List(all)
                    }
                };
                let body = self.suite(column);
                out.push(Statement::For { target, items, body });
            }
            "if" | "elif" | "while" | "match"
                if name != "match" || !matches!(next, Some("(" | ")" | "[")) =>
            {
                self.at += 1;
                let begin = self.at;
                let condition = self.expression();
                let (by, selection) = self.selecting(begin);
                out.push(Statement::Expression(Expression::Opaque(vec![condition])));
                let body = self.suite(column);
                out.push(if name == "while" {
                    Statement::Unattended(Unattended::Repeated, body)
                } else {
                    Statement::Selected { by, selection, body }
                });
            }
            "try" => {
                let body = self.suite(column);
                out.push(if self.is_swallowed() {
                    Statement::Unattended(Unattended::Swallowed, body)
                } else {
                    Statement::Branch(body)
                });
            }
            "continue" => {
                self.at += 1;
                out.push(Statement::Skip);
            }
            "else" | "finally" | "except" => {
                let body = self.suite(column);
                out.push(Statement::Branch(body));
            }
            "global" | "nonlocal" => {
                self.at += 1;
                let mut names = Vec::new();
                while let Some(name) = self.take_name() {
                    names.push(name);
                    self.eat(",");
                }
                out.push(Statement::Global(names));
            }
            "pass" | "raise" | "del" | "assert" | "break" => self.at += 1,
            // Statements of Python 2.
            "exec" | "print"
                if next.is_none()
                    && !matches!(self.token_at(self.at + 1), None | Some(Token::Line(_))) =>
            {
                let line = self.line();
                self.at += 1;
                let code = self.expression();
                let call = crate::code::syntax::Link::Call { arguments: vec![(None, code)], line };
                let callee = Box::new(Expression::Name(name.into(), line));
                out.push(Statement::Expression(Expression::Chain(callee, vec![call])));
                self.skip_to_line();
            }
            _ => self.simple_statement(out),
        }
    }

    /// Whether the next handler of errors does nothing with them.
    fn is_swallowed(&self) -> bool {
        let mut at = self.at;
        while matches!(self.token_at(at), Some(Token::Line(_))) {
            at += 1;
        }
        if !self.is_name_at(at, "except") {
            return false;
        }
        let behind = (at..at + MAX_HANDLER).find(|at| {
            self.sign_at(*at) == Some(":") || matches!(self.token_at(*at), Some(Token::Line(_)))
        });
        let Some(mut at) = behind.filter(|at| self.sign_at(*at) == Some(":")) else { return false };
        at += 1;
        while matches!(self.token_at(at), Some(Token::Line(_))) {
            at += 1;
        }
        matches!(self.token_at(at), Some(Token::Name("pass" | "continue")))
            || self.sign_at(at) == Some("...")
            || self.is_name_at(at, "return")
                && matches!(
                    self.token_at(at + 1),
                    None | Some(Token::Line(_) | Token::Name("None"))
                )
    }

    fn simple_statement(&mut self, out: &mut Vec<Statement>) {
        if self.eat(";") || self.eat("@") {
            return;
        }
        let value = self.tuple();
        out.push(Statement::Expression(value));
    }

    /// Expressions with commas, and what is assigned to them.
    fn tuple(&mut self) -> Expression {
        self.deeper(|parser| {
            let first = parser.expression();
            let mut value = first;
            if parser.is_sign(",") {
                let mut items = vec![value];
                while parser.eat(",") {
                    if matches!(parser.sign(), Some("=" | ")"))
                        || matches!(parser.peek(), None | Some(Token::Line(_)))
                    {
                        break;
                    }
                    items.push(parser.expression());
                }
                // The last of the targets has taken the assignment.
                if let Some(Expression::Assign { .. }) = items.last()
                    && let Some(Expression::Assign { target, value, adds }) = items.pop()
                {
                    let mut targets: Vec<_> = items.into_iter().map(Target::of).collect();
                    targets.push(*target);
                    let target = Box::new(Target::List(targets));
                    return Expression::Assign { target, value, adds };
                }
                value = Expression::List(items);
            }
            // A type, and then perhaps a value.
            if parser.is_sign(":")
                && parser.sign_at(parser.at + 1).is_none()
                && matches!(value, Expression::Name(..) | Expression::Chain(..))
            {
                parser.at += 1;
                parser.skip_type();
            }
            if parser.eat("=") {
                let target = Box::new(Target::of(value));
                let value = Box::new(parser.tuple());
                return Expression::Assign { target, value, adds: false };
            }
            value
        })
    }

    fn skip_to_line(&mut self) {
        while self.at < self.end && !matches!(self.peek(), Some(Token::Line(_) | Token::Sign(";")))
        {
            self.at += 1;
        }
    }

    /// What stands behind the colon of a statement that begins at `column`.
    fn suite(&mut self, column: usize) -> Vec<Statement> {
        while self.at < self.end
            && !self.is_sign(":")
            && !matches!(self.peek(), Some(Token::Line(_)))
        {
            if matches!(self.sign(), Some("(" | "[" | "{")) {
                self.skip_bracket();
            } else {
                self.at += 1;
            }
        }
        if !self.eat(":") {
            return Vec::new();
        }
        self.deeper(|parser| match parser.peek() {
            Some(Token::Line(at)) if *at > column => {
                let at = *at;
                parser.block(at)
            }
            Some(Token::Line(_)) | None => Vec::new(),
            _ => {
                let mut body = Vec::new();
                while parser.at < parser.end && !matches!(parser.peek(), Some(Token::Line(_))) {
                    let before = parser.at;
                    parser.python_statement(column, &mut body);
                    if parser.at == before {
                        parser.at += 1;
                    }
                }
                body
            }
        })
    }

    fn with_items(&mut self, out: &mut Vec<Statement>) {
        let mut items = |parser: &mut Self| {
            loop {
                let before = parser.at;
                let value = Box::new(parser.expression());
                let target = if parser.eat_name("as") {
                    Target::of(parser.postfix())
                } else {
                    Target::Nothing
                };
                let target = Box::new(target);
                out.push(Statement::Expression(Expression::Assign { target, value, adds: false }));
                if !parser.eat(",") || parser.at == before {
                    break;
                }
            }
        };
        let close = self.close();
        if self.is_sign("(") && self.sign_at(close + 1) == Some(":") {
            self.inside(items);
        } else {
            items(self);
        }
    }

    fn python_import(&mut self, out: &mut Vec<Statement>) {
        let from = self.eat_name("from");
        self.at += usize::from(!from);
        let module = if from { self.dotted() } else { String::new() };
        if from && !self.eat_name("import") {
            return;
        }
        let mut names = Vec::new();
        self.eat("(");
        if from && self.eat("*") {
            names.push(("*".into(), module.clone()));
        }
        loop {
            let path = self.dotted();
            if path.is_empty() {
                break;
            }
            let local = if self.eat_name("as") { self.take_name() } else { None };
            let first = path.split('.').next().unwrap_or_default().to_owned();
            names.push(match (local, from) {
                (local, true) => {
                    (local.unwrap_or_else(|| path.as_str().into()), format!("{module}.{path}"))
                }
                (Some(local), false) => (local, path),
                (None, false) => (first.as_str().into(), first),
            });
            if !self.eat(",") {
                break;
            }
        }
        out.push(Statement::Import(names));
        self.skip_to_line();
    }

    fn dotted(&mut self) -> String {
        let mut path = String::new();
        loop {
            if let Some(name) = self.name().filter(|name| *name != "import") {
                if !path.is_empty() && !path.ends_with('.') {
                    break;
                }
                path.push_str(name);
            } else if matches!(self.sign(), Some("." | "...")) {
                path.push('.');
            } else {
                break;
            }
            self.at += 1;
        }
        path
    }
}
