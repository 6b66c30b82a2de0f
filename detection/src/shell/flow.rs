//! Follows data through commands: variables, pipes, files that are written and then read or run.
//!
//! Every command counts, also one in a branch that may not be taken: an author chooses the conditions. A variable holds
//! what was assigned last in the order of the text.

use super::{
    backdoor::Doors,
    command::Call,
    destruction::Gate,
    parser, persistence,
    skill::Library,
    syntax::{Direction, Kind, Pipeline, Redirect, Script, Stage, Word},
};
use crate::{
    Limits,
    chain::{Chain, Chains, Fact, Rule, Step},
    host::{self, Host},
    judge::{self, shown, shown_address},
    secret::{self, Kind as SecretKind},
    value::{Origin, Source, UNKNOWN, Value},
};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// What a command costs beside its data, and a byte of code that is parsed once more, in bytes.
const COMMAND_WORK: usize = 64;
pub(super) const PARSE_WORK: usize = 16;

/// Words of a loop that are looked at, and rounds of its body that are followed: of words that may name a host or a
/// command, and of others, which say the same.
const MAX_WORDS: usize = 4096;
const MAX_ROUNDS: usize = 64;
const PLAIN_ROUNDS: usize = 6;
/// Files of secrets that are known by their whole path.
pub(super) const MAX_PLACED: usize = 256;
/// Stages of one pipeline that are followed.
const MAX_STAGES: usize = 500;
/// Folders of archives and repositories that are known at a time.
const MAX_UNPACKED: usize = 64;

/// How much a word of a loop says.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// It holds the address of a nameless host, or data that comes from somewhere.
    Nameless,
    /// It may be an address, a command, or a part of either.
    Telling,
    /// A name.
    Plain,
}

impl Weight {
    fn of(word: &Value) -> Self {
        let nameless = |part: &str| host::of(part, UNKNOWN).is_nameless();
        let mut parts = word.text.split([' ', '\t', '\n', '"', '\'', '|', ';', '&', '(', ')', '=']);
        if !word.origins.is_empty() || parts.any(nameless) {
            Self::Nameless
        } else if word.text.contains(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)) {
            Self::Telling
        } else {
            Self::Plain
        }
    }
}

/// How a text comes to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// Somebody runs it, or an agent is told to.
    #[default]
    Asked,
    /// It starts by itself: a hook, a server of an agent, a dynamic command, a start file.
    Automatic,
    /// A text or a table holds it, and nothing says that somebody runs it. Lists of programs that attackers misuse write
    /// them down with an address, so that these are no evidence here.
    Mentioned,
}

/// The chains of a shell text whose first line is line 1. Takes the commands that it follows from `limits`.
#[must_use]
pub fn chains(text: &str, start: Start, limits: &mut Limits) -> Vec<Chain> {
    let mut flow = Flow::new(start, *limits);
    flow.follow(text, 1);
    *limits = flow.limits;
    flow.chains.all
}

