//! Several runs of njsscan over one copy, within one time.
//!
//! Its rules cost up to a second for each kilobyte of dense code, and it prints nothing before it
//! has read everything. So it reads small files first, in runs of a bounded size, each with the
//! planted positives; what it does not come to in its time is left to semgrep's rules, and said.

use crate::neutral::{CopiedFile, NeutralCopy, Origin};
use std::{fs, time::Duration};

/// Bytes and files of one run: its start costs seconds, a lost one loses all that is in it.
const MAX_BYTES: u64 = 1024 * 1024;
const MAX_FILES: usize = 400;
/// Less is not worth a start.
pub(super) const SHORTEST: Duration = Duration::from_secs(30);
/// Of a scan's time, what one run may take: so many are certain to get their turn.
const TURNS: u32 = 3;

/// Files of one run, and how long it may take of all the time.
pub(super) struct Batch<'a> {
    pub(super) files: Vec<&'a CopiedFile>,
}

impl Batch<'_> {
    /// The names that njsscan is given, the planted files behind the rest.
    pub(super) fn names(&self, copy: &NeutralCopy) -> Vec<String> {
        let planted = copy.files.iter().filter(|file| file.origin == Origin::Planted);
        self.files.iter().copied().chain(planted).map(|file| file.name.clone()).collect()
    }
}

/// How long a run may take, of all the time and of what is left of it.
pub(super) fn turn(wall: Duration, left: Duration) -> Duration {
    left.min((wall / TURNS).max(SHORTEST))
}

/// All files but the planted ones, small ones first. There is always one run: it proves that the
/// tool works where there is nothing to read.
pub(super) fn batches(copy: &NeutralCopy) -> Vec<Batch<'_>> {
    let mut sized: Vec<(u64, &CopiedFile)> = copy
        .files
        .iter()
        .filter(|file| file.origin != Origin::Planted)
        .map(|file| {
            // What cannot be measured cannot be read either, and shows in its missing canary.
            (fs::metadata(copy.root.join(&file.name)).map_or(0, |data| data.len()), file)
        })
        .collect();
    sized.sort_by_key(|(size, _)| *size);
    let mut all = Vec::new();
    let (mut files, mut bytes) = (Vec::new(), 0u64);
    for (size, file) in sized {
        let full = files.len() >= MAX_FILES || bytes.saturating_add(size) > MAX_BYTES;
        if full && !files.is_empty() {
            all.push(Batch { files: std::mem::take(&mut files) });
            bytes = 0;
        }
        bytes = bytes.saturating_add(size);
        files.push(file);
    }
    if !files.is_empty() || all.is_empty() {
        all.push(Batch { files });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{neutral::Language, tools::testcopy};

    #[test]
    fn small_files_come_first_and_each_run_is_bounded_and_proven() {
        let big = "a".repeat(900_000);
        let mut copy = testcopy::copy().file("js", "big.js", Language::JavaScript, &big);
        for n in 0..=MAX_FILES {
            copy = copy.file("js", &format!("{n}.js"), Language::JavaScript, "a;\n");
        }
        let copy = copy
            .file("js", "big2.js", Language::JavaScript, &big)
            .planted("js", Language::JavaScript);
        let batches = batches(&copy.copy);
        let sizes: Vec<_> = batches.iter().map(|batch| batch.files.len()).collect();
        assert_eq!(sizes, [MAX_FILES, 2, 1]);
        let last = copy.copy.files.last().unwrap();
        for batch in &batches {
            assert_eq!(batch.names(&copy.copy).last(), Some(&last.name));
        }
        let only_planted = testcopy::copy().planted("js", Language::JavaScript);
        assert_eq!(super::batches(&only_planted.copy).len(), 1);
    }

    #[test]
    fn one_run_leaves_time_for_others() {
        let s = Duration::from_secs;
        assert_eq!(turn(s(600), s(600)), s(200));
        assert_eq!(turn(s(600), s(50)), s(50));
        assert_eq!(turn(s(45), s(45)), s(30));
    }
}
