//! Several runs of njsscan over one copy, within one time.
//!
//! Its rules cost up to a second for each kilobyte of dense code, and it prints nothing before it
//! has read everything. So it reads small files first, in runs of a bounded size, each with the
//! planted positives; what it does not come to in its time is left to semgrep's rules, and said.
//!
//! A file above a limit of its parts it leaves out without a word, so such a file is not given to it
//! at all, and is left to semgrep's rules too. Lifting the limit would gain nothing: with the second
//! that a rule has for a file, three rules give up on a megabyte of code, and semgrep drops it then.

use crate::staging::{Language, Origin, StagedFile, StagedTree};
use std::{collections::HashMap, fs, time::Duration};

/// What semgrep reads of one file where nobody asks for more (`--max-target-bytes`), as inside
/// njsscan.
const MAX_CODE_BYTES: u64 = 1_000_000;
/// What libsast's pattern matcher reads of one template.
const MAX_TEMPLATE_BYTES: u64 = 5 * 1024 * 1024;
const LARGE_CODE: &str = "it is too large for njsscan, which reads about 1,000,000 bytes of code";
const LARGE_TEMPLATE: &str = "it is too large for njsscan, which reads 5 MiB of a template";

/// Bytes and files of one run: its start costs seconds, a lost one loses all that is in it.
const MAX_BYTES: u64 = 1024 * 1024;
const MAX_FILES: usize = 400;
/// Less is not worth a start.
pub(super) const SHORTEST: Duration = Duration::from_secs(30);
/// Of a scan's time, what one run may take: so many are certain to get their turn.
const TURNS: u32 = 3;

/// Files of one run, and how long it may take of all the time.
pub(super) struct Batch<'a> {
    pub(super) files: Vec<&'a StagedFile>,
}

impl Batch<'_> {
    /// The names that njsscan is given, the planted files behind the rest.
    pub(super) fn names(&self, copy: &StagedTree) -> Vec<String> {
        let planted = copy.files.iter().filter(|file| file.origin == Origin::Planted);
        self.files.iter().copied().chain(planted).map(|file| file.name.clone()).collect()
    }
}

/// How long a run may take, of all the time and of what is left of it.
pub(super) fn turn(wall: Duration, left: Duration) -> Duration {
    left.min((wall / TURNS).max(SHORTEST))
}

/// All files but the planted ones and those that are too large, small ones first; and the latter,
/// by name, with the reason. There is always one run: it proves that the tool works where there is
/// nothing to read.
pub(super) fn batches(copy: &StagedTree) -> (Vec<Batch<'_>>, HashMap<String, &'static str>) {
    let mut sized: Vec<(u64, &StagedFile)> = copy
        .files
        .iter()
        .filter(|file| file.origin != Origin::Planted)
        .map(|file| {
            // What cannot be measured cannot be read either, and shows in its missing canary.
            (fs::metadata(copy.root.join(&file.name)).map_or(0, |data| data.len()), file)
        })
        .collect();
    sized.sort_by_key(|(size, _)| *size);
    let mut large = HashMap::new();
    sized.retain(|(size, file)| {
        let reason = too_large(file, *size);
        large.extend(reason.map(|reason| (file.name.clone(), reason)));
        reason.is_none()
    });
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
    (all, large)
}

/// Why njsscan would leave a file out of so many bytes, if it would.
fn too_large(file: &StagedFile, size: u64) -> Option<&'static str> {
    let (most, reason) = if file.language == Language::Template {
        (MAX_TEMPLATE_BYTES, LARGE_TEMPLATE)
    } else {
        (MAX_CODE_BYTES, LARGE_CODE)
    };
    (size > most).then_some(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{staging::Language, tools::testcopy};

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
        let (batches, large) = batches(&copy.copy);
        assert!(large.is_empty());
        let sizes: Vec<_> = batches.iter().map(|batch| batch.files.len()).collect();
        assert_eq!(sizes, [MAX_FILES, 2, 1]);
        let last = copy.copy.files.last().unwrap();
        for batch in &batches {
            assert_eq!(batch.names(&copy.copy).last(), Some(&last.name));
        }
        let only_planted = testcopy::copy().planted("js", Language::JavaScript);
        assert_eq!(super::batches(&only_planted.copy).0.len(), 1);
    }

    #[test]
    fn g10_what_njsscan_would_leave_out_is_not_given_to_it_and_named() {
        let mut copy = testcopy::copy();
        for size in [999_999, 1_000_000, 1_000_001, 1_500_000] {
            let name = format!("{size}.js");
            copy = copy.file("js", &name, Language::JavaScript, &"a".repeat(size));
        }
        let most = 5 * 1024 * 1024;
        for size in [1_000_001, most, most + 1] {
            let name = format!("{size}.html");
            copy = copy.file("html", &name, Language::Template, &"a".repeat(size));
        }
        let copy = copy.planted("js", Language::JavaScript);
        let (batches, large) = batches(&copy.copy);
        let path = |name: &str| copy.copy.file(name).unwrap().path.clone();
        let given: Vec<_> =
            batches.iter().flat_map(|b| &b.files).map(|file| file.path.as_str()).collect();
        assert_eq!(given, ["999999.js", "1000000.js", "1000001.html", "5242880.html"]);
        let mut left: Vec<_> = large.iter().map(|(name, why)| (path(name), *why)).collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [
                ("1000001.js".to_owned(), LARGE_CODE),
                ("1500000.js".to_owned(), LARGE_CODE),
                ("5242881.html".to_owned(), LARGE_TEMPLATE),
            ]
        );
    }

    #[test]
    fn one_run_leaves_time_for_others() {
        let s = Duration::from_secs;
        assert_eq!(turn(s(600), s(600)), s(200));
        assert_eq!(turn(s(600), s(50)), s(50));
        assert_eq!(turn(s(45), s(45)), s(30));
    }
}
