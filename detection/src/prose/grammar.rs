//! The grammar of a sentence as far as it matters: its language, what is negated, and what is only reported.

use super::{
    class::Class,
    language::language,
    lexicon::{Language, Mark},
    token::{Kind, Sentence, sentences},
};

/// A sentence with what its phrases may be.
#[derive(Debug)]
pub(super) struct Clauses {
    pub(super) tokens: Sentence,
    pub(super) language: Language,
    /// In the order of classes, and of tokens within a class.
    marks: Vec<Mark>,
    /// The sets of classes whose phrases hold each token, and whose phrases end before it.
    sets: Vec<(u128, u128)>,
    /// All classes in the sentence.
    known: u128,
    /// How many tokens before each are breaks, and commas.
    ends: Vec<(usize, usize)>,
}

/// A negation holds for verbs within this many tokens.
const REACH: usize = 40;
/// A negation of one verb of telling stands within this many tokens.
const NEAR: usize = 6;

/// Classes of phrases that are held against all others of their sentence.
const VERBS: [Class; 11] = [
    Class::Send,
    Class::Read,
    Class::Run,
    Class::Write,
    Class::Tell,
    Class::Hush,
    Class::Hide,
    Class::Quiet,
    Class::Ignore,
    Class::Paste,
    Class::Consent,
];

impl Clauses {
    pub(super) fn of(tokens: Sentence) -> Self {
        let (language, mut marks) = language(&tokens);
        marks.retain(|mark| mark.class != Class::Stop);
        marks.sort_by_key(|mark| (mark.class, mark.at));
        let mut sets = vec![(0, 0); tokens.len() + 1];
        let mut known = 0;
        for mark in &marks {
            let bit = mark.class.bit();
            known |= bit;
            for (held, _) in sets.iter_mut().take(mark.end()).skip(mark.at) {
                *held |= bit;
            }
            if let Some((_, ended)) = sets.get_mut(mark.end()) {
                *ended |= bit;
            }
        }
        let mut ends = Vec::with_capacity(tokens.len() + 1);
        let (mut breaks, mut commas) = (0, 0);
        ends.push((0, 0));
        for token in &tokens {
            breaks += usize::from(token.kind == Kind::Break);
            commas += usize::from(token.kind == Kind::Comma);
            ends.push((breaks, commas));
        }
        Self { tokens, language, marks, sets, known, ends }
    }

    /// The steps that reading the sentence takes at most: each verb is held against each phrase.
    pub(super) fn work(&self) -> usize {
        let verbs: usize = VERBS.into_iter().map(|class| self.of_class(class).len()).sum();
        self.tokens.len() + verbs * self.marks.len()
    }

    fn of_class(&self, class: Class) -> &[Mark] {
        if self.known & class.bit() == 0 {
            return &[];
        }
        let from = self.marks.partition_point(|mark| mark.class < class);
        let to = self.marks.partition_point(|mark| mark.class <= class);
        self.marks.get(from..to).unwrap_or_default()
    }

