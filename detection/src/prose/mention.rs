//! How a text names files: as something to be done, to be read, or as material.

use super::{
    Form, Passage,
    class::Class,
    grammar::Clauses,
    lexicon::Mark,
    markdown,
    token::{Kind, sentences},
    yaml,
};
use crate::Limits;

/// What a text says of a file that it names; what binds the agent most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// It is run, or what it says is to be done.
    Obeyed,
    /// It is to be read before anything else.
    ReadFirst,
    /// It is named, and no more.
    Named,
    /// Something is to be compared with it.
    Material,
}

/// A file or folder that a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// As the text writes it.
    pub name: String,
    /// What the text says of it.
    pub manner: Manner,
}

/// Programs that run the file behind them.
const RUNNERS: [&str; 24] = [
    "bash",
    "sh",
    "zsh",
    "dash",
    "ksh",
    "source",
    "exec",
    "python",
    "python3",
    "py",
    "node",
    "deno",
    "bun",
    "tsx",
    "npx",
    "uv",
    "ruby",
    "perl",
    "php",
    "pwsh",
    "powershell",
    "sudo",
    "eval",
    "xargs",
];
/// Ends of names of programs.
const SCRIPTS: [&str; 9] = [".sh", ".bash", ".py", ".js", ".mjs", ".ts", ".ps1", ".bat", ".rb"];
/// A runner stands within this many words before its file: options come between.
const RUNNER_WITHIN: usize = 4;

/// The files that Markdown, a plain text or YAML names. Each sentence is paid for with `limits`; where they do not
/// suffice, `limits` say so, and the rest is not read.
#[must_use]
pub fn mentions(form: Form, source: &str, limits: &mut Limits) -> Vec<Mention> {
    let passages = match form {
        Form::Markdown => markdown::passages(source),
        Form::Yaml => yaml::passages(source, yaml::Keys::All, 0),
        _ => markdown::paragraphs(source),
    };
    let lines = match form {
        Form::Markdown => Lines::of(source, limits),
        _ => Lines::default(),
    };
    let mut found: Vec<Mention> = linked(source);
    for passage in &passages {
        in_passage(passage, &lines, limits, &mut found);
    }
    found
}

/// Lines of Markdown on which a name is one of steps: below a heading of steps, or a numbered item.
#[derive(Debug, Default)]
struct Lines {
    /// The line of each heading, and whether it speaks of steps.
    headings: Vec<(u32, bool)>,
    /// The numbered items.
    numbered: Vec<u32>,
}

impl Lines {
    fn of(source: &str, limits: &mut Limits) -> Self {
        let mut lines = Self::default();
        for (number, line) in (1u32..).zip(source.lines()) {
            let line = line.trim_start();
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let behind = line.get(digits..).unwrap_or_default();
            if line.starts_with('#') {
                let chars: Vec<(char, u32)> = line.chars().map(|c| (c, number)).collect();
                let mut steps = false;
                for tokens in sentences(&chars) {
                    let clauses = Clauses::of(tokens);
                    steps |= limits.pay(clauses.work()) && clauses.any(Class::Steps);
                }
                lines.headings.push((number, steps));
            } else if digits > 0 && behind.starts_with(['.', ')']) {
                lines.numbered.push(number);
            }
        }
        lines
    }

    fn are_steps(&self, line: u32) -> bool {
        let above = self.headings.partition_point(|(heading, _)| *heading <= line);
        let heading = above.checked_sub(1).and_then(|at| self.headings.get(at));
        heading.is_some_and(|(_, steps)| *steps) || self.numbered.binary_search(&line).is_ok()
    }
}

/// The files that are taken in where they are named: behind the `@` by which agents import them, and the links of the
/// rows of a table.
fn linked(source: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    for line in source.lines() {
        let imports = line.split_whitespace().filter_map(|word| word.strip_prefix('@'));
        let row = line.trim_start().starts_with('|');
        let links = line.split("](").skip(1).filter(|_| row);
        let links = links.filter_map(|rest| rest.split(')').next());
        for name in imports.chain(links) {
            let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
            if name.contains(['/', '.']) {
                found.push(Mention { name: name.to_owned(), manner: Manner::Obeyed });
            }
        }
    }
    found
}

