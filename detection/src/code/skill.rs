//! The programs of one skill, read together: what one file defines, writes or holds, another uses.
//!
//! Each program is followed once, in a scope of its own, before the first that imports it goes on. A function keeps the
//! scope of its program, so that a call from another file needs no summary. Data files answer the programs that read
//! them, and what one program writes to a file, another finds there.

use super::{
    data::{Datum, Kind, Shared},
    documents::Format,
    flow::{Flow, Scope},
    parser,
    syntax::{Dialect, Statement},
};
use crate::{
    Limits,
    chain::Chain,
    shell::Start,
    value::{UNKNOWN, Value},
};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// A file of a skill.
#[derive(Debug, Clone, Copy)]
pub struct SkillFile<'a> {
    /// Where it lies in the skill, with `/` between folders.
    pub path: &'a str,
    /// Its content.
    pub text: &'a str,
    /// The language of a program; `None` for data.
    pub dialect: Option<Dialect>,
}

/// A chain, and the file of which its lines are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The place of the file in the list that was given.
    pub file: usize,
    /// The chain. A step of another file stands on the line of the last step, and says where it is.
    pub chain: Chain,
    /// Some step is in another file.
    pub crosses: bool,
}

/// The limits of all programs of a skill together.
pub const LINKED_LIMITS: Limits = Limits {
    commands: 4 * super::flow::LIMITS.commands,
    work: 4 * super::flow::LIMITS.work,
    ..super::flow::LIMITS
};
/// Lines that a program has at the most.
const LINES: u32 = 1 << 20;
/// Programs that are read together: the limits are exhausted where there are more.
pub const MAX_PROGRAMS: usize = 2_000;
/// How often the programs are followed at the most: each time, those that stood too deep in imports come first.
const MAX_ROUNDS: usize = 4;
/// Programs that are being followed one in the other.
const MAX_IMPORTS: usize = 12;

/// What it costs to look at a program of the same name, in bytes of data.
const SEARCH_WORK: usize = 16;

#[derive(Debug, Default)]
pub(super) struct Skill {
    programs: Vec<Program>,
    /// The places of programs, by their path without its extension.
    by_path: HashMap<String, usize>,
    /// The places of programs, by their name without its extension.
    by_name: HashMap<String, Vec<usize>>,
    /// Texts of data files with their paths, by their name.
    data: HashMap<String, Vec<(String, Rc<str>)>>,
    /// Variables of the environment that files of the skill set.
    variables: HashMap<String, String>,
    loading: usize,
    /// Programs that were not followed where they were imported, because of the imports around them.
    deferred: Vec<usize>,
}

#[derive(Debug)]
struct Program {
    path: String,
    dialect: Dialect,
    statements: Rc<Vec<Statement>>,
    scope: Option<usize>,
}

/// The chains of the programs of a skill that need more than one file, and others that they share. Takes what it follows
/// from `limits`.
#[must_use]
pub fn linked(files: &[SkillFile<'_>], limits: &mut Limits) -> Vec<Linked> {
    let mut places = Vec::new();
    let mut found = Vec::new();
    let mut written = HashMap::new();
    let mut first: Vec<usize> = Vec::new();
    // What a program reads may be written by one that comes later.
    for round in 0..MAX_ROUNDS {
        let mut flow = Flow::new(Dialect::Python, Start::Asked, limits);
        flow.asks = files.iter().any(|file| file.dialect.is_some() && super::flow::asks(file.text));
        places = flow.skill.read(files, limits);
        flow.limits.exhausted |= limits.exhausted;
        flow.files = std::mem::take(&mut written);
        for program in first.iter().rev().copied().chain(0..flow.skill.programs.len()) {
            flow.load(program);
        }
        flow.follow_pending();
        *limits = Limits { too_deep: limits.too_deep, ..flow.limits };
        flow.files.retain(|_, content| !content.origins.is_empty());
        written = flow.files;
        if limits.exhausted {
            // This time less may have been followed than the time before.
            found.extend(flow.chains.all);
        } else {
            found = flow.chains.all;
        }
        if flow.skill.deferred.is_empty() {
            if round > 0 || written.is_empty() {
                break;
            }
        } else if round + 1 == MAX_ROUNDS {
            limits.too_deep = true;
        }
        first.append(&mut flow.skill.deferred);
    }
    located(found, &places, |file| files.get(file).map(|file| file.path).unwrap_or_default())
}

/// The lines that the program at place `place` is parsed with begin behind this one.
pub(crate) fn first_line(place: usize) -> Option<u32> {
    u32::try_from(place).ok()?.checked_mul(LINES)?.checked_add(1)
}

/// Chains of programs that were parsed behind each other, by [`first_line`]: `places` are the files of the programs, and
/// `path` gives the path of a file.
pub(crate) fn located<'a>(
    found: Vec<Chain>,
    places: &[usize],
    path: impl Fn(usize) -> &'a str,
) -> Vec<Linked> {
    let place =
        |line: u32| places.get(usize::try_from(line / LINES).unwrap_or(usize::MAX)).copied();
    let mut seen = HashSet::new();
    let located = found.into_iter().filter_map(|mut chain| {
        let last = chain.steps.last()?.line;
        let (file, at) = (place(last)?, last % LINES);
        let mut crosses = false;
        for step in &mut chain.steps {
            let (other, line) = (place(step.line)?, step.line % LINES);
            if other == file {
                step.line = line;
                continue;
            }
            crosses = true;
            let path = crate::judge::shown(path(other));
            step.what = format!("{} ({path}, line {line})", step.what);
            step.line = at;
        }
        let key = (chain.rule, file, chain.first_line(), chain.last_line());
        seen.insert(key).then_some(Linked { file, chain, crosses })
    });
    located.collect()
}

