//! What a program does beyond its own values: code it runs, commands it starts, files it reads and writes.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared},
    flow::Flow,
    parser,
};
use crate::{
    chain::{Chain, Fact, Rule, Step},
    host::{self, Host},
    judge,
    secret::{self, Kind as SecretKind},
    shell::{self, Command, Start},
    value::{Origin, Source, UNKNOWN, Value},
};

/// What a byte of code costs that is parsed once more, in bytes.
pub(super) const PARSE_WORK: usize = 16;

/// Files that Python runs whenever it starts.
const CUSTOMIZATIONS: [&str; 2] = ["usercustomize.py", "sitecustomize.py"];

impl Flow {
    /// Runs a text as code of the same language: what is known of it is followed.
    pub(super) fn evaluated(&mut self, code: &Value, line: u32, with: &str) {
        self.run_value(code, line, with);
        if !code.is_literal()
            || self.limits.commands == 0
            || !self.charge(PARSE_WORK * code.text.len())
        {
            return;
        }
        let (program, whole) = parser::parse(&code.text, self.dialect, line, self.depth / 2);
        self.limits.too_deep |= !whole;
        let outer = self.line.replace(line);
        self.expanding += 1;
        self.statements(&program);
        self.expanding -= 1;
        self.line = outer;
    }

    /// Notes that data is run, where all of a statement of the code is that data.
    pub(super) fn run_value(&mut self, code: &Value, line: u32, with: &str) {
        let mark = |text: &str| !text.is_empty() && text.chars().all(|c| c == UNKNOWN);
        let alone = !code.partial
            || code.text.lines().any(|line| mark(line.trim_matches([' ', ';', '\t'])));
        if !alone {
            return;
        }
        self.report(judge::run(code, self.start == Start::Automatic, line, with));
        let told = code.origins.iter().find(
            |origin| matches!(&origin.source, Source::Received(host) if *host == Host::Named),
        );
        let told = told.map(|origin| {
            let what = format!("runs it with {}", judge::shown(with));
            let steps = vec![origin.step.clone(), Step { fact: Fact::Run, line, what }];
            Chain { rule: Rule::ReverseShell, steps }
        });
        self.report(told);
        let named = |origin: &&Origin| matches!(origin.source, Source::Fetched(Host::Named));
        let evaluated = code.origins.iter().find(named).map(|origin| {
            let what = format!("evaluates it with {}", judge::shown(with));
            let is_custom = with == "import" || host::serves_code(&shown_host(origin));
            // What reads data may run code of it, and has an honest use: a model, a cache.
            let reads_data = with.rsplit('.').next().is_some_and(|name| name.starts_with("load"));
            let unattended = (self.swallowed > 0 || self.repeated > 0) && !reads_data;
            Chain {
                rule: if unattended && !is_custom {
                    Rule::UnattendedCode
                } else {
                    Rule::FetchEvaluated
                },
                steps: vec![origin.step.clone(), Step { fact: Fact::Run, line, what }],
            }
        });
        self.report(evaluated.filter(|_| self.start == Start::Asked));
    }

    /// A text that a shell runs; what it prints.
    pub(super) fn shell(&mut self, code: &Value, arguments: &Arguments) -> Shared {
        if let Some(program) = shell_program(code.text.trim()) {
            return self.shell_started(program, arguments);
        }
        self.followed(&Command::Text(code), &Value::default(), arguments.line, code)
    }

    /// A program that is started with arguments; what it prints.
    pub(super) fn spawned(&mut self, words: &[Shared], arguments: &Arguments) -> Shared {
        let Some(first) = words.first() else { return Datum::unknown() };
        let reads = words
            .get(1)
            .is_none_or(|word| matches!(word.value.text.as_str(), "-i" | "-li" | "-il" | "-l"));
        if reads && let Some(program) = shell_program(first.value.text.trim()) {
            let input = arguments.option("input").filter(|input| !input.value.origins.is_empty());
            if input.is_none() {
                return self.shell_started(program, arguments);
            }
        }
        let input = arguments.option("input").map(|input| input.value.clone()).unwrap_or_default();
        if !self.pay(words.iter().map(|word| word.value.text.len()).sum()) {
            return Datum::unknown();
        }
        let values: Vec<Value> = words.iter().map(|word| word.value.clone()).collect();
        let all = super::data::merged(words.iter());
        self.followed(&Command::Words(&values), &input, arguments.line, &all)
    }

