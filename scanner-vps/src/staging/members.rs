//! Classifies a file together with what is packed in it: members of an archive, the text of a document, what stands
//! behind the end of a picture, the texts of bytecode. Pure.
//!
//! A member is called `archive.zip!/folder/name`, as the address of a file in a Java archive is. It is a file like any
//! other to rules, chains and readers of prose; to an agent it is none, so nothing in an archive runs by itself.

use super::{
    Language, Origin,
    archive::{self, Gap, Member, Opened, Opening, TOO_LARGE, Work},
    binary,
    bytecode::{self, Bytecode},
    classify::{Classified, PendingFile, classify, pending, texts},
    document::{self, Part},
    encoding, names, packed_code, picture,
    profile::StagingProfile,
};
use crate::paths::{note, shown};
use skillgate_contract::{Reads, Severity};

/// What stands between the path of an archive and the name of a member.
const MARK: &[u8] = b"!/";
/// How deep documents are opened: in an archive, and a sheet in a document in it. Data and a lone compressed file are
/// opened in an archive, and no deeper. Any other archive in one stays shut.
const MAX_DEPTH: usize = 2;

const NESTED: &str = "an archive in an archive, which is not opened";

/// A file and all that is packed in it.
#[derive(Debug, Default)]
pub(super) struct Unpacked {
    /// The file itself, and each member.
    pub(super) parts: Vec<Classified>,
    /// Compiled Python, by its shown path, to be held to its source.
    pub(super) bytecode: Vec<(String, Bytecode)>,
}

/// Classifies one file of the commit or its history. What is in it counts against `work`.
pub(super) fn unpack(
    tool: &dyn StagingProfile,
    path: &[u8],
    origin: &Origin,
    content: Vec<u8>,
    work: &mut Work,
) -> Unpacked {
    let mut unpacked = Unpacked::default();
    Reader { tool, work, unpacked: &mut unpacked }.file(path, origin, content, 0);
    unpacked
}

struct Reader<'a> {
    tool: &'a dyn StagingProfile,
    work: &'a mut Work,
    unpacked: &'a mut Unpacked,
}

