//! Classifies one file of a commit: which staged files it becomes for a tool, and which findings and
//! notes say what of it cannot be read. Pure.

use super::{
    Language, Origin,
    binary::{self, Reading},
    defang, embedded,
    encoding::{self, Decoded},
    evidence::{Evidence, evidence},
    finding::finding,
    language, names, packed_code,
    profile::StagingProfile,
    source_encoding::{self, Declared},
};
use crate::paths::{note, shown};
use skillgate_contract::{Finding, Provider, Reads, Severity, callback::FileNote};

/// The rule of findings on bytes that are no text where text is expected.
const BINARY_CODE: &str = "skillgate.evasion.binary-code";
/// How an LFS pointer begins (git-lfs, docs/spec.md).
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1";
/// What an author can do about a program that nothing here reads.
pub(super) const COMPILED: &str =
    "compiled or packed code, which no tool here reads: remove it, or ship its source in its place";
/// No LFS pointer is longer.
const MAX_LFS_POINTER: usize = 1024;

/// A text or a binary that is still to be written into the staged tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PendingFile {
    pub(super) path: String,
    pub(super) extension: &'static str,
    pub(super) language: Language,
    pub(super) origin: Origin,
    pub(super) guessed: bool,
    pub(super) raw: bool,
    /// Suppressions in it are reported; false where another file says the same.
    pub(super) reports: bool,
    /// The line in the file of each line of the content; empty where they follow the first one.
    pub(super) lines: Vec<u32>,
    /// The chains of evidence in the content, at its lines.
    pub(super) evidence: Vec<Evidence>,
    pub(super) content: Vec<u8>,
}

/// What one file of the commit becomes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Classified {
    pub(super) files: Vec<PendingFile>,
    pub(super) findings: Vec<Finding>,
    pub(super) unscanned: Vec<FileNote>,
    pub(super) not_read: Vec<FileNote>,
    /// The file is of the commit, and some of it is text, whoever reads that.
    pub(super) holds_text: bool,
}

/// Classifies one file of the commit or of its history.
pub(super) fn classify(
    tool: &dyn StagingProfile,
    path: &[u8],
    origin: &Origin,
    content: Vec<u8>,
) -> Classified {
    let provider = tool.provider();
    let spec = provider.spec();
    let mut classified = Classified::default();
    if *origin == Origin::File && defang::steers(tool, path) {
        let message = "This file tells the scanner what to leave out; it was not obeyed.";
        let rule = "skillgate.evasion.ignore-file";
        classified.findings.push(finding(
            provider,
            rule,
            Severity::Low,
            message,
            &shown(path),
            None,
        ));
    }
    if is_lfs_pointer(&content) {
        let reason = "a Git LFS pointer: its content is not in the repository";
        let read = names::is_read_by(provider, path)
            || spec.reports_evasion && (names::is_loadable(path) || names::is_archive(path));
        let gap = !matches!(origin, Origin::History { .. }) && read;
        let notes = if gap { &mut classified.unscanned } else { &mut classified.not_read };
        notes.push(note(path, reason));
        return classified;
    }
    // A bytecode beside its source is loaded in its place where its header says so.
    let reports = spec.reports_evasion && origin.is_of_commit();
    if reports && binary::is_loadable(path, &content) {
        classified.unscanned.push(note(path, COMPILED));
    }
    match encoding::decode(&content) {
        Decoded::Text(text) => {
            texts(provider, path, origin, &text, false, &mut classified);
            // A wide encoding is a guess: two bytes in front make one of a script that a shell
            // runs all the same. What its bytes say as they stand is read as well.
            if content.contains(&0) || std::str::from_utf8(&content).is_err() {
                let (parted, joined) = encoding::as_they_stand(&content);
                let joined = joined.filter(|joined| joined.trim_end() != parted.trim_end());
                for other in [Some(parted), joined].into_iter().flatten() {
                    if other.trim_start_matches(char::REPLACEMENT_CHARACTER) != text {
                        texts(provider, path, origin, &other, true, &mut classified);
                    }
                }
            }
        }
        Decoded::Binary => {
            bytes(provider, path, origin, &content, &mut classified);
            if spec.reads == Reads::AllBytes {
                classified.files.push(PendingFile {
                    extension: "bin",
                    raw: true,
                    ..pending(path, origin, Language::Text, content)
                });
            }
        }
    }
    classified
}

