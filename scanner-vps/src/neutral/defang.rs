//! Taking the force from comments that ask a scanner to look away.
//!
//! One letter of each is changed in the copy, so that lines and columns stay. Every comment of
//! every tool is changed in every copy; each tool's own are reported by its own scan.

use skillgate_contract::Provider;

/// What asks to look away, the letter that is changed, and who would obey.
const WORDS: [(&[u8], usize, Provider); 3] = [
    (b"nosem", 3, Provider::Semgrep),
    (b"njsscan-ignore", 13, Provider::Njsscan),
    (b"trufflehog:ignore", 16, Provider::Trufflehog),
];

/// Files that steer a tool from inside a repository, and which tool.
const STEERING_FILES: [(&str, Provider); 3] = [
    (".semgrepignore", Provider::Semgrep),
    (".njsscan", Provider::Njsscan),
    (".njsscanignore", Provider::Njsscan),
];

/// What was changed in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defanged {
    /// Each changed byte: where, and what it was.
    pub changed: Vec<(usize, u8)>,
    /// The lines, from 1, at which a tool was asked to look away.
    pub asked: Vec<(Provider, u32)>,
}

/// Changes a text in place. A word that merely contains one of ours (`noSemicolon`) is changed
/// too, since a tool might obey it, but asks for nothing.
pub fn defang(text: &mut [u8]) -> Defanged {
    let mut done = Defanged::default();
    let mut line = 1u32;
    for at in 0..text.len() {
        let Some(byte) = text.get(at) else { break };
        if *byte == b'\n' {
            line = line.saturating_add(1);
        }
        if !matches!(byte | 0x20, b'n' | b't') {
            continue;
        }
        let Some((word, letter, provider)) = WORDS.into_iter().find(|(word, ..)| {
            text.get(at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word))
        }) else {
            continue;
        };
        if stands_alone(text, at, at + word.len()) {
            done.asked.push((provider, line));
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

/// The tool that a file of this path would steer, were it obeyed.
#[must_use]
pub fn steers(path: &[u8]) -> Option<Provider> {
    let name = path.rsplit(|b| *b == b'/').next().unwrap_or(path);
    STEERING_FILES.iter().find(|(file, _)| file.as_bytes() == name).map(|(_, provider)| *provider)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn defanged(text: &str) -> (String, Defanged) {
        let mut bytes = text.as_bytes().to_vec();
        let done = defang(&mut bytes);
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
        assert_eq!(steers(b".semgrepignore"), Some(Provider::Semgrep));
        assert_eq!(steers(b"a/.njsscan"), Some(Provider::Njsscan));
        assert_eq!(steers(b"a.semgrepignore"), None);
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
