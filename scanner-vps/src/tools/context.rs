//! Where a match stands: the facts that may take its certainty, and what the author cannot steer.
//!
//! An author chooses every path and every word, so a step down must cost the attack its effect:
//! - What lowers a match in **prose** is that nothing in the skill tells an agent to follow the
//!   file ([`Reach`]): a text of a documentation, test or reference folder that no text says to
//!   follow, or one that is named as material. A file at the skill's root, `SKILL.md` wherever it
//!   lies, and what these tell an agent to do keep their severity, whatever their folder is called.
//! - What a text **shows** as an attack (`detection::prose::shown`) is lowered where the same text
//!   has no order to run what it shows, and where no other text says to carry the file out.
//! - A **warning** ("never run …", "do not paste …") counts in prose only, before the match and in
//!   its own sentence, and only where what is warned of is running it, and nothing else is asked
//!   for in between: "do not skip this step" warns of nothing, "do not use sudo and paste" asks.
//! - A **literal** of JavaScript or Python that is seen to be compared and nothing else, in a skill
//!   whose programs run no texts at all, is material, and a comment there doubtful. A chain of the
//!   data flow keeps its severity, and so does a script, whatever its folder is called.
//! - A **detector's pattern**, or a line of a table of them, counts in JavaScript and Python, where
//!   the match holds a regular-expression class (`\s`, `\b`, `.*`), and nothing that an attack
//!   needs and a pattern does not: no address, no name with a dot, no blob, no call. What is
//!   turned into a command afterwards (`.replace("\\s", " ")`) has nowhere to fetch from. With
//!   blanks, it holds no assignment, second statement or comment either: a class beside the code
//!   makes no pattern of it.

use super::{
    literal::Place,
    output::Hit,
    reach::{Reach, Reached, below, is_setting, is_table},
    severity::Context,
};
use crate::staging::{Language, Origin, StagedFile, dialect};
use skillgate_detection::Rule;

const QUIET_FOLDERS: [&str; 15] = [
    "doc",
    "docs",
    "documentation",
    "test",
    "tests",
    "testing",
    "testdata",
    "__tests__",
    "spec",
    "specs",
    "fixtures",
    "example",
    "examples",
    "reference",
    "references",
];
const VENDORED_FOLDERS: [&str; 6] =
    ["node_modules", "vendor", "vendored", "third_party", "bower_components", "dist"];
const WARNINGS: [&str; 7] =
    ["never", "do not", "don't", "don\u{2019}t", "avoid", "must not", "should not"];
/// Behind a warning: what is warned of is the act itself.
const ACTS: [&str; 22] = [
    "run",
    "running",
    "execute",
    "executing",
    "use",
    "using",
    "pipe",
    "piping",
    "paste",
    "pasting",
    "type",
    "copy",
    "call",
    "install",
    "installing",
    "download",
    "downloading",
    "write",
    "do",
    "include",
    "send",
    "trust",
];
/// Words that turn a sentence round behind its warning.
const TURNS: [&str; 8] = ["but", "instead", "unless", "until", "without", "rather", "and", "then"];
/// A warning's act follows it within this many words.
const ACT_WITHIN: usize = 3;
/// In a pattern: more is an address or a port.
const MOST_DIGITS: usize = 3;
/// In a pattern: a longer run without a class or a group is data.
const LONGEST_WORD: usize = 20;
const REGEX_CLASSES: [&str; 10] =
    [r"\s", r"\S", r"\b", r"\d", r"\w", "(?:", "[^", ".*", ".+", ".{"];

/// Chains of prose: what a text tells an agent, not what a program does.
const TOLD: [Rule; 9] = [
    Rule::ToldToSend,
    Rule::ConcealedDeed,
    Rule::HiddenOrder,
    Rule::OverrideAndAct,
    Rule::ToolDescription,
    Rule::StandingOrder,
    Rule::ToldToPaste,
    Rule::RemoteOrders,
    Rule::ToldInDoubt,
];