/// Whether a file is a pointer and nothing else: a shell would run a line behind it.
fn is_lfs_pointer(content: &[u8]) -> bool {
    let is_word = |word: &str| {
        word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '-'))
    };
    let is_member = |line: &[u8]| {
        let member = std::str::from_utf8(line).ok().and_then(|line| line.split_once(' '));
        member.is_some_and(|(name, value)| {
            let known = matches!(name, "version" | "oid" | "size") || name.starts_with("ext-");
            known && is_word(name) && is_word(value)
        })
    };
    content.len() <= MAX_LFS_POINTER
        && content.starts_with(LFS_POINTER)
        && content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).all(is_member)
}

/// The text in bytes that are none, and doubt where somebody takes them for text.
fn bytes(
    provider: Provider,
    path: &[u8],
    origin: &Origin,
    content: &[u8],
    classified: &mut Classified,
) {
    let reading = binary::reading(path, content);
    let apart = matches!(reading, Reading::Nothing | Reading::Runs | Reading::Whole);
    if apart && provider.spec().reports_evasion && origin.is_of_commit() {
        classified.findings.extend(packed_code::finding(provider, path, content));
    }
    match reading {
        Reading::Nothing => return,
        Reading::Runs => {
            // A tool that gets the bytes themselves finds such a run whole in them.
            let runs = binary::runs(content);
            if provider.spec().reads != Reads::AllBytes && !runs.trim().is_empty() {
                let program = origin.is_of_commit() && binary::is_compiled(content);
                let origin = if program { &Origin::Strings } else { origin };
                texts(provider, path, origin, &runs, true, classified);
            }
            return;
        }
        Reading::Doubtful => report_doubtful(provider, path, classified),
        Reading::WithControls { odd, line } => {
            report_controls(provider, path, odd, line, classified);
        }
        Reading::Whole => {}
    }
    let (parted, joined) = encoding::as_they_stand(content);
    texts(provider, path, origin, &parted, reading == Reading::Whole, classified);
    if let Some(joined) = joined.filter(|joined| joined.trim_end() != parted.trim_end()) {
        texts(provider, path, origin, &joined, true, classified);
    }
}

/// Reports a file whose name says text and whose bytes do not: a gap, except for a tool that gets
/// the bytes.
fn report_doubtful(provider: Provider, path: &[u8], classified: &mut Classified) {
    let reads = match provider.spec().reads {
        Reads::AllText => true,
        Reads::NodeCode => names::is_read_by(provider, path),
        Reads::AllBytes => false,
    };
    if reads && classified.unscanned.is_empty() {
        classified
            .unscanned
            .push(note(path, "it is taken for text or code, and its content is none"));
    }
    if provider.spec().reports_evasion {
        let message = "A file that is taken for text or code holds bytes that are none: a scanner \
                       may miss what an interpreter or an agent reads.";
        let file = shown(path);
        classified.findings.push(finding(
            provider,
            BINARY_CODE,
            Severity::Medium,
            message,
            &file,
            None,
        ));
    }
}

/// Reports control characters in a text that is read all the same.
fn report_controls(
    provider: Provider,
    path: &[u8],
    odd: usize,
    line: u32,
    classified: &mut Classified,
) {
    if !provider.spec().reports_evasion || odd == 0 {
        return;
    }
    let message = format!(
        "This text holds control characters that texts do not ({odd}, the first on this line). It \
         was read with each NUL as a blank, and once more without them, as a shell reads it. Write \
         them as escapes."
    );
    let file = shown(path);
    classified.findings.push(finding(
        provider,
        BINARY_CODE,
        Severity::Low,
        &message,
        &file,
        Some(line),
    ));
}

