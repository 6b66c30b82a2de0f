//! Expressions: assignments, conditions, and what follows a value.

use super::{super::lexer::Token, Parser};
use crate::code::syntax::{Clause, Expression, Link, Target};

/// Tokens that the type arguments of a call may have.
pub(super) const MAX_TYPE: usize = 24;

impl Parser<'_> {
    /// One expression without commas.
    pub(super) fn expression(&mut self) -> Expression {
        self.deeper(Self::assigned)
    }

    fn assigned(&mut self) -> Expression {
        if self.is_python() && self.is_name("lambda") {
            return self.lambda();
        }
        if let Some(function) = self.arrow() {
            return function;
        }
        if self.is_name("yield") || self.is_name("await") && self.is_name_at(self.at + 1, "yield") {
            self.at += 1;
            self.eat_name("from");
            self.eat("*");
            return Expression::Yield(Box::new(self.expression()));
        }
        let first = self.conditional();
        let adds = match self.sign() {
            Some("=" | ":=" | "||=" | "??=") => false,
            Some("+=" | "&&=" | "|=") => true,
            _ => return first,
        };
        self.at += 1;
        let value = self.expression();
        Expression::Assign { target: Box::new(Target::of(first)), value: Box::new(value), adds }
    }

    pub(super) fn is_name_at(&self, at: usize, name: &str) -> bool {
        matches!(self.token_at(at), Some(Token::Name(found)) if *found == name)
    }

    fn conditional(&mut self) -> Expression {
        let mut first = self.binary();
        let mut conditions = Vec::new();
        let mut branches = Vec::new();
        loop {
            if !self.is_python() && self.is_sign("?") {
                self.at += 1;
                conditions.push(first);
                branches.push(self.expression());
                if !self.eat(":") {
                    first = Expression::Unknown;
                    break;
                }
                match self.arrow() {
                    Some(function) => first = function,
                    None => first = self.binary(),
                }
            } else if self.is_python() && self.is_name("if") {
                self.at += 1;
                branches.push(first);
                conditions.push(self.binary());
                first = if self.eat_name("else") {
                    if self.is_name("lambda") { self.lambda() } else { self.binary() }
                } else {
                    Expression::Unknown
                };
            } else {
                break;
            }
        }
        if branches.is_empty() {
            return first;
        }
        branches.push(first);
        Expression::Last(vec![Expression::Opaque(conditions), Expression::Either(branches)])
    }

    pub(super) fn unary(&mut self) -> Expression {
        let (mut opaque, mut negative, mut not) = (false, false, false);
        loop {
            match self.peek() {
                Some(Token::Sign("!")) => not = !not,
                Some(Token::Sign("~" | "++" | "--")) => opaque = true,
                Some(Token::Sign("-")) => negative = true,
                Some(Token::Sign("+")) => {}
                Some(Token::Name("not")) if self.is_python() => not = !not,
                Some(Token::Name("typeof" | "void" | "delete")) if !self.is_python() => {
                    opaque = true;
                }
                Some(Token::Name("new")) if !self.is_python() => {}
                Some(Token::Name("await"))
                    if !matches!(
                        self.token_at(self.at + 1),
                        Some(Token::Sign("=" | "." | ":"))
                    ) => {}
                Some(Token::Sign("..." | "*" | "**")) => {
                    self.at += 1;
                    return Expression::Spread(Box::new(self.expression()));
                }
                _ => break,
            }
            self.at += 1;
        }
        let value = self.postfix();
        match value {
            Expression::Number(number) if negative => Expression::Number(number.saturating_neg()),
            value if not => Expression::Not(vec![value]),
            value if opaque => Expression::Opaque(vec![value]),
            value => value,
        }
    }

    /// A value, and its members, indexes and calls.
    pub(super) fn postfix(&mut self) -> Expression {
        let base = self.primary();
        let mut links = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Sign("." | "?.")) => {
                    self.at += 1;
                    match self.take_name() {
                        Some(name) => links.push(Link::Member(name)),
                        None if matches!(self.sign(), Some("(" | "[")) => {}
                        None => break,
                    }
                }
                Some(Token::Sign("(")) => links.push(self.call()),
                Some(Token::Sign("[")) => links.push(self.index()),
                Some(Token::Template) if !self.is_python() => {
                    let line = self.line();
                    let template = self.template();
                    links.push(Link::Call { arguments: vec![(None, template)], line });
                }
                Some(Token::Sign("!"))
                    if !self.is_python()
                        && matches!(
                            self.sign_at(self.at + 1),
                            Some("." | "(" | "[" | ")" | "," | ";")
                        ) =>
                {
                    self.at += 1;
                }
                Some(Token::Sign("++" | "--")) => self.at += 1,
                Some(Token::Sign("<")) if !self.is_python() => match self.type_arguments() {
                    Some(at) => self.at = at,
                    None => break,
                },
                Some(Token::Name("as" | "satisfies")) if !self.is_python() => {
                    self.at += 1;
                    self.skip_type();
                }
                _ => break,
            }
        }
        if links.is_empty() { base } else { Expression::Chain(Box::new(base), links) }
    }

    /// Where the call begins whose type arguments begin here.
    fn type_arguments(&self) -> Option<usize> {
        let mut level = 0u32;
        for at in self.at..self.at + MAX_TYPE {
            match self.token_at(at)? {
                Token::Sign("<") => level += 1,
                Token::Sign(">") => level = level.checked_sub(1)?,
                Token::Sign(">>") => level = level.checked_sub(2)?,
                Token::Sign("," | "." | "[" | "]" | "|" | "{" | "}" | ":" | ";" | "?")
                | Token::Name(_)
                | Token::Text(_) => {}
                _ => return None,
            }
            if level == 0 {
                return (self.sign_at(at + 1) == Some("(")).then_some(at + 1);
            }
        }
        None
    }

    fn call(&mut self) -> Link {
        let line = self.line();
        let arguments = self.inside(|parser| {
            let mut arguments = Vec::new();
            while parser.at < parser.end {
                let before = parser.at;
                if parser.eat(",") {
                    continue;
                }
                let named = parser.is_python() && parser.sign_at(parser.at + 1) == Some("=");
                let name = parser.take_name().filter(|_| named);
                if name.is_some() {
                    parser.at += 1;
                } else {
                    parser.at = before;
                }
                let value = parser.expression();
                let value = parser.comprehension(value);
                arguments.push((name, value));
                if parser.at == before {
                    parser.at += 1;
                }
            }
            arguments
        });
        Link::Call { arguments, line }
    }

    fn index(&mut self) -> Link {
        let reverses = matches!(self.sign_at(self.at + 1), Some(":"))
            && matches!(self.sign_at(self.at + 2), Some(":"))
            && matches!(self.sign_at(self.at + 3), Some("-"));
        self.inside(|parser| {
            let first = if parser.is_sign(":") { Expression::Unknown } else { parser.expression() };
            if parser.is_python() && parser.is_sign(":") {
                return Some(Link::Slice { reverses });
            }
            Some(Link::Index(first))
        })
        .unwrap_or(Link::Index(Expression::Unknown))
    }

    /// What follows an element that is computed for each of some items; the element itself where nothing does.
    pub(super) fn comprehension(&mut self, element: Expression) -> Expression {
        if !self.is_python() {
            return element;
        }
        let mut clauses = Vec::new();
        loop {
            self.eat_name("async");
            if self.eat_name("for") {
                let target = self.for_target();
                self.eat_name("in");
                clauses.push(Clause::For(target, self.binary()));
            } else if !clauses.is_empty() && self.eat_name("if") {
                clauses.push(Clause::If(self.binary()));
            } else {
                break;
            }
        }
        if clauses.is_empty() {
            return element;
        }
        Expression::Comprehension { element: Box::new(element), clauses }
    }

    /// Names before `in`.
    pub(super) fn for_target(&mut self) -> Target {
        let mut targets = Vec::new();
        loop {
            self.eat("*");
            targets.push(Target::of(self.postfix()));
            if !self.eat(",") || self.is_name("in") {
                break;
            }
        }
        match targets.pop() {
            Some(target) if targets.is_empty() => target,
            Some(target) => {
                targets.push(target);
                Target::List(targets)
            }
            None => Target::Nothing,
        }
    }
}
