//! What of one file goes into a provider's copy, and what is said about it. Pure.

use super::{
    Language, Origin,
    binary::{self, Reading},
    defang,
    encoding::{self, Decoded},
    fences, language, names,
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
        let gap = names::is_read_by(provider, path);
        let notes = if gap { &mut sifted.unscanned } else { &mut sifted.not_read };
        notes.push(note(path, reason));
        return sifted;
    }
    match encoding::decode(&content) {
        Decoded::Text(text) => {
            texts(provider, path, origin, &text, false, &mut sifted);
            // A wide encoding is a guess: two bytes in front make one of a script that a shell
            // runs all the same. What its bytes say as they stand is read as well.
            if content.contains(&0) || std::str::from_utf8(&content).is_err() {
                let (parted, joined) = encoding::as_they_stand(&content);
                let joined = joined.filter(|joined| joined.trim_end() != parted.trim_end());
                for other in [Some(parted), joined].into_iter().flatten() {
                    if other.trim_start_matches(char::REPLACEMENT_CHARACTER) != text {
                        texts(provider, path, origin, &other, true, &mut sifted);
                    }
                }
            }
        }
        Decoded::Binary => {
            bytes(provider, path, origin, &content, &mut sifted);
            if provider == Provider::Trufflehog {
                sifted.pieces.push(Piece {
                    extension: "bin",
                    raw: true,
                    ..piece(path, origin, Language::Text, content)
                });
            }
        }
    }
    sifted
}

/// The text in bytes that are none, and doubt where somebody takes them for text.
fn bytes(provider: Provider, path: &[u8], origin: &Origin, content: &[u8], sifted: &mut Sifted) {
    let reading = binary::reading(path, content);
    match reading {
        Reading::Nothing => return,
        Reading::Runs => {
            // trufflehog reads the bytes themselves, in which such a run stands whole.
            let runs = binary::runs(content);
            if provider != Provider::Trufflehog && !runs.trim().is_empty() {
                texts(provider, path, origin, &runs, true, sifted);
            }
            return;
        }
        Reading::Doubtful => doubt(provider, path, sifted),
        Reading::Whole => {}
    }
    let (parted, joined) = encoding::as_they_stand(content);
    texts(provider, path, origin, &parted, reading == Reading::Whole, sifted);
    if let Some(joined) = joined.filter(|joined| joined.trim_end() != parted.trim_end()) {
        texts(provider, path, origin, &joined, true, sifted);
    }
}

/// Says that a file is read as text which is none. trufflehog has its bytes, and no gap.
fn doubt(provider: Provider, path: &[u8], sifted: &mut Sifted) {
    let reads = provider == Provider::Semgrep
        || provider == Provider::Njsscan && names::is_read_by(provider, path);
    if reads {
        sifted.unscanned.push(note(path, "it is taken for text or code, and its content is none"));
    }
    if provider == Provider::Semgrep {
        let message = "A file that is taken for text or code holds bytes that are none: a scanner \
                       may miss what an interpreter or an agent reads.";
        let rule = "skillgate.evasion.binary-code";
        let file = shown(path);
        sifted.findings.push(finding(provider, rule, Severity::Medium, message, &file, None));
    }
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
    if provider == Provider::Trufflehog {
        let language =
            language::readings(path, text).first().map_or(Language::Text, |first| first.0);
        sifted.pieces.push(Piece {
            guessed: doubtful,
            reports: *origin == Origin::File && !doubtful,
            ..piece(path, origin, language, text.as_bytes().to_vec())
        });
        return;
    }
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
mod tests;
