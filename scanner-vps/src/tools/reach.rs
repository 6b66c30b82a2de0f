//! What of a skill is run or obeyed, and what only lies there.
//!
//! `SKILL.md` and the files that agents load by themselves are where an agent starts. From there a file is *obeyed* when
//! a text says to run it or to do what it says, *read* when a text says to read it, *material* when it is compared or
//! searched. A file that nothing names in one of the first two ways is not reached. A text that is not reached obeys
//! nothing: what it names is named by nobody.

use super::{handed, literal::Program, sink};
use crate::staging::{Language, Origin, StagedFile, StagedTree, dialect};
use skillgate_detection::{
    Limits,
    prose::{self, Form, Manner, Shown},
};
use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    rc::Rc,
};

/// Bytes of one file that are read for what it names.
const MAX_BYTES: u64 = 1 << 20;
/// Bytes of all files that are read for what they name. A skill of more is taken to reach all of its files.
const MAX_ALL: u64 = 32 << 20;
/// Bytes that are looked through for single matches. What lies beyond is not lowered.
const MAX_LOOKED: usize = 256 << 20;
/// Lines that hand something to a shell; of more, any program may be meant.
const MAX_PIPED: usize = 1_000;
/// Names of texts that agents or people who install a skill read unasked, in lower case.
const ROOTS: [&str; 12] = [
    "skill.md",
    "agents.md",
    "claude.md",
    "gemini.md",
    "readme.md",
    "readme.txt",
    "readme",
    "install.md",
    "installation.md",
    "setup.md",
    "copilot-instructions.md",
    ".cursorrules",
];
/// Folders whose texts agents load unasked.
const LOADED_FOLDERS: [&str; 14] = [
    "commands",
    "agents",
    "rules",
    "hooks",
    "steering",
    "skills",
    ".claude",
    ".clinerules",
    ".codex",
    ".cursor",
    ".github",
    ".kiro",
    ".roo",
    ".windsurf",
];
/// How far a file is from being run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Reach {
    /// It is named, and only as something to compare with, to search or to learn from.
    Material,
    /// Nothing runs it and nobody is told to do what it says.
    #[default]
    Nowhere,
    /// It is named as something to be read.
    Read,
    /// It is run, or its instructions are to be done.
    Obeyed,
    /// An agent starts with it.
    Root,
}

/// What the files of one copy reach. Read when it is first asked.
pub(crate) struct Reached<'a> {
    copy: &'a StagedTree,
    root: Option<&'a str>,
    files: OnceCell<Option<BTreeMap<&'a str, Reach>>>,
    texts: RefCell<HashMap<String, Rc<str>>>,
    shown: RefCell<HashMap<String, Rc<[Shown]>>>,
    sinks: RefCell<HashMap<&'a str, bool>>,
    words: RefCell<HashMap<&'a str, Rc<HashSet<String>>>>,
    programs: RefCell<HashMap<String, Rc<Program>>>,
    handed: RefCell<HashMap<String, bool>>,
    /// The outermost folders that hold a `SKILL.md`.
    skills: Vec<&'a str>,
    /// Bytes that may still be looked through for single matches.
    left: Cell<usize>,
}

