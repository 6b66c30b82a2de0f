//! Follows data through the statements of a program.

use super::{
    data::{Datum, Kind, Shared, either, with_origins},
    evaluate::{keys_of, without},
    parser,
    skill::Skill,
    syntax::{Dialect, Function, Selection, Statement, Target, Unattended},
};
use crate::{
    Limits,
    chain::{Chain, Chains},
    shell::Start,
    value::{Origin, Source, Value},
};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// The limits of one program: its expressions count, where the shell's commands do.
pub const LIMITS: Limits = Limits {
    commands: 400_000,
    depth: 64,
    work: 64 << 20,
    exhausted: false,
    too_deep: false,
    value_bytes: 65_536,
};

/// What an expression costs beside its data, in bytes.
const EXPRESSION_WORK: usize = 32;
/// Items of a loop that are followed one by one.
const MAX_ROUNDS: usize = 16;
/// What a name or a scope costs that is kept, in bytes.
pub(super) const NAME_WORK: usize = 200;

/// The chains of a program whose first line is line 1. Takes what it follows from `limits`.
#[must_use]
pub fn chains(text: &str, dialect: Dialect, start: Start, limits: &mut Limits) -> Vec<Chain> {
    let text = folded(text, dialect);
    let (program, whole) = parser::parse(&text, dialect, 1, limits.depth);
    let mut flow = Flow::new(dialect, start, limits);
    flow.asks = asks(&text);
    flow.statements(&program);
    flow.follow_pending();
    *limits = flow.limits;
    limits.too_deep |= !whole;
    flow.chains.all
}

/// Whether a program asks its user, or has an option that stands for the answer. What its comments say does not count.
pub(super) fn asks(text: &str) -> bool {
    const ASKING: [&str; 9] = [
        "input(",
        "confirm(",
        "prompt(",
        ".question(",
        "questionary.",
        "inquirer.",
        "Confirm.ask(",
        "\"--yes\"",
        "'--yes'",
    ];
    let code = text.lines().map(|line| {
        let line = line.trim_start();
        let line = line.split(" #").next().unwrap_or(line);
        line.split("//").next().unwrap_or(line)
    });
    code.filter(|line| !line.starts_with(['#', '*']))
        .filter(|line| !line.contains("def ") && !line.contains("function "))
        .any(|line| {
            ASKING.iter().any(|word| {
                line.match_indices(word).any(|(at, _)| {
                    let before = line.get(..at).and_then(|before| before.chars().next_back());
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                })
            })
        })
}

/// A text with letters of the mathematical alphabets as Python reads names: as plain ones (PEP 3131).
pub(super) fn folded(text: &str, dialect: Dialect) -> Cow<'_, str> {
    const FIRST: u32 = 0x1d400;
    const LETTERS: u32 = 0x1d6a4 - FIRST;
    let plain = |c: char| {
        let at = u32::from(c).checked_sub(FIRST).filter(|at| *at < LETTERS)? % 52;
        let base = if at < 26 { u32::from('A') + at } else { u32::from('a') + at - 26 };
        char::from_u32(base)
    };
    if dialect != Dialect::Python || !text.chars().any(|c| plain(c).is_some()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| plain(c).unwrap_or(c)).collect())
}

/// The names of a function, of a class or of the program.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) names: HashMap<Rc<str>, Shared>,
    pub(super) parent: Option<usize>,
    /// Names that belong to the program.
    pub(super) globals: HashSet<Rc<str>>,
    /// The program of the skill that it belongs to.
    pub(super) program: usize,
}

