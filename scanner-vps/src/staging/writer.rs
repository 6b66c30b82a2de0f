//! Writes files into the staged tree under names of our own, within the limits of a scan.

use super::{
    Language, Origin, StagedFile, StagedTree, StagingError, StagingPlan,
    archive::Work,
    bytecode::{Bytecode, MAX_COMPARED, Source},
    canary,
    classify::{COMPILED, Classified, PendingFile, pending},
    defang,
    encoding::{Decoded, count_lines, decode},
    finding::finding,
    language,
    linked::Programs,
    locate::line_of,
    members::{Unpacked, unpack},
    packed_code,
    profile::StagingProfile,
    reading::Readings,
    reference_closure::ReferenceClosure,
};
use crate::{git::Limits, paths::note};
use skillgate_contract::{Provider, Severity, callback::FileNote};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

/// Files in a copy for each file that a commit may have: code blocks and the history add some.
const PIECES_PER_ENTRY: usize = 3;
/// Line numbers that a finding about suppressions names.
const LINES_NAMED: usize = 10;

/// A staged tree that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) copy: StagedTree,
    pub(super) provider: Provider,
    tool: &'static dyn StagingProfile,
    /// Every tool: the comments of all of them are overwritten, since one may start another.
    tools: Vec<&'static dyn StagingProfile>,
    /// Where one folder decides: what its files call outside of it.
    pub(super) closure: Option<ReferenceClosure>,
    max_files: usize,
    max_bytes: u64,
    content_bytes: u64,
    left_out: u64,
    /// What is left for archives.
    work: Work,
    bytecode: Vec<(String, Bytecode)>,
    programs: Programs,
    readings: Readings,
}

impl Writer {
    /// Makes the folder below `into`.
    pub(super) fn new(
        plan: &StagingPlan,
        into: &Path,
        limits: &Limits,
    ) -> Result<Self, StagingError> {
        let root = into.join("root");
        fs::create_dir(&root).map_err(StagingError::io(&root))?;
        Ok(Self {
            copy: StagedTree { root, mark: canary::mark(), ..StagedTree::default() },
            provider: plan.tool.provider(),
            tool: plan.tool,
            tools: plan.tools.clone(),
            closure: None,
            max_files: limits.entries.saturating_mul(PIECES_PER_ENTRY),
            // The commit, the history and the code blocks each have the limit to themselves.
            max_bytes: limits.total_bytes.saturating_mul(3),
            content_bytes: 0,
            left_out: 0,
            work: Work::default(),
            bytecode: Vec::new(),
            programs: Programs::default(),
            readings: Readings::default(),
        })
    }

    /// Classifies one file of the commit or its history, and adds all that it is staged as.
    pub(super) fn classify(
        &mut self,
        path: &[u8],
        origin: &Origin,
        content: &[u8],
    ) -> Result<(), StagingError> {
        if let Some(closure) = self.closure.as_mut().filter(|_| *origin == Origin::File) {
            closure.read(path, content);
        }
        let Some(unpacked) = self.unpack(path, origin, content) else {
            return self.add(unread(path, origin, content));
        };
        self.bytecode.extend(unpacked.bytecode);
        unpacked.parts.into_iter().try_for_each(|part| self.add(part))
    }

    /// Takes one file apart; `None` where that does not come to its end.
    fn unpack(&mut self, path: &[u8], origin: &Origin, content: &[u8]) -> Option<Unpacked> {
        let (tool, mut work) = (self.tool, self.work);
        let (path, origin, content) = (path.to_owned(), origin.clone(), content.to_owned());
        let (unpacked, work) = self.readings.read(move || {
            let unpacked = unpack(tool, &path, &origin, content, &mut work);
            (unpacked, work)
        })?;
        self.work = work;
        Some(unpacked)
    }