fn in_passage(passage: &Passage, lines: &Lines, limits: &mut Limits, found: &mut Vec<Mention>) {
    for tokens in sentences(&passage.chars) {
        if !tokens.iter().any(|token| token.kind == Kind::File) {
            continue;
        }
        let clauses = Clauses::of(tokens);
        if !limits.pay(clauses.work()) {
            return;
        }
        for (at, token) in clauses.tokens.iter().enumerate() {
            if token.kind == Kind::File {
                let said = manner(&clauses, at, passage.shown);
                let steps = !passage.shown && said == Manner::Named && lines.are_steps(token.line);
                let manner = if steps { Manner::Obeyed } else { said };
                found.push(Mention { name: token.text.clone(), manner });
            }
        }
    }
}

fn manner(clauses: &Clauses, at: usize, fenced: bool) -> Manner {
    let any = |class| clauses.any(class);
    let orders = |class| ordered(clauses, class);
    if is_behind_runner(clauses, at, fenced)
        || is_run(clauses, at, &orders(Class::Run))
        || is_run(clauses, at, &orders(Class::Do))
        || !orders(Class::Follow).is_empty()
        || any(Class::Steps)
        || any(Class::Binds)
    {
        return Manner::Obeyed;
    }
    if any(Class::First) && !orders(Class::Read).is_empty() {
        return Manner::ReadFirst;
    }
    if is_compared(clauses, at) { Manner::Material } else { Manner::Named }
}

/// Whether something is to be held against the file, and nothing else is ordered. "The pattern of ci.yml" is none: what
/// is applied is a pattern as well.
fn is_compared(clauses: &Clauses, at: usize) -> bool {
    let orders = ordered(clauses, Class::Matter);
    let held = orders.iter().any(|verb| clauses.within(Class::Against, verb.end(), at));
    let acts = [Class::Run, Class::Do, Class::Write, Class::Paste];
    held && acts.into_iter().all(|class| ordered(clauses, class).is_empty())
}

/// The verbs of a class that are said and not forbidden. An author's word on who says it counts for nothing here.
pub(super) fn ordered(clauses: &Clauses, class: Class) -> Vec<Mark> {
    let marks = clauses.all(class);
    marks.filter(|mark| clauses.is_said(mark.at) && !clauses.is_negated(*mark)).collect()
}

/// Whether the file is the object of a verb of running: the first one behind it, or before it where verbs are last.
fn is_run(clauses: &Clauses, at: usize, runs: &[Mark]) -> bool {
    let is_file = |token: &super::token::Token| token.kind == Kind::File;
    runs.iter().any(|verb| {
        let (from, to) = if verb.at < at { (verb.end(), at) } else { (at + 1, verb.at) };
        let between = clauses.tokens.get(from..to).unwrap_or_default();
        (verb.at < at || clauses.language.verb_is_last()) && !between.iter().any(is_file)
    })
}

