//! Whether a text, a script or a setting hands on what a file of the skill says, other than by starting it as a program.

use super::reach::{is_table, names_in};
use crate::staging::Language;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// People and agents read it.
    Prose,
    /// A table of data.
    Table,
    /// A script, a setting, a program of another language, or what is not known.
    Code,
}

impl Kind {
    /// By the path and the language.
    pub(super) fn of(path: &str, language: Language) -> Self {
        let lower = path.to_ascii_lowercase();
        let prose = [".txt", ".rst", ".adoc", ".mdc", ".mdx", ".markdown", ".md"];
        match language {
            Language::Markdown => Self::Prose,
            Language::Text if prose.iter().any(|end| lower.ends_with(end)) => Self::Prose,
            _ if is_table(path) => Self::Table,
            _ => Self::Code,
        }
    }
}

/// What a file may be called.
pub(super) struct Name<'a> {
    name: &'a str,
    stem: &'a str,
    folder: &'a str,
    /// It is a program; else a table.
    program: bool,
}

impl<'a> Name<'a> {
    /// Of a path below the skill's folder.
    pub(super) fn of(path: &'a str, program: bool) -> Self {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
        Self { name, stem, folder: folders.rsplit('/').next().unwrap_or_default(), program }
    }
}

/// Words of commands that run or show many files.
const RUNNERS: [&str; 18] = [
    "sh", "bash", "zsh", "dash", "source", "eval", "exec", "xargs", "cat", "sed", "awk", "head",
    "tail", "find", "for", "python", "python3", "node",
];
/// Ways to find files without their names.
const WALKS: [&str; 11] =
    ["*.", "*/", "/*", "find ", "glob", "walk", "ReadDir", "readdir", "Dir[", "Dir.", "each_child"];
/// Words for all that lies in a folder.
const ALL: [&str; 11] = [
    "folder",
    "folders",
    "directory",
    "below",
    "under",
    "inside",
    "within",
    "each",
    "every",
    "all",
    "any",
];
/// Options behind which a program stands in the command itself.
const INLINE: [&str; 6] = [" -c ", " -e ", " -p ", "--eval", "$(", "-exec"];
/// Marks by which a command hands something on.
const MARKS: [char; 8] = ['|', '>', '<', ';', '&', '$', '(', '\\'];

/// Whether a text of a kind may run what a file says, or order to.
pub(super) fn is_handed_on(name: &Name<'_>, text: &str, kind: Kind) -> bool {
    text.lines().any(|line| {
        if line.contains(name.name) {
            let fine = match kind {
                // How a table is reached says what an agent is to do with it.
                Kind::Prose if !name.program => !line.contains(MARKS) || is_cited(line, name.name),
                Kind::Prose if is_copied(line, name.name) => !orders(text),
                _ => name.program && is_started(line, name.name),
            };
            if !fine {
                return true;
            }
        }
        let has = |word: &str| !word.is_empty() && names_in(line).any(|part| part == word);
        let inline = kind == Kind::Code && !is_started(line, name.name)
            || INLINE.iter().any(|option| line.contains(option));
        if inline && has(name.stem) {
            return true;
        }
        let globs = ["*.", "*/", "/*"].iter().any(|glob| line.contains(glob));
        match kind {
            Kind::Code => WALKS.iter().any(|walk| line.contains(walk)),
            Kind::Prose => {
                globs && names_in(line).any(|part| RUNNERS.contains(&part))
                    || line.contains("-exec")
                    || name.program
                        && has(name.folder)
                        && names_in(line).any(|part| ALL.contains(&part))
            }
            Kind::Table => false,
        }
    })
}

/// Whether a sentence names a file in a span of code of its own, and what else the line holds is no command.
fn is_cited(line: &str, name: &str) -> bool {
    let spans = line.split('`').skip(1).step_by(2);
    let others = line.split('`').step_by(2);
    spans.clone().all(|span| !span.contains(MARKS))
        && spans.filter(|span| span.contains(name)).count() == line.matches(name).count()
        && others.into_iter().all(|text| !text.contains(['|', '>', '<', '&', '$', '\\']))
}

/// Whether a line names a test, and that is to be copied to where the user's own code is.
fn is_copied(line: &str, name: &str) -> bool {
    let is_test = name.starts_with("test_")
        || ["_test.", ".test.", ".spec."].iter().any(|part| name.contains(part));
    let before = line.split(name).next().unwrap_or_default();
    let path = |c: char| matches!(c, '_' | '.' | '/' | '-' | '`');
    let before = before.trim_end_matches(|c: char| c.is_alphanumeric() || path(c)).trim_end();
    let verb = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    is_test
        && is_cited(line, name)
        && line.matches(name).count() == 1
        && ["copy", "adapt", "extend"].contains(&verb.to_lowercase().as_str())
}

