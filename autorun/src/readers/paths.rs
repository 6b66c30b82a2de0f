//! The paths that one key of a manifest names.

use super::Reader;
use crate::{folder::join, model::UnreadReason};
use std::collections::BTreeSet;

/// The most paths of one key. No plugin of an honest author comes near.
pub(super) const MAX_PATHS: usize = 256;

/// Gives each path once, up to the limit.
pub(super) struct Paths<'a> {
    /// The manifest, which is unread beyond the limit.
    manifest: &'a str,
    /// The folder to which the paths are relative.
    base: &'a str,
    seen: BTreeSet<String>,
}

impl<'a> Paths<'a> {
    pub(super) const fn new(manifest: &'a str, base: &'a str) -> Self {
        Self { manifest, base, seen: BTreeSet::new() }
    }

    /// The path in the folder; none for one that no agent takes, that came before, or that is beyond the limit.
    pub(super) fn next(&mut self, reader: &mut Reader<'_>, text: &str) -> Option<String> {
        let path = join(self.base, text).filter(|path| !self.seen.contains(path))?;
        if self.seen.len() >= MAX_PATHS {
            reader.out.unread(self.manifest, UnreadReason::TooMany);
            return None;
        }
        self.seen.insert(path.clone());
        Some(path)
    }
}