impl<'a> Reached<'a> {
    /// Of the copy of the skill in the folder `root`.
    pub(crate) fn of(copy: &'a StagedTree, root: Option<&'a str>) -> Self {
        let skill = |file: &'a StagedFile| {
            let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
            (is_whole(file) && name.eq_ignore_ascii_case("skill.md")).then_some(folder)
        };
        let mut skills: Vec<&str> = copy.files.iter().filter_map(skill).collect();
        skills.sort_unstable_by_key(|folder| folder.len());
        Self {
            copy,
            root,
            files: OnceCell::new(),
            texts: RefCell::default(),
            shown: RefCell::default(),
            sinks: RefCell::default(),
            words: RefCell::default(),
            programs: RefCell::default(),
            handed: RefCell::default(),
            skills,
            left: Cell::new(MAX_LOOKED),
        }
    }

    /// How a file is reached. Where the skill is too large to be read for that, as if all of it were run.
    pub(crate) fn reach(&self, path: &str) -> Reach {
        match self.files.get_or_init(|| self.read()) {
            Some(files) => files.get(path).copied().unwrap_or_default(),
            None => Reach::Root,
        }
    }

    /// The skill's folder.
    pub(crate) const fn root(&self) -> Option<&'a str> {
        self.root
    }

    /// Whether lines of the copy of a text in Markdown are shown as an attack.
    pub(crate) fn shows(&self, file: &StagedFile, first: u32, last: u32) -> bool {
        let at = |line| self.copy.locate(&file.name, line).map(|at| at.line);
        match (at(first), at(last)) {
            (Some(first), Some(last)) => {
                self.is_shown(&file.path, first) && self.is_shown(&file.path, last)
            }
            _ => false,
        }
    }

    /// Whether no other text of its skill says a word of a file: neither its name, nor the name without its ending, nor
    /// its folder.
    pub(crate) fn is_unnamed(&self, file: &StagedFile) -> bool {
        if self.reach(&file.path) > Reach::Nowhere {
            return false;
        }
        let path = below(&file.path, self.root);
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
        let words = self.words(&file.path);
        !path.split('/').chain([stem]).any(|word| words.contains(&word.to_lowercase()))
    }

    /// A program, read once.
    pub(crate) fn program(&self, file: &StagedFile) -> Rc<Program> {
        if let Some(program) = self.programs.borrow().get(&file.name) {
            return program.clone();
        }
        let program = Rc::new(Program::of(self.text(file), file.language == Language::Python));
        self.programs.borrow_mut().insert(file.name.clone(), program.clone());
        program
    }

    /// Whether something in its skill may run what a file says: a program that runs texts, or anything but a program of
    /// JavaScript or Python that names the file, other than to start it as one.
    pub(crate) fn may_run(&self, file: &StagedFile) -> bool {
        if let Some(known) = self.handed.borrow().get(&file.path) {
            return *known;
        }
        let skill = self.skill(&file.path);
        let name = handed::Name::of(below(&file.path, self.root), dialect(file.language).is_some());
        let may = self.runs_texts(&file.path)
            || self.copy.files.iter().any(|other| {
                let speaks = is_whole(other) && dialect(other.language).is_none();
                speaks && other.path != file.path && self.is_in(other, skill) && {
                    let text = self.text(other);
                    let kind = handed::Kind::of(&other.path, other.language);
                    !self.pay(text.len()) || handed::is_handed_on(&name, &text, kind)
                }
            });
        self.handed.borrow_mut().insert(file.path.clone(), may);
        may
    }

    /// Takes the work of looking through a text for one match; false where too much was done.
    pub(crate) fn pay(&self, bytes: usize) -> bool {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// The outermost skill that a path lies in; empty where it is the whole copy.
    fn skill(&self, path: &str) -> &'a str {
        let holds = |folder: &&&str| {
            folder.is_empty()
                || path.strip_prefix(**folder).is_some_and(|rest| rest.starts_with('/'))
        };
        self.skills.iter().find(holds).copied().unwrap_or_default()
    }

    /// Whether a file speaks for a skill: it lies in it, or in none.
    fn is_in(&self, file: &StagedFile, skill: &str) -> bool {
        let own = self.skill(&file.path);
        skill.is_empty() || own.is_empty() || own == skill
    }

    /// The words of all texts of a skill that are reached, in lower case.
    fn words(&self, path: &str) -> Rc<HashSet<String>> {
        let skill = self.skill(path);
        if let Some(words) = self.words.borrow().get(skill) {
            return words.clone();
        }
        let mut words = HashSet::new();
        for file in self.copy.files.iter().filter(|file| is_whole(file) && self.is_in(file, skill))
        {
            if self.reach(&file.path) > Reach::Nowhere {
                for word in names_in(&self.text(file)) {
                    let parts = word.split(['.', '-']).chain([word]);
                    words.extend(parts.map(str::to_lowercase));
                }
            }
        }
        let words = Rc::new(words);
        self.words.borrow_mut().insert(skill, words.clone());
        words
    }

    fn is_shown(&self, path: &str, line: u32) -> bool {
        let known = self.shown.borrow().get(path).cloned();
        let shown = known.unwrap_or_else(|| {
            let file = self.copy.files.iter().find(|file| file.path == path && is_whole(file));
            let text = file.map(|file| self.text(file)).unwrap_or_default();
            let mut limits = prose::LIMITS;
            let hidden = commented(&text);
            let before = |line: u32| hidden.partition_point(|hidden| *hidden < line);
            let mut shown = prose::shown(&text, &mut limits);
            shown.retain(|part| before(part.first) == before(part.last.saturating_add(1)));
            let shown: Rc<[Shown]> = shown.into();
            self.shown.borrow_mut().insert(path.to_owned(), shown.clone());
            shown
        });
        shown.iter().any(|shown| (shown.first..=shown.last).contains(&line))
    }

    /// Whether a program of the skill that a file lies in runs something that it does not name itself: then any text may
    /// be what it runs.
    pub(crate) fn runs_texts(&self, path: &str) -> bool {
        let skill = self.skill(path);
        if let Some(runs) = self.sinks.borrow().get(skill) {
            return *runs;
        }
        let own = self.copy.files.iter().filter(|file| is_whole(file) && self.is_in(file, skill));
        let programs: Vec<_> =
            own.clone().filter(|file| dialect(file.language).is_some()).collect();
        let stem = |path: &'a str| path.rsplit('/').next()?.split('.').next();
        let folders = |path: &'a str| path.rsplit_once('/').map_or("", |(folders, _)| folders);
        let modules: HashSet<&str> = programs
            .iter()
            .flat_map(|file| stem(&file.path).into_iter().chain(folders(&file.path).split('/')))
            .collect();
        let piped = self.piped(skill);
        // What was not read may run anything.
        let runs = own.clone().any(|file| self.is_unread(file))
            || programs.iter().any(|file| {
                let python = file.language == Language::Python;
                let name = file.path.rsplit('/').next().unwrap_or(&file.path);
                let program = Program::of(self.text(file), python);
                sink::runs_texts(&program, python, |module| modules.contains(module))
                    || piped
                        .as_ref()
                        .is_none_or(|lines| lines.iter().any(|line| line.contains(name)))
            });
        self.sinks.borrow_mut().insert(skill, runs);
        runs
    }

    /// The lines of a skill's texts and scripts that hand something to a shell; `None` where they are too many.
    fn piped(&self, skill: &str) -> Option<Vec<String>> {
        const SHELLS: [&str; 9] =
            ["| sh", "|sh", "| bash", "|bash", "| sudo", "eval ", "<(", "xargs", "iex"];
        let others = self.copy.files.iter().filter(|file| {
            is_whole(file) && dialect(file.language).is_none() && self.is_in(file, skill)
        });
        let mut piped = Vec::new();
        for file in others {
            let text = self.text(file);
            let lines = text.lines().filter(|line| SHELLS.iter().any(|shell| line.contains(shell)));
            piped.extend(lines.map(str::to_owned));
            if piped.len() > MAX_PIPED {
                return None;
            }
        }
        Some(piped)
    }

    /// A file's content; what is larger than is read is cut.
    pub(crate) fn text(&self, file: &StagedFile) -> Rc<str> {
        if let Some(text) = self.texts.borrow().get(&file.name) {
            return text.clone();
        }
        let path = self.copy.root.join(&file.name);
        let fits = fs::metadata(&path).is_ok_and(|meta| meta.len() <= MAX_BYTES);
        let bytes = if fits { fs::read(&path).unwrap_or_default() } else { Vec::new() };
        let text = String::from_utf8_lossy(&bytes);
        let skipped = usize::try_from(file.lines_before).unwrap_or_default();
        let taken = usize::try_from(file.content_lines).unwrap_or(usize::MAX);
        let lines: Vec<&str> = text.split('\n').skip(skipped).take(taken).collect();
        let text: Rc<str> = lines.join("\n").into();
        self.texts.borrow_mut().insert(file.name.clone(), text.clone());
        text
    }

    /// Whether a file that is no table is larger than is read.
    fn is_unread(&self, file: &StagedFile) -> bool {
        let length =
            fs::metadata(self.copy.root.join(&file.name)).map_or(u64::MAX, |meta| meta.len());
        length > MAX_BYTES && !is_table(&file.path)
    }

    fn read(&self) -> Option<BTreeMap<&'a str, Reach>> {
        let files: Vec<&StagedFile> =
            self.copy.files.iter().filter(|file| is_whole(file)).collect();
        let size = |file: &&StagedFile| {
            fs::metadata(self.copy.root.join(&file.name)).map_or(0, |meta| meta.len())
        };
        let unread = files.iter().any(|file| self.is_unread(file));
        if unread || files.iter().map(size).sum::<u64>() > MAX_ALL {
            return None;
        }
        let mut reached: BTreeMap<&str, Reach> = BTreeMap::new();
        let (mut open, mut read) = (Vec::new(), HashSet::new());
        for file in &files {
            if is_root(below(&file.path, self.root)) {
                reached.insert(&file.path, Reach::Root);
                read.insert(file.path.as_str());
                open.push(*file);
            }
        }
        let index = Index::of(&files);
        let mut limits = prose::LIMITS;
        while let Some(file) = open.pop() {
            let skill = self.skill(&file.path);
            for (name, reach) in self.names(file, &index, &mut limits) {
                for named in index.named(&name) {
                    // A skill speaks of its own files, unless the name climbs or begins at the top.
                    let far = name.contains("..") || named.path.starts_with(&name);
                    if named.path == file.path || !far && !self.is_in(named, skill) {
                        continue;
                    }
                    let known = reached.entry(named.path.as_str()).or_insert(reach);
                    let is_new = reach > *known;
                    *known = (*known).max(reach);
                    if is_new || reach >= Reach::Read && read.insert(named.path.as_str()) {
                        open.push(named);
                    }
                }
            }
        }
        (!limits.exhausted).then_some(reached)
    }

    /// The files that a file names, and how.
    fn names(
        &self,
        file: &StagedFile,
        index: &Index<'_>,
        limits: &mut Limits,
    ) -> HashSet<(String, Reach)> {
        let text = self.text(file);
        if file.language == Language::Markdown || is_plain_text(&file.path) {
            let form =
                if file.language == Language::Markdown { Form::Markdown } else { Form::Text };
            let mentions = prose::mentions(form, &text, limits).into_iter();
            return mentions
                .map(|mention| {
                    let reach = match mention.manner {
                        Manner::Obeyed => Reach::Obeyed,
                        // Whoever is led to a text reads it.
                        Manner::ReadFirst | Manner::Named => Reach::Read,
                        Manner::Material => Reach::Material,
                    };
                    (mention.name, reach)
                })
                .collect();
        }
        // What a program, a script or a setting names may be run by it.
        let program = dialect(file.language).is_some();
        let runs = !program || self.runs_texts(&file.path);
        let mut named = HashSet::new();
        let (mut known, mut loaded) = (HashSet::new(), HashSet::new());
        for line in text.lines() {
            let imports =
                program && ["import", "require", "from"].iter().any(|word| line.contains(word));
            for word in names_in(line) {
                if runs && known.insert(word) && index.files.contains_key(word) {
                    named.insert((word.to_owned(), Reach::Obeyed));
                }
                for module in word.split('.').filter(|_| imports) {
                    if loaded.insert(module) {
                        let files = index.modules.get(module).into_iter().flatten();
                        named.extend(files.map(|name| ((*name).to_owned(), Reach::Obeyed)));
                    }
                }
            }
        }
        named
    }
}

