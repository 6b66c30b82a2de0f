//! Operators: a flat run of operands is parted at the operators that bind least.

use super::{super::lexer::Token, Parser};
use crate::code::syntax::Expression;

/// What an operator makes of its operands, from that which binds least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Either,
    Compared,
    Mixed,
    Added,
    Divided,
    Modulo,
    Times,
}

fn class(token: &Token<'_>) -> Option<(Class, usize)> {
    Some((
        match token {
            Token::Sign("||" | "&&" | "??") | Token::Name("and" | "or") => Class::Either,
            Token::Sign("==" | "!=" | "===" | "!==" | "<" | ">" | "<=" | ">=" | "&")
            | Token::Sign("<<" | ">>" | ">>>")
            | Token::Name("in" | "is" | "instanceof") => Class::Compared,
            Token::Sign("^") => Class::Mixed,
            Token::Sign("|") => Class::Either,
            Token::Sign("+") => Class::Added,
            Token::Sign("-") => Class::Times,
            Token::Sign("/") => Class::Divided,
            Token::Sign("%") => Class::Modulo,
            Token::Sign("*" | "**" | "//" | "@") => Class::Times,
            _ => return None,
        },
        1,
    ))
}

impl Parser<'_> {
    /// Operands and operators, without conditions and assignments.
    pub(super) fn binary(&mut self) -> Expression {
        let first = self.unary();
        let mut operands = vec![(None, first)];
        loop {
            let next = match self.peek() {
                Some(Token::Name("not"))
                    if self.is_python()
                        && self.token_at(self.at + 1) == Some(&Token::Name("in")) =>
                {
                    Some((Class::Compared, 2))
                }
                Some(Token::Name("and" | "or" | "is")) if !self.is_python() => None,
                Some(token) => class(token),
                None => None,
            };
            let Some((class, length)) = next else { break };
            let negates = length == 2 || matches!(self.sign(), Some("!=" | "!=="));
            self.at += length;
            let operand = self.unary();
            let operand = if negates { Expression::Not(vec![operand]) } else { operand };
            operands.push((Some(class), operand));
        }
        grouped(operands, Class::Either)
    }
}

/// Joins operands at the operators of `level`, and what lies between them at those that bind more.
fn grouped(mut operands: Vec<(Option<Class>, Expression)>, level: Class) -> Expression {
    if operands.len() == 1 {
        return operands.pop().map(|(_, operand)| operand).unwrap_or_default();
    }
    let Some(level) = operands.iter().filter_map(|(class, _)| *class).filter(|c| *c >= level).min()
    else {
        return Expression::Unknown;
    };
    let mut groups: Vec<Vec<(Option<Class>, Expression)>> = Vec::new();
    for (class, operand) in operands {
        match groups.last_mut().filter(|_| class != Some(level)) {
            Some(group) => group.push((class, operand)),
            None => groups.push(vec![(None, operand)]),
        }
    }
    // There are seven levels: this ends.
    let parts = groups.into_iter().map(|group| grouped(group, level)).collect();
    match level {
        Class::Either => Expression::Either(parts),
        Class::Compared | Class::Times => Expression::Opaque(parts),
        Class::Mixed => Expression::Operation("^", parts),
        Class::Added => Expression::Sum(parts),
        Class::Divided => Expression::Operation("/", parts),
        Class::Modulo => Expression::Operation("%", parts),
    }
}
