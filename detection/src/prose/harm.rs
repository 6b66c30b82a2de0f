//! What a sentence orders against the user: to take away protection or a decision, or to say something else than the truth.

use super::{class::Class, grammar::Clauses, lexicon::Mark, token::Kind};

/// How surely a deed is against the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Honest work does it too: it counts only where this very deed is kept from the user.
    Weak,
    /// A way in, or a guard that nobody switches off unseen.
    Strong,
}

/// A verb stands this near to what it switches off or gives.
const NEAR: usize = 10;

/// Whether a sentence orders what takes away the user's protection or decision: to switch off a guard, to give a right, to
/// consent in the user's place.
pub(super) fn harms(clauses: &Clauses) -> Option<Harm> {
    let is_order = |mark: &Mark| {
        clauses.is_said(mark.at) && !clauses.is_reported(mark.at) && !clauses.is_negated(*mark)
    };
    let on = |verb: Mark, class: Class| {
        let last = clauses.language.verb_is_last();
        let front = if last { verb.at.saturating_sub(NEAR * 2) } else { verb.at.saturating_sub(4) };
        let objects = clauses.all(class).filter(|mark| {
            let behind = (verb.end()..verb.end() + NEAR).contains(&mark.at);
            (behind || (front..verb.at).contains(&mark.at)) && !is_doer(clauses, *mark)
        });
        objects.map(|mark| worst(clauses, mark)).max()
    };
    // The file of those who may log in.
    let is_login = clauses.tokens.iter().any(|token| {
        token.kind == Kind::File && !token.quoted && token.text.ends_with("authorized_keys")
    });
    let gives = [Class::Write, Class::Send, Class::Ship];
    let usurps = clauses.all(Class::Usurp).filter(|mark| {
        // "Never merge without …" forbids, "do not ask" orders.
        let begins = clauses.starts(Class::Not, mark.at);
        clauses.is_said(mark.at)
            && !clauses.is_reported(mark.at)
            && (begins || !clauses.is_negated(*mark))
    });
    let disarms = clauses.all(Class::Disarm).filter(is_order);
    let given = gives.into_iter().flat_map(|class| clauses.all(class)).filter(is_order);
    let all = usurps
        .map(|mark| worst(clauses, mark))
        .chain(disarms.filter_map(|verb| on(verb, Class::Guard)))
        .chain(given.filter_map(|verb| {
            if is_login { Some(Harm::Strong) } else { on(verb, Class::Privilege) }
        }));
    // Logs of a certain age are rotated.
    all.max().filter(|harm| *harm == Harm::Strong || !clauses.any(Class::Aged))
}

fn worst(clauses: &Clauses, mark: Mark) -> Harm {
    if clauses.starts(Class::Weak, mark.at) { Harm::Weak } else { Harm::Strong }
}

/// Whether the person of a right does the deed: "approved by the admin".
fn is_doer(clauses: &Clauses, mark: Mark) -> bool {
    clauses.ends(Class::Doer, mark.at) || clauses.starts(Class::Doer, mark.end())
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
