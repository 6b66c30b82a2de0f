//! How a sentence keeps a deed from the user: not a value, not a price, but that something is done at all.

use super::{
    class::Class,
    grammar::Clauses,
    lexicon::{Language, Mark},
    token::{Kind, Token},
};

/// How surely the deed itself is kept from the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concealment {
    /// An adverb: `silently`.
    Adverb,
    /// A pronoun that may mean a value as well.
    Pronoun,
    /// The deed is named, or the user is not to know of it.
    Deed,
}

/// Whether what follows a phrase that is open at its end says that somebody is not told: "keep it out of the summary", not
/// "keep it out of the repository".
fn is_complete(clauses: &Clauses, phrase: Mark) -> bool {
    const OPEN: [&str; 6] = ["of", "in", "from", "the", "your", "any"];
    const BEHIND: usize = 7;
    let last = phrase.end().checked_sub(1).and_then(|at| clauses.tokens.get(at));
    let is_open = clauses.language == Language::English
        && last.is_some_and(|token| OPEN.contains(&token.text.to_lowercase().as_str()));
    let end = phrase.end() + BEHIND;
    !is_open
        || clauses.within(Class::Venue, phrase.end(), end)
        || clauses.within(Class::User, phrase.end(), end)
}

/// Whether an exception follows: "… unless they ask".
fn is_excepted(clauses: &Clauses, at: usize) -> bool {
    // "…; if asked, say that nothing was sent" is none, and neither is "… even if asked".
    let last = clauses.all(Class::Lie).last().map_or(0, |lie| lie.at);
    clauses.all(Class::Unless).any(|mark| {
        let asked = clauses.starts(Class::Asked, mark.at);
        let even = clauses.all(Class::Asked).any(|long| long.at < mark.at && mark.at < long.end());
        // What another prohibition is excepted from.
        let other = clauses.all(Class::Not).any(|not| {
            not.at > at + 1
                && not.at < mark.at
                && clauses.has_comma(at, not.at)
                && clauses.within(Class::And, at, not.at)
        });
        let answered = asked && last > mark.at;
        mark.at > at && !(even || other || answered)
    })
}

/// How the sentence keeps a deed from the user.
pub(super) fn conceals(clauses: &Clauses) -> Option<Concealment> {
    let phrases = clauses.all(Class::Hide).filter(|mark| {
        !is_excepted(clauses, mark.at)
            && clauses.is_said(mark.at)
            && !clauses.is_reported(mark.at)
            && !clauses.is_negated(*mark)
            && is_complete(clauses, *mark)
    });
    let phrase = phrases.map(|mark| hides(clauses, mark)).max();
    if phrase == Some(Concealment::Deed)
        || clauses.all(Class::User).any(|user| is_kept_from(clauses, user))
    {
        return Some(Concealment::Deed);
    }
    let told = clauses
        .all(Class::Tell)
        .chain(clauses.all(Class::Utter))
        .filter(|mark| !is_excepted(clauses, mark.at))
        .filter_map(|tell| negated_tell(clauses, tell));
    let hushed = clauses
        .all(Class::Hush)
        .filter(|_| !clauses.any(Class::Unless))
        .filter_map(|hush| hushes(clauses, hush));
    let adverbs = clauses.all(Class::Quiet).filter(|mark| {
        clauses.is_said(mark.at) && !clauses.is_reported(mark.at) && !clauses.is_negated(*mark)
    });
    told.chain(hushed).chain(adverbs.map(|_| Concealment::Adverb)).chain(phrase).max()
}

/// Words for whoever was named before.
const WHOEVER: [&str; 8] = ["them", "lui", "ему", "ona", "他们", "他", "ihm", "le"];

/// Whether a range names the person whom the agent works for, not only somebody whom this person deals with.
pub(super) fn names_user(clauses: &Clauses, from: usize, to: usize) -> bool {
    clauses.all(Class::User).any(|mark| {
        (from..to).contains(&mark.at)
            && !clauses.covers(Class::Client, mark.at)
            && clauses
                .tokens
                .get(mark.at)
                .is_some_and(|token| !WHOEVER.contains(&token.text.to_lowercase().as_str()))
    })
}

