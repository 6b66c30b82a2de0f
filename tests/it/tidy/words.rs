//! The banned words of `tests/banned-words.txt`, held to the folders that the file names.

use super::{assert_tidy, sources};
use skillgate_tidy::{Source, is_below};

/// The one list of words.
const LIST: &str = include_str!("../../banned-words.txt");

/// What the list says.
#[derive(Debug, Default)]
struct Banned<'a> {
    checked: Vec<&'a str>,
    skipped: Vec<&'a str>,
    /// Paths, and the words that may stand below them.
    allowed: Vec<(&'a str, Vec<&'a str>)>,
    /// The words of each entry in lower case, the entry itself, and what to use instead.
    words: Vec<(Vec<String>, &'a str, &'a str)>,
}

impl<'a> Banned<'a> {
    fn parse(list: &'a str) -> Self {
        let mut banned = Self::default();
        let lines = list.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(path) = line.strip_prefix("@ ") {
                banned.checked.push(path);
            } else if let Some(path) = line.strip_prefix("! ") {
                banned.skipped.push(path);
            } else if let Some(allowed) = line.strip_prefix("~ ") {
                let (path, words) = allowed.split_once(" | ").expect("~ path | word, word");
                banned.allowed.push((path, words.split(", ").collect()));
            } else {
                let (word, instead) = line.split_once(" | ").expect("word | use instead");
                banned.words.push((words(word), word, instead));
            }
        }
        banned
    }

    fn skips(&self, path: &str) -> bool {
        self.skipped.iter().any(|skipped| is_below(path, skipped))
    }

    fn allows(&self, path: &str, word: &str) -> bool {
        self.allowed.iter().any(|(below, words)| is_below(path, below) && words.contains(&word))
    }

    fn faults(&self, source: &Source) -> Vec<String> {
        let mut faults = Vec::new();
        for (at, line) in source.text.lines().enumerate() {
            let said = words(line);
            for (banned, word, instead) in &self.words {
                let is_said = said.windows(banned.len()).any(|window| window == banned.as_slice());
                if is_said && !self.allows(&source.path, word) {
                    let (path, line) = (&source.path, at + 1);
                    faults.push(format!(
                        "{path}:{line}: \"{word}\" is banned, use: {instead} (list: tests/banned-words.txt)"
                    ));
                }
            }
        }
        faults
    }
}

/// The words of a line in lower case; `snake_case` and `CamelCase` are split into theirs.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in line.chars() {
        let starts = c.is_uppercase() && !before.is_uppercase();
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn no_banned_word_stands_in_the_checked_folders() {
    let banned = Banned::parse(LIST);
    let checked: Vec<Source> = banned.checked.iter().flat_map(|folder| sources(folder)).collect();
    assert!(checked.len() > 100, "the sources were not found");
    let checked = checked.iter().filter(|source| !banned.skips(&source.path));
    let faults: Vec<String> = checked.flat_map(|source| banned.faults(source)).collect();
    assert_tidy(&faults);
}

#[test]
fn each_exception_is_still_needed() {
    let strict = Banned { allowed: Vec::new(), ..Banned::parse(LIST) };
    let checked: Vec<Source> = strict.checked.iter().flat_map(|folder| sources(folder)).collect();
    for (below, words) in Banned::parse(LIST).allowed {
        let said: Vec<String> = checked
            .iter()
            .filter(|source| is_below(&source.path, below))
            .flat_map(|source| strict.faults(source))
            .collect();
        for word in words {
            let quoted = format!("\"{word}\" is banned");
            assert!(said.iter().any(|fault| fault.contains(&quoted)), "{below}: {word}");
        }
    }
}

#[test]
fn an_allowed_word_may_stand_below_its_path_alone() {
    let banned = Banned::parse("@ src\n~ src/a | took\ntook | accepted\nsift | classify\n");
    let found = |path: &str, text: &str| banned.faults(&Source::new(path, text)).len();
    assert_eq!(found("src/a/b.rs", "took"), 0);
    assert_eq!(found("src/a.rs", "took sift"), 1);
    assert_eq!(found("src/ab.rs", "took"), 1);
}

#[test]
fn banned_words_are_found_in_identifiers_and_prose() {
    let banned =
        Banned::parse("# why\n@ src\n! src/a\ntook | accepted\nwhat came of | the outcome of\n");
    let found = |text: &str| banned.faults(&Source::new("src/b.rs", text));
    for text in
        ["enum Took {", "fn it_took_all()", "// It took long.", "SCANNER_TOOK", "x.tookAll()"]
    {
        assert_eq!(found(text).len(), 1, "{text}");
    }
    let faults = found("ok\n/// What came of a send.");
    let expected = "src/b.rs:2: \"what came of\" is banned, use: the outcome of (list: tests/banned-words.txt)";
    assert_eq!(faults, [expected]);
    for text in ["mistook", "what came off", "TOOKIT", "took00e9"] {
        assert_eq!(found(text), Vec::<String>::new(), "{text}");
    }
    assert!(banned.skips("src/a/b.rs") && banned.skips("src/a.rs") && !banned.skips("src/ab.rs"));
}