/// What lowers a bundled rule's certainty at a place. `before` is the text before the match on its line, `matched` the
/// match alone where it is one line.
#[must_use]
pub(super) fn context(
    reached: &Reached<'_>,
    file: &StagedFile,
    hit: &Hit,
    before: &str,
    matched: &str,
) -> Context {
    let path = below(&file.path, reached.root());
    if file.origin == Origin::Strings {
        return Context::Doubtful;
    }
    let told = TOLD.iter().any(|rule| rule.id() == hit.rule);
    if is_prose(path, file) {
        return in_prose(reached, file, path, hit, before, told);
    }
    if dialect(file.language).is_none() && file.language != Language::Shell {
        return in_data(reached, file, path, hit, told);
    }
    let flows = !hit.steps.is_empty() && !hit.loose;
    // Characters that nobody sees are no pattern that somebody looks for.
    let unseen = hit.rule.starts_with("skillgate.hidden-unicode.");
    // What a program says to an agent in a literal that it only compares, it says to nobody.
    if told && dialect(file.language).is_some() && place(reached, file, hit) == Place::Compared {
        return Context::Doubtful;
    }
    if dialect(file.language).is_some() && !told && !flows && !unseen {
        match place(reached, file, hit) {
            Place::Compared => return Context::Material,
            Place::Comment => return Context::Doubtful,
            Place::Code => {}
        }
        if is_pattern(matched) {
            return Context::Doubtful;
        }
    }
    let searched = file.language == Language::Shell
        && !flows
        && is_searched_for(before, matched)
        && !hands_on(reached, file, hit);
    if searched { Context::Material } else { Context::Plain }
}

fn in_prose(
    reached: &Reached<'_>,
    file: &StagedFile,
    path: &str,
    hit: &Hit,
    before: &str,
    told: bool,
) -> Context {
    let warned = file.origin.is_of_commit() && is_warned(before);
    let reach = reached.reach(&file.path);
    let unseen = hit.rule == Rule::HiddenOrder.id() || hit.rule.starts_with("skillgate.hidden-");
    let shown = !unseen && reach != Reach::Obeyed && reached.shows(file, hit.line, hit.end_line);
    let quiet = !is_skill_md(path) && in_folder(path, &QUIET_FOLDERS);
    let unreached = reach == Reach::Material || reach == Reach::Nowhere && quiet;
    match (unreached, warned || shown) {
        (true, true) if !told => Context::Material,
        (true, _) | (false, true) => Context::Doubtful,
        (false, false) => Context::Plain,
    }
}

/// Tables and rules. What a setting says is run, as any other file may be; what is only compared is not.
fn in_data(reached: &Reached<'_>, file: &StagedFile, path: &str, hit: &Hit, told: bool) -> Context {
    let is_data = file.origin == Origin::File && is_table(path);
    let lower = path.to_ascii_lowercase();
    if !is_data || is_setting(&lower) || reached.may_run(file) {
        return Context::Plain;
    }
    let rules = || {
        let text = reached.text(file);
        reached.pay(text.len())
            && line_of(file, hit.line).is_some_and(|line| is_pattern_of_rule(&lower, &text, line))
    };
    let quiz = || {
        let text = reached.text(file);
        reached.pay(text.len()) && line_of(file, hit.line).is_some_and(|line| is_quiz(&text, line))
    };
    match reached.reach(&file.path) {
        Reach::Material if told => Context::Doubtful,
        Reach::Material => Context::Material,
        Reach::Nowhere | Reach::Read if !told && rules() => Context::Doubtful,
        Reach::Nowhere | Reach::Read if quiz() => Context::Doubtful,
        Reach::Nowhere if !told && in_folder(path, &QUIET_FOLDERS) && reached.is_unnamed(file) => {
            Context::Doubtful
        }
        _ => Context::Plain,
    }
}

/// The line of a file's content, counted from 0, of a line of its copy.
fn line_of(file: &StagedFile, line: u32) -> Option<u32> {
    line.checked_sub(file.lines_before.saturating_add(1))
}

/// Whether a line of a table is a question of a quiz, or an answer to choose: people are asked what it says.
fn is_quiz(text: &str, line: u32) -> bool {
    const QUESTIONS: [&str; 6] = ["q", "question", "pregunta", "pergunta", "frage", "вопрос"];
    const CHOICES: [&str; 6] =
        ["options", "choices", "answers", "opciones", "alternativas", "antworten"];
    const ANSWERS: [&str; 9] = [
        "answer",
        "correct",
        "correct_answer",
        "answer_index",
        "solution",
        "correcta",
        "correta",
        "richtig",
        "ответ",
    ];
    let key = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '-', '{', '[', '"', '\'']);
        let (key, _) = line.split_once(':')?;
        Some(key.trim_end_matches(['"', '\'', ' ']).to_lowercase())
    };
    let has = |keys: &[&str]| text.lines().filter_map(key).any(|key| keys.contains(&key.as_str()));
    let at = usize::try_from(line).unwrap_or(usize::MAX);
    let own = text.lines().nth(at).unwrap_or_default();
    let asked = key(own).is_some_and(|key| QUESTIONS.contains(&key.as_str()));
    // A question ends as one.
    let asks = own.trim_end_matches([' ', ',', '"', '\'', '}']).ends_with(['?', '？']);
    asked && asks && has(&CHOICES) && has(&ANSWERS)
}