/// The lines, from 1, that comments of Markdown lie on: an agent reads them, and nobody is shown them.
fn commented(text: &str) -> Vec<u32> {
    let (mut lines, mut open) = (Vec::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        // Within a span of code, it is shown.
        let begins = line.rfind("<!--").filter(|at| {
            let (before, behind) = line.split_at_checked(*at).unwrap_or((line, ""));
            let spans = before.matches('`').count() % 2 == 1 && !before.contains("``");
            open || !(spans && behind.split('`').next().is_some_and(|span| span.ends_with("-->")))
        });
        if open || begins.is_some() {
            lines.push(number);
        }
        open = match (begins, line.rfind("-->")) {
            (Some(begin), end) => end.is_none_or(|end| end < begin),
            (None, Some(_)) => false,
            (None, None) => open,
        };
    }
    lines
}

/// The files of a copy by what texts may call them.
struct Index<'a> {
    /// By the name without folders, and by the name of each folder above.
    files: HashMap<&'a str, Vec<&'a StagedFile>>,
    /// The names of programs by what they are without their ending.
    modules: HashMap<&'a str, HashSet<&'a str>>,
}

impl<'a> Index<'a> {
    fn of(all: &[&'a StagedFile]) -> Self {
        let (mut files, mut modules) =
            (HashMap::<_, Vec<_>>::new(), HashMap::<_, HashSet<_>>::new());
        for file in all {
            for part in file.path.split('/') {
                files.entry(part).or_default().push(*file);
            }
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            if let Some((stem, _)) = name.split_once('.')
                && dialect(file.language).is_some()
            {
                modules.entry(stem).or_default().insert(name);
            }
        }
        Self { files, modules }
    }

    /// The files that a name in a text may mean.
    fn named(&self, name: &str) -> Vec<&'a StagedFile> {
        let own = name.split_once('*').map_or(name, |(folder, _)| folder).trim_end_matches('/');
        let last = own.rsplit('/').next().unwrap_or(own);
        let files = self.files.get(last).map(Vec::as_slice).unwrap_or_default();
        files.iter().filter(|file| is_named(&file.path, name)).copied().collect()
    }
}