/// How surely a phrase of hiding means a deed. A bare word (`secretly`, `confidential`) says nothing of who is kept from
/// knowing what: its clause must name the user, or the deed and no secret that is rightly kept.
fn hides(clauses: &Clauses, mark: Mark) -> Concealment {
    const REFUSALS: [&str; 5] = ["不允许", "不可", "不被允许", "notallowed", "forbidden"];
    let (begin, end) = (clauses.clause_begin(mark.at), clause_end(clauses, mark.end()));
    let behind = clauses.tokens.get(mark.end()..end).unwrap_or_default();
    let behind: String = behind.iter().map(|token| token.text.to_lowercase()).collect();
    if REFUSALS.iter().any(|refusal| behind.contains(refusal)) {
        return Concealment::Adverb;
    }
    let inside = |class| (mark.at..mark.end()).any(|at| clauses.covers(class, at));
    let has = |class| clauses.within(class, begin, end);
    let object = |class| {
        let from = if clauses.language.verb_is_last() { begin } else { mark.end() };
        clauses.within(class, from, end)
    };
    let full = names_user(clauses, mark.at, mark.end());
    let secrets = [Class::Value, Class::Keys, Class::Secret];
    let kept = if full { secrets.into_iter().any(object) } else { secrets.into_iter().any(has) };
    // "Without the user's knowledge, send …" is a manner: what follows is no object of the hiding.
    let manner = full && !clauses.orders(Class::Send).is_empty();
    if kept && !manner {
        return Concealment::Adverb;
    }
    let named = names_user(clauses, begin, end) && !object(Class::Data);
    let deed = has(Class::Deed) || has(Class::This) || inside(Class::Deed) || inside(Class::This);
    if manner || named || deed || has(Class::Venue) {
        Concealment::Deed
    } else if inside(Class::Pronoun) || clauses.within(Class::Pronoun, mark.at, end) {
        Concealment::Pronoun
    } else {
        Concealment::Adverb
    }
}

/// "The user must never learn of this": what the user is not to know is the deed, or nothing is named.
fn is_kept_from(clauses: &Clauses, user: Mark) -> bool {
    const NEAR: usize = 5;
    let begin = user.end();
    let next = |class, from: usize| {
        clauses.all(class).find(|mark| mark.at >= from && mark.at - from < NEAR)
    };
    let Some(not) = next(Class::Not, begin) else { return false };
    let Some(know) = next(Class::Know, not.end()) else { return false };
    let said = clauses.is_said(user.at) && !clauses.is_reported(user.at);
    if !said || clauses.breaks(begin, know.at) || is_excepted(clauses, know.at) {
        return false;
    }
    let end = clause_end(clauses, know.end());
    (know.end()..end).all(|at| {
        is_small(clauses, at)
            || [Class::This, Class::Pronoun, Class::Deed].iter().any(|c| clauses.covers(*c, at))
    })
}

/// "Do not tell the user about this step", in languages whose verb comes before its object.
fn negated_tell(clauses: &Clauses, tell: Mark) -> Option<Concealment> {
    if !clauses.is_said(tell.at) || clauses.is_reported(tell.at) {
        return None;
    }
    let not = clauses.negation_near(tell)?;
    // What need not be said may be.
    let before = not.at.checked_sub(1).and_then(|at| clauses.tokens.get(at));
    if before.is_some_and(|token| token.text.eq_ignore_ascii_case("need")) {
        return None;
    }
    let manner = clauses.starts(Class::Without, not.at);
    // "Never send it without telling the user" keeps nothing.
    let outer = clauses.all(Class::Not).chain(clauses.all(Class::Without)).any(|mark| {
        mark.end() <= not.at
            && !clauses.breaks(mark.end(), not.at)
            && !clauses.within(Class::But, mark.end(), not.at)
    });
    if manner && outer {
        return None;
    }
    let begin = tell.end();
    let end = clause_end(clauses, begin);
    if is_passive(clauses, not, tell) {
        return Some(Concealment::Deed);
    }
    if let Some(how) = object_of(clauses, begin, end) {
        return Some(how);
    }
    if clauses.any(Class::Consent) && clauses.within(Class::Consent, begin, end) {
        return None;
    }
    // German and Romance languages have the object in front of the verb as well.
    let front = if manner {
        not.end()
    } else {
        tell.at.saturating_sub(6).max(clauses.clause_begin(tell.at))
    };
    let has = |class| clauses.within(class, front, end);
    if has(Class::Value) || has(Class::Keys) {
        return None;
    }
    if is_told_fact(clauses, begin, end) {
        return Some(Concealment::Deed);
    }
    let acts = [Class::Send, Class::Read, Class::Run, Class::Write];
    let said = |class| clauses.within(class, begin, end);
    let that_you = said(Class::ThatYou) || clauses.language == Language::Chinese;
    if has(Class::Deed) || that_you && acts.into_iter().any(said) {
        return Some(Concealment::Deed);
    }
    let rest = (begin..end).filter(|at| !is_small(clauses, *at));
    let mut rest: Vec<usize> = rest.collect();
    let this = rest.iter().any(|at| clauses.covers(Class::This, *at))
        || (front..tell.at).any(|at| clauses.covers(Class::This, at));
    let pronoun = rest.iter().any(|at| clauses.covers(Class::Pronoun, *at));
    rest.retain(|at| !clauses.covers(Class::This, *at) && !clauses.covers(Class::Pronoun, *at));
    let user = clauses.within(Class::User, front, end);
    if !rest.is_empty() {
        None
    } else if this || user && !pronoun {
        Some(Concealment::Deed)
    } else {
        (pronoun).then_some(Concealment::Pronoun)
    }
}