/// Whether a line is what a rule of a detector (sigma, semgrep, YARA) looks for.
fn is_pattern_of_rule(lower: &str, text: &str, line: u32) -> bool {
    let is_yara = [".yar", ".yara"].iter().any(|end| lower.ends_with(end));
    if !is_yara && ![".yml", ".yaml"].iter().any(|end| lower.ends_with(end)) {
        return false;
    }
    let at = usize::try_from(line).unwrap_or(usize::MAX);
    let own = text.lines().nth(at).unwrap_or_default();
    let trimmed =
        |line: &'static str| move |l: &str| l.trim_start_matches([' ', '-']).starts_with(line);
    let has = |key: &'static str| text.lines().any(trimmed(key));
    if is_yara {
        let part = text
            .lines()
            .take(at)
            .map(str::trim)
            .filter(|line| ["strings:", "condition:", "meta:"].contains(line));
        return own.trim_start().starts_with('$') && part.last() == Some("strings:");
    }
    let of_semgrep = has("rules:") && has("languages:") && has("message:");
    let of_sigma = has("logsource:") && has("detection:") && {
        let top = |line: &&str| line.starts_with(|c: char| c.is_ascii_alphabetic());
        own.starts_with(' ') && text.lines().take(at).filter(top).last() == Some("detection:")
    };
    of_sigma || of_semgrep && trimmed("pattern")(own)
}

/// What the place of a match is, in a skill where nothing runs what its programs hold.
fn place(reached: &Reached<'_>, file: &StagedFile, hit: &Hit) -> Place {
    if reached.may_run(file) {
        return Place::Code;
    }
    let program = reached.program(file);
    let at = line_of(file, hit.line)
        .zip(line_of(file, hit.end_line))
        .and_then(|(first, last)| program.range((first, hit.col), (last, hit.end_col)));
    at.map_or(Place::Code, |at| program.place(&at, hit.loose))
}

/// Whether a script may run what another of its lines finds.
fn hands_on(reached: &Reached<'_>, file: &StagedFile, hit: &Hit) -> bool {
    const RUNNERS: [&str; 15] = [
        "eval", "source", "sh", "bash", "zsh", "dash", "ksh", "exec", "xargs", "tee", "python",
        "python3", "node", "perl", ".",
    ];
    let text = reached.text(file);
    let own = line_of(file, hit.line).and_then(|line| usize::try_from(line).ok());
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    !reached.pay(text.len())
        || text.lines().enumerate().any(|(at, line)| {
            let parts =
                |c: char| c.is_whitespace() || matches!(c, ';' | '|' | '&' | '(' | ')' | '/');
            Some(at) != own
                && !(at == 0 && line.starts_with("#!"))
                && (line.contains(['`', '>', '\\'])
                    || line.split(parts).any(|word| RUNNERS.contains(&word)))
                || line.contains(name)
        })
}

/// Whether a match in a script is what `grep` looks for, and nothing hands on what it finds.
fn is_searched_for(before: &str, matched: &str) -> bool {
    const SEARCHES: [&str; 5] = ["grep", "egrep", "fgrep", "rg", "zgrep"];
    let Some(quote) = before.rfind(['\'', '"']) else { return false };
    let (command, inner) = before.split_at(quote);
    let mark = inner.chars().next().unwrap_or('\'');
    let in_literal = command.matches(mark).count() % 2 == 0;
    let own = command.rsplit(['|', ';', '&', '(']).next().unwrap_or(command);
    let search = own.split_whitespace().next().is_some_and(|word| SEARCHES.contains(&word));
    let (held, behind) = matched.split_once(mark).unwrap_or((matched, ""));
    let plain = mark == '\'' || !held.contains(['$', '`']) && !inner.contains(['$', '`']);
    // The search is the whole line, and what it finds goes nowhere.
    let alone = own.len() == command.len();
    let kept = !behind.contains(['|', '>', '<', ')', ';', '&', '$', '`', '*', '\\']);
    in_literal && search && plain && alone && kept
}