/// The words of a text that may be names of files.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
}

/// A file of the commit as a whole, not a part of one.
fn is_whole(file: &StagedFile) -> bool {
    file.origin == Origin::File && !file.raw
}

/// A path below the skill's folder.
pub(super) fn below<'a>(path: &'a str, root: Option<&str>) -> &'a str {
    root.and_then(|root| path.strip_prefix(root))
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(path)
}

/// A table of data, by its name: no program reads it as one of its own texts.
pub(super) fn is_table(path: &str) -> bool {
    const ENDINGS: [&str; 11] = [
        ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".csv", ".tsv", ".xml", ".yar", ".yara",
        ".rules",
    ];
    let lower = path.to_ascii_lowercase();
    ENDINGS.iter().any(|end| lower.ends_with(end)) && !is_setting(&lower)
}

fn is_plain_text(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    [".txt", ".rst", ".adoc", ".mdc", ".markdown", ".mdx"].iter().any(|end| lower.ends_with(end))
}

/// Texts and settings that are read or run unasked.
fn is_root(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let is_text = [".md", ".mdc", ".toml"].iter().any(|end| name.ends_with(end));
    let loaded = || is_text && folders.split('/').any(|folder| LOADED_FOLDERS.contains(&folder));
    let is_setting = is_setting(&lower);
    name == "skill.md" || is_setting || folders.is_empty() && ROOTS.contains(&name) || loaded()
}

