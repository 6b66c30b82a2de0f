//! Encoded texts in hidden places, and those that the agent is told to decode and to follow; decoded once.

use super::{Passage, Place, class::Class, grammar::Clauses, token::sentences};
use crate::{Limits, decode};

/// A shorter run is a word.
const SHORTEST: usize = 32;
/// A longer run is data.
const LONGEST: usize = 16_384;
/// A text of fewer words tells nobody what to do.
const FEWEST_WORDS: usize = 4;
/// Passages around an encoded text in which an order to decode it is looked for.
const AROUND: usize = 2;

/// What runs of base64 or hexadecimal digits decode to, where that is prose: in hidden passages, and in open ones that
/// the agent is told to decode and to follow.
pub(super) fn decoded(passages: &[Passage], limits: &mut Limits) -> Vec<Passage> {
    let mut found = Vec::new();
    for (at, passage) in passages.iter().enumerate() {
        let is_hidden = passage.place.is_hidden() || passage.place == Place::CodeComment;
        let mut plain = in_passage(passage);
        if !plain.is_empty() && (is_hidden || is_to_be_followed(passages, at, limits)) {
            found.append(&mut plain);
        }
    }
    found
}

/// Whether a sentence near passage `at` orders to decode something and to do what it says.
fn is_to_be_followed(passages: &[Passage], at: usize, limits: &mut Limits) -> bool {
    let near = passages.iter().take(at + AROUND + 1).skip(at.saturating_sub(AROUND));
    near.filter(|passage| !passage.shown).any(|passage| {
        // The order may be parted from the decoding by a full stop.
        let (mut decodes, mut follows) = (false, false);
        for tokens in sentences(&passage.chars) {
            let clauses = Clauses::of(tokens);
            if !limits.pay(clauses.work()) {
                return false;
            }
            decodes |= !clauses.orders(Class::Decode).is_empty();
            follows |= !clauses.orders(Class::Follow).is_empty() || clauses.any(Class::Binds);
        }
        decodes && follows
    })
}

fn in_passage(passage: &Passage) -> Vec<Passage> {
    runs(&passage.chars)
        .into_iter()
        .filter(|(run, _)| (SHORTEST..=LONGEST).contains(&run.len()))
        .filter_map(|(text, line)| {
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

/// Runs of digits, each with the line on which it begins. Lines that are digits alone are one run: a long text is broken
/// into such lines.
fn runs(chars: &[(char, u32)]) -> Vec<(String, u32)> {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    let mut runs: Vec<(String, u32)> = Vec::new();
    let mut joins = false;
    for line in chars.chunk_by(|(_, one), (_, next)| one == next) {
        let Some((_, number)) = line.first() else { continue };
        let text: String = line.iter().map(|(c, _)| *c).collect();
        let alone = !text.trim().is_empty() && text.trim().chars().all(is_digit);
        match runs.last_mut() {
            Some((run, _)) if joins && alone => run.push_str(text.trim()),
            _ => runs.extend(text.split(|c| !is_digit(c)).map(|run| (run.to_owned(), *number))),
        }
        joins = alone;
    }
    runs
}
