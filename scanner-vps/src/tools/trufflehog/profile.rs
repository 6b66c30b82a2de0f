//! How trufflehog wants its files staged: room for its check of first bytes, and canaries for a
//! detector of our own.

use super::chunks;
use crate::staging::{Language, StagingProfile, profile::Suppression};
use skillgate_contract::Provider;

/// Empty lines before each text: trufflehog drops a text whose first bytes look like an image, a
/// document or a font, and looks no further than this.
const LINES_BEFORE: u32 = 4096;
/// The planted token is none, and whole nowhere in this file.
const PLANTED: [(Language, &str); 1] =
    [(Language::Text, concat!("token = gh", "p_x7Qm2LwV9bKd4RtY6nHc1ZsPf8JgUa3EoT5i\n"))];

/// The tool of the provider of the same name.
#[derive(Debug, Clone, Copy)]
pub struct Trufflehog;

impl StagingProfile for Trufflehog {
    fn provider(&self) -> Provider {
        Provider::Trufflehog
    }

    fn canary(&self, _language: Language, mark: &str, id: &str) -> String {
        format!("\n{}\n", canary_word(mark, id))
    }

    fn planted(&self) -> &'static [(Language, &'static str)] {
        &PLANTED
    }

    fn lines_before(&self) -> u32 {
        LINES_BEFORE
    }

    fn overwrite(&self, text: &mut [u8], before: usize) -> Vec<(usize, u8)> {
        chunks::spare_cut_characters(text, before)
    }

    fn suppressions(&self) -> &'static [Suppression] {
        &[Suppression { word: b"trufflehog:ignore", letter: 16 }]
    }
}

/// The word that our own detector reports. It stands behind the content alone, since nobody knew
/// its `mark` when the content was written: if it is reported, the file was read to its end.
pub(super) fn canary_word(mark: &str, id: &str) -> String {
    format!("skillgatecanary-{mark}{id}")
}