    /// Holds compiled Python to its source, once all files of the commit are written: what has no name and no constant
    /// that its source has not is no gap.
    pub(super) fn compare_bytecode(&mut self) {
        let copy = &mut self.copy;
        let python = copy.files.iter().filter(|file| {
            file.language == Language::Python && file.origin.is_of_commit() && !file.guessed
        });
        let sources: HashMap<_, _> =
            python.map(|file| (file.path.clone(), file.name.clone())).collect();
        // Each source is taken apart once, whatever number of files stands for it.
        let mut by_source: BTreeMap<&String, Vec<(String, Bytecode)>> = BTreeMap::new();
        for (path, bytecode) in std::mem::take(&mut self.bytecode) {
            let source = packed_code::source_of(&path).and_then(|source| sources.get(&source));
            if let Some(name) = source {
                by_source.entry(name).or_default().push((path, bytecode));
            }
        }
        let mut verdicts: HashMap<String, Option<String>> = HashMap::new();
        let mut work = MAX_COMPARED;
        for (name, compiled) in by_source {
            let text = fs::read(copy.root.join(name)).unwrap_or_default();
            // Taking it apart goes over it a few times.
            work = work.saturating_sub(text.len().saturating_mul(4));
            let source = Source::read(&String::from_utf8_lossy(&text));
            for (path, bytecode) in compiled {
                verdicts.insert(path, bytecode.doubt(&source, &mut work));
            }
        }
        copy.unscanned.retain_mut(|note| {
            let verdict = verdicts.get(&note.file).filter(|_| note.reason == COMPILED);
            if let Some(Some(doubt)) = verdict {
                note.reason.clone_from(doubt);
            }
            !matches!(verdict, Some(None))
        });
        let agreed = verdicts.into_iter().filter(|(_, doubt)| doubt.is_none());
        copy.not_read.extend(agreed.map(|(path, _)| {
            FileNote::new(
                path,
                "compiled Python, all of whose names and constants are in its source",
            )
        }));
    }

    /// Follows the programs of the commit together, once all of its files are written.
    pub(super) fn link_programs(&mut self) {
        let programs = std::mem::take(&mut self.programs);
        let mut copy = StagedTree { evidence: self.copy.evidence.clone(), ..StagedTree::default() };
        let linked = self.readings.read(move || {
            programs.link(&mut copy);
            copy
        });
        let Some(linked) = linked else {
            let reason = "the programs together could not be read in the time for it";
            return self.copy.unscanned.push(FileNote::new("(repository)", reason));
        };
        self.copy.evidence = linked.evidence;
        self.copy.unscanned.extend(linked.unscanned);
        self.copy.not_read.extend(linked.not_read);
    }

    /// Adds the files, findings and notes that one file was classified into.
    fn add(&mut self, classified: Classified) -> Result<(), StagingError> {
        self.copy.findings.extend(classified.findings);
        self.copy.unscanned.extend(classified.unscanned);
        self.copy.not_read.extend(classified.not_read);
        self.copy.holds_text |= classified.holds_text;
        classified.files.into_iter().try_for_each(|pending| self.write(pending))
    }

    /// Writes one file; beyond the limits it is only counted.
    pub(super) fn write(&mut self, mut pending: PendingFile) -> Result<(), StagingError> {
        let size = u64::try_from(pending.content.len()).unwrap_or(u64::MAX);
        let content_bytes = self.content_bytes.saturating_add(size);
        if self.copy.files.len() >= self.max_files || content_bytes > self.max_bytes {
            self.left_out += 1;
            return Ok(());
        }
        self.content_bytes = content_bytes;

        if self.provider.spec().reports_evasion {
            self.programs.keep(self.copy.files.len(), &pending);
        }
        let mut defanged = defang::defang(&mut pending.content, &self.tools);
        if pending.reports {
            self.report(&pending, &defanged.asked);
        }
        let lines_before = if pending.raw { 0 } else { self.tool.lines_before() };
        if !pending.raw {
            let before = usize::try_from(lines_before).unwrap_or_default();
            defanged.changed.extend(self.tool.overwrite(&mut pending.content, before));
            defanged.changed.sort_unstable();
        }
        let at = self.copy.files.len();
        let id = format!("f{:06}", at + 1);
        let file = StagedFile {
            name: format!("{id}.{}", pending.extension),
            id,
            path: pending.path,
            language: pending.language,
            origin: pending.origin,
            lines_before,
            content_lines: count_lines(&pending.content),
            guessed: pending.guessed,
            raw: pending.raw,
        };
        if !pending.lines.is_empty() {
            self.copy.lines.insert(at, pending.lines);
        }
        if !pending.evidence.is_empty() {
            self.copy.evidence.insert(at, pending.evidence);
        }
        if !defanged.changed.is_empty() {
            self.copy.defanged.insert(at, defanged.changed);
        }
        let text = if pending.raw { pending.content } else { self.framed(&file, &pending.content) };
        let path = self.copy.root.join(&file.name);
        fs::write(&path, &text).map_err(StagingError::io(&path))?;
        // A tool may skip a known binary without a word, and a raw pending has no canary to tell.
        if !file.raw {
            self.copy.bytes += u64::try_from(text.len()).unwrap_or(u64::MAX);
        }
        self.copy.files.push(file);
        Ok(())
    }

