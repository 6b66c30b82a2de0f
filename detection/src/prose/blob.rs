//! Encoded texts in hidden places, decoded once.

use super::{Passage, Place};
use crate::decode;

/// A shorter run is a word.
const SHORTEST: usize = 32;
/// A longer run is data.
const LONGEST: usize = 16_384;
/// A text of fewer words tells nobody what to do.
const FEWEST_WORDS: usize = 4;

/// What runs of base64 or hexadecimal digits in hidden passages decode to, where that is prose.
pub(super) fn decoded(passages: &[Passage]) -> Vec<Passage> {
    let hidden = passages
        .iter()
        .filter(|passage| passage.place.is_hidden() || passage.place == Place::CodeComment);
    hidden.flat_map(in_passage).collect()
}

fn in_passage(passage: &Passage) -> Vec<Passage> {
    let is_blob = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    passage
        .chars
        .split(|(c, _)| !is_blob(*c))
        .filter(|run| (SHORTEST..=LONGEST).contains(&run.len()))
        .filter_map(|run| {
            let line = run.first()?.1;
            let text: String = run.iter().map(|(c, _)| *c).collect();
            let plain = decode::hexadecimal(&text).or_else(|| decode::base64(&text))?;
            (plain.split_whitespace().count() >= FEWEST_WORDS || !plain.is_ascii()).then(|| {
                let mut passage = Passage::of_text(&plain, line, Place::Encoded);
                // All of it stands on the line of the blob.
                passage.chars.iter_mut().for_each(|(_, at)| *at = line);
                passage
            })
        })
        .collect()
}