    pub(super) fn all(&self, class: Class) -> impl DoubleEndedIterator<Item = Mark> + '_ {
        self.of_class(class).iter().copied()
    }

    pub(super) fn any(&self, class: Class) -> bool {
        self.known & class.bit() != 0
    }

    /// Whether the class begins in the tokens of a range.
    pub(super) fn within(&self, class: Class, from: usize, to: usize) -> bool {
        !between(self.of_class(class), from, to).is_empty()
    }

    pub(super) fn starts(&self, class: Class, at: usize) -> bool {
        self.within(class, at, at.saturating_add(1))
    }

    /// Whether the token is a part of a phrase of the class.
    pub(super) fn covers(&self, class: Class, at: usize) -> bool {
        self.sets.get(at).is_some_and(|(held, _)| held & class.bit() != 0)
    }

    pub(super) fn ends(&self, class: Class, at: usize) -> bool {
        self.sets.get(at).is_some_and(|(_, ended)| ended & class.bit() != 0)
    }

    /// How many breaks and commas are in a range.
    fn ends_within(&self, from: usize, to: usize) -> (usize, usize) {
        let last = self.ends.last().copied().unwrap_or_default();
        let at = |at: usize| self.ends.get(at).copied().unwrap_or(last);
        let ((breaks, commas), (breaks_to, commas_to)) = (at(from), at(to.max(from)));
        (breaks_to - breaks, commas_to - commas)
    }

    pub(super) fn breaks(&self, from: usize, to: usize) -> bool {
        self.ends_within(from, to).0 > 0
    }

    pub(super) fn has_comma(&self, from: usize, to: usize) -> bool {
        self.ends_within(from, to).1 > 0
    }

    /// Whether the tokens of a mark are said: neither quoted nor code.
    pub(super) fn is_said(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| !token.quoted && !token.code)
    }

    /// Whether the verb at `at` is what a negation forbids.
    pub(super) fn is_negated(&self, verb: Mark) -> bool {
        self.is_negated_before(verb.at) || self.is_negated_behind(verb)
    }

    fn is_negated_before(&self, at: usize) -> bool {
        let negations = self.all(Class::Not).chain(self.all(Class::Without));
        let Some(not) = negations.filter(|mark| mark.end() <= at).max_by_key(|mark| mark.at) else {
            return false;
        };
        if at - not.at > REACH
            || self.breaks(not.end(), at)
            || self.within(Class::But, not.end(), at)
        {
            return false;
        }
        let halts = |from: usize, to: usize| {
            self.within(Class::Halt, from, to) || self.within(Class::Tell, from, to)
        };
        // "Do not forget to send" is an order, and so is "do not tell the user and send".
        if halts(not.end(), at) {
            return false;
        }
        // "Do not use the old one, send": a comma ends the negation, unless an "or" carries it on.
        !self.has_comma(not.end(), at) || self.within(Class::Or, not.at + 1, usize::MAX)
    }

    /// Negations that follow their verb: in verb-last languages, and German's in the same clause.
    fn is_negated_behind(&self, verb: Mark) -> bool {
        let from = verb.end();
        between(self.of_class(Class::After), from, from + REACH + 1).iter().any(|mark| {
            let broken = self.breaks(from, mark.at);
            let other_clause =
                self.language == Language::German && self.has_clause_end(from, mark.at);
            let turned = [Class::Halt, Class::But, Class::Tell];
            !broken
                && !other_clause
                && !turned.into_iter().any(|class| self.within(class, from, mark.at))
        })
    }

    fn has_clause_end(&self, from: usize, to: usize) -> bool {
        self.has_comma(from, to) || self.within(Class::And, from, to)
    }

    /// The verbs of a class that order: said, not negated, and nobody else's words.
    pub(super) fn orders(&self, class: Class) -> Vec<Mark> {
        self.all(class)
            .filter(|mark| {
                self.is_said(mark.at)
                    && !self.is_reported(mark.at)
                    && !self.ends(Class::Article, mark.at)
                    && !self.ends(Class::Modal, mark.at)
                    && !self.is_negated(*mark)
            })
            .collect()
    }

    /// Whether what stands there is what somebody else says or does. A report holds for its own clause. A verb of saying,
    /// or an order to detect at the beginning, holds for what follows too, unless it is itself a reason or an aim:
    /// "To stop attackers, read …" is an order.
    pub(super) fn is_reported(&self, at: usize) -> bool {
        self.all(Class::Report).any(|mark| {
            if mark.at >= at {
                return self.language.verb_is_last();
            }
            if self.ends_within(mark.end(), at) == (0, 0) {
                return true;
            }
            let begin = self.clause_begin(mark.at);
            let end =
                if self.language.verb_is_last() { self.clause_end(mark.at) } else { mark.at + 1 };
            (mark.at == 0 || self.covers(Class::Say, mark.at))
                && !self.within(Class::Aim, begin, end)
        })
    }

    /// Where the clause begins that ends here.
    pub(super) fn clause_begin(&self, to: usize) -> usize {
        let (breaks, commas) = self.ends_within(0, to);
        self.ends.partition_point(|(b, c)| b + c < breaks + commas)
    }

    /// Where the clause ends that `from` is a part of.
    fn clause_end(&self, from: usize) -> usize {
        let (breaks, commas) = self.ends_within(0, from);
        self.ends.partition_point(|(b, c)| b + c <= breaks + commas).saturating_sub(1)
    }

    /// The nearest negation of a verb of telling: before it, in German also behind it.
    pub(super) fn negation_near(&self, tell: Mark) -> Option<Mark> {
        let before = self
            .all(Class::Not)
            .chain(self.all(Class::Without))
            .filter(|mark| {
                mark.end() <= tell.at
                    && tell.at - mark.end() < NEAR
                    && !self.breaks(mark.end(), tell.at)
            })
            .max_by_key(|mark| mark.at);
        let behind = || {
            self.all(Class::After)
                .find(|mark| mark.at >= tell.end() && !self.breaks(tell.end(), mark.at))
                .filter(|mark| !self.has_clause_end(tell.end(), mark.at))
        };
        before.or_else(behind)
    }
}

/// Those of marks in order that begin in a range.
pub(super) fn between(marks: &[Mark], from: usize, to: usize) -> &[Mark] {
    let begin = marks.partition_point(|mark| mark.at < from);
    let end = marks.partition_point(|mark| mark.at < to);
    marks.get(begin..end).unwrap_or_default()
}

/// Whether an announcement says that what follows is somebody else's words.
pub(super) fn reports(text: &str) -> bool {
    holds(text, Class::Report)
}

/// Whether a heading names attackers or what they write. "Detection" and "risks" are topics of honest steps, too.
pub(super) fn names_attacker(text: &str) -> bool {
    holds(text, Class::Say)
}

fn holds(text: &str, class: Class) -> bool {
    let chars: Vec<(char, u32)> = text.chars().map(|c| (c, 1)).collect();
    sentences(&chars).into_iter().any(|tokens| Clauses::of(tokens).any(class))
}
