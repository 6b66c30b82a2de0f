//! Functions that are expressions, parameters, and the types that stand beside them.

use super::{super::lexer::Token, Parser, expression::MAX_TYPE};
use crate::code::syntax::{Expression, Function, Link, Statement, Target};
use std::rc::Rc;

impl Parser<'_> {
    pub(super) fn lambda(&mut self) -> Expression {
        self.at += 1;
        let (mut parameters, mut body) = (Vec::new(), Vec::new());
        while self.at < self.end && !self.is_sign(":") {
            let before = self.at;
            if let Some(name) = self.take_name() {
                parameters.push(Target::Name(name.clone()));
                if self.eat("=") {
                    body.push(Statement::Default(name, self.binary()));
                }
            }
            if self.at == before {
                self.at += 1;
            }
        }
        self.eat(":");
        body.push(Statement::Return(self.expression()));
        Expression::Function(Rc::new(Function { parameters, body }))
    }

    /// A function with an arrow that begins here.
    pub(super) fn arrow(&mut self) -> Option<Expression> {
        if self.is_python() {
            return None;
        }
        let mut at = self.at;
        if self.is_name("async") && self.sign_at(at + 1) != Some("=>") {
            at += 1;
        }
        let parameters_at = at;
        let mut behind = match self.token_at(at)? {
            Token::Name(_) => at + 1,
            Token::Sign("(") => self.tokens.closing.get(at).copied()?.saturating_add(1),
            _ => return None,
        };
        // The type of what it returns.
        if self.sign_at(behind) == Some(":") && self.sign_at(at) == Some("(") {
            behind = (behind..behind + MAX_TYPE)
                .find(|at| matches!(self.sign_at(*at), Some("=>" | ";" | "=" | ")" | "?")))?;
        }
        if self.sign_at(behind) != Some("=>") {
            return None;
        }
        self.at = parameters_at;
        let (parameters, mut body) = if self.is_sign("(") {
            self.signature()
        } else {
            (self.take_name().map(Target::Name).into_iter().collect(), Vec::new())
        };
        self.at = behind + 1;
        if self.is_sign("{") {
            body.append(&mut self.inside(Self::statements));
        } else {
            body.push(Statement::Return(self.expression()));
        }
        Some(Expression::Function(Rc::new(Function { parameters, body })))
    }

    /// The parameters in the brackets that open here, and what they do before the body of the function begins; none where
    /// no bracket opens.
    pub(super) fn signature(&mut self) -> (Vec<Target>, Vec<Statement>) {
        if !self.is_sign("(") {
            return (Vec::new(), Vec::new());
        }
        self.inside(|parser| {
            let (mut targets, mut head) = (Vec::new(), Vec::new());
            while parser.at < parser.end {
                let before = parser.at;
                if parser.eat(",") || parser.eat("...") || parser.eat("*") || parser.eat("**") {
                    continue;
                }
                let mut is_field = false;
                while let Some("public" | "private" | "protected" | "readonly") = parser.name() {
                    if matches!(parser.sign_at(parser.at + 1), Some("," | ":" | "=" | "?" | ")")) {
                        break;
                    }
                    is_field = true;
                    parser.at += 1;
                }
                let line = parser.line();
                let target = Target::of(parser.postfix());
                parser.eat("?");
                if parser.eat(":") {
                    parser.skip_type();
                }
                let default = parser.eat("=").then(|| parser.expression());
                if let Target::Name(name) = &target {
                    head.extend(default.map(|value| Statement::Default(name.clone(), value)));
                    if is_field && !parser.is_python() {
                        head.push(field_of_parameter(name, line));
                    }
                }
                targets.push(target);
                if parser.at == before {
                    parser.at += 1;
                }
            }
            (targets, head)
        })
    }

    /// A type: up to a comma, an assignment or an end.
    pub(super) fn skip_type(&mut self) {
        let mut level = 0u32;
        while self.at < self.end {
            match self.peek() {
                Some(Token::Sign("(" | "[" | "{")) | Some(Token::Template) => {
                    // A body, and no type.
                    let before = self.token_at(self.at.wrapping_sub(1));
                    if self.is_sign("{")
                        && matches!(
                            before,
                            Some(Token::Name(_) | Token::Sign(")" | "]" | ">" | "}"))
                        )
                    {
                        return;
                    }
                    self.skip_bracket();
                    continue;
                }
                Some(Token::Sign("<")) => level += 1,
                Some(Token::Sign(">")) => level = level.saturating_sub(1),
                Some(Token::Sign("," | "=" | ";" | ")" | ":" | "||" | "&&" | "??" | "?"))
                    if level == 0 =>
                {
                    return;
                }
                Some(Token::Line(_)) => return,
                Some(Token::Name(_)) if level == 0 && !self.is_python() => {
                    // Two names that nothing joins: the next statement.
                    if let Some(Token::Name(before)) = self.token_at(self.at.wrapping_sub(1))
                        && !matches!(
                            *before,
                            "keyof"
                                | "typeof"
                                | "readonly"
                                | "infer"
                                | "extends"
                                | "is"
                                | "as"
                                | "unique"
                                | "satisfies"
                                | "new"
                                | "asserts"
                        )
                        && !matches!(self.name(), Some("extends" | "is"))
                    {
                        return;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
    }
}

/// `this.name = name`, which a constructor does with a parameter that says who may see it.
fn field_of_parameter(name: &Rc<str>, line: u32) -> Statement {
    let this = Expression::Name("this".into(), line);
    let target = Box::new(Target::Member(this, vec![Link::Member(name.clone())]));
    let value = Box::new(Expression::Name(name.clone(), line));
    Statement::Expression(Expression::Assign { target, value, adds: false })
}
