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
//! - A **literal** of JavaScript or Python that is only compared, or a row of a table in a skill
//!   whose programs run no texts at all, is material. A chain of the data flow keeps its severity.
//! - A **program** counts as not run only in a test or reference folder, and only where no text and
//!   no other program names it, its folder or its name without the ending.
//! - A **detector's pattern**, or a line of a table of them, counts in JavaScript and Python, where
//!   the match holds a regular-expression class (`\s`, `\b`, `.*`), and nothing that an attack
//!   needs and a pattern does not: no address, no name with a dot, no blob, no call. What is
//!   turned into a command afterwards (`.replace("\\s", " ")`) has nowhere to fetch from. With
//!   blanks, it holds no assignment, second statement or comment either: a class beside the code
//!   makes no pattern of it.

use super::{
    literal,
    output::Hit,
    reach::{Reach, Reached, below, is_setting},
    severity::Context,
};
use crate::staging::{Language, Origin, StagedFile, dialect};
use skillgate_detection::Rule;
use std::ops::Range;

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
    if is_prose(path, file) {
        return in_prose(reached, file, path, hit, before);
    }
    let told = TOLD.iter().any(|rule| rule.id() == hit.rule);
    if dialect(file.language).is_none() && file.language != Language::Shell {
        return in_data(reached, file, path, told);
    }
    let flows = !hit.steps.is_empty() && !hit.loose;
    // Characters that nobody sees are no pattern that somebody looks for.
    let unseen = hit.rule.starts_with("skillgate.hidden-unicode.");
    if dialect(file.language).is_some() && !told && !flows && !unseen {
        if is_only_compared(reached, file, hit) {
            return Context::Material;
        }
        if is_pattern(matched) {
            return Context::Doubtful;
        }
    }
    if file.language == Language::Shell && !flows && is_searched_for(before, matched) {
        return Context::Material;
    }
    let lies = in_folder(path, &QUIET_FOLDERS) && !is_test(path) && reached.is_unnamed(file);
    if lies { Context::Doubtful } else { Context::Plain }
}

fn in_prose(
    reached: &Reached<'_>,
    file: &StagedFile,
    path: &str,
    hit: &Hit,
    before: &str,
) -> Context {
    let warned = file.origin.is_of_commit() && is_warned(before);
    let reach = reached.reach(&file.path);
    let shown = reach != Reach::Obeyed && reached.shows(file, hit.line, hit.end_line);
    let quiet = !is_skill_md(path) && in_folder(path, &QUIET_FOLDERS);
    let unreached = reach == Reach::Material || reach == Reach::Nowhere && quiet;
    match (unreached, warned || shown) {
        (true, true) => Context::Material,
        (true, false) | (false, true) => Context::Doubtful,
        (false, false) => Context::Plain,
    }
}

/// Settings, tables and rules. What a setting says is run; what is only compared is not.
fn in_data(reached: &Reached<'_>, file: &StagedFile, path: &str, told: bool) -> Context {
    if is_setting(&path.to_ascii_lowercase()) || file.origin != Origin::File {
        return Context::Plain;
    }
    let rules = || {
        let text = reached.text(file);
        reached.pay(text.len()) && is_rules(&text)
    };
    match reached.reach(&file.path) {
        Reach::Material if told => Context::Doubtful,
        Reach::Material => Context::Material,
        Reach::Nowhere | Reach::Read if !told && rules() => Context::Doubtful,
        Reach::Nowhere if !told && in_folder(path, &QUIET_FOLDERS) && reached.is_unnamed(file) => {
            Context::Doubtful
        }
        _ => Context::Plain,
    }
}

/// Whether a text holds the rules of a detector (sigma, semgrep, YARA).
fn is_rules(text: &str) -> bool {
    let key =
        |key: &str| text.lines().any(|line| line.trim_start_matches([' ', '-']).starts_with(key));
    key("logsource:") && key("detection:")
        || key("rules:") && key("languages:") && key("message:")
        || key("rule ") && key("strings:") && key("condition:")
}

/// Programs that a test runner finds by their names.
fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.starts_with("test_")
        || name.starts_with("conftest")
        || ["_test.", ".test.", ".spec.", "_spec."].iter().any(|mark| name.contains(mark))
}

/// Whether the literals of a match are only compared.
fn is_only_compared(reached: &Reached<'_>, file: &StagedFile, hit: &Hit) -> bool {
    let text = reached.text(file);
    if !reached.pay(text.len()) {
        return false;
    }
    let line = |number: u32| number.checked_sub(file.lines_before.saturating_add(1));
    let (Some(first), Some(last)) = (line(hit.line), line(hit.end_line)) else { return false };
    let Some(at) = range(&text, first, last, hit) else { return false };
    let python = file.language == Language::Python;
    literal::is_compared(&text, python, at, hit.loose, reached.runs_texts(&file.path))
}

/// The bytes of a match whose first and last line are counted from 0.
fn range(text: &str, first: u32, last: u32, hit: &Hit) -> Option<Range<usize>> {
    let begin = |line: u32| {
        let lines = usize::try_from(line).ok()?;
        lines
            .checked_sub(1)
            .map_or(Some(0), |before| text.match_indices('\n').nth(before).map(|(at, _)| at + 1))
    };
    let column = |column: u32| usize::try_from(column.saturating_sub(1)).ok();
    let end = begin(last)?;
    let length = text.get(end..)?.lines().next().unwrap_or_default().len();
    let to = end + column(hit.end_col)?.min(length);
    let from = begin(first)? + column(hit.col)?;
    (from < to && text.is_char_boundary(from) && text.is_char_boundary(to)).then_some(from..to)
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
    in_literal && search && plain && !behind.contains('|') && !behind.contains(['$', '`'])
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
