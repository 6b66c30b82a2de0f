//! What staging has to know about the tool that reads the staged files.
//!
//! Staging stands below the tools: it asks this trait, which each tool implements in its own
//! folder, and names no tool. Which files a tool reads at all is fixed in the contract
//! ([`skillgate_contract::ProviderSpec::reads`]).

use super::{Language, Origin, StagedFile};
use skillgate_contract::{Provider, Reads};
use std::{fmt, path::Path};

/// A comment by which an author can make a tool ignore a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppression {
    /// The word that the tool obeys, in lower case; it obeys it in any case.
    pub word: &'static [u8],
    /// The byte of the word that staging overwrites, so that the word is no longer obeyed.
    pub letter: usize,
}

/// How one tool wants the files of a commit to be staged.
pub trait StagingProfile: fmt::Debug + Send + Sync {
    /// Whose tool this is.
    fn provider(&self) -> Provider;

    /// What follows the content of the file `id`, and proves that the tool read it to its end: it
    /// begins and ends with a line end. The empty line keeps a backslash at the end of the content
    /// from joining its last line to ours. `mark` is new in each scan ([`super::canary::mark`]).
    /// Empty where the tool cannot report a line of this language.
    fn canary(&self, language: Language, mark: &str, id: &str) -> String;

    /// The planted positives: one file for each language that the tool parses, with the content
    /// that stands before its canary. A run that does not report each of them proves nothing.
    fn planted(&self) -> &'static [(Language, &'static str)];

    /// Empty lines that stand before each text.
    fn lines_before(&self) -> u32 {
        0
    }

    /// Overwrites bytes of a text that this tool would misread, and returns each of them: its
    /// offset in `text`, and what it was. `before` bytes precede the text in its file.
    fn overwrite(&self, text: &mut [u8], before: usize) -> Vec<(usize, u8)> {
        let _ = (text, before);
        Vec::new()
    }

    /// The comments that this tool obeys.
    fn suppressions(&self) -> &'static [Suppression] {
        &[]
    }

    /// Names of files that change what this tool does when they lie in the scanned folder.
    fn steering_files(&self) -> &'static [&'static str] {
        &[]
    }

    /// Parts of an absolute path, in lower case, for the sake of which the tool skips every file
    /// below it.
    fn skipped_paths(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the tool's own result decides if a staged file was read: neither what was planted
    /// nor a binary, and for a tool of Node.js code nothing in another language.
    fn wants(&self, file: &StagedFile) -> bool {
        let node_only = self.provider().spec().reads == Reads::NodeCode;
        file.origin != Origin::Planted && !file.raw && (!node_only || file.language.is_node())
    }
}

/// Whether a tool reads the files below an absolute path, whatever they are called.
#[must_use]
pub fn reads_below(tool: &dyn StagingProfile, path: &Path) -> bool {
    let path = path.to_string_lossy().to_ascii_lowercase();
    !tool.skipped_paths().iter().any(|word| path.contains(word))
}
