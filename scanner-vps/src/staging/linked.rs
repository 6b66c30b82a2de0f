//! Chains of evidence over several files of a skill: its programs are followed together, with the data that they read.

use super::{
    Language, Origin, StagedTree,
    classify::PendingFile,
    evidence::{Evidence, MAX_CHAINS, dialect, is_chosen, selects, told},
    language,
};
use skillgate_contract::callback::FileNote;
use skillgate_detection::{
    Chain, GATHERED_LIMITS, GatheredFile,
    code::{self, SkillFile},
    gathered,
    script::{self, Dialect},
    shell::{self, SkillScript},
};

/// Bytes of one file that is read together with others: longer ones are bundles.
const MAX_FILE: usize = 512 << 10;
/// Bytes of all programs that are read together, and of all data that they may read.
const MAX_BYTES: usize = 6 << 20;
const MAX_DATA: usize = 6 << 20;
/// Bytes of one shell script that is read together with others, and of all of them.
const MAX_SCRIPT: usize = 64 << 10;
const MAX_SCRIPTS: usize = 2 << 20;

/// The programs and the data of a commit, until all of them are there.
#[derive(Debug, Default)]
pub(super) struct Programs {
    files: Vec<Kept>,
    programs: Share,
    scripts: Share,
    data: Share,
}

/// What programs, or data, take of their budget.
#[derive(Debug, Default)]
struct Share {
    files: usize,
    bytes: usize,
    left_out: usize,
}