impl Skill {
    /// Parses the programs, and keeps the data; the place of each program in `files`.
    fn read(&mut self, files: &[SkillFile<'_>], limits: &mut Limits) -> Vec<usize> {
        let mut places = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let Some(dialect) = file.dialect else {
                self.keep(file, limits);
                continue;
            };
            let Some(first) = first_line(places.len()).filter(|_| places.len() < MAX_PROGRAMS)
            else {
                limits.exhausted = true;
                continue;
            };
            let text = super::flow::folded(file.text, dialect);
            let (statements, _) = parser::parse(&text, dialect, first, limits.depth);
            self.by_path.entry(stem(file.path).to_owned()).or_insert(self.programs.len());
            let name = name_of(stem(file.path)).to_owned();
            self.by_name.entry(name).or_default().push(self.programs.len());
            self.programs.push(Program {
                path: file.path.to_owned(),
                dialect,
                statements: Rc::new(statements),
                scope: None,
            });
            places.push(at);
        }
        places
    }

    fn keep(&mut self, file: &SkillFile<'_>, limits: &Limits) {
        if file.text.len() > limits.value_bytes {
            return;
        }
        let name = name_of(file.path);
        if name.starts_with(".env")
            && !["example", "sample", "template"].iter().any(|end| name.ends_with(end))
        {
            for line in file.text.lines() {
                let line = line.trim().strip_prefix("export ").unwrap_or(line.trim());
                if let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#'))
                {
                    let value = value.trim().trim_matches(['"', '\'']);
                    self.variables.insert(key.trim().to_owned(), value.to_owned());
                }
            }
        }
        let entry = (file.path.to_owned(), file.text.into());
        self.data.entry(name.to_owned()).or_default().push(entry);
    }

    /// The data file that a path names, as far as the path is known.
    pub(super) fn data(&self, path: &str) -> Option<&(String, Rc<str>)> {
        let known = path.rsplit(UNKNOWN).next().unwrap_or(path).replace('\\', "/");
        let same = |entry: &&(String, Rc<str>)| {
            let mut pairs = entry.0.rsplit('/').zip(known.rsplit('/'));
            pairs.by_ref().take_while(|(one, other)| one == other).count()
        };
        self.data.get(name_of(&known))?.iter().max_by_key(same)
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The program that `path` names from a folder: below it or below a folder around it.
    fn program(&self, folder: &str, path: &str, dialect: Dialect) -> Option<usize> {
        let mut folder = folder;
        loop {
            for end in ["", "/__init__", "/index"] {
                let whole = normal(&format!("{folder}/{path}{end}"));
                let found = self.by_path.get(&whole).copied();
                if let Some(at) = found
                    && self.programs.get(at).is_some_and(|program| program.dialect == dialect)
                {
                    return Some(at);
                }
            }
            if dialect == Dialect::JavaScript {
                return None;
            }
            if folder.is_empty() {
                return self.elsewhere(path);
            }
            folder = folder.rsplit_once('/').map_or("", |(outer, _)| outer);
        }
    }

    /// The only program of Python whose path ends so: programs add folders to the path of imports.
    fn elsewhere(&self, path: &str) -> Option<usize> {
        const KNOWN: [&str; 16] = [
            "os", "sys", "json", "re", "types", "typing", "time", "http", "email", "test",
            "logging", "requests", "random", "socket", "string", "platform",
        ];
        if KNOWN.contains(&path.split('/').next().unwrap_or_default()) {
            return None;
        }
        let mut found = self.by_name.get(name_of(path))?.iter().filter(|at| {
            self.programs.get(**at).is_some_and(|program| {
                let before = stem(&program.path).strip_suffix(path);
                program.dialect == Dialect::Python
                    && before.is_some_and(|before| before.ends_with('/'))
            })
        });
        let first = found.next()?;
        found.next().is_none().then_some(*first)
    }
}

impl Flow {
    /// Goes on in the context of a program; the one before.
    pub(super) fn enter_program(&mut self, program: usize) -> usize {
        if let Some(known) = self.skill.programs.get(program) {
            self.dialect = known.dialect;
        }
        std::mem::replace(&mut self.program, program)
    }