/// What a program of another language hands to the system.
pub(crate) enum Command<'a> {
    /// A text that a shell parses.
    Text(&'a Value),
    /// A program and its arguments.
    Words(&'a [Value]),
    /// A path and what is written there: something may start it by itself.
    Start(&'a Value, &'a Value),
}

/// Follows a command that a program starts at `line`. `files` is what files hold, by [`key`]. Returns what the command
/// prints, and its chains.
pub(crate) fn follow(
    command: &Command<'_>,
    (input, line): (&Value, u32),
    start: Start,
    files: &mut HashMap<String, Value>,
    limits: &mut Limits,
) -> (Value, Vec<Chain>) {
    let mut flow = Flow::new(start, *limits);
    flow.files = std::mem::take(files);
    let output = match command {
        Command::Text(text) => {
            if !text.partial {
                flow.run(text, line, "a shell");
            }
            flow.nested(text, line)
        }
        Command::Words([]) => Value::unknown(),
        Command::Start(path, content) => {
            flow.written(path, content, line);
            Value::default()
        }
        Command::Words(words) => flow.command(Call { words, input, line, socket: None }),
    };
    *limits = flow.limits;
    *files = flow.files;
    (output, flow.chains.all)
}

/// The state of a shell, as far as it is known.
pub(super) struct Flow {
    pub(super) limits: Limits,
    pub(super) depth: u32,
    /// What the script that is followed reads from its standard input, commands in `$(…)` among it.
    pub(super) standard: Value,
    /// Functions and texts that are being followed in place of a command.
    pub(super) expanding: u32,
    pub(super) start: Start,
    /// A command has asked whether a program is there: what follows may install what is missing.
    pub(super) asks_first: bool,
    pub(super) variables: HashMap<String, Value>,
    /// What files hold, by the last part of their path.
    files: HashMap<String, Value>,
    pub(super) functions: HashMap<String, Rc<Script>>,
    /// Other names of commands, with their first words.
    pub(super) aliases: HashMap<String, Vec<Value>>,
    /// The functions that are being followed: one that calls itself is followed once.
    pub(super) active: Vec<String>,
    /// The files that were written since commands are followed that start later.
    fresh: Option<HashSet<String>>,
    /// The socket that `exec` opened as a descriptor.
    pub(super) opened: Option<Value>,
    /// Folders whose files come out of an archive or a repository, and where that comes from.
    unpacked: Vec<(String, Value)>,
    /// The folder that was entered last.
    pub(super) folder: String,
    /// Nobody waits for the commands that are followed, and nobody sees what they print.
    pub(super) detached: bool,
    pub(super) silent: bool,
    /// A fetch on whose success the next commands depend.
    pub(super) gate: Option<Gate>,
    temporaries: u32,
    /// What holds secrets, by its whole path: who sends a folder sends what lies in it.
    pub(super) placed: Vec<(String, Value)>,
    /// The address that git pushes to, as far as this script says it.
    pub(super) remote: Option<Value>,
    /// Something was added to a commit.
    pub(super) added: bool,
    /// The ways back into the machine that the script has opened.
    pub(super) doors: Doors,
    /// The files of the skill, where they are followed together.
    pub(super) skill: Library,
    pub(super) chains: Chains,
}

impl Flow {
    pub(super) fn new(start: Start, limits: Limits) -> Self {
        Self {
            limits,
            depth: limits.depth,
            standard: Value::default(),
            expanding: 0,
            start,
            asks_first: false,
            variables: HashMap::from([("HOME".to_owned(), Value::literal("~"))]),
            files: HashMap::new(),
            functions: HashMap::new(),
            aliases: HashMap::new(),
            active: Vec::new(),
            fresh: None,
            opened: None,
            unpacked: Vec::new(),
            folder: String::new(),
            detached: false,
            silent: false,
            gate: None,
            temporaries: 0,
            placed: Vec::new(),
            remote: None,
            added: false,
            doors: Doors::default(),
            skill: Library::default(),
            chains: Chains::default(),
        }
    }

    /// Follows a text whose first line is `line`.
    pub(super) fn follow(&mut self, text: &str, line: u32) {
        let (script, whole) = parser::parse(text, line, self.limits.depth);
        self.script(&script, &Value::default());
        self.limits.too_deep |= !whole;
    }

    /// Follows a script that reads `input`, and returns what it prints.
    pub(super) fn script(&mut self, script: &Script, input: &Value) -> Value {
        let mut output = Value::default();
        if !self.enter() {
            return Value::unknown();
        }
        for pipeline in &script.pipelines {
            let hidden = self.detached;
            self.detached |= pipeline.detached;
            self.gate = self.gate.take().filter(|_| pipeline.gated);
            let printed = self.pipeline(pipeline, input);
            self.detached = hidden;
            output.append(&printed, self.limits.value_bytes);
        }
        self.leave();
        output
    }

    /// The body of a loop, once for each word that says something new: those that may name a host or a command first.
    fn repeated(&mut self, name: &str, words: &[Word], body: &Script, input: &Value) -> Value {
        let mut fields = Vec::new();
        for word in words {
            if fields.len() > MAX_WORDS {
                break;
            }
            fields.extend(self.fields(word));
        }
        self.limits.exhausted |= fields.len() > MAX_WORDS;
        fields.truncate(MAX_WORDS);
        if !self.charge(fields.iter().map(|field| COMMAND_WORK + field.text.len()).sum()) {
            return Value::unknown();
        }
        fields.sort_by_key(Weight::of);
        let mut said = HashSet::new();
        fields.retain(|field| !field.is_literal() || said.insert(field.text.clone()));
        let telling = fields.iter().filter(|field| Weight::of(field) < Weight::Plain).count();
        self.limits.exhausted |= telling > MAX_ROUNDS;
        fields.truncate(telling.clamp(PLAIN_ROUNDS, MAX_ROUNDS));
        if fields.is_empty() {
            fields.push(Value::unknown());
        }
        let mut output = Value::default();
        let before = self.expanding;
        for (at, field) in fields.into_iter().enumerate() {
            self.variables.insert(name.to_owned(), field);
            // More than the first reading is more than the text holds.
            self.expanding = before + u32::from(at > 0);
            let printed = self.script(body, input);
            output.append(&printed, self.limits.value_bytes);
        }
        self.expanding = before;
        output
    }

    /// One level deeper; false, and noted, where there is none left. Each that is true needs a [`Self::leave`].
    pub(super) fn enter(&mut self) -> bool {
        self.limits.descend(&mut self.depth)
    }

    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }

    /// Takes the work of reading or copying `bytes`; false, and noted, where there is none left.
    pub(super) fn charge(&mut self, bytes: usize) -> bool {
        let paid = self.limits.pay(bytes);
        if !paid {
            // Nothing smaller is read either.
            self.limits.work = 0;
        }
        paid
    }

    fn pipeline(&mut self, pipeline: &Pipeline, input: &Value) -> Value {
        let mut data = input.clone();
        self.limits.exhausted |= pipeline.stages.len() > MAX_STAGES;
        for stage in pipeline.stages.iter().take(MAX_STAGES) {
            data = self.stage(stage, &data);
        }
        data
    }

    fn stage(&mut self, stage: &Stage, input: &Value) -> Value {
        if !self.charge(COMMAND_WORK + input.text.len()) {
            return Value::unknown();
        }
        // What stands in the text is bounded by the text.
        if self.expanding > 0 {
            let Some(commands) = self.limits.commands.checked_sub(1) else {
                self.limits.exhausted = true;
                return Value::unknown();
            };
            self.limits.commands = commands;
        }
        let (mut input, mut outputs, mut socket) = (input.clone(), Vec::new(), None);
        let was_silent = self.silent;
        self.silent |= discards(&stage.redirects);
        for redirect in &stage.redirects {
            match self.redirect(redirect, stage.line) {
                Redirected::Input(value) => input = value,
                Redirected::Output(path) => outputs.push(path),
                Redirected::Socket(address) => socket = Some(address),
                Redirected::Nothing => {}
            }
        }
        let output = match &stage.kind {
            Kind::Group(script) => self.script(script, &input),
            Kind::Loop { name, words, body } => self.repeated(name, words, body, &input),
            Kind::Function { name, body } => {
                self.functions.insert(name.clone(), body.clone());
                Value::default()
            }
            Kind::Simple { assignments, words } => {
                for (name, word) in assignments {
                    let value = self.value(word);
                    self.variables.insert(name.clone(), value);
                }
                let mut fields = Vec::new();
                for word in words {
                    fields.extend(self.fields(word));
                }
                if fields.is_empty() {
                    Value::default()
                } else {
                    self.command(Call {
                        words: &fields,
                        input: &input,
                        line: stage.line,
                        socket: socket.as_ref(),
                    })
                }
            }
        };
        self.silent = was_silent;
        if let Some(address) = &socket {
            self.sent(&output, address, stage.line);
            return Value::default();
        }
        for path in &outputs {
            self.written(path, &output, stage.line);
        }
        if outputs.is_empty() { output } else { Value::default() }
    }

    fn redirect(&mut self, redirect: &Redirect, line: u32) -> Redirected {
        let target = self.value(&redirect.target);
        let device = ["/dev/tcp/", "/dev/udp/"].iter().find_map(|d| target.text.strip_prefix(d));
        if let Some(address) = device {
            let address = Value::literal(address.replacen('/', ":", 1));
            return match redirect.to {
                Direction::In => Redirected::Input(self.fetched(&address, line)),
                _ => Redirected::Socket(address),
            };
        }
        match redirect.to {
            Direction::In => Redirected::Input(self.read(&target, line)),
            Direction::Text => {
                let mut text = target;
                text.text.push('\n');
                Redirected::Input(text)
            }
            Direction::Out => Redirected::Output(target),
            Direction::CopyIn => match self.opened.clone() {
                Some(address) => Redirected::Input(self.received(&address, line)),
                None => Redirected::Nothing,
            },
            Direction::CopyOut => {
                self.opened.clone().map_or(Redirected::Nothing, Redirected::Socket)
            }
            Direction::Both | Direction::Errors | Direction::Other => Redirected::Nothing,
        }
    }

    /// A file of our own that holds `value`: what `<(…)` and `mktemp` name.
    pub(super) fn temporary(&mut self, value: Value) -> Value {
        self.temporaries += 1;
        let name = format!("/dev/fd/skillgate-{}", self.temporaries);
        self.files.insert(key(&name), value);
        Value::literal(name)
    }

    /// What a file holds.
    pub(super) fn read(&mut self, path: &Value, line: u32) -> Value {
        if let Some(known) = self.files.get(&key(&path.text)) {
            let mut known = known.clone();
            if self.fresh.as_ref().is_some_and(|fresh| !fresh.contains(&key(&path.text))) {
                known.origins.retain(|origin| {
                    !matches!(origin.source, Source::Fetched(Host::Named | Host::Encoded))
                });
            }
            return if self.charge(known.text.len()) { known } else { Value::unknown() };
        }
        if let Some(content) = self.member(&path.text) {
            let mut content = content.clone();
            if self.fresh.is_some() {
                content.origins.retain(|origin| {
                    !matches!(origin.source, Source::Fetched(Host::Named | Host::Encoded))
                });
            }
            return content;
        }
        if let Some(kind) = secret::kind(&path.text) {
            let what = format!("reads {}", shown(&path.text));
            let source = match kind {
                SecretKind::Keys => Source::Secret,
                SecretKind::Tokens => Source::Token,
            };
            let step = Step { fact: Fact::ReadSecret, line, what };
            if self.start == Start::Automatic && kind == SecretKind::Keys {
                self.report(Rule::AutomaticSecretRead, std::slice::from_ref(&step));
            }
            return Value::from(source, step);
        }
        if let Some(value) = self.below(&path.text).or_else(|| self.skill.content(&path.text)) {
            return if self.charge(value.text.len()) { value } else { Value::unknown() };
        }
        path.with_text(UNKNOWN)
    }

    /// The secrets that lie at a path, or in the folder that it names.
    pub(super) fn below(&self, path: &str) -> Option<Value> {
        if self.placed.is_empty() {
            return None;
        }
        let path = parts(path).join("/");
        if matches!(path.as_str(), "" | "~" | "tmp" | "var" | "home" | "dev") {
            return None;
        }
        let inside = |place: &str| {
            place.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut all: Option<Value> = None;
        for (_, value) in self.placed.iter().filter(|(place, _)| inside(place)) {
            all.get_or_insert_default().append(&value.changed(), self.limits.value_bytes);
        }
        all
    }

    /// A file that is there no more, or a folder with all that lies in it. What is removed beside the script or at its end
    /// was there before.
    pub(super) fn removed(&mut self, path: &str, folder: bool) {
        let gone = parts(path).join("/");
        if gone.is_empty() || gone.contains('*') || self.detached {
            return;
        }
        self.placed.retain(|(place, _)| {
            let rest = place.strip_prefix(&gone);
            !rest.is_some_and(|rest| rest.is_empty() || folder && rest.starts_with('/'))
        });
    }

    /// Whether something has written this file.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.files.contains_key(&key(path))
            || self.member(path).is_some()
            || self.below(path).is_some()
            || self.skill.has(path)
    }

    /// Data that goes into a file.
    pub(super) fn written(&mut self, path: &Value, value: &Value, line: u32) {
        if path.text == "/dev/null" || path.text.is_empty() {
            return;
        }
        self.admitted(&path.text, value, line);
        if persistence::lets_in(&path.text) {
            self.report_all(judge::let_in(value, line));
            if self.detached && self.silent && persistence::holds_key(&value.text) {
                self.hidden_key("where nobody waits for it and nothing is printed", line);
            }
        }
        if persistence::is_start_file(&path.text) {
            let installed = self.installed(&path.text, value, line);
            let commands = persistence::commands(&path.text, &installed);
            self.starts_later(&commands, line);
        }
        // What is added to a file does not take away what was there.
        let mut content = self.files.remove(&key(&path.text)).unwrap_or_default();
        content.append(value, self.limits.value_bytes);
        if let Some(fresh) = &mut self.fresh {
            fresh.insert(key(&path.text));
        }
        let private = |origin: &Origin| {
            matches!(origin.source, Source::Secret | Source::Token | Source::Environment)
        };
        if value.origins.iter().any(private) && self.placed.len() < MAX_PLACED {
            self.placed.extend(whole_path(&path.text).map(|place| (place, value.changed())));
        }
        self.files.insert(key(&path.text), content);
    }

    /// A key that the script holds itself may log in from now on, and that is concealed.
    fn hidden_key(&mut self, how: &str, line: u32) {
        let step = |fact, what: String| Step { fact, line, what };
        let lets = step(Fact::Connect, "lets a key log in that the script holds itself".to_owned());
        self.report(Rule::HiddenKey, &[lets, step(Fact::Hide, format!("does so {how}"))]);
    }

    /// A file whose time is set back, or that can be changed no more.
    pub(super) fn covered_up(&mut self, path: &str, how: &str, line: u32) {
        let holds = |content: &Value| persistence::holds_key(&content.text);
        if persistence::lets_in(path) && self.files.get(&key(path)).is_some_and(holds) {
            self.hidden_key(how, line);
        }
    }

    /// What a start file holds, without what a host with a name has served: a file that somebody installs once is no
    /// program that is fetched at each start. Scripts of that kind are shown, and block nothing.
    fn installed(&mut self, path: &str, value: &Value, line: u32) -> Value {
        let mut value = value.clone();
        if self.start == Start::Automatic {
            return value;
        }
        let served =
            |origin: &Origin| matches!(origin.source, Source::Fetched(Host::Named | Host::Encoded));
        if persistence::is_script(path)
            && let Some(origin) = value.origins.iter().find(|origin| served(origin))
        {
            let what = format!("stores it as {}, which starts by itself", shown(&key(path)));
            let stores = Step { fact: Fact::Run, line, what };
            self.report(Rule::FetchEvaluated, &[origin.step.clone(), stores]);
        }
        value.origins.retain(|origin| !served(origin));
        value
    }

    /// Commands that something starts later by itself. What was fetched before that, from a host with a name, is a
    /// program that was installed.
    pub(super) fn starts_later(&mut self, commands: &Value, line: u32) {
        let before = std::mem::replace(&mut self.start, Start::Automatic);
        let fresh = self.fresh.replace(HashSet::new());
        self.run_content(commands, line, "whatever starts by itself");
        self.start = before;
        self.fresh = fresh;
    }

    /// What a host serves.
    pub(super) fn fetched(&self, address: &Value, line: u32) -> Value {
        let host = host::of(&address.text, UNKNOWN);
        let what = format!("fetches {}", shown_address(&address.text));
        let mut value = Value::from(Source::Fetched(host), Step { fact: Fact::Fetch, line, what });
        value.origins.extend(address.origins.iter().cloned());
        value
    }

    /// What a socket that leads to a host gives.
    pub(super) fn received(&self, address: &Value, line: u32) -> Value {
        let host = host::of(&address.text, UNKNOWN);
        let what = format!("reads from {}", shown_address(&address.text));
        Value::from(Source::Received(host), Step { fact: Fact::Connect, line, what })
    }

    /// What lies in `folder` comes from where `content` comes from.
    pub(super) fn unpack(&mut self, folder: &str, content: Value) {
        if matches!(folder.trim_matches(['.', '/']), "" | "~" | "tmp") {
            return;
        }
        let member = (folder.trim_end_matches('/').to_owned(), content);
        if self.unpacked.contains(&member) {
            return;
        }
        if self.unpacked.len() < MAX_UNPACKED {
            self.unpacked.push(member);
        } else {
            self.limits.exhausted = true;
        }
    }

    /// The origin of a file that lies in an unpacked folder.
    fn member(&self, path: &str) -> Option<&Value> {
        let path = path.strip_prefix("./").unwrap_or(path);
        let below = |folder: &str, path: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with(['/', '-', '.']))
                && path.contains('/')
        };
        let entered = format!("{}/{path}", self.folder.trim_end_matches('/'));
        let relative = !path.starts_with(['/', '~']);
        let found = self
            .unpacked
            .iter()
            .find(|(folder, _)| below(folder, path) || relative && below(folder, &entered));
        found.map(|(_, content)| content)
    }

    /// Data that leaves for an address.
    pub(super) fn sent(&mut self, value: &Value, address: &Value, line: u32) {
        if self.charge(COMMAND_WORK) {
            self.report_all(judge::sent(value, address, line));
        }
    }

    /// Data that a shell or an interpreter runs.
    pub(super) fn run(&mut self, value: &Value, line: u32, with: &str) {
        let unasked = self.start == Start::Automatic && !self.asks_first;
        self.report_all(judge::run(value, unasked, line, with));
        self.report_all(judge::commanded(value, line, with));
    }

    /// Code that goes from where it comes from into a shell, without a file of it: nobody sees that it runs where nobody
    /// waits for it and all that it prints is thrown away. A program that was stored may be a server.
    pub(super) fn run_unstored(&mut self, value: &Value, line: u32, with: &str) {
        if self.detached && self.silent && !value.partial {
            self.report_all(judge::concealed(value, line, with));
        }
    }

    /// Makes a program of data that is fetched from a host without a name.
    pub(super) fn made_executable(&mut self, value: &Value, line: u32) {
        for origin in &value.origins {
            if matches!(&origin.source, Source::Fetched(host) if host.is_nameless()) {
                let what = "makes it executable".to_owned();
                let step = Step { fact: Fact::Run, line, what };
                self.report(Rule::FetchRun, &[origin.step.clone(), step]);
            }
        }
    }

    /// Follows shell code that is data of this script; its lines count as `line`. What is not known of it is a
    /// variable there, so that it counts as run where it is a command, and not where it is an argument.
    pub(super) fn nested(&mut self, code: &Value, line: u32) -> Value {
        if code.text.trim().chars().all(|c| c == UNKNOWN) {
            return Value::unknown();
        }
        let part = Value { text: UNKNOWN.into(), origins: code.origins.clone(), partial: false };
        self.variables.insert("_".to_owned(), part);
        if self.limits.commands == 0 || !self.charge(PARSE_WORK * code.text.len()) {
            self.limits.exhausted = true;
            return Value::unknown();
        }
        let (mut script, whole) =
            parser::parse(&code.text.replace(UNKNOWN, "$_"), line, self.depth);
        self.limits.too_deep |= !whole;
        at_line(&mut script, line);
        self.expanding += 1;
        let standard = self.standard.clone();
        let output = self.script(&script, &standard);
        self.expanding -= 1;
        output
    }

    /// A shell whose input and output are the socket of `address`.
    pub(super) fn tied(&mut self, program: &str, address: &Value, line: u32) {
        self.report_all(judge::tied(program, address, line));
    }

    pub(super) fn report(&mut self, rule: Rule, steps: &[Step]) {
        self.report_all([Chain { rule, steps: steps.to_vec() }]);
    }

    pub(super) fn report_all(&mut self, chains: impl IntoIterator<Item = Chain>) {
        self.chains.add(chains);
    }
}

