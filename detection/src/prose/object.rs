//! What a sentence sends: the object of the sending, tied to it by the grammar, not by distance.

use super::{
    class::Class,
    grammar::between,
    lexicon::Mark,
    marks::{Facts, Target, Thing},
    token::Kind,
};

/// An object that is sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) thing: Thing,
    /// To a host; else into a parameter of a tool.
    pub(super) target: Option<Target>,
    /// The line of the sending.
    pub(super) line: u32,
}

/// The object stands within this many tokens of its verb.
const NEAR: usize = 24;
/// A pronoun stands this near to its verb.
const NEXT: usize = 6;

/// What sentence `at` sends, and where to. The object may be a pronoun for what the sentence before reads.
pub(super) fn sent(facts: &[Facts], at: usize) -> Option<Sent> {
    let here = facts.get(at)?;
    let before = at.checked_sub(1).and_then(|before| facts.get(before));
    let mut best: Option<Sent> = None;
    for verb in &here.sends {
        let line = here.clauses.tokens.get(verb.at).map_or(here.line, |token| token.line);
        let target =
            here.targets.iter().find(|target| target.at.abs_diff(verb.at) <= NEAR * 2).cloned();
        if target.is_none() && !here.clauses.any(Class::Parameter) {
            continue;
        }
        let own = here.things.iter().filter(|thing| is_object(here, *verb, thing));
        let referred = before.into_iter().flat_map(|before| {
            let refers = refers_back(here, *verb);
            before.things.iter().filter(move |thing| refers && is_read(before, thing))
        });
        let Some(thing) = own.chain(referred).min_by_key(|thing| thing.worth) else { continue };
        if best.as_ref().is_none_or(|best| thing.worth < best.thing.worth) {
            best = Some(Sent { thing: thing.clone(), target, line });
        }
    }
    best
}

/// Whether a verb of taking in has the thing as its object.
fn is_read(facts: &Facts, thing: &Thing) -> bool {
    takes_in(facts, thing, NEAR)
}

/// Whether a verb of taking in within `reach` tokens has the thing as its object.
pub(super) fn takes_in(facts: &Facts, thing: &Thing, reach: usize) -> bool {
    if facts.clauses.language.verb_is_last() {
        return !between(&facts.reads, thing.at + 1, thing.at + reach + 1).is_empty();
    }
    let before = between(&facts.reads, thing.at.saturating_sub(reach), thing.at);
    before.iter().any(|verb| !is_instrument(facts, verb.end(), thing.at))
}

/// Whether `with`, `using` or the like makes what follows a tool of the act.
fn is_instrument(facts: &Facts, from: usize, to: usize) -> bool {
    facts.clauses.within(Class::Instrument, from, to)
}

/// Whether another order stands between two places.
fn is_parted(facts: &Facts, from: usize, to: usize) -> bool {
    let verbs = [&facts.reads, &facts.runs, &facts.writes, &facts.sends];
    verbs.into_iter().any(|verbs| !between(verbs, from, to).is_empty())
}

fn is_object(facts: &Facts, verb: Mark, thing: &Thing) -> bool {
    let last = facts.clauses.language.verb_is_last();
    if thing.at >= verb.end() && !last {
        return thing.at - verb.at <= NEAR
            && !is_instrument(facts, verb.end(), thing.at)
            && !is_parted(facts, verb.end(), thing.at);
    }
    if thing.at >= verb.at || verb.at - thing.at > NEAR * 2 {
        return false;
    }
    if last || facts.clauses.starts(Class::Object, thing.at + 1) {
        return is_object_in_front(facts, verb, thing);
    }
    // "Read it and send it", or the object in front of the verb: Chinese with its marker, German infinitives.
    is_read(facts, thing) && refers_back(facts, verb) || is_marked_in_front(facts, verb, thing)
}

/// Where verbs come last: no mark of a tool behind the thing, and no other object nearer to the verb.
fn is_object_in_front(facts: &Facts, verb: Mark, thing: &Thing) -> bool {
    const BEHIND: usize = 6;
    let tool = facts.clauses.within(Class::Instrument, thing.at, (thing.at + BEHIND).min(verb.at));
    let others =
        facts.clauses.all(Class::Object).filter(|mark| mark.at > thing.at + 8 && mark.at < verb.at);
    let mut others = others.filter(|mark| {
        // Of the thing itself, or of what stands for it.
        !facts.clauses.within(Class::Pronoun, mark.at.saturating_sub(4), mark.at)
            && !facts
                .things_between(mark.at.saturating_sub(6), mark.at + 7)
                .iter()
                .any(|other| other.worth <= thing.worth)
    });
    !tool && others.next().is_none()
}

/// Chinese puts an object that is handled between a marker and the verb; German ends with its infinitive.
fn is_marked_in_front(facts: &Facts, verb: Mark, thing: &Thing) -> bool {
    let before = facts.clauses.tokens.get(..thing.at).unwrap_or_default();
    let marked = before.iter().rev().take(8).any(|token| {
        matches!(&token.kind, Kind::Word(word) if matches!(word.as_str(), "把" | "将" | "將" | "inhalt" | "inhalte"))
    });
    marked && !is_parted(facts, thing.at + 1, verb.at)
}

/// Whether the object of a verb is a pronoun, or is left out because the verb before has named it.
fn refers_back(facts: &Facts, verb: Mark) -> bool {
    let clauses = &facts.clauses;
    if clauses.language.verb_is_last() {
        let from = verb.at.saturating_sub(NEAR);
        return clauses.within(Class::Pronoun, from, verb.at)
            || !clauses.within(Class::Object, from, verb.at);
    }
    let behind = verb.end()..verb.end() + NEXT;
    if clauses.within(Class::Pronoun, behind.start, behind.end) {
        return true;
    }
    // A pronoun that is a part of the verb, or stands before it.
    if clauses.starts(Class::Pronoun, verb.at)
        || clauses.within(Class::Pronoun, verb.at.saturating_sub(4), verb.at)
    {
        return true;
    }
    // Nothing but small words before the target.
    let target = facts.targets.iter().map(|target| target.at).find(|at| *at >= verb.end());
    target.is_some_and(|target| target - verb.end() <= 3)
}
