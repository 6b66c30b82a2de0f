//! Looks for a pattern in a child's standard error, of which only the tail is kept.

use super::{StderrMatcher, StderrMatches};

/// Bytes of a line that are looked at; the rest of a longer one is not.
const MAX_LINE: usize = 4096;

/// Puts lines together from the pieces that are read, and matches each.
#[derive(Debug)]
pub(super) struct LineMatcher {
    matcher: Option<StderrMatcher>,
    pub(super) stderr_matches: StderrMatches,
    line: Vec<u8>,
    context: Option<String>,
}

impl LineMatcher {
    pub(super) fn new(matcher: Option<StderrMatcher>) -> Self {
        Self { matcher, stderr_matches: StderrMatches::default(), line: Vec::new(), context: None }
    }

    /// Takes the next piece.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let Some(matcher) = self.matcher else { return };
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = MAX_LINE.saturating_sub(self.line.len());
            self.line.extend(piece.iter().take(room));
            if piece.last() == Some(&b'\n') {
                self.end_of_line(matcher);
            }
        }
    }

    fn end_of_line(&mut self, matcher: StderrMatcher) {
        let line = String::from_utf8_lossy(&self.line).trim_end().to_owned();
        self.line.clear();
        if line.contains(matcher.context) {
            self.stderr_matches.contexts = self.stderr_matches.contexts.saturating_add(1);
            self.context = Some(line);
        } else if line.contains(matcher.pattern) {
            // A match without a preceding context line is recorded with an empty context.
            let context = self.context.clone().unwrap_or_default();
            if self.stderr_matches.matched.last() != Some(&context) {
                self.stderr_matches.matched.push(context);
            }
        }
    }
}
