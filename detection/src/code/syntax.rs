//! The syntax tree that JavaScript and Python share, as far as data can flow through it.
//!
//! Chains of members, of operators and of branches are flat lists: no text can make the tree deeper than the parser's
//! depth budget.

use std::rc::Rc;

/// Which of the two languages a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// JavaScript, with or without types and elements.
    JavaScript,
    /// Python.
    Python,
}

#[derive(Debug, Default)]
pub(super) struct Function {
    pub(super) parameters: Vec<Target>,
    pub(super) body: Vec<Statement>,
}

#[derive(Debug)]
pub(super) enum Statement {
    Expression(Expression),
    /// What may run, or run again: assignments in it add to what a variable holds.
    Branch(Vec<Statement>),
    /// A branch with a condition that reads these names.
    Selected {
        by: Vec<Rc<str>>,
        selection: Selection,
        body: Vec<Statement>,
    },
    /// The rest of a round of a loop is left out.
    Skip,
    /// What nobody looks at while it runs.
    Unattended(Unattended, Vec<Statement>),
    For {
        target: Target,
        items: Expression,
        body: Vec<Statement>,
    },
    Define {
        name: Rc<str>,
        function: Rc<Function>,
    },
    Class {
        name: Rc<str>,
        body: Vec<Statement>,
    },
    Return(Expression),
    /// Names that are bound to a module or to a member of it.
    Import(Vec<(Rc<str>, String)>),
    /// Names that are the module's own in this function.
    Global(Vec<Rc<str>>),
    /// What a parameter is where a call does not say it.
    Default(Rc<str>, Expression),
}

#[derive(Debug, Default)]
pub(super) enum Expression {
    Text(Rc<str>),
    /// A template: its parts are joined as texts.
    Template(Vec<Expression>),
    /// A regular expression.
    Pattern(Rc<str>),
    Number(i64),
    /// A name, and its line.
    Name(Rc<str>, u32),
    Chain(Box<Expression>, Vec<Link>),
    /// `a + b`.
    Sum(Vec<Expression>),
    /// `a / b`, which joins paths in Python, and `a % b`, which formats there.
    Operation(&'static str, Vec<Expression>),
    /// One of these: a condition's branches, `a || b`.
    Either(Vec<Expression>),
    /// The last of these: `(a, b)` in JavaScript.
    Last(Vec<Expression>),
    /// What is computed of these is no data of interest: comparisons.
    Opaque(Vec<Expression>),
    /// What is not so.
    Not(Vec<Expression>),
    List(Vec<Expression>),
    Map(Vec<(Key, Expression)>),
    Function(Rc<Function>),
    Class(Vec<Statement>),
    Assign {
        target: Box<Target>,
        value: Box<Expression>,
        adds: bool,
    },
    /// `element for target in items if condition`.
    Comprehension {
        element: Box<Expression>,
        clauses: Vec<Clause>,
    },
    Spread(Box<Expression>),
    Yield(Box<Expression>),
    #[default]
    Unknown,
}

/// Why nobody looks at what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unattended {
    /// Its errors are swallowed.
    Swallowed,
    /// It is done again and again.
    Repeated,
}

/// What a condition keeps of names that it is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selection {
    /// Nothing is known of it.
    Any,
    /// Those for which something does not hold.
    Others,
    /// Those that it names.
    Some,
    /// Those that secrets have.
    Secrets,
    /// Those that no secret has.
    NoSecrets,
}

#[derive(Debug)]
pub(super) enum Clause {
    For(Target, Expression),
    If(Expression),
}

#[derive(Debug)]
pub(super) enum Key {
    Name(Rc<str>),
    Computed(Expression),
    Spread,
}

/// What follows a value.
#[derive(Debug)]
pub(super) enum Link {
    Member(Rc<str>),
    Index(Expression),
    /// A part; `[::-1]` is the whole in reverse.
    Slice {
        reverses: bool,
    },
    Call {
        arguments: Vec<(Option<Rc<str>>, Expression)>,
        line: u32,
    },
}

/// What a value is assigned to.
#[derive(Debug)]
pub(super) enum Target {
    Name(Rc<str>),
    Member(Expression, Vec<Link>),
    List(Vec<Target>),
    Map(Vec<(Rc<str>, Target)>),
    Nothing,
}

impl Function {
    /// Whether it does nothing with what it is given.
    pub(super) fn is_idle(&self) -> bool {
        let says = |value: &Expression| match value {
            Expression::Map(fields) => fields.is_empty(),
            Expression::List(items) => items.is_empty(),
            Expression::Name(name, _) => matches!(&**name, "null" | "undefined" | "false"),
            Expression::Opaque(_)
            | Expression::Unknown
            | Expression::Text(_)
            | Expression::Number(_) => true,
            _ => false,
        };
        self.body.iter().all(|statement| match statement {
            Statement::Return(value) | Statement::Expression(value) => says(value),
            Statement::Branch(body) => body.is_empty(),
            _ => false,
        })
    }
}

impl Target {
    /// The target that an expression is on the left of an assignment.
    pub(super) fn of(expression: Expression) -> Self {
        match expression {
            Expression::Name(name, _) => Self::Name(name),
            Expression::Chain(base, links) => Self::Member(*base, links),
            Expression::List(items) => Self::List(items.into_iter().map(Self::of).collect()),
            Expression::Map(fields) => Self::Map(
                fields
                    .into_iter()
                    .filter_map(|(key, value)| match key {
                        Key::Name(name) => Some((name, Self::of(value))),
                        _ => None,
                    })
                    .collect(),
            ),
            Expression::Assign { target, .. } => *target,
            Expression::Spread(inner) => Self::of(*inner),
            _ => Self::Nothing,
        }
    }
}