impl Reader<'_> {
    fn file(&mut self, path: &[u8], origin: &Origin, content: Vec<u8>, depth: usize) {
        // A tool that gets the bytes opens archives itself.
        let reads = self.tool.provider().spec().reads != Reads::AllBytes && origin.is_of_commit();
        if !reads || is_plain(&content) {
            return self.plain(path, origin, content);
        }
        let opening = archive::open(path, &content, self.work);
        match opening {
            Opening::None => self.bytes(path, origin, content, depth),
            Opening::Shut(reason) => {
                self.gap(path, &reason);
                self.plain(path, origin, content);
            }
            Opening::Open(opened)
                if document::is_document(&opened.members) && depth <= MAX_DEPTH =>
            {
                self.around(path, origin, content, &opened);
                self.document(path, opened, depth);
            }
            // One file that is compressed, and what is data by its name, hold one level more.
            Opening::Open(opened)
                if depth > 0 && (depth >= MAX_DEPTH || !opened.lone && !names::is_data(path)) =>
            {
                self.gap(path, NESTED);
                self.plain(path, origin, content);
            }
            Opening::Open(opened) => {
                self.around(path, origin, content, &opened);
                self.archive(path, opened, depth);
            }
        }
    }

    fn plain(&mut self, path: &[u8], origin: &Origin, content: Vec<u8>) {
        self.unpacked.parts.push(classify(self.tool, path, origin, content));
    }

    /// The file around what was opened: as bytes, where something of it is left, or where it is taken for text.
    fn around(&mut self, path: &[u8], origin: &Origin, content: Vec<u8>, opened: &Opened) {
        if opened.before > 0 {
            self.finding(
                path,
                Severity::Medium,
                "An archive stands behind other data in this file.",
            );
        }
        if let Some(name) = &opened.leads_out {
            let name = shown(name);
            let message = format!(
                "This archive has a member or link that leads out of its folder when it is unpacked: {name}."
            );
            self.finding(path, Severity::Medium, &message);
        }
        let whole = opened.gaps.is_empty() && opened.before == 0;
        if !whole || names::is_text(path) || binary::is_compiled(&content) {
            self.plain(path, origin, content);
        }
    }

    fn archive(&mut self, path: &[u8], opened: Opened, depth: usize) {
        self.gaps(path, opened.gaps);
        for Member { name, content } in opened.members {
            self.file(&member_path(path, &name), &Origin::Member, content, depth + 1);
        }
    }

    /// A document: its text as one file, and what is no part of its format as files.
    fn document(&mut self, path: &[u8], opened: Opened, depth: usize) {
        let document::Text { text, more, unread } = document::text(&opened.members);
        if more {
            self.gap(path, "its text is longer than the limit");
        }
        for name in unread {
            let reason = "a part of a document in an encoding that is not known here";
            self.gap(&member_path(path, &name), reason);
        }
        self.text(path, &Origin::Member, &text);
        self.gaps(path, opened.gaps);
        for Member { name, content } in opened.members {
            let path = member_path(path, &name);
            match document::part(&name) {
                Part::Xml => {}
                Part::Macros => self.macros(&path),
                Part::Other => self.file(&path, &Origin::Member, content, depth + 1),
            }
        }
    }

    fn macros(&mut self, path: &[u8]) {
        let message = "This office document has macros, which run when somebody allows them; they were not read.";
        self.finding(path, Severity::Medium, message);
        self.gap(path, "macros of an office document, which are not read");
    }

    /// Bytes that are no archive.
    fn bytes(&mut self, path: &[u8], origin: &Origin, content: Vec<u8>, depth: usize) {
        if let Some(behind) = picture::behind(&content) {
            self.behind_picture(path, behind, depth);
        }
        if packed_code::has_macros(&content) {
            self.macros(path);
        } else if packed_code::is_old_document(&content) {
            self.not_read(path, "an office document of the old kind, whose text is not read");
        } else if content.starts_with(b"%PDF-") {
            self.not_read(path, "a PDF, whose text is not read");
        }
        if let Some(read) = bytecode::read(&content) {
            let source = read.as_source();
            let lines = vec![1; source.lines().count()];
            if self.tool.provider().spec().reads == Reads::AllText && !source.is_empty() {
                let origin = Origin::Embedded { first_line: 1 };
                let file = pending(path, &origin, Language::Python, source.into_bytes());
                let evidence = Vec::new();
                self.unpacked.parts.push(Classified {
                    files: vec![PendingFile { guessed: true, lines, evidence, ..file }],
                    ..Classified::default()
                });
            }
            self.unpacked.bytecode.push((shown(path), read));
        }
        self.plain(path, origin, content);
    }

    /// What no viewer shows: text in it is read as a script, since nothing else would be hidden there.
    fn behind_picture(&mut self, path: &[u8], behind: &[u8], depth: usize) {
        let opening = archive::open(path, behind, self.work);
        if opening != Opening::None {
            let message = "An archive stands behind the end of this picture.";
            self.finding(path, Severity::Medium, message);
        }
        match opening {
            Opening::None => {}
            Opening::Shut(reason) => return self.gap(path, &reason),
            Opening::Open(_) if depth > 0 => return self.gap(path, NESTED),
            Opening::Open(opened) => return self.archive(path, opened, depth),
        }
        if binary::is_compiled(behind) {
            self.finding(
                path,
                Severity::Medium,
                "A program stands behind the end of this picture.",
            );
            return self
                .gap(path, "a program behind the end of a picture, which no tool here reads");
        }
        let text = encoding::lossy(behind);
        if binary::is_text_mostly(behind) {
            let message = "Text stands behind the end of this picture, where no viewer shows it; it was read.";
            self.finding(path, Severity::Low, message);
            self.text(&member_path(path, b"behind.sh"), &Origin::Member, &text);
        } else {
            self.text(&member_path(path, b"behind"), &Origin::Strings, &binary::runs(behind));
        }
    }

    fn text(&mut self, path: &[u8], origin: &Origin, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let mut classified = Classified::default();
        texts(self.tool.provider(), path, origin, text, true, &mut classified);
        self.unpacked.parts.push(classified);
    }

    fn gaps(&mut self, archive: &[u8], gaps: Vec<Gap>) {
        for Gap { name, reason } in gaps {
            let path =
                name.as_ref().map_or_else(|| archive.to_vec(), |name| member_path(archive, name));
            // As a file of the commit would be.
            let data =
                name.is_some_and(|name| !names::may_hold_code(&name) && !names::is_archive(&name));
            if data && reason == TOO_LARGE {
                self.not_read(&path, &reason);
            } else {
                self.gap(&path, &reason);
            }
        }
    }

    fn gap(&mut self, path: &[u8], reason: &str) {
        self.say(|classified| classified.unscanned.push(note(path, reason)));
    }

    fn not_read(&mut self, path: &[u8], reason: &str) {
        self.say(|classified| classified.not_read.push(note(path, reason)));
    }

    fn finding(&mut self, path: &[u8], severity: Severity, message: &str) {
        let provider = self.tool.provider();
        let found = super::finding::finding(
            provider,
            packed_code::RULE,
            severity,
            message,
            &shown(path),
            None,
        );
        self.say(|classified| classified.findings.push(found));
    }

    /// One provider speaks for all.
    fn say(&mut self, say: impl FnOnce(&mut Classified)) {
        if self.tool.provider().spec().reports_evasion {
            let mut classified = Classified::default();
            say(&mut classified);
            self.unpacked.parts.push(classified);
        }
    }
}

/// Whether a file is text, and no archive: those have a NUL, or bytes that are no UTF-8, but for a short bzip2.
fn is_plain(content: &[u8]) -> bool {
    let bzip2 = content.starts_with(b"BZh") && content.get(4..10) == Some(b"1AY&SY");
    !content.contains(&0) && !bzip2 && std::str::from_utf8(content).is_ok()
}

fn member_path(archive: &[u8], name: &[u8]) -> Vec<u8> {
    [archive, MARK, name].concat()
}

#[cfg(test)]
mod tests;