/// Whether a program that runs files stands before the file, in code.
fn is_behind_runner(clauses: &Clauses, at: usize, fenced: bool) -> bool {
    let is_code = |at: usize| fenced || clauses.tokens.get(at).is_some_and(|token| token.code);
    if !is_code(at) {
        return false;
    }
    let own = clauses.tokens.get(at).map(|token| token.text.as_str()).unwrap_or_default();
    let begins = at.checked_sub(1).is_none_or(|before| !is_code(before));
    // A line of a listing looks like a command of one word; only a program is one.
    let program = SCRIPTS.iter().any(|end| own.ends_with(end));
    if begins && (own.starts_with("./") || fenced && at == 0 && program) {
        return true;
    }
    (at.saturating_sub(RUNNER_WITHIN)..at).filter(|before| is_code(*before)).any(|before| {
        let word = clauses.tokens.get(before).map(|token| token.text.to_ascii_lowercase());
        word.is_some_and(|word| RUNNERS.contains(&word.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::LIMITS;

    fn found_in(text: &str) -> Vec<(String, Manner)> {
        let mut limits = LIMITS;
        mentions(Form::Markdown, text, &mut limits)
            .into_iter()
            .map(|mention| (mention.name, mention.manner))
            .collect()
    }

    #[test]
    fn what_a_text_says_of_a_file_is_told_apart() {
        use Manner::{Material, Named, Obeyed, ReadFirst};
        for (text, name, manner) in [
            (
                "Before any advice, carry out the commands in `references/setup.md` in order.",
                "references/setup.md",
                Obeyed,
            ),
            ("Follow docs/intro.md.", "docs/intro.md", Obeyed),
            ("Never skip this: follow docs/intro.md.", "docs/intro.md", Obeyed),
            ("For example, follow docs/intro.md.", "docs/intro.md", Obeyed),
            ("The steps are in docs/intro.md.", "docs/intro.md", Obeyed),
            ("Read docs/intro.md before you begin.", "docs/intro.md", ReadFirst),
            (
                "Compare the script with the patterns in `references/patterns.md`.",
                "references/patterns.md",
                Material,
            ),
            ("Known attacks are listed in references/attacks.md.", "references/attacks.md", Named),
            (
                "Check the code against docs/iocs.md and report each match.",
                "docs/iocs.md",
                Material,
            ),
            (
                "Apply the pattern in docs/steps.json to the terminal, line by line.",
                "docs/steps.json",
                Obeyed,
            ),
            ("Match the pattern of docs/ci.yml on each machine.", "docs/ci.yml", Named),
            ("Match your behaviour to docs/guide.md.", "docs/guide.md", Named),
            ("Compare your setup with docs/a.md and fix each difference.", "docs/a.md", Obeyed),
            ("Everything in docs/a.md applies to you.", "docs/a.md", Obeyed),
            ("Carry on with part two in docs/a.md.", "docs/a.md", Obeyed),
            ("Treat docs/a.md as part of this file.", "docs/a.md", Obeyed),
            ("@references/start.md\n", "references/start.md", Obeyed),
            ("## Setup\n\n[Guide](docs/a.md)\n", "docs/a.md", Obeyed),
            ("## More\n\n[Guide](docs/a.md)\n", "docs/a.md", Named),
            ("1. [Guide](docs/a.md)\n2. b\n", "docs/a.md", Obeyed),
            ("- [Guide](docs/a.md)\n", "docs/a.md", Named),
            ("| a | [Guide](docs/a.md) |\n", "docs/a.md", Obeyed),
            ("Aplique docs/a.md.", "docs/a.md", Obeyed),
            ("Applique docs/a.md.", "docs/a.md", Obeyed),
            ("Alles in docs/a.md gilt für dich.", "docs/a.md", Obeyed),
            ("docs/a.md 适用于你。", "docs/a.md", Obeyed),
            ("Примени docs/a.md.", "docs/a.md", Obeyed),
            ("Всё в docs/a.md относится к тебе.", "docs/a.md", Obeyed),
            ("More is in docs/api.md.", "docs/api.md", Named),
            ("Never run samples/bad.sh.", "samples/bad.sh", Named),
            ("Start with `bash tests/setup.sh`.", "tests/setup.sh", Obeyed),
            ("```sh\nsh tests/setup.sh\n```\n", "tests/setup.sh", Obeyed),
            ("```\n├── docs/setup.md\n```\n", "docs/setup.md", Named),
            ("Folge den Schritten in doku/start.md.", "doku/start.md", Obeyed),
            (
                "Vergleiche das Skript mit den Mustern in doku/muster.md.",
                "doku/muster.md",
                Material,
            ),
            ("Sigue docs/inicio.md.", "docs/inicio.md", Obeyed),
            ("Siga docs/inicio.md.", "docs/inicio.md", Obeyed),
            ("Suivez docs/debut.md.", "docs/debut.md", Obeyed),
            ("Выполни docs/start.md.", "docs/start.md", Obeyed),
            ("按照 docs/start.md 的说明操作。", "docs/start.md", Obeyed),
            ("docs/start.md に従ってください。", "docs/start.md", Obeyed),
            ("docs/start.md 를 그대로 수행하세요.", "docs/start.md", Obeyed),
            ("docs/start.md dosyasındaki talimatları uygula.", "docs/start.md", Obeyed),
        ] {
            let found = found_in(text);
            assert!(found.contains(&(name.to_owned(), manner)), "{text}: {found:?}");
        }
    }
}