/// The files of a text. `doubtful`: the whole reading is a guess beside a better one.
pub(super) fn texts(
    provider: Provider,
    path: &[u8],
    origin: &Origin,
    text: &str,
    doubtful: bool,
    classified: &mut Classified,
) {
    classified.holds_text |= origin.is_of_commit();
    let reads = provider.spec().reads;
    if reads == Reads::AllBytes {
        let language =
            language::readings(path, text).first().map_or(Language::Text, |first| first.0);
        classified.files.push(PendingFile {
            guessed: doubtful,
            reports: origin.is_of_commit() && !doubtful,
            ..pending(path, origin, language, text.as_bytes().to_vec())
        });
        return;
    }
    let wanted = |language: Language| reads == Reads::AllText || language.is_node();
    let readings = language::readings(path, text);
    let languages: Vec<_> = readings.iter().map(|(language, _)| *language).collect();
    let reads_evidence = provider.spec().reports_evasion && origin.is_of_commit();
    let mut commands_left = true;
    let mut evidence_of = |language, text: &str| {
        if !reads_evidence {
            return Vec::new();
        }
        let (evidence, whole) = evidence(path, language, text);
        commands_left &= whole;
        evidence
    };
    if languages.contains(&Language::Python) && !doubtful {
        rewritten(provider, path, text, classified);
    }
    for (at, (language, guessed)) in readings.into_iter().enumerate() {
        if wanted(language) {
            classified.files.push(PendingFile {
                guessed: guessed || doubtful,
                reports: at == 0 && !doubtful,
                evidence: evidence_of(language, text),
                ..pending(path, origin, language, text.as_bytes().to_vec())
            });
        }
    }
    // Rules about Node.js are not about browsers, in which scripts of pages run; and each file costs
    // njsscan a third of a second.
    let parted = languages
        .into_iter()
        .filter(|language| reads == Reads::AllText || *language == Language::Markdown);
    for language in parted {
        let (parts, more) = embedded::parts(path, language, text, wanted);
        classified.unscanned.extend(more.map(|reason| note(path, reason)));
        for part in parts.into_iter().filter(|part| wanted(part.language)) {
            let origin = Origin::Embedded { first_line: part.first_line };
            classified.files.push(PendingFile {
                extension: part.language.extension(b""),
                guessed: part.guessed || doubtful,
                // A tool that reads all text has the same in the text around it.
                reports: reads != Reads::AllText && !doubtful,
                lines: part.lines,
                evidence: evidence_of(part.language, &part.code),
                ..pending(path, &origin, part.language, part.code.into_bytes())
            });
        }
    }
    if !commands_left {
        let reason = "functions or decoded texts in its commands run more commands than the limit";
        classified.unscanned.push(note(path, reason));
    }
}

/// Python source that declares an encoding which rewrites it: what runs is not what stands there.
fn rewritten(provider: Provider, path: &[u8], text: &str, classified: &mut Classified) {
    let Some(declared) = source_encoding::rewriting(text) else { return };
    let spec = provider.spec();
    if spec.reads != Reads::AllText {
        return;
    }
    let Declared { name, line } = &declared;
    let name = skillgate_contract::text::line(name, 40);
    if spec.reports_evasion {
        let message = format!(
            "This source says that it is in the encoding {name}, from which Python decodes it before \
         it runs: what runs is not what stands here."
        );
        let rule = "skillgate.evasion.source-encoding";
        let file = shown(path);
        classified.findings.push(finding(
            provider,
            rule,
            Severity::Medium,
            &message,
            &file,
            Some(*line),
        ));
    }
    let reason = format!("it is source in the encoding {name}, which rewrites it");
    classified.unscanned.push(note(path, reason));
    if let Some((source, lines)) = source_encoding::decoded(&declared.name, text) {
        let origin = Origin::Embedded { first_line: 1 };
        classified.files.push(PendingFile {
            extension: Language::Python.extension(b""),
            guessed: true,
            lines,
            ..pending(path, &origin, Language::Python, source.into_bytes())
        });
    }
}

pub(super) fn pending(
    path: &[u8],
    origin: &Origin,
    language: Language,
    content: Vec<u8>,
) -> PendingFile {
    PendingFile {
        path: shown(path),
        extension: language.extension(path),
        language,
        origin: origin.clone(),
        guessed: false,
        raw: false,
        reports: false,
        lines: Vec::new(),
        evidence: Vec::new(),
        content,
    }
}

#[cfg(test)]
mod tests;