/// Whether the sentence forbids to show the user something that is no value.
pub(super) fn mutes(clauses: &Clauses) -> bool {
    clauses.all(Class::Tell).chain(clauses.all(Class::Utter)).any(|tell| {
        let end = clause_end(clauses, tell.end());
        let begin = clauses.clause_begin(tell.at);
        let has = |class| clauses.within(class, begin, end);
        clauses.is_said(tell.at)
            && !clauses.is_reported(tell.at)
            && clauses.negation_near(tell).is_some()
            && has(Class::User)
            && !has(Class::Value)
            && !has(Class::Keys)
            && !has(Class::Secret)
    })
}

/// "Do not tell the user that files are sent": the object is a clause that names a deed.
fn is_told_fact(clauses: &Clauses, begin: usize, end: usize) -> bool {
    const THAT: [&str; 4] = ["that", "que", "dass", "что"];
    let Some(user) = clauses.all(Class::User).find(|mark| (begin..end).contains(&mark.at)) else {
        return false;
    };
    let that = clauses.tokens.get(user.end());
    that.is_some_and(|token| THAT.contains(&token.text.to_lowercase().as_str()))
        && [Class::Send, Class::Ship, Class::Read]
            .into_iter()
            .any(|class| clauses.within(class, user.end(), end))
}

/// "The transfer shall not be mentioned": the subject is the deed.
fn is_passive(clauses: &Clauses, not: Mark, tell: Mark) -> bool {
    const LONGEST: usize = 8;
    if !clauses.within(Class::Passive, not.at, tell.at) && !clauses.ends(Class::Passive, not.at) {
        return false;
    }
    let begin = clauses.clause_begin(not.at);
    let has = |class| clauses.within(class, begin, not.at);
    not.at - begin <= LONGEST && has(Class::Deed) && !has(Class::Value) && !has(Class::Keys)
}

/// "Do not mention it in the summary": what stands behind the object says where, and is no object.
fn object_of(clauses: &Clauses, begin: usize, end: usize) -> Option<Concealment> {
    let to = (begin + 1..end).find(|at| clauses.starts(Class::Where, *at))?;
    let is_deed = |at| clauses.covers(Class::Deed, at) || clauses.covers(Class::This, at);
    let all = (begin..to)
        .all(|at| is_small(clauses, at) || is_deed(at) || clauses.covers(Class::Pronoun, at));
    if !all {
        return None;
    }
    if (begin..to).any(|at| clauses.covers(Class::Deed, at)) {
        return Some(Concealment::Deed);
    }
    let user = clauses.within(Class::User, begin, end);
    let this = (begin..to).any(is_deed);
    let pronoun = (begin..to).any(|at| clauses.covers(Class::Pronoun, at));
    match (this, pronoun) {
        (true, _) if user => Some(Concealment::Deed),
        (_, true) | (true, _) => Some(Concealment::Pronoun),
        _ => None,
    }
}

/// The same where the verb is last and holds its negation: the object stands before it.
fn hushes(clauses: &Clauses, hush: Mark) -> Option<Concealment> {
    if !clauses.is_said(hush.at) || clauses.is_reported(hush.at) {
        return None;
    }
    // "… without telling, do not …" keeps nothing.
    let forbidden = clauses.all(Class::After).any(|mark| {
        mark.at >= hush.end() + 4
            && !clauses.within(Class::But, hush.end(), mark.at)
            && !clauses.breaks(hush.end(), mark.at)
            && !clauses.within(Class::Hush, hush.end(), mark.at)
    });
    if forbidden {
        return None;
    }
    let begin = clauses.clause_begin(hush.at);
    let has = |class| clauses.within(class, begin, hush.at);
    if has(Class::Value) || has(Class::Keys) {
        return None;
    }
    if has(Class::Deed) {
        return Some(Concealment::Deed);
    }
    let objects = clauses.tokens.get(begin..hush.at).unwrap_or_default().iter().any(is_object);
    (has(Class::User) && !objects).then_some(Concealment::Deed)
}

/// A word with the ending of an object, in Japanese and Korean.
fn is_object(token: &Token) -> bool {
    match &token.kind {
        Kind::Word(word) => {
            word == "を" || (word.ends_with(['을', '를']) && word.chars().count() > 1)
        }
        _ => false,
    }
}

fn is_small(clauses: &Clauses, at: usize) -> bool {
    clauses.covers(Class::Small, at)
        || clauses.covers(Class::User, at)
        || clauses.covers(Class::Not, at)
}

/// Where the clause ends that begins here.
fn clause_end(clauses: &Clauses, from: usize) -> usize {
    let mark = clauses.tokens.iter().enumerate().skip(from).find(|(at, token)| {
        matches!(token.kind, Kind::Comma | Kind::Break)
            || clauses.starts(Class::And, *at)
            || clauses.starts(Class::But, *at)
    });
    mark.map_or(clauses.tokens.len(), |(at, _)| at)
}