    fn framed(&self, file: &StagedFile, content: &[u8]) -> Vec<u8> {
        let before = usize::try_from(file.lines_before).unwrap_or_default();
        let mut text = vec![b'\n'; before];
        text.extend_from_slice(content);
        if content.last().is_some_and(|b| *b != b'\n') {
            text.push(b'\n');
        }
        let canary = self.tool.canary(file.language, &self.copy.mark, &file.id);
        text.extend(canary.into_bytes());
        text
    }

    /// One finding a file, however often it asks: honest code asks too, and a verdict must not
    /// hang on how often.
    fn report(&mut self, pending: &PendingFile, asked: &[(Provider, u32)]) {
        let own = asked.iter().filter(|(provider, _)| *provider == self.provider);
        let lines: Vec<_> =
            own.map(|(_, line)| line_of(*line, &pending.origin, Some(&pending.lines))).collect();
        let Some(first) = lines.first() else { return };
        let named: Vec<_> = lines.iter().take(LINES_NAMED).map(u32::to_string).collect();
        let more = if lines.len() > LINES_NAMED { " and more" } else { "" };
        let message = format!(
            "A comment asks the scanner to look away (line {}{more}); it was not obeyed.",
            named.join(", ")
        );
        self.copy.findings.push(finding(
            self.provider,
            "skillgate.evasion.suppression",
            Severity::Medium,
            &message,
            &pending.path,
            Some(*first),
        ));
    }

    /// The finished tree.
    pub(super) fn finish(mut self) -> StagedTree {
        if self.left_out > 0 {
            let reason =
                format!("{} files or code blocks lie beyond the limits of a copy", self.left_out);
            self.copy.unscanned.push(FileNote::new("(repository)", reason));
        }
        self.copy
    }
}

/// A file that our own reading did not come to its end with: the tool reads it as it is, and it counts as unread.
fn unread(path: &[u8], origin: &Origin, content: &[u8]) -> Classified {
    let reason = "the scanner's own reading did not come to its end with it";
    let mut classified =
        Classified { unscanned: vec![note(path, reason)], ..Classified::default() };
    if let Decoded::Text(text) = decode(content) {
        let language = language::of_path(path).unwrap_or(Language::Text);
        classified.holds_text = origin.is_of_commit();
        classified.files.push(pending(path, origin, language, text.into_bytes()));
    }
    classified
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// A tool with which reading a file hangs, or panics.
    #[derive(Debug)]
    struct Bad {
        panics: bool,
    }

    impl StagingProfile for Bad {
        fn provider(&self) -> Provider {
            Provider::Semgrep
        }

        fn canary(&self, _: Language, _: &str, id: &str) -> String {
            format!("\n{id}\n")
        }

        fn planted(&self) -> &'static [(Language, &'static str)] {
            &[]
        }

        fn steering_files(&self) -> &'static [&'static str] {
            assert!(!self.panics, "as a fault of ours would");
            std::thread::sleep(Duration::from_secs(20));
            &[]
        }
    }

    #[test]
    fn g54_a_file_that_our_own_reading_hangs_on_is_read_by_the_tool_and_the_scan_incomplete() {
        for tool in [&Bad { panics: true }, &Bad { panics: false }] {
            let (folder, began) = (tempfile::tempdir().unwrap(), Instant::now());
            let plan = StagingPlan { tool, tools: vec![tool], skill_path: None };
            let mut writer = Writer::new(&plan, folder.path(), &Limits::default()).unwrap();
            writer.readings.limit = Duration::from_millis(200);
            writer.classify(b"a.sh", &Origin::File, b"echo a\n").unwrap();
            let copy = writer.finish();
            assert_eq!(
                (copy.files[0].path.as_str(), copy.files[0].language),
                ("a.sh", Language::Shell)
            );
            assert_eq!(copy.unscanned[0].file, "a.sh");
            assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        }
    }

    #[test]
    fn g02_only_framed_text_counts_as_bytes_that_must_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let plan = crate::tools::plan(Provider::Trufflehog, None);
        let mut writer = Writer::new(&plan, folder.path(), &Limits::default()).unwrap();
        for raw in [false, true] {
            let pending = PendingFile {
                path: "a".into(),
                extension: "bin",
                language: Language::Text,
                origin: Origin::File,
                guessed: false,
                raw,
                reports: true,
                lines: Vec::new(),
                evidence: Vec::new(),
                content: vec![b'x'; 5_000],
            };
            writer.write(pending).unwrap();
        }
        let copy = writer.finish();
        let text = fs::metadata(copy.root.join(&copy.files[0].name)).unwrap().len();
        assert!(text >= 5_000);
        assert_eq!(copy.bytes, text);
    }
}
