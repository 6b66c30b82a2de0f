//! The grammar of a sentence as far as it matters: its language, what is negated, and what is only reported.

use super::{
    fold::is_unspaced,
    lexicon::{Class, Language, Mark},
    token::{Kind, Sentence, Token, sentences},
};

/// A sentence with what its phrases may be.
#[derive(Debug)]
pub(super) struct Clauses {
    pub(super) tokens: Sentence,
    pub(super) marks: Vec<Mark>,
    pub(super) language: Language,
}

/// A negation holds for verbs within this many tokens.
const REACH: usize = 40;
/// A negation of one verb of telling stands within this many tokens.
const NEAR: usize = 6;

/// The language of a sentence: by its script, else by the phrases that are known in it.
fn language(tokens: &[Token]) -> (Language, Vec<Mark>) {
    let (mut kana, mut han, mut hangul, mut cyrillic, mut latin) = (0, 0, 0, 0, 0);
    let words = tokens.iter().filter_map(|token| match &token.kind {
        Kind::Word(word) => word.chars().next(),
        _ => None,
    });
    for c in words {
        match c {
            '\u{3040}'..='\u{30ff}' => kana += 1,
            c if is_unspaced(c) => han += 1,
            '\u{ac00}'..='\u{d7a3}' => hangul += 2,
            '\u{400}'..='\u{52f}' => cyrillic += 1,
            _ => latin += 1,
        }
    }
    let by_script = if hangul * 2 > latin && hangul > kana + han {
        Some(Language::Korean)
    } else if kana > 1 {
        Some(Language::Japanese)
    } else if han > 1 {
        Some(Language::Chinese)
    } else if cyrillic * 2 > latin {
        Some(Language::Russian)
    } else {
        None
    };
    if let Some(language) = by_script {
        return (language, language.lexicon().marks(tokens));
    }
    let mut best = (Language::English, Language::English.lexicon().marks(tokens));
    let mut most = covered(&best.1);
    for language in Language::LATIN.into_iter().skip(1) {
        let marks = language.lexicon().marks(tokens);
        let count = covered(&marks);
        if count > most {
            most = count;
            best = (language, marks);
        }
    }
    best
}

/// How many places of a sentence are known.
fn covered(marks: &[Mark]) -> usize {
    let mut end = 0;
    let mut count = 0;
    for mark in marks {
        let from = mark.at.max(end);
        count += mark.end().saturating_sub(from);
        end = end.max(mark.end());
    }
    count
}

impl Clauses {
    pub(super) fn of(tokens: Sentence) -> Self {
        let (language, marks) = language(&tokens);
        Self { tokens, marks, language }
    }

    pub(super) fn all(&self, class: Class) -> impl DoubleEndedIterator<Item = Mark> + '_ {
        self.marks.iter().copied().filter(move |mark| mark.class == class)
    }

    pub(super) fn any(&self, class: Class) -> bool {
        self.all(class).next().is_some()
    }

    /// Whether the class stands in the tokens of a range.
    pub(super) fn within(&self, class: Class, from: usize, to: usize) -> bool {
        self.all(class).any(|mark| mark.at >= from && mark.at < to)
    }

    pub(super) fn starts(&self, class: Class, at: usize) -> bool {
        self.all(class).any(|mark| mark.at == at)
    }

    fn ends(&self, class: Class, at: usize) -> bool {
        self.all(class).any(|mark| mark.end() == at)
    }

    pub(super) fn breaks(&self, from: usize, to: usize) -> bool {
        self.tokens.iter().take(to).skip(from).any(|token| token.kind == Kind::Break)
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
        let comma =
            self.tokens.iter().take(at).skip(not.end()).any(|token| token.kind == Kind::Comma);
        !comma || self.marks.iter().any(|mark| mark.class == Class::Or && mark.at > not.at)
    }

    /// Negations that follow their verb: in verb-last languages, and German's in the same clause.
    fn is_negated_behind(&self, verb: Mark) -> bool {
        let from = verb.end();
        self.all(Class::After).filter(|mark| mark.at >= from).any(|mark| {
            let far = mark.at - from > REACH || self.breaks(from, mark.at);
            let other_clause =
                self.language == Language::German && self.has_clause_end(from, mark.at);
            let turned = [Class::Halt, Class::But, Class::Tell];
            !far && !other_clause
                && !turned.into_iter().any(|class| self.within(class, from, mark.at))
        })
    }

    fn has_clause_end(&self, from: usize, to: usize) -> bool {
        self.tokens.iter().take(to).skip(from).any(|token| token.kind == Kind::Comma)
            || self.within(Class::And, from, to)
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

    /// Whether what stands there is what somebody else says or does.
    pub(super) fn is_reported(&self, at: usize) -> bool {
        let mut reports = self.all(Class::Report);
        if self.language.verb_is_last() {
            reports.next().is_some()
        } else {
            reports.any(|mark| mark.at < at)
        }
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

/// Whether a heading or an announcement says that what follows is somebody else's words.
pub(super) fn reports(text: &str) -> bool {
    let chars: Vec<(char, u32)> = text.chars().map(|c| (c, 1)).collect();
    sentences(&chars).into_iter().any(|tokens| Clauses::of(tokens).any(Class::Report))
}