    /// Follows a program, and gives the scope of its names; none where there is no work left for it.
    fn load(&mut self, program: usize) -> Option<usize> {
        let known = self.skill.programs.get(program)?;
        if known.scope.is_some() {
            return known.scope;
        }
        let statements = known.statements.clone();
        if self.skill.loading >= MAX_IMPORTS {
            if !self.skill.deferred.contains(&program) && self.skill.deferred.len() < MAX_PROGRAMS {
                self.skill.deferred.push(program);
            }
            return None;
        }
        if !self.charge(0) {
            return None;
        }
        let root = self.scopes.len();
        self.scopes.push(Scope { program, ..Scope::default() });
        if let Some(known) = self.skill.programs.get_mut(program) {
            known.scope = Some(root);
        }
        let caller = self.enter_program(program);
        let outer = (self.scope, self.line.take(), std::mem::take(&mut self.returned));
        self.scope = root;
        if self.is_javascript() {
            self.bind("exports".into(), Datum::map(Vec::new()));
        }
        self.skill.loading += 1;
        self.statements(&statements);
        self.skill.loading -= 1;
        (self.scope, self.line, self.returned) = outer;
        self.enter_program(caller);
        Some(root)
    }

    /// Binds what an import names: a module, a member of one, or all of its members.
    pub(super) fn import(&mut self, local: &Rc<str>, path: &str) {
        let module = self.imported_path(path);
        if &**local == "*" {
            let Some(Kind::Class(scope)) = module.as_ref().map(|module| &module.kind) else {
                return;
            };
            let names =
                self.scopes.get(*scope).map(|scope| scope.names.clone()).unwrap_or_default();
            if self.pay(names.len() * super::flow::NAME_WORK) {
                names.into_iter().for_each(|(name, value)| self.bind(name, value));
            }
            return;
        }
        let module = module.unwrap_or_else(|| self.path(path));
        self.bind(local.clone(), module);
    }

    fn imported_path(&mut self, path: &str) -> Option<Shared> {
        if let Some(module) = self.module_of(path) {
            let default = match &module.kind {
                Kind::Class(scope) if self.is_javascript() => {
                    self.scopes.get(*scope).and_then(|scope| scope.names.get("default")).cloned()
                }
                _ => None,
            };
            return Some(default.unwrap_or(module));
        }
        let (module, name) = path.rsplit_once('.')?;
        let module = self.module_of(module)?;
        Some(if name == "*" || name.is_empty() { module } else { self.member(&module, name) })
    }

    /// The module of the skill that a name leads to from the program that is followed.
    pub(super) fn module_of(&mut self, name: &str) -> Option<Shared> {
        let from = self.skill.programs.get(self.program)?;
        // Each folder around the program is asked, and each program of that name.
        let same = self.skill.by_name.get(last_of(name)).map_or(0, Vec::len);
        let folders = from.path.matches('/').count().saturating_add(1);
        let bytes = folders.saturating_mul(from.path.len().saturating_add(name.len()));
        if !self.limits.pay(bytes.saturating_add(same.saturating_mul(SEARCH_WORK))) {
            return None;
        }
        let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let dialect = from.dialect;
        let place = match dialect {
            Dialect::JavaScript => {
                if !name.starts_with(['.', '/']) {
                    return None;
                }
                if let Some(data) = self.json_module(&folder, name) {
                    return Some(data);
                }
                let program = |path: &str| self.skill.program(&folder, path, dialect);
                program(name).or_else(|| program(stem(name)))
            }
            Dialect::Python => {
                let path = name.trim_start_matches('.').replace('.', "/");
                if path.is_empty() || self.skill.by_path.is_empty() {
                    return None;
                }
                self.skill.program(&folder, &path, dialect)
            }
        }?;
        if place == self.program {
            return None;
        }
        let scope = self.load(place)?;
        let exports = self.scopes.get(scope).and_then(|scope| scope.names.get("exports"));
        let exports = exports.filter(|exports| {
            dialect == Dialect::JavaScript
                && !matches!(&exports.kind, Kind::Map(fields) if fields.is_empty())
        });
        let own = || Datum::of(Kind::Class(scope), Value::unknown());
        Some(exports.cloned().unwrap_or_else(own))
    }

    fn json_module(&mut self, folder: &str, name: &str) -> Option<Shared> {
        if Format::of_path(name) != Some(Format::Json) {
            return None;
        }
        let path = normal(&format!("{folder}/{name}"));
        let (known, text) = self.skill.data(&path)?;
        if *known != path {
            return None;
        }
        let text = Datum::text(&**text);
        self.document(&text, Format::Json)
    }

    /// What a data file of the skill holds.
    pub(super) fn skill_data(&mut self, path: &str) -> Option<Value> {
        let text = self.skill.data(path)?.1.clone();
        self.charge(text.len()).then(|| Value::literal(&*text))
    }
}

/// The last part of the name of a module.
fn last_of(name: &str) -> &str {
    name.rsplit(['.', '/']).next().unwrap_or(name)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path without the extension of a program.
fn stem(path: &str) -> &str {
    let ends = [".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"];
    ends.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path)
}

/// A path without `.` and `..`.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
