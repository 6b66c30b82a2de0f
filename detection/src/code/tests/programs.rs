//! Whole programs, one a case: attacks as many authors would write them, and honest programs that look like these.

use super::{LIMITS, chains, skill::dialect};
use crate::{
    Rule,
    code::{LINKED_LIMITS, SkillFile, linked},
    shell::Start,
};

/// The cases of a text: `=== name`, and for each file `--- path`.
fn cases(text: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let case = |case| {
        let (name, files) = str::split_once(case, '\n').unwrap();
        let file = |file| str::split_once(file, '\n').unwrap_or((file, ""));
        (name, files.split("--- ").skip(1).map(file).collect())
    };
    text.split("=== ").skip(1).map(case).collect()
}

/// The rules that block, of each file alone and of all together.
fn blocking(files: &[(&str, &str)]) -> Vec<Rule> {
    let alone = files.iter().filter_map(|(path, text)| {
        Some(chains(text, dialect(path)?, Start::Asked, &mut LIMITS.clone()))
    });
    let list: Vec<_> =
        files.iter().map(|(path, text)| SkillFile { path, text, dialect: dialect(path) }).collect();
    let together = linked(&list, &mut LINKED_LIMITS.clone()).into_iter().map(|it| it.chain);
    let all = alone.flatten().chain(together).map(|chain| chain.rule);
    all.filter(|rule| rule.blocks()).collect()
}

#[test]
fn attacks_are_found_however_they_are_written() {
    let cases = cases(include_str!("programs/attacks.txt"));
    assert!(cases.len() > 100);
    let missed: Vec<_> = cases
        .iter()
        .filter(|(_, files)| blocking(files).is_empty())
        .map(|(name, _)| name)
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn honest_programs_are_left_alone() {
    let cases = cases(include_str!("programs/honest.txt"));
    assert!(cases.len() > 60);
    for (name, files) in cases {
        assert_eq!(blocking(&files), [], "{name}");
    }
}