pub(super) struct Flow {
    pub(super) limits: Limits,
    pub(super) dialect: Dialect,
    pub(super) depth: u32,
    pub(super) start: Start,
    /// Whether the program asks its user, or has an option that stands for the answer.
    pub(super) asks: bool,
    /// The line that stands for those of code that is data.
    pub(super) line: Option<u32>,
    /// The line of the name that was read last.
    pub(super) here: u32,
    /// Functions and texts that are being followed in place of a call.
    pub(super) expanding: u32,
    /// Branches around the statement: what they assign is one of several values.
    branches: u32,
    /// Places around the statement where errors are swallowed.
    pub(super) swallowed: u32,
    /// Loops without an end, and timers, around the statement.
    pub(super) repeated: u32,
    /// Loops that are followed item by item around the statement.
    loops: u32,
    /// The names of the loops over the environment around the statement, the key first.
    pub(super) environment_loops: Vec<Vec<Rc<str>>>,
    pub(super) scope: usize,
    pub(super) scopes: Vec<Scope>,
    /// What files hold, by the last part of their path.
    pub(super) files: HashMap<String, Value>,
    pub(super) temporaries: u32,
    /// Folders into which archives were unpacked, and what these were.
    pub(super) unpacked: Vec<(String, Value)>,
    /// The address of a socket that replaces standard input or output.
    pub(super) duplicated: Option<Value>,
    /// What promises are resolved with.
    pub(super) promises: Vec<Shared>,
    /// What the function that is being followed returns.
    pub(super) returned: Vec<Shared>,
    pub(super) pending: Vec<(Rc<Function>, usize)>,
    pub(super) followed: HashSet<*const Function>,
    /// The functions that are being followed: one that calls itself is followed once.
    pub(super) active: Vec<*const Function>,
    pub(super) results: HashMap<(*const Function, u64), Shared>,
    pub(super) chains: Chains,
    /// The other files of the skill.
    pub(super) skill: Skill,
    /// The program of the skill whose statements are followed.
    pub(super) program: usize,
}

impl Flow {
    pub(super) fn new(dialect: Dialect, start: Start, limits: &Limits) -> Self {
        Self {
            limits: *limits,
            dialect,
            depth: limits.depth.saturating_mul(2),
            start,
            asks: false,
            line: None,
            here: 1,
            expanding: 0,
            branches: 0,
            swallowed: 0,
            repeated: 0,
            loops: 0,
            environment_loops: Vec::new(),
            scope: 0,
            scopes: vec![Scope::default()],
            files: HashMap::new(),
            temporaries: 0,
            unpacked: Vec::new(),
            duplicated: None,
            promises: Vec::new(),
            returned: Vec::new(),
            pending: Vec::new(),
            followed: HashSet::new(),
            active: Vec::new(),
            results: HashMap::new(),
            chains: Chains::default(),
            skill: Skill::default(),
            program: 0,
        }
    }

