//! What a program does beyond its own values: code it runs, commands it starts, files it reads and writes.

use super::{
    arguments::Arguments,
    data::{Datum, Kind, Shared},
    flow::Flow,
    parser,
};
use crate::{
    chain::{Chain, Fact, Rule, Step},
    host::Host,
    judge,
    secret::{self, Kind as SecretKind},
    shell::{self, Command, Start},
    value::{Origin, Source, UNKNOWN, Value},
};

/// What a byte of code costs that is parsed once more, in bytes.
const PARSE_WORK: usize = 16;

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
        let named = |origin: &&Origin| matches!(origin.source, Source::Fetched(Host::Named));
        let evaluated = code.origins.iter().find(named).map(|origin| {
            let what = format!("evaluates it with {}", judge::shown(with));
            Chain {
                rule: Rule::FetchEvaluated,
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
        if !self.charge(given.text.len()) {
            return Datum::unknown();
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
        let received = given
            .origins
            .iter()
            .find(|origin| matches!(&origin.source, Source::Received(host) if host.is_fixed()));
        if let Some(origin) = received {
            let mut step = origin.step.clone();
            step.what.push_str(" and runs it");
            output.origins.push(Origin { source: Source::Shell, step });
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
            return Value::unknown();
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
        if shell::START_FILES.iter().any(|file| path.text.contains(file)) {
            let before = std::mem::replace(&mut self.start, Start::Automatic);
            self.followed(&Command::Text(value), &Value::default(), line, value);
            self.start = before;
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

/// The shell that a text names, and nothing else.
fn shell_program(text: &str) -> Option<&'static str> {
    const SHELLS: [&str; 8] = ["sh", "bash", "zsh", "dash", "ksh", "cmd", "powershell", "pwsh"];
    let text = text.trim_end_matches(" -i").trim_end_matches(" -li");
    let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    SHELLS.iter().find(|shell| **shell == name).copied()
}
