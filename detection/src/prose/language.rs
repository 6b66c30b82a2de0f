//! Which language a sentence is in.

use super::{
    fold::is_unspaced,
    lexicon::{Language, Mark},
    token::{Kind, Token},
};

/// The language of a sentence: by its script, else by the phrases that are known in it.
pub(super) fn language(tokens: &[Token]) -> (Language, Vec<Mark>) {
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