    pub(super) fn statements(&mut self, statements: &[Statement]) {
        // Functions may be called above the place where they stand.
        for statement in statements {
            if let Statement::Define { name, function } = statement {
                let function = self.function(function);
                self.bind(name.clone(), function);
            }
        }
        if !self.enter() {
            return;
        }
        for statement in statements {
            self.statement(statement);
        }
        self.leave();
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Expression(expression) => {
                self.evaluate(expression);
            }
            Statement::Return(expression) => {
                let value = self.evaluate(expression);
                self.returned.push(value);
            }
            Statement::Branch(body) => {
                self.branches += 1;
                self.statements(body);
                self.branches -= 1;
            }
            Statement::For { target, items, body } => {
                let items = self.evaluate(items);
                let item = match items.items().first() {
                    Some(first) if items.items().len() <= MAX_ROUNDS => {
                        with_origins(first, std::iter::once(&self.element(&items)))
                    }
                    _ => self.element(&items),
                };
                self.assign(target, &item);
                let loops = self.environment_loops.len();
                let is_environment = |origin: &Origin| origin.source == Source::Environment;
                if items.value.origins.iter().any(is_environment) {
                    self.environment_loops.push(names_of(target));
                }
                self.branches += 1;
                self.rounds(target, &items, body);
                self.branches -= 1;
                self.environment_loops.truncate(loops);
            }
            Statement::Selected { by, selection, body } => self.selected(by, *selection, body),
            Statement::Unattended(why, body) => {
                self.branches += 1;
                self.unattended(*why, |flow| flow.statements(body));
                self.branches -= 1;
            }
            Statement::Define { .. } | Statement::Skip => {}
            Statement::Default(name, value) => {
                if self.lookup(name).is_none_or(|given| given.is_blank()) {
                    let value = self.evaluate(value);
                    self.bind(name.clone(), value);
                }
            }
            Statement::Class { name, body } => {
                let class = self.class(body);
                self.bind(name.clone(), class);
            }
            Statement::Import(names) => {
                for (local, path) in names {
                    self.import(local, path);
                }
            }
            Statement::Global(names) => {
                if let Some(scope) = self.scopes.get_mut(self.scope) {
                    scope.globals.extend(names.iter().cloned());
                }
            }
        }
    }

    /// Follows a branch. Where the key of a loop over the environment selects it, the variables of the loop are some of
    /// the environment in it, as behind the condition of a comprehension.
    fn selected(&mut self, by: &[Rc<str>], selection: Selection, body: &[Statement]) {
        // Where the others are left out, what follows is what the condition does not say.
        let leaves_out = matches!(body, [Statement::Skip]);
        let is_wanted = |name: &Rc<str>| {
            self.words_of(name).is_some_and(|words| crate::secret::looks_for_secrets(&words))
        };
        let inside = !self.environment_loops.is_empty();
        let selection = match selection {
            Selection::Any | Selection::Some if inside && by.iter().any(is_wanted) => {
                Selection::Secrets
            }
            Selection::Others if inside && by.iter().any(is_wanted) => Selection::NoSecrets,
            selection => selection,
        };
        let selection = match selection {
            Selection::NoSecrets if leaves_out => Selection::Secrets,
            Selection::Secrets if leaves_out => Selection::NoSecrets,
            Selection::Some if leaves_out => Selection::Any,
            selection => selection,
        };
        let names = self.environment_loops.last().cloned().unwrap_or_default();
        let is_selected = !matches!(selection, Selection::Any | Selection::Others)
            && names.iter().any(|name| by.contains(name));
        let mut before = Vec::new();
        for name in names.into_iter().filter(|_| is_selected) {
            let Some(value) = self.lookup(&name) else { continue };
            let chosen = match selection {
                Selection::Secrets => keys_of(&value),
                _ => without(&value, &Source::Environment),
            };
            self.bind(name.clone(), chosen);
            before.push((name, value));
        }
        self.branches += 1;
        self.statements(body);
        self.branches -= 1;
        for (name, value) in before.into_iter().filter(|_| !leaves_out) {
            self.bind(name, value);
        }
    }

    /// Follows what nobody looks at.
    pub(super) fn unattended<T>(
        &mut self,
        why: Unattended,
        follow: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let change = u32::from(why == Unattended::Swallowed);
        self.swallowed += change;
        self.repeated += 1 - change;
        let result = follow(self);
        self.swallowed -= change;
        self.repeated -= 1 - change;
        result
    }

    /// Follows the body of a loop: once, and again for each of a few items that are written out, since each may be a path
    /// or a host.
    fn rounds(&mut self, target: &Target, items: &Shared, body: &[Statement]) {
        self.statements(body);
        let rest = items.items().get(1..).unwrap_or_default();
        let written = |item: &Shared| item.value.text.contains(['/', '.']);
        if rest.len() >= MAX_ROUNDS || self.loops >= 2 || !rest.iter().any(written) {
            return;
        }
        self.loops += 1;
        self.expanding += 1;
        for item in rest {
            self.assign(target, item);
            self.statements(body);
        }
        self.expanding -= 1;
        self.loops -= 1;
    }

    /// The members of a class, which its methods share as `this` and `self`.
    pub(super) fn class(&mut self, body: &[Statement]) -> Shared {
        let outer = self.scope;
        let scope = self.new_scope(outer);
        let class = Datum::of(Kind::Class(scope), Value::unknown());
        self.scope = scope;
        for this in ["this", "self", "cls"] {
            self.bind(this.into(), class.clone());
        }
        self.statements(body);
        self.scope = outer;
        class
    }

    pub(super) fn new_scope(&mut self, parent: usize) -> usize {
        let program = self.scopes.get(parent).map_or(0, |scope| scope.program);
        self.scopes.push(Scope { parent: Some(parent), program, ..Scope::default() });
        self.scopes.len() - 1
    }

    pub(super) fn function(&mut self, function: &Rc<Function>) -> Shared {
        self.pending.push((function.clone(), self.scope));
        let kind = Kind::Function { function: function.clone(), scope: self.scope };
        Datum::of(kind, Value::unknown())
    }

    /// The scope, from this one outwards, that holds a name.
    pub(super) fn holder(&self, name: &str) -> Option<usize> {
        let mut at = Some(self.scope);
        while let Some(scope) = at.and_then(|at| self.scopes.get(at)) {
            if scope.globals.contains(name) {
                return Some(self.root());
            }
            if scope.names.contains_key(name) {
                return at;
            }
            at = scope.parent;
        }
        None
    }

    pub(super) fn lookup(&self, name: &str) -> Option<Shared> {
        let scope = self.scopes.get(self.holder(name)?)?;
        scope.names.get(name).cloned()
    }

    /// Names a value in this scope.
    pub(super) fn bind(&mut self, name: Rc<str>, value: Shared) {
        if let Some(scope) = self.scopes.get_mut(self.scope) {
            scope.names.insert(name, value);
        }
    }

    /// Assigns to a name where it is known.
    fn set(&mut self, name: &Rc<str>, value: &Shared, keeps: bool) {
        let holder = match self.dialect {
            Dialect::JavaScript => self.holder(name),
            Dialect::Python => self
                .holder(name)
                .filter(|at| *at == self.scope || *at == self.root() && self.is_global(name)),
        };
        let holder = holder.unwrap_or(self.scope);
        let Some(scope) = self.scopes.get_mut(holder) else { return };
        let kept = scope.names.get(name).filter(|before| keeps && !before.value.origins.is_empty());
        let value = match kept {
            Some(before) => either(&[value.clone(), before.clone()]),
            None => value.clone(),
        };
        scope.names.insert(name.clone(), value);
    }

    /// The scope of the program's own names.
    pub(super) fn root(&self) -> usize {
        let mut at = self.scope;
        while let Some(parent) = self.scopes.get(at).and_then(|scope| scope.parent) {
            at = parent;
        }
        at
    }

    fn is_global(&self, name: &str) -> bool {
        self.scopes.get(self.scope).is_some_and(|scope| scope.globals.contains(name))
    }

    /// Assigns a value; in a branch, a variable may still hold what it held.
    pub(super) fn assign(&mut self, target: &Target, value: &Shared) {
        let keeps = self.branches > 0;
        match target {
            Target::Name(name) => self.set(name, value, keeps),
            Target::List(targets) => {
                for (at, target) in targets.iter().enumerate() {
                    let item = match value.items().get(at) {
                        Some(item) => item.clone(),
                        None => self.element(value),
                    };
                    self.assign(target, &item);
                }
            }
            Target::Map(fields) => {
                for (name, target) in fields {
                    let field = self.member(value, name);
                    self.assign(target, &field);
                }
            }
            Target::Member(base, links) => self.store(base, links, value, false),
            Target::Nothing => {}
        }
    }

    /// Declares the names of parameters.
    pub(super) fn declare(&mut self, target: &Target, value: &Shared) {
        let blank = Datum::unknown();
        match target {
            Target::Name(name) => self.bind(name.clone(), blank),
            Target::List(targets) => targets.iter().for_each(|target| self.declare(target, &blank)),
            Target::Map(fields) => {
                fields.iter().for_each(|(_, target)| self.declare(target, &blank));
            }
            Target::Member(..) | Target::Nothing => {}
        }
        let branches = std::mem::take(&mut self.branches);
        self.assign(target, value);
        self.branches = branches;
    }

    /// One level deeper; false, and noted, where there is none left. Each that is true needs a [`Self::leave`].
    pub(super) fn enter(&mut self) -> bool {
        self.limits.descend(&mut self.depth)
    }

    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }

    /// Takes the work of `bytes` of data; false, and noted, where there is none left.
    pub(super) fn pay(&mut self, bytes: usize) -> bool {
        self.limits.pay(bytes)
    }

    /// Takes the work of one expression and of `bytes` of its data; false, and noted, where there is none left.
    pub(super) fn charge(&mut self, bytes: usize) -> bool {
        let commands = self.limits.commands.checked_sub(u32::from(self.expanding > 0));
        match (self.limits.work.checked_sub(EXPRESSION_WORK + bytes), commands) {
            (Some(work), Some(commands)) => {
                self.limits.work = work;
                self.limits.commands = commands;
                true
            }
            _ => {
                self.limits.exhausted = true;
                false
            }
        }
    }

    pub(super) fn report(&mut self, chains: impl IntoIterator<Item = Chain>) {
        self.chains.add(chains);
    }
}

/// The names of a target, in their order.
pub(super) fn names_of(target: &Target) -> Vec<Rc<str>> {
    match target {
        Target::Name(name) => vec![name.clone()],
        Target::List(targets) => targets.iter().flat_map(names_of).collect(),
        Target::Member(..) | Target::Map(_) | Target::Nothing => Vec::new(),
    }
}