enum Redirected {
    Input(Value),
    Output(Value),
    Socket(Value),
    Nothing,
}

/// Whether redirects throw away all that a command prints.
fn discards(redirects: &[Redirect]) -> bool {
    let nothing = |redirect: &Redirect| {
        matches!(redirect.target.plain().as_str(), "/dev/null" | "nul" | "NUL")
    };
    redirects.iter().any(|redirect| redirect.to == Direction::Out && nothing(redirect))
}

/// The last part of a path: folders are followed nowhere.
pub(crate) fn key(path: &str) -> String {
    path.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

/// The parts of a path that are known, without `.` and `..`.
pub(super) fn parts(path: &str) -> Vec<&str> {
    let known = path.strip_prefix(UNKNOWN).unwrap_or(path);
    known.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | "..")).collect()
}

/// A path that says by itself which file it names: more than a name, or a common folder and a name.
fn whole_path(path: &str) -> Option<String> {
    let parts = parts(path);
    let tells = |part: &&&str| part.contains(|c: char| c != UNKNOWN) && **part != "~";
    let common = matches!(parts.first(), Some(&("var" | "home" | "~" | "dev")));
    let needed = if common { 3 } else { 2 };
    (parts.len() >= needed && parts.iter().all(|part| tells(&part) || *part == "~"))
        .then(|| parts.join("/"))
}

/// Moves a parsed script to one line: code that is data has no lines of its own in the file.
fn at_line(script: &mut Script, line: u32) {
    for stage in script.pipelines.iter_mut().flat_map(|pipeline| &mut pipeline.stages) {
        stage.line = line;
        match &mut stage.kind {
            Kind::Group(body) => at_line(body, line),
            Kind::Function { body, .. } => at_line(Rc::make_mut(body), line),
            Kind::Loop { body, .. } => at_line(body, line),
            Kind::Simple { .. } => {}
        }
    }
}
