//! Where each program finds the front matter of a SKILL.md. They differ, so one file has several readings.

mod claude;
mod others;

pub(crate) use claude::{claude, repaired};
pub(crate) use others::{codex, copilot, gemini, opencode};

/// A front matter and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// The text between the delimiters.
    pub(crate) matter: &'a str,
    /// The file's line on which that text begins, from 1.
    pub(crate) matter_line: u32,
    /// The text behind the closing delimiter.
    pub(crate) body: &'a str,
    /// The file's line on which the body begins.
    pub(crate) body_line: u32,
}

/// Cuts a text at three byte offsets.
fn cut(text: &str, matter: usize, close: usize, body: usize) -> Parts<'_> {
    use crate::text::{after, before, between, line_feeds};
    Parts {
        matter: between(text, matter, close),
        matter_line: line_feeds(before(text, matter)).saturating_add(1),
        body: after(text, body),
        body_line: line_feeds(before(text, body)).saturating_add(1),
    }
}
