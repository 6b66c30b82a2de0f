//! The banned words of `tests/banned-words.txt`, held to the folders that the file names.

use super::{Source, assert_tidy, sources};

/// The one list of words.
const LIST: &str = include_str!("../../banned-words.txt");

/// What the list says.
#[derive(Debug, Default)]
struct Banned<'a> {
    checked: Vec<&'a str>,
    skipped: Vec<&'a str>,
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
            } else {
                let (word, instead) = line.split_once(" | ").expect("word | use instead");
                banned.words.push((words(word), word, instead));
            }
        }
        banned
    }

    fn skips(&self, path: &str) -> bool {
        self.skipped.iter().any(|skipped| {
            path.strip_prefix(skipped)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
        })
    }

    fn faults(&self, source: &Source) -> Vec<String> {
        let mut faults = Vec::new();
        for (at, line) in source.text.lines().enumerate() {
            let said = words(line);
            for (banned, word, instead) in &self.words {
                if said.windows(banned.len()).any(|window| window == banned.as_slice()) {
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
