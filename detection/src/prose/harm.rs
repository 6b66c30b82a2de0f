//! What a sentence orders against the user: to take away protection or a decision, or to say something else than the truth.

use super::{class::Class, grammar::Clauses, lexicon::Mark, token::Kind};

/// A verb stands this near to what it switches off or gives.
const NEAR: usize = 10;

/// Whether a sentence orders what takes away the user's protection or decision: to switch off a guard, to give a right, to
/// consent in the user's place.
pub(super) fn harms(clauses: &Clauses) -> bool {
    let is_order = |mark: &Mark| {
        clauses.is_said(mark.at) && !clauses.is_reported(mark.at) && !clauses.is_negated(*mark)
    };
    let on = |verb: Mark, class: Class| {
        let last = clauses.language.verb_is_last();
        let front = if last { verb.at.saturating_sub(NEAR * 2) } else { verb.at.saturating_sub(4) };
        clauses.within(class, verb.end(), verb.end() + NEAR)
            || clauses.within(class, front, verb.at)
    };
    // The file of those who may log in.
    let is_login = clauses.tokens.iter().any(|token| {
        token.kind == Kind::File && !token.quoted && token.text.ends_with("authorized_keys")
    });
    let gives = [Class::Write, Class::Send, Class::Ship];
    clauses.all(Class::Usurp).any(|mark| {
        // "Never merge without …" forbids, "do not ask" orders.
        let begins = clauses.starts(Class::Not, mark.at);
        clauses.is_said(mark.at)
            && !clauses.is_reported(mark.at)
            && (begins || !clauses.is_negated(mark))
    }) || clauses.all(Class::Disarm).filter(is_order).any(|verb| on(verb, Class::Guard))
        || gives
            .into_iter()
            .flat_map(|class| clauses.all(class))
            .filter(is_order)
            .any(|verb| on(verb, Class::Privilege) || is_login)
}

/// Whether a sentence orders to say something else than the truth, or what to say to one who asks about it.
pub(super) fn lies(clauses: &Clauses) -> bool {
    const BEHIND: usize = 12;
    let is_order = |mark: &Mark| {
        clauses.is_said(mark.at) && !clauses.is_reported(mark.at) && !clauses.is_negated(*mark)
    };
    clauses.all(Class::Lie).any(|mark| is_order(&mark))
        || clauses.all(Class::Asked).any(|asked| {
            clauses.all(Class::Answer).any(|mark| {
                (asked.end()..asked.end() + BEHIND).contains(&mark.at) && is_order(&mark)
            })
        })
}
