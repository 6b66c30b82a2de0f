//! Maps a line of a staged file to its path and line in the repository.

use super::{Origin, StagedFile, StagedTree};
use skillgate_contract::text;
use std::{
    fs::File,
    io::{BufRead as _, BufReader},
};

/// Lines of an excerpt.
const MAX_EXCERPT_LINES: u32 = 12;
/// Bytes of one line of an excerpt.
const MAX_EXCERPT_LINE: usize = 1_000;

/// A place in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePosition<'a> {
    /// The path, fit to be shown.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The copied file that it was found in.
    pub file: &'a StagedFile,
}

/// The line in the repository of a line of content.
pub(super) fn line_of(line: u32, origin: &Origin, lines: Option<&[u32]>) -> u32 {
    let at = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
    if let Some(mapped) = at.and_then(|at| lines?.get(at)) {
        return *mapped;
    }
    match origin {
        Origin::Embedded { first_line } => line.saturating_add(*first_line).saturating_sub(1),
        Origin::File
        | Origin::Member
        | Origin::Strings
        | Origin::History { .. }
        | Origin::Planted => line,
    }
}

impl StagedTree {
    /// The copied file that a tool names, by whatever path.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&StagedFile> {
        self.at(name).map(|(_, file)| file)
    }

    /// Where a line of a copied file stands in the repository; `None` for a line of ours.
    #[must_use]
    pub fn locate(&self, name: &str, line: u32) -> Option<SourcePosition<'_>> {
        let (at, file) = self.at(name)?;
        let line = line.checked_sub(file.lines_before).filter(|line| *line > 0)?;
        if line > file.content_lines {
            return None;
        }
        let line = line_of(line, &file.origin, self.lines.get(&at).map(Vec::as_slice));
        Some(SourcePosition { path: file.path.clone(), line, file })
    }

    /// Whether a line of a copied file is behind its content: the canary's.
    #[must_use]
    pub fn is_canary_line(&self, name: &str, line: u32) -> bool {
        self.file(name).is_some_and(|file| {
            !file.raw && line > file.lines_before.saturating_add(file.content_lines)
        })
    }

    /// Lines of a file's own content, as its author wrote them (in UTF-8): from line `first` of
    /// the copy to `last`, at most 12, without control characters. Empty where there are none.
    #[must_use]
    pub fn excerpt(&self, name: &str, first: u32, last: u32) -> String {
        self.read_excerpt(name, first, last).unwrap_or_default()
    }

    fn read_excerpt(&self, name: &str, first: u32, last: u32) -> Option<String> {
        let (at, file) = self.at(name)?;
        if file.raw {
            return None;
        }
        let content = file.lines_before.saturating_add(1)
            ..=file.lines_before.saturating_add(file.content_lines);
        let first = first.max(*content.start());
        let last =
            last.max(first).min(*content.end()).min(first.saturating_add(MAX_EXCERPT_LINES - 1));
        let changed = self.defanged.get(&at).map(Vec::as_slice).unwrap_or_default();
        let mut reader = BufReader::new(File::open(self.root.join(&file.name)).ok()?);
        let (mut line, mut offset) = (Vec::new(), 0usize);
        let mut excerpt = Vec::new();
        for number in 1..=last {
            line.clear();
            if reader.read_until(b'\n', &mut line).ok()? == 0 {
                break;
            }
            if number <= file.lines_before {
                continue;
            }
            if number >= first {
                put_back(&mut line, offset, changed);
                let text = String::from_utf8_lossy(&line);
                excerpt.push(text::block(text.trim_end_matches(['\n', '\r']), MAX_EXCERPT_LINE));
            }
            offset = offset.saturating_add(line.len());
        }
        Some(excerpt.join("\n"))
    }

    fn at(&self, name: &str) -> Option<(usize, &StagedFile)> {
        let name = name.rsplit(['/', '\\']).next()?;
        let id = name.split('.').next()?;
        let number: usize = id.strip_prefix('f')?.parse().ok()?;
        let at = number.checked_sub(1)?;
        self.files.get(at).filter(|file| file.id == id).map(|file| (at, file))
    }
}

fn put_back(line: &mut [u8], offset: usize, changed: &[(usize, u8)]) {
    let from = changed.partition_point(|(at, _)| *at < offset);
    for (at, byte) in changed.get(from..).unwrap_or_default() {
        match line.get_mut(at - offset) {
            Some(here) => *here = *byte,
            None => break,
        }
    }
}