    fn followed(
        &mut self,
        command: &Command<'_>,
        input: &Value,
        line: u32,
        given: &Value,
    ) -> Shared {
        if !self.charge(given.text.len() * (1 + self.unpacked.len())) {
            return Datum::unknown();
        }
        let told = match command {
            Command::Text(text) | Command::Start(_, text) => text.text.clone(),
            Command::Words(words) => {
                words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
            }
        };
        let unpacked = self.unpacked.iter().find(|(folder, _)| told.contains(folder.as_str()));
        if let Some((_, archive)) = unpacked.cloned() {
            let archive = Value { partial: false, ..archive };
            self.report(judge::run(&archive, self.start == Start::Automatic, line, &told));
        }
        let mut limits = self.limits;
        limits.depth = limits.depth.min(self.depth);
        let (mut output, chains) =
            shell::follow(command, (input, line), self.start, &mut self.files, &mut limits);
        limits.depth = self.limits.depth;
        // A text that is not all known may look too deep.
        limits.too_deep = self.limits.too_deep || limits.too_deep && given.is_literal();
        self.limits = limits;
        self.report(chains);
        // What a host sends is run, and what comes of it may be sent back.
        let word = match command {
            Command::Text(text) => judge::command_word(&[text]),
            Command::Words(words) => judge::command_word(&words.iter().collect::<Vec<_>>()),
            Command::Start(..) => None,
        };
        let commanded = |origin: &Origin| word.is_some_and(|word| word.origins.contains(origin));
        let received = given.origins.iter().find(|origin| match &origin.source {
            Source::Received(host) => host.is_fixed() && commanded(origin),
            Source::Fetched(host) => host.is_fixed() && !given.partial,
            _ => false,
        });
        if let Some(origin) = received.filter(|_| !matches!(command, Command::Start(..))) {
            let mut step = origin.step.clone();
            step.what.push_str(" and runs it");
            if self.repeated > 0 && matches!(origin.source, Source::Fetched(Host::Named)) {
                let what = "runs it with a shell, again and again".to_owned();
                let runs = Step { fact: Fact::Run, line, what };
                let steps = vec![origin.step.clone(), runs];
                self.report([Chain { rule: Rule::UnattendedCode, steps }]);
            }
            output.origins.push(Origin { source: Source::Obeyed, step });
        }
        if let Some(kind) = secret::printed_by(&told) {
            let what = format!("asks a store of secrets with {}", judge::shown(&told));
            let source = match kind {
                SecretKind::Keys => Source::Secret,
                SecretKind::Tokens => Source::Token,
            };
            output
                .origins
                .push(Origin { source, step: Step { fact: Fact::ReadSecret, line, what } });
        }
        if output.text.is_empty() {
            output.text.push(UNKNOWN);
        }
        Datum::of(Kind::Process("".into()), output)
    }

    /// What a file holds.
    pub(super) fn read(&mut self, path: &Value, line: u32) -> Value {
        if let Some(known) = self.files.get(&shell::key(&path.text)) {
            let known = known.clone();
            return if self.charge(known.text.len()) { known } else { Value::unknown() };
        }
        let Some(kind) = secret::kind(&path.text.replace('\\', "/")) else {
            let own = self.skill_data(&path.text);
            return own.or_else(|| variables(&path.text, line)).unwrap_or_else(Value::unknown);
        };
        let source = match kind {
            SecretKind::Keys => Source::Secret,
            SecretKind::Tokens => Source::Token,
        };
        let what = format!("reads {}", judge::shown(&path.text));
        let step = Step { fact: Fact::ReadSecret, line, what };
        if self.start == Start::Automatic && kind == SecretKind::Keys {
            self.report([Chain { rule: Rule::AutomaticSecretRead, steps: vec![step.clone()] }]);
        }
        Value::from(source, step)
    }

    /// Data that goes into a file.
    pub(super) fn written(&mut self, path: &Value, value: &Value, line: u32) {
        if path.text.chars().all(|c| c == UNKNOWN) {
            return;
        }
        self.report(judge::web_shell(&path.text, &value.text, line));
        if CUSTOMIZATIONS.contains(&shell::key(&path.text).as_str()) {
            let before = std::mem::replace(&mut self.start, Start::Automatic);
            self.evaluated(value, line, "each start of Python");
            self.start = before;
        }
        if shell::is_start_file(&path.text) || shell::lets_in(&path.text) {
            // Puts it among the files as well.
            self.followed(&Command::Start(path, value), &Value::default(), line, value);
            return;
        }
        let key = shell::key(&path.text);
        let mut content = self.files.remove(&key).unwrap_or_default();
        content.append(value, self.limits.value_bytes);
        self.files.insert(key, content);
    }

    /// A file of the same language that is run or imported.
    pub(super) fn run_file(&mut self, path: &Value, line: u32, with: &str) {
        if path.origins.iter().any(|origin| matches!(origin.source, Source::Fetched(_))) {
            return self.run_value(path, line, with);
        }
        if self.files.contains_key(&shell::key(&path.text)) {
            let content = self.read(path, line);
            self.run_value(&content, line, with);
        }
    }

    pub(super) fn made_executable(&mut self, path: &Value, line: u32) {
        let content = self.read(path, line);
        let nameless = |origin: &&Origin| matches!(&origin.source, Source::Fetched(host) if host.is_nameless());
        let chain = content.origins.iter().find(nameless).map(|origin| {
            let what = "makes it executable".to_owned();
            Chain {
                rule: Rule::FetchRun,
                steps: vec![origin.step.clone(), Step { fact: Fact::Run, line, what }],
            }
        });
        self.report(chain);
    }

    /// A path of a file of our own.
    pub(super) fn temporary(&mut self) -> Shared {
        self.temporaries += 1;
        Datum::text(format!("/tmp/skillgate-{}", self.temporaries))
    }
}

/// A file of variables, or what Linux shows of a program's own.
fn variables(path: &str, line: u32) -> Option<Value> {
    let key = shell::key(path);
    let step = |what: String| Step { fact: Fact::ReadEnvironment, line, what };
    if path.starts_with("/proc/") && key == "environ" {
        return Some(Value::from(
            Source::Environment,
            step("reads the whole environment".to_owned()),
        ));
    }
    let example =
        ["example", "sample", "template", "dist", "test"].iter().any(|end| key.ends_with(end));
    (key == ".env" || key.starts_with(".env.") && !example)
        .then(|| Value::from(Source::Variable, step(format!("reads {}", judge::shown(path)))))
}

/// The address that a step names from which something was fetched.
fn shown_host(origin: &Origin) -> String {
    origin.step.what.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// The shell that a text names, and nothing else.
fn shell_program(text: &str) -> Option<&'static str> {
    const SHELLS: [&str; 8] = ["sh", "bash", "zsh", "dash", "ksh", "cmd", "powershell", "pwsh"];
    let text = text.trim_end_matches(" -i").trim_end_matches(" -li");
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    SHELLS.iter().find(|shell| **shell == name).copied()
}