/// Files by which programs are started, in lower case: what they name runs.
pub(super) fn is_setting(lower: &str) -> bool {
    let name = lower.rsplit('/').next().unwrap_or(lower);
    let named = [
        "package.json",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "conftest.py",
        "makefile",
        "justfile",
        "tasks.json",
        "launch.json",
        "settings.json",
        "settings.local.json",
        ".mcp.json",
        "mcp.json",
        "plugin.json",
        "hooks.json",
        "manifest.json",
        "devcontainer.json",
        "tox.ini",
        "noxfile.py",
        "gnumakefile",
        "rakefile",
        "procfile",
        "jenkinsfile",
        "action.yml",
        "action.yaml",
        "turbo.json",
        "deno.json",
        "composer.json",
        "cloudbuild.yaml",
        "appveyor.yml",
        "bitbucket-pipelines.yml",
        "azure-pipelines.yml",
    ];
    const FOLDERS: [&str; 7] =
        [".github/", ".gitlab/", ".circleci/", ".husky/", ".vscode/", ".claude/", ".cursor/"];
    const BEGINNINGS: [&str; 9] = [
        "dockerfile",
        ".env",
        "taskfile",
        ".gitlab-ci",
        ".pre-commit",
        "lefthook",
        ".lefthook",
        ".travis",
        ".drone",
    ];
    let in_folder =
        |folder: &&str| lower.starts_with(*folder) || lower.contains(&format!("/{folder}"));
    // Texts there are read as texts.
    let is_text = [".md", ".mdc"].iter().any(|end| name.ends_with(end));
    named.contains(&name)
        || !is_text && FOLDERS.iter().any(in_folder)
        || BEGINNINGS.iter().any(|begin| name.starts_with(begin))
        || name.ends_with(".mk")
        || name.contains("compose")
        || lower.contains(".github/workflows/")
        || lower.contains(".vscode/")
        || lower.contains(".claude/")
        || lower.contains(".cursor/")
}

/// Whether a name in a text may mean a path: its end, its beginning as a folder, or a pattern of the shell.
fn is_named(path: &str, name: &str) -> bool {
    let name = name.trim_start_matches(['.', '/']).trim_end_matches('*');
    let name = name.split_once('}').map_or(name, |(_, behind)| behind.trim_start_matches('/'));
    if name.is_empty() {
        return false;
    }
    let ends =
        path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    let folder = name.split_once('*').map_or(name, |(folder, _)| folder).trim_end_matches('/');
    let is_folder = !folder.is_empty()
        && (path.starts_with(&format!("{folder}/")) || path.contains(&format!("/{folder}/")));
    ends || is_folder
}