/// Tests, examples, vendored or minified files: where njsscan's errors say less.
#[must_use]
pub(super) fn is_quiet_place(path: &str, root: Option<&str>) -> bool {
    let path = below(path, root).to_ascii_lowercase();
    in_folder(&path, &QUIET_FOLDERS)
        || in_folder(&path, &VENDORED_FOLDERS)
        || [".min.js", ".min.mjs", ".test.js", ".test.ts", ".spec.js", ".spec.ts"]
            .iter()
            .any(|suffix| path.ends_with(suffix))
}

fn is_skill_md(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case("skill.md"))
}

/// Markdown or text by its own name: a fenced block belongs to the prose around it, but a whole file
/// that says it is a script is one, whatever it is called.
fn is_prose(path: &str, file: &StagedFile) -> bool {
    let lower = path.to_ascii_lowercase();
    let by_name =
        [".md", ".mdx", ".markdown", ".txt", ".rst", ".adoc"].iter().any(|e| lower.ends_with(e));
    let script = file.origin.is_of_commit() && file.language.is_parsed();
    by_name && !script && file.language != Language::Template
}

fn in_folder(path: &str, folders: &[&str]) -> bool {
    let Some((above, _)) = path.rsplit_once('/') else { return false };
    above.split('/').any(|part| folders.iter().any(|folder| part.eq_ignore_ascii_case(folder)))
}

/// Whether a match is a regular expression that no shell runs and that names nothing to run.
fn is_pattern(matched: &str) -> bool {
    if !REGEX_CLASSES.iter().any(|class| matched.contains(class)) || matched.contains('$') {
        return false;
    }
    let blanks = matched.contains([' ', '\t']);
    if blanks && ["//", "/*"].iter().any(|comment| matched.contains(comment)) {
        return false;
    }
    let (mut digits, mut blob) = (0usize, 0usize);
    // Between brackets, any character stands for itself.
    let mut listed = false;
    // The three characters before, the nearest first.
    let mut behind = ['\0'; 3];
    let mut chars = matched.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or('\0');
        let escaped = behind.first() == Some(&'\\') && behind.get(1) != Some(&'\\');
        digits = if c.is_ascii_digit() { digits + 1 } else { 0 };
        blob = if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') { blob + 1 } else { 0 };
        let name = c == '.' && !escaped && !matches!(next, '*' | '+' | '?' | '{');
        let address = behind == ['/', '/', ':'] && (c.is_alphanumeric() || c == '[' && next == ':');
        let after_word = behind.first().is_some_and(|b| b.is_alphanumeric());
        let call = c == '(' && !escaped && after_word && next != '?';
        listed = if listed { c != ']' || escaped } else { c == '[' && !escaped };
        let code = blanks && !listed && !escaped && matches!(c, '=' | ';' | '#');
        // JavaScript and Python write any character this way, blanks among them.
        let spelt =
            escaped && matches!(c, 't' | 'x' | 'u' | 'U' | 'N' | 'v' | 'f' | 'r' | '0'..='9');
        if name || address || call || code || spelt || digits > MOST_DIGITS || blob > LONGEST_WORD {
            return false;
        }
        behind = [c, behind[0], behind[1]];
    }
    !["/dev/tcp/", "/dev/udp/"].iter().any(|device| {
        matched.split(device).skip(1).any(|rest| rest.starts_with(char::is_alphanumeric))
    })
}

/// Two words for one act.
const PHRASES: [(&str, &str); 3] =
    [("copy and paste", "paste"), ("copy-paste", "paste"), ("download and run", "run")];

/// Whether the text before a match, in the match's own sentence, warns of running it.
fn is_warned(before: &str) -> bool {
    let lower =
        PHRASES.iter().fold(before.to_lowercase(), |text, (phrase, act)| text.replace(phrase, act));
    let sentence = lower.rsplit(['.', ';', '!', '?', '\n']).next().unwrap_or(&lower);
    WARNINGS.iter().any(|warning| {
        sentence.rfind(warning).is_some_and(|at| {
            let behind = sentence.get(at + warning.len()..).unwrap_or_default();
            let words: Vec<&str> = behind
                .split(|c: char| !c.is_alphanumeric() && c != '\'')
                .filter(|word| !word.is_empty())
                .collect();
            let acts = words.iter().take(ACT_WITHIN).any(|word| ACTS.contains(word));
            let turned = words.iter().any(|word| TURNS.contains(word))
                || words.iter().filter(|word| ACTS.contains(word)).count() > 1;
            // "Never do this: …" is one thought; "do not use the old way here: …" is two.
            let colon = behind
                .split_once(':')
                .is_some_and(|(head, _)| head.split_whitespace().count() > ACT_WITHIN);
            acts && !turned && !colon
        })
    })
}

#[cfg(test)]
mod tests;
