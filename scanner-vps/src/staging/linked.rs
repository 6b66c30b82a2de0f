//! Chains of evidence over several files of a skill: its programs are followed together, with the data that they read.

use super::{
    Language, Origin, StagedTree,
    classify::PendingFile,
    evidence::{Evidence, MAX_CHAINS, dialect, is_chosen, selects, told},
};
use skillgate_contract::callback::FileNote;
use skillgate_detection::code::{self, SkillFile};

/// Bytes of one file that is read together with others: longer ones are bundles.
const MAX_FILE: usize = 512 << 10;
/// Bytes of all files that are read together.
const MAX_BYTES: usize = 6 << 20;

/// The programs and the data of a commit, until all of them are there.
#[derive(Debug, Default)]
pub(super) struct Programs {
    files: Vec<Kept>,
    bytes: usize,
    left_out: usize,
}

#[derive(Debug)]
struct Kept {
    /// The place in the staged tree.
    at: usize,
    path: String,
    language: Language,
    text: String,
}

impl Programs {
    /// Keeps a file that stands at place `at` of the tree, where it is a program or data.
    pub(super) fn keep(&mut self, at: usize, pending: &PendingFile) {
        let whole = pending.origin == Origin::File && pending.reports && !pending.raw;
        let wanted = dialect(pending.language).is_some() || pending.language == Language::Text;
        if !whole || pending.guessed || !wanted {
            return;
        }
        let bytes = self.bytes.saturating_add(pending.content.len());
        if pending.content.len() > MAX_FILE || bytes > MAX_BYTES {
            self.left_out += usize::from(dialect(pending.language).is_some());
            return;
        }
        self.bytes = bytes;
        self.files.push(Kept {
            at,
            path: pending.path.clone(),
            language: pending.language,
            text: String::from_utf8_lossy(&pending.content).into_owned(),
        });
    }

    /// Adds the chains that need more than one file to `found`, by the place of the file of their last step. What is not
    /// read together is said in `copy`.
    pub(super) fn link(self, copy: &mut StagedTree) {
        let programs = self.files.iter().filter(|file| dialect(file.language).is_some());
        if self.files.len() < 2 || programs.count() == 0 {
            return;
        }
        let list: Vec<_> = self
            .files
            .iter()
            .map(|file| SkillFile {
                path: &file.path,
                text: &file.text,
                dialect: dialect(file.language),
            })
            .collect();
        let mut limits = code::LINKED_LIMITS;
        let chooses = self.files.iter().any(|file| selects(&file.text));
        for linked in code::linked(&list, &mut limits) {
            let Some(file) = self.files.get(linked.file) else { continue };
            let chain = linked.chain;
            let known = copy.evidence.entry(file.at).or_default();
            let mut is_known = false;
            for other in known.iter_mut() {
                let same_place =
                    other.chain.rule == chain.rule && other.chain.last_line() == chain.last_line();
                if same_place || told(&other.chain) == told(&chain) {
                    // Another program runs the text.
                    other.loose = false;
                    is_known = true;
                }
            }
            if !is_known && known.len() < MAX_CHAINS && !(chooses && is_chosen(&chain)) {
                known.push(Evidence { chain, column: 0, loose: false });
            }
        }
        if self.left_out > 0 {
            let reason =
                format!("{} programs are read alone, and not with the others", self.left_out);
            copy.not_read.push(FileNote::new("(repository)", reason));
        }
        if limits.exhausted || limits.too_deep {
            let reason = "the programs together do more than the limit: some were read alone";
            copy.unscanned.push(FileNote::new("(repository)", reason));
        }
    }
}