/// Whether a text in English orders to do something with commands or strings, other than to start tests.
fn orders(text: &str) -> bool {
    const VERBS: [&str; 20] = [
        "run", "runs", "execute", "issue", "type", "paste", "enter", "perform", "replay", "launch",
        "invoke", "try", "do", "feed", "pipe", "apply", "send", "follow", "evaluate", "carry",
    ];
    let words: Vec<String> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    !text.is_ascii()
        || words.windows(2).any(|pair| match pair {
            [before, verb] => {
                VERBS.contains(&verb.as_str()) && !["never", "not"].contains(&before.as_str())
            }
            _ => false,
        })
}

/// Whether a line names a program once, and only to start it as one: `python scripts/scan.py src`.
fn is_started(line: &str, name: &str) -> bool {
    let mut parts = line.split(name);
    let (Some(before), Some(behind), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
    let command = before.trim_end_matches(path);
    let starts = ["python ", "python3 ", "node ", "pytest "];
    if !starts.iter().any(|start| command.ends_with(start)) {
        return false;
    }
    let quotes = ['`', '"', '\''];
    let own = command.rsplit(quotes).next().unwrap_or(command);
    let rest = match command.chars().rev().find(|c| quotes.contains(c)) {
        Some(mark) => behind.split(mark).next().unwrap_or(behind),
        None => behind,
    };
    let rest = rest.replace("\"$@\"", "").replace("\"$1\"", "");
    !own.contains(MARKS) && !rest.contains(MARKS) && !rest.contains('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_cited_and_a_test_that_is_copied_are_not_handed_on() {
        let (quiz, test) = (Name::of("quiz.json", false), Name::of("test_guard.py", true));
        for (name, text) in [
            (&quiz, "Ask the questions in `quiz.json`. Show the score; store nothing (ever).\n"),
            (&test, "Copy `test_guard.py` and point `guard` at a filter; nothing is ever lost.\n"),
            (&test, "Copy `test_guard.py`.\n\nThe strings are compared and never run.\n"),
        ] {
            assert!(!is_handed_on(name, text, Kind::Prose), "{text}");
        }
        for (name, text) in [
            (&quiz, "cat quiz.json; sh x\n"),
            (&quiz, "Use `cat quiz.json; sh x` for it.\n"),
            (&quiz, "Ask `quiz.json`; jq -r .q quiz.json | sh\n"),
            (&test, "Copy `test_guard.py` and run each string.\n"),
            (&test, "Copy `test_guard.py`.\n\nThen paste every line of it.\n"),
            (&test, "Copia `test_guard.py` y ejecuta cada línea.\n"),
            (&test, "Issue every line of `test_guard.py`.\n"),
        ] {
            assert!(is_handed_on(name, text, Kind::Prose), "{text}");
        }
    }

    #[test]
    fn a_program_that_is_only_started_is_not_handed_on() {
        let name = Name::of("scripts/scan.py", true);
        for (kind, text) in [
            (Kind::Prose, "Run `python3 scripts/scan.py src` and fix what it finds.\n"),
            (Kind::Prose, "# Scan\n\nScan the files, and all tests.\n"),
            (Kind::Code, "#!/bin/sh\npython scripts/scan.py \"$@\"\n"),
            (Kind::Code, "{\"scripts\": {\"test\": \"python scripts/scan.py src\"}}\n"),
        ] {
            assert!(!is_handed_on(&name, text, kind), "{text}");
        }
        for (kind, text) in [
            (Kind::Prose, "Issue every line of CMDS in scripts/scan.py.\n"),
            (Kind::Prose, "Run `bash scripts/scan.py`.\n"),
            (Kind::Prose, "sh -c \"$(python3 -c 'import scan; print(scan.C)')\"\n"),
            (Kind::Prose, "Run `sh scripts/*.py`.\n"),
            (Kind::Prose, "Do each line of all files in scripts.\n"),
            (Kind::Prose, "`python scripts/scan.py scripts/scan.py`\n"),
            (Kind::Code, "sed -n 3p scripts/scan.py > x; . ./x\n"),
            (Kind::Code, "system(File.readlines('scripts/scan.py')[2])\n"),
            (Kind::Code, "python scripts/scan.py | sh\n"),
            (Kind::Code, "find . -name '*.py' -exec sh {} +\n"),
            (Kind::Code, "Dir['scripts/*'].each { |f| load f }\n"),
        ] {
            assert!(is_handed_on(&name, text, kind), "{text}");
        }
    }
}
