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
        let notes = if language::is_code(path) && language::can_hold_code(provider, path) {
            &mut sifted.unscanned
        } else {
            &mut sifted.not_read
        };
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
        (_, Decoded::Text(text)) => texts(provider, path, origin, &text, &mut sifted),
    }
    sifted
}

/// A binary under the name of code: its text is read as far as it goes, and doubt remains.
fn binary(provider: Provider, path: &[u8], origin: &Origin, content: &[u8], sifted: &mut Sifted) {
    if !language::is_code(path) || !language::can_hold_code(provider, path) {
        return;
    }
    sifted.unscanned.push(note(path, "it has the name of code, and its content is no text"));
    if provider == Provider::Semgrep {
        let message = "A file with the name of code is no text: a scanner cannot read it, an \
                       interpreter may.";
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
    texts(provider, path, origin, &encoding::lossy(content), sifted);
}

fn texts(provider: Provider, path: &[u8], origin: &Origin, text: &str, sifted: &mut Sifted) {
    let wanted = |language: Language| provider == Provider::Semgrep || language.is_node();
    let readings = language::readings(path, text);
    let markdown = readings.iter().any(|(language, _)| *language == Language::Markdown);
    for (at, (language, guessed)) in readings.into_iter().enumerate() {
        if wanted(language) {
            sifted.pieces.push(Piece {
                guessed,
                reports: at == 0,
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
            guessed,
            // The Markdown around it is in semgrep's copy and says the same.
            reports: provider != Provider::Semgrep,
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
    fn g11_an_lfs_pointer_counts_when_it_stands_for_code() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
        let code = sift_file(Provider::Semgrep, "a.py", pointer);
        assert_eq!((code.pieces.len(), code.unscanned.len()), (0, 1));
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
