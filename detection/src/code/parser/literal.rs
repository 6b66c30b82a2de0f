//! Values that begin an expression: names, strings, lists, maps, functions.

use super::{super::lexer::Token, Parser};
use crate::code::syntax::{Expression, Function, Key};
use std::rc::Rc;

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Expression {
        match self.peek() {
            Some(Token::Number(number)) => {
                let number = *number;
                self.at += 1;
                Expression::Number(number)
            }
            Some(Token::Text(_) | Token::Template) => self.text(),
            Some(Token::Pattern(pattern)) => {
                let pattern = pattern.as_str().into();
                self.at += 1;
                Expression::Pattern(pattern)
            }
            Some(Token::Sign("(")) => self.inside(|parser| {
                let mut items = Vec::new();
                let mut commas = 0;
                while parser.at < parser.end {
                    let before = parser.at;
                    if parser.eat(",") {
                        commas += 1;
                        continue;
                    }
                    let item = parser.expression();
                    items.push(parser.comprehension(item));
                    if parser.at == before {
                        parser.at += 1;
                    }
                }
                match (items.len(), commas) {
                    (1, 0) => items.pop().unwrap_or_default(),
                    _ if parser.is_python() => Expression::List(items),
                    _ => Expression::Last(items),
                }
            }),
            Some(Token::Sign("[")) => self.inside(|parser| {
                let mut items = Vec::new();
                while parser.at < parser.end {
                    let before = parser.at;
                    if parser.eat(",") {
                        continue;
                    }
                    let item = parser.expression();
                    items.push(parser.comprehension(item));
                    if parser.at == before {
                        parser.at += 1;
                    }
                }
                match items.pop() {
                    Some(only @ Expression::Comprehension { .. }) if items.is_empty() => only,
                    last => {
                        items.extend(last);
                        Expression::List(items)
                    }
                }
            }),
            Some(Token::Sign("{")) if self.is_python() => self.dictionary(),
            Some(Token::Sign("{")) => self.object(),
            Some(Token::Name("function")) if !self.is_python() => self.function(),
            Some(Token::Name("async"))
                if !self.is_python() && self.is_name_at(self.at + 1, "function") =>
            {
                self.at += 1;
                self.function()
            }
            Some(Token::Name("class")) if !self.is_python() => {
                self.at += 1;
                let (_, body) = self.class_body();
                Expression::Class(body)
            }
            Some(Token::Name(_)) => {
                let line = self.line();
                self.take_name().map_or(Expression::Unknown, |name| Expression::Name(name, line))
            }
            _ => Expression::Unknown,
        }
    }

    /// A function: its name, if it has one, is dropped.
    pub(super) fn function(&mut self) -> Expression {
        self.at += 1;
        self.eat("*");
        self.take_name();
        Expression::Function(Rc::new(self.signature_and_body()))
    }

    /// Parameters and a body in braces.
    pub(super) fn signature_and_body(&mut self) -> Function {
        if self.is_sign("<") {
            self.skip_type_parameters();
        }
        let (parameters, mut body) = self.signature();
        if self.eat(":") {
            self.skip_type();
        }
        if self.is_sign("{") {
            body.append(&mut self.inside(Self::statements));
        }
        Function { parameters, body }
    }

    fn skip_type_parameters(&mut self) {
        while self.at < self.end && !matches!(self.sign(), Some("(" | "{")) {
            self.at += 1;
        }
    }

    /// Strings: in Python those that follow each other are one.
    fn text(&mut self) -> Expression {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Text(text)) => {
                    parts.push(Expression::Text(text.as_str().into()));
                    self.at += 1;
                }
                Some(Token::Template) => parts.push(self.template()),
                _ => break,
            }
            if !self.is_python() {
                break;
            }
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Expression::Template(parts)
            }
        }
    }

    pub(super) fn template(&mut self) -> Expression {
        Expression::Template(self.inside(|parser| {
            let mut parts = Vec::new();
            while let Some(token) = parser.peek() {
                match token {
                    Token::Text(text) => {
                        parts.push(Expression::Text(text.as_str().into()));
                        parser.at += 1;
                    }
                    Token::Hole => parts.push(parser.inside(Self::expression)),
                    _ => parser.at += 1,
                }
            }
            parts
        }))
    }

    fn dictionary(&mut self) -> Expression {
        self.inside(|parser| {
            let (mut fields, mut items) = (Vec::new(), Vec::new());
            while parser.at < parser.end {
                let before = parser.at;
                if parser.eat(",") {
                    continue;
                }
                let first = parser.expression();
                if parser.eat(":") {
                    let value = parser.expression();
                    match parser.comprehension(value) {
                        all @ Expression::Comprehension { .. } => return all,
                        value => fields.push((key(first), value)),
                    }
                } else if let Expression::Spread(inner) = first {
                    fields.push((Key::Spread, *inner));
                } else {
                    items.push(parser.comprehension(first));
                }
                if parser.at == before {
                    parser.at += 1;
                }
            }
            if items.is_empty() { Expression::Map(fields) } else { Expression::List(items) }
        })
    }

    fn object(&mut self) -> Expression {
        Expression::Map(self.inside(|parser| {
            let mut fields = Vec::new();
            while parser.at < parser.end {
                let before = parser.at;
                if parser.eat(",") || parser.eat(";") || parser.eat("*") {
                    continue;
                }
                if parser.eat("...") {
                    fields.push((Key::Spread, parser.expression()));
                    continue;
                }
                let modifier = matches!(parser.name(), Some("async" | "get" | "set" | "static"));
                let next = parser.sign_at(parser.at + 1);
                if modifier
                    && !matches!(next, Some(":" | "(" | "," | "=" | "}"))
                    && parser.at + 1 < parser.end
                {
                    parser.at += 1;
                    continue;
                }
                fields.extend(parser.field());
                if parser.at == before {
                    parser.at += 1;
                }
            }
            fields
        }))
    }

    fn field(&mut self) -> Option<(Key, Expression)> {
        let line = self.line();
        let name = self.take_name();
        let key = match &name {
            Some(name) => Key::Name(name.clone()),
            None if self.is_sign("[") => Key::Computed(self.inside(Self::expression)),
            None => key(self.primary()),
        };
        if self.is_sign("(") {
            return Some((key, Expression::Function(Rc::new(self.signature_and_body()))));
        }
        if self.eat(":") {
            return Some((key, self.expression()));
        }
        // A default, in a pattern.
        if self.eat("=") {
            self.expression();
        }
        name.map(|name| (key, Expression::Name(name, line)))
    }
}

/// The key that an expression is.
fn key(expression: Expression) -> Key {
    match expression {
        Expression::Text(text) => Key::Name(text),
        other => Key::Computed(other),
    }
}