impl Share {
    /// Whether a file of `length` bytes fits; takes its room, or counts it as left out.
    fn takes(&mut self, length: usize, most: usize, all: usize, files: usize) -> bool {
        let bytes = self.bytes.saturating_add(length);
        let fits = length <= most && bytes <= all && self.files < files;
        if fits {
            self.bytes = bytes;
            self.files += 1;
        } else {
            self.left_out += 1;
        }
        fits
    }
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
        let script = pending.language == Language::Shell;
        let wanted =
            script || dialect(pending.language).is_some() || pending.language == Language::Text;
        if !whole || pending.guessed || !wanted {
            return;
        }
        let length = pending.content.len();
        let fits = if dialect(pending.language).is_some() {
            self.programs.takes(length, MAX_FILE, MAX_BYTES, code::MAX_PROGRAMS)
        } else if script {
            self.scripts.takes(length, MAX_SCRIPT, MAX_SCRIPTS, code::MAX_PROGRAMS)
        } else {
            // A longer text is no value that is followed.
            self.data.takes(length, code::LINKED_LIMITS.value_bytes, MAX_DATA, usize::MAX)
        };
        if !fits {
            return;
        }
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
        for (left_out, what) in [
            (
                self.programs.left_out + self.scripts.left_out,
                "programs are read alone, and not with the others",
            ),
            (
                self.data.left_out,
                "data files are too long, or too many, for the programs that may read them",
            ),
        ] {
            let programs = self.programs.files + self.programs.left_out + self.scripts.left_out;
            if left_out > 0 && programs > 0 {
                let note = FileNote::new("(repository)", format!("{left_out} {what}"));
                copy.not_read.push(note);
            }
        }
        let mut whole = self.link_gathered(copy);
        let several = self.files.len() > 1;
        if several && self.programs.files > 0 {
            whole &= self.link_programs(copy);
        }
        if several && self.scripts.files > 0 {
            whole &= self.link_scripts(copy);
        }
        whole &= self.link_embedded(copy);
        if !whole {
            let reason = "the programs together do more than the limit: some were read alone";
            copy.unscanned.push(FileNote::new("(repository)", reason));
        }
    }

    /// Looks for programs that gather keys and send, in whatever language; whether the limits sufficed.
    fn link_gathered(&self, copy: &mut StagedTree) -> bool {
        let is_program = |file: &Kept| {
            let extension = language::extension(file.path.as_bytes());
            file.language == Language::Shell
                || dialect(file.language).is_some()
                || extension.as_deref().and_then(Dialect::of_extension).is_some()
        };
        let list: Vec<_> = self
            .files
            .iter()
            .map(|file| GatheredFile {
                path: &file.path,
                text: &file.text,
                is_program: is_program(file),
            })
            .collect();
        let mut limits = GATHERED_LIMITS;
        for linked in gathered(&list, &mut limits) {
            if let Some(file) = self.files.get(linked.file) {
                add(copy, file.at, linked.chain);
            }
        }
        !limits.exhausted
    }

    /// Follows programs of Go with the texts that they embed; whether the limits sufficed.
    fn link_embedded(&self, copy: &mut StagedTree) -> bool {
        let mut limits = code::LINKED_LIMITS;
        let most = limits.value_bytes;
        let programs = self.files.iter().filter(|file| file.path.ends_with(".go"));
        let feeds = |file: &&Kept| file.text.contains("//go:embed") && file.text.contains("Stdin");
        for program in programs.filter(feeds) {
            if limits.exhausted {
                break;
            }
            let folder = program.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let beside = |path: &str| {
                let whole =
                    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
                let file = self.files.iter().find(|file| file.path == whole);
                file.map(|file| file.text.as_str()).filter(|text| text.len() <= most)
            };
            let Some(text) = script::with_embedded(&program.text, beside) else { continue };
            for chain in script::chains(&text, Dialect::Go, shell::Start::Asked, &mut limits) {
                add(copy, program.at, chain);
            }
        }
        !(limits.exhausted || limits.too_deep)
    }

    /// Follows the programs whose data flow is known; whether the limits sufficed.
    fn link_programs(&self, copy: &mut StagedTree) -> bool {
        let files: Vec<_> =
            self.files.iter().filter(|file| file.language != Language::Shell).collect();
        let list: Vec<_> = files
            .iter()
            .map(|file| SkillFile {
                path: &file.path,
                text: &file.text,
                dialect: dialect(file.language),
            })
            .collect();
        let mut limits = code::LINKED_LIMITS;
        let chooses = files.iter().any(|file| selects(&file.text));
        for linked in code::linked(&list, &mut limits) {
            if let Some(file) = files.get(linked.file)
                && !(chooses && is_chosen(&linked.chain))
            {
                add(copy, file.at, linked.chain);
            }
        }
        !(limits.exhausted || limits.too_deep)
    }

    /// Follows the shell scripts; whether the limits sufficed.
    fn link_scripts(&self, copy: &mut StagedTree) -> bool {
        // Programs of other languages are no commands, and no data either.
        let other = |file: &&Kept| {
            let extension = language::extension(file.path.as_bytes());
            extension.as_deref().and_then(Dialect::of_extension).is_some()
        };
        let files: Vec<_> = self
            .files
            .iter()
            .filter(|file| dialect(file.language).is_none() && !other(file))
            .collect();
        let list: Vec<_> = files
            .iter()
            .map(|file| SkillScript {
                path: &file.path,
                text: &file.text,
                is_script: file.language == Language::Shell,
            })
            .collect();
        let mut limits = shell::LINKED_LIMITS;
        for linked in shell::linked(&list, &mut limits) {
            if let Some(file) = files.get(linked.file) {
                add(copy, file.at, linked.chain);
            }
        }
        !limits.exhausted
    }
}

/// Adds a chain to those of the file at place `at`, unless it is known there.
fn add(copy: &mut StagedTree, at: usize, chain: Chain) {
    let known = copy.evidence.entry(at).or_default();
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
    if !is_known && known.len() < MAX_CHAINS {
        known.push(Evidence { chain, column: 0, loose: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_takes_no_room_of_programs_and_what_does_not_fit_is_counted() {
        let mut share = Share::default();
        let fits: Vec<bool> =
            [6, 11, 4, 1, 0].into_iter().map(|length| share.takes(length, 10, 10, 3)).collect();
        assert_eq!(fits, [true, false, true, false, true]);
        assert!(!share.takes(0, 10, 10, 3));
        assert_eq!((share.files, share.bytes, share.left_out), (3, 10, 3));
    }
}
