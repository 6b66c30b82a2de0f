//! Where in a file a secret stands. Pure.
//!
//! trufflehog counts lines inside of one chunk, of the text as it decoded it, up to the first place
//! that holds the value; where the value stands nowhere as such (it was put together from parts),
//! it names the chunk's first line. So its line is a hint, and the value is looked up in the copy.

use super::{Secret, decoded};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

/// Bytes that trufflehog sees at once: a value that it put together stands in so many, from the
/// line that it names.
const CHUNK: usize = 13 * 1024;
/// A shorter piece stands in every other line.
const MIN_PIECE: usize = 4;
/// In a longer line nothing is looked for: a line is all that is asked.
const LONG_LINE: usize = 256 * 1024;

/// Where a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// At this line of the copy.
    Line(u32),
    /// In the file; nobody knows where.
    File,
    /// In lines of our own: nothing of the skill's.
    Ours,
}

/// Where each of one file's secrets stands. `before` and `end`: the line before the file's own
/// content, and its last one.
pub(super) fn standings(text: &[u8], before: u32, end: u32, secrets: &[&Secret]) -> Vec<Standing> {
    let values: HashSet<&[u8]> = secrets.iter().flat_map(|secret| wholes(secret)).collect();
    let clear = Values::new(values.iter().copied()).lines(text);
    let is_encoded = secrets.iter().any(|secret| !secret.plain);
    let encoded = if is_encoded { lines_decoded(text, &values) } else { HashMap::new() };
    let starts = line_starts(text);
    let standing = |secret: &&Secret| {
        let mut found = BTreeSet::new();
        for value in wholes(secret) {
            found.extend(clear.get(value).into_iter().flatten());
            if !secret.plain {
                found.extend(encoded.get(value).into_iter().flatten());
            }
            // The longer value is the better one.
            if !found.is_empty() {
                break;
            }
        }
        let own: Vec<u32> = found.iter().copied().filter(|l| before < *l && *l <= end).collect();
        if let Some(line) = nearest(&own, secret.line) {
            return Standing::Line(line);
        }
        if !found.is_empty() {
            return Standing::Ours;
        }
        match put_together(text, &starts, secret) {
            Some(line) if before < line && line <= end => Standing::Line(line),
            _ => Standing::File,
        }
    };
    secrets.iter().map(standing).collect()
}

/// The values that say where a secret stands, the better one first. The password alone of an
/// address may be any word, so it does not.
fn wholes(secret: &Secret) -> impl Iterator<Item = &[u8]> {
    let (raw, pair) = (secret.raw.trim(), secret.raw_pair.trim());
    let is_part = pair.contains("://") && !raw.contains("://");
    [pair, if is_part { "" } else { raw }]
        .into_iter()
        .map(str::as_bytes)
        .filter(|value| value.len() >= MIN_PIECE)
}

fn nearest(lines: &[u32], hint: u32) -> Option<u32> {
    lines.iter().copied().min_by_key(|line| line.abs_diff(hint))
}

/// The line behind the hint that holds most of a value's pieces.
fn put_together(text: &[u8], starts: &[usize], secret: &Secret) -> Option<u32> {
    let at = usize::try_from(secret.line).ok()?.checked_sub(1)?;
    let start = *starts.get(at)?;
    let own_end = starts.get(at + 1).copied().unwrap_or(text.len());
    if own_end - start > LONG_LINE {
        return Some(secret.line);
    }
    let window = text.get(start..own_end.max(start + CHUNK).min(text.len()))?;
    let whole = if secret.raw_pair.is_empty() { &secret.raw } else { &secret.raw_pair };
    // A key's block is named by its first line.
    let is_block = whole.starts_with("-----BEGIN");
    let is_piece = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/');
    let pieces: HashSet<&[u8]> = whole
        .split(|c: char| if is_block { c == '\n' } else { !is_piece(c) })
        .flat_map(|piece| piece.split("//"))
        .map(|piece| piece.trim().as_bytes())
        .filter(|piece| piece.len() >= MIN_PIECE)
        .take(if is_block { 1 } else { usize::MAX })
        .collect();
    let short = secret.raw.as_bytes();
    let mut weights: HashMap<u32, usize> = HashMap::new();
    for (piece, lines) in Values::new(pieces.iter().copied()).lines(window) {
        for line in lines {
            *weights.entry(line).or_default() += piece.len();
        }
    }
    if pieces.is_empty() && !short.is_empty() {
        let own = text.get(start..own_end)?;
        return own.windows(short.len()).any(|w| w == short).then_some(secret.line);
    }
    let all: usize = pieces.iter().map(|piece| piece.len()).sum();
    let (line, most) = weights.into_iter().max_by_key(|(line, w)| (*w, Reverse(*line)))?;
    // A host or a scheme stands in many lines; with less than half it is another's.
    (2 * most >= all).then(|| secret.line.saturating_add(line).saturating_sub(1))
}

/// The lines in which a value stands behind an encoding.
fn lines_decoded<'a>(text: &[u8], values: &HashSet<&'a [u8]>) -> HashMap<&'a [u8], Vec<u32>> {
    let values = Values::new(values.iter().copied());
    let mut all: HashMap<&[u8], Vec<u32>> = HashMap::new();
    for (number, line) in (1u32..).zip(text.split(|byte| *byte == b'\n')) {
        for clear in decoded::of_line(line) {
            for value in values.lines(&clear).into_keys() {
                all.entry(value).or_default().push(number);
            }
        }
    }
    all
}

fn line_starts(text: &[u8]) -> Vec<usize> {
    let ends = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

/// Values to look for in one pass, told apart by their first bytes and their lengths: thousands of
/// addresses that begin alike cost no more than one.
struct Values<'a> {
    by_start: HashMap<[u8; MIN_PIECE], BTreeMap<usize, HashSet<&'a [u8]>>>,
}

impl<'a> Values<'a> {
    fn new(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut by_start: HashMap<_, BTreeMap<usize, HashSet<_>>> = HashMap::new();
        for value in values {
            if let Some(start) = value.first_chunk() {
                let by_length = by_start.entry(*start).or_default();
                by_length.entry(value.len()).or_default().insert(value);
            }
        }
        Self { by_start }
    }

    /// The lines of a text, from 1, on which each of them begins.
    fn lines(&self, text: &[u8]) -> HashMap<&'a [u8], Vec<u32>> {
        let mut all: HashMap<&[u8], Vec<u32>> = HashMap::new();
        let first: HashSet<u8> = self.by_start.keys().map(|[first, ..]| *first).collect();
        let is_first: Vec<bool> = (0..=u8::MAX).map(|byte| first.contains(&byte)).collect();
        let mut line = 1u32;
        for (at, byte) in text.iter().enumerate() {
            line = line.saturating_add(u32::from(*byte == b'\n'));
            if is_first.get(usize::from(*byte)) != Some(&true) {
                continue;
            }
            let rest = text.get(at..).unwrap_or_default();
            let by_length = rest.first_chunk().and_then(|start| self.by_start.get(start));
            for (length, values) in by_length.into_iter().flatten() {
                let Some(value) = rest.get(..*length).and_then(|here| values.get(here)) else {
                    continue;
                };
                let lines = all.entry(value).or_default();
                if lines.last() != Some(&line) {
                    lines.push(line);
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests;
