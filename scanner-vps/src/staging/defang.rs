//! Taking the force from comments that ask a scanner to look away.
//!
//! One letter of each is changed in the copy, so that lines and columns stay. Every comment of
//! every tool is changed in every copy; each tool's own are reported by its own scan.

use super::profile::{StagingProfile, Suppression};
use skillgate_contract::Provider;

/// What was changed in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defanged {
    /// Each changed byte: where, and what it was.
    pub changed: Vec<(usize, u8)>,
    /// The lines, from 1, at which a tool was asked to look away.
    pub asked: Vec<(Provider, u32)>,
}

/// Overwrites in place the suppression comments of all `tools`. A word that merely contains one of
/// theirs (`noSemicolon`) is changed too, since a tool might obey it, but counts as no request.
pub fn defang(text: &mut [u8], tools: &[&dyn StagingProfile]) -> Defanged {
    let words: Vec<(Provider, &Suppression)> = tools
        .iter()
        .flat_map(|tool| tool.suppressions().iter().map(|word| (tool.provider(), word)))
        .collect();
    let begins = |byte: u8| words.iter().any(|(_, s)| s.word.first() == Some(&(byte | 0x20)));
    let begins: Vec<bool> = (0..=u8::MAX).map(begins).collect();
    let mut done = Defanged::default();
    let mut line = 1u32;
    for at in 0..text.len() {
        let Some(byte) = text.get(at) else { break };
        if *byte == b'\n' {
            line = line.saturating_add(1);
        }
        if begins.get(usize::from(*byte)) != Some(&true) {
            continue;
        }
        let Some((provider, Suppression { word, letter })) = words.iter().find(|(_, found)| {
            text.get(at..at + found.word.len())
                .is_some_and(|here| here.eq_ignore_ascii_case(found.word))
        }) else {
            continue;
        };
        if stands_alone(text, at, at + word.len()) {
            done.asked.push((*provider, line));
        }
        if let Some(byte) = text.get_mut(at + letter) {
            done.changed.push((at + letter, *byte));
            *byte = b'X';
        }
    }
    done
}

fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let in_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let before = start.checked_sub(1).and_then(|at| text.get(at));
    let grep = text.get(end..end + 4).is_some_and(|rest| rest.eq_ignore_ascii_case(b"grep"));
    let after = text.get(if grep { end + 4 } else { end });
    !before.is_some_and(in_word) && !after.is_some_and(in_word)
}

/// Whether a file of this path would change what `tool` does, if the tool saw it.
#[must_use]
pub fn steers(tool: &dyn StagingProfile, path: &[u8]) -> bool {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    tool.steering_files().iter().any(|file| file.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools;
    use proptest::prelude::*;

    fn defanged(text: &str) -> (String, Defanged) {
        let mut bytes = text.as_bytes().to_vec();
        let done = defang(&mut bytes, &tools::profiles());
        (String::from_utf8(bytes).unwrap(), done)
    }

    #[test]
    fn g06_every_plea_is_broken_at_its_place() {
        let (text, done) = defanged(
            "a() // nosemgrep: x\nb() #NOSEM\nc() // njsscan-ignore: y\nd() // trufflehog:ignore\n",
        );
        assert_eq!(
            text,
            "a() // nosXmgrep: x\nb() #NOSXM\nc() // njsscan-ignorX: y\nd() // trufflehog:ignorX\n"
        );
        assert_eq!(
            done.asked,
            [
                (Provider::Semgrep, 1),
                (Provider::Semgrep, 2),
                (Provider::Njsscan, 3),
                (Provider::Trufflehog, 4)
            ]
        );
    }

    #[test]
    fn an_innocent_word_asks_for_nothing() {
        let (text, done) = defanged("const noSemicolons = true; nosemantics()");
        assert_eq!(text, "const noSXmicolons = true; nosXmantics()");
        assert_eq!(done.asked, []);
    }

    #[test]
    fn files_that_steer_are_known_in_any_folder() {
        let steered = |path: &[u8]| -> Vec<Provider> {
            let all = Provider::ALL.into_iter();
            all.filter(|provider| steers(tools::of(*provider), path)).collect()
        };
        assert_eq!(steered(b".semgrepignore"), [Provider::Semgrep]);
        assert_eq!(steered(b"a/.njsscan"), [Provider::Njsscan]);
        assert_eq!(steered(b"a.semgrepignore"), []);
    }

    proptest! {
        #[test]
        fn nothing_that_a_tool_obeys_is_left_and_all_can_be_put_back(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("nosem".to_owned()), Just("NoSemGrep".into()), Just("no".into()),
                    Just("njsscan-ignore".into()), Just("trufflehog:ignore".into()), "[a-z \n]{0,5}",
                ], 0..20)
        ) {
            let original = parts.concat();
            let (text, done) = defanged(&original);
            let lower = text.to_ascii_lowercase();
            for word in ["nosem", "njsscan-ignore", "trufflehog:ignore"] {
                prop_assert!(!lower.contains(word));
            }
            let mut bytes = text.into_bytes();
            for (at, byte) in done.changed {
                bytes[at] = byte;
            }
            prop_assert_eq!(bytes, original.into_bytes());
        }
    }
}
