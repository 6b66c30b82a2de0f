//! What a word or phrase may do in a sentence, by language: data in `data/prose/`, one class a line.

use super::{
    class::Class,
    token::{Kind, Token, sentences},
};
use std::{collections::HashMap, sync::LazyLock};

/// A language of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Language {
    English,
    Chinese,
    Japanese,
    Korean,
    Russian,
    Spanish,
    Portuguese,
    French,
    German,
    Turkish,
}

impl Language {
    /// The languages in Latin letters, the likeliest first.
    pub(super) const LATIN: [Self; 6] =
        [Self::English, Self::Spanish, Self::Portuguese, Self::French, Self::German, Self::Turkish];

    /// Whether the verb stands behind its object.
    pub(super) const fn verb_is_last(self) -> bool {
        matches!(self, Self::Japanese | Self::Korean | Self::Turkish)
    }

    const fn data(self) -> &'static str {
        match self {
            Self::English => include_str!("../../data/prose/en.tsv"),
            Self::Chinese => include_str!("../../data/prose/zh.tsv"),
            Self::Japanese => include_str!("../../data/prose/ja.tsv"),
            Self::Korean => include_str!("../../data/prose/ko.tsv"),
            Self::Russian => include_str!("../../data/prose/ru.tsv"),
            Self::Spanish => include_str!("../../data/prose/es.tsv"),
            Self::Portuguese => include_str!("../../data/prose/pt.tsv"),
            Self::French => include_str!("../../data/prose/fr.tsv"),
            Self::German => include_str!("../../data/prose/de.tsv"),
            Self::Turkish => include_str!("../../data/prose/tr.tsv"),
        }
    }

    /// The language's lexicon.
    pub(super) fn lexicon(self) -> &'static Lexicon {
        static ALL: LazyLock<HashMap<Language, Lexicon>> = LazyLock::new(|| {
            use Language::{Chinese, Japanese, Korean, Russian};
            let common = include_str!("../../data/prose/any.tsv");
            Language::LATIN
                .into_iter()
                .chain([Chinese, Japanese, Korean, Russian])
                .map(|language| (language, Lexicon::of(&[language.data(), common])))
                .collect()
        });
        static NONE: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::of(&[]));
        ALL.get(&self).unwrap_or(&NONE)
    }
}

/// Stands in a phrase for any one token, but not at its beginning.
const GAP: &str = "_";

/// A word of a phrase: whole, the beginning of a longer one, or a gap.
#[derive(Debug)]
struct Word {
    text: String,
    is_stem: bool,
    /// It stands for any one token.
    is_gap: bool,
}

#[derive(Debug)]
struct Phrase {
    class: Class,
    words: Vec<Word>,
}

/// The phrases of a language.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// By their first word, where it is a whole one.
    phrases: HashMap<String, Vec<Phrase>>,
    /// By their first letter, where the first word is the beginning of longer ones.
    stems: HashMap<char, Vec<Phrase>>,
}

/// A phrase in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) class: Class,
    /// Its first token.
    pub(super) at: usize,
    /// How many tokens it has.
    pub(super) length: usize,
}

impl Mark {
    /// The token behind it.
    pub(super) const fn end(self) -> usize {
        self.at + self.length
    }
}

impl Lexicon {
    /// Reads lines `class<TAB>phrase|phrase|stem*|a _ phrase`. What is no such line says nothing.
    fn of(texts: &[&str]) -> Self {
        let mut lexicon = Self::default();
        let rows = texts.iter().flat_map(|text| text.lines()).filter(|row| !row.starts_with('#'));
        for (class, all) in rows.filter_map(|row| row.split_once('\t')) {
            let Some(class) = Class::of(class) else { continue };
            for phrase in all.split('|') {
                let words = words_of(phrase);
                let Some(first) = words.first() else { continue };
                let letter = first.text.chars().next().filter(|_| first.is_stem);
                let (text, phrase) = (first.text.clone(), Phrase { class, words });
                match letter {
                    Some(letter) => lexicon.stems.entry(letter).or_default().push(phrase),
                    None => lexicon.phrases.entry(text).or_default().push(phrase),
                }
            }
        }
        lexicon
    }

    /// The phrases in a sentence; of each class the longest that begins at a token.
    pub(super) fn marks(&self, tokens: &[Token]) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let Kind::Word(word) = &token.kind else { continue };
            let whole = self.phrases.get(word);
            let stems = word.chars().next().and_then(|first| self.stems.get(&first));
            for phrase in whole.into_iter().chain(stems).flatten() {
                let fits = phrase.words.iter().enumerate().all(|(offset, word)| {
                    tokens.get(at + offset).is_some_and(|token| word.fits(token))
                });
                if !fits {
                    continue;
                }
                let mark = Mark { class: phrase.class, at, length: phrase.words.len() };
                match marks
                    .iter_mut()
                    .rev()
                    .take_while(|mark| mark.at == at)
                    .find(|mark| mark.class == phrase.class)
                {
                    Some(known) => known.length = known.length.max(mark.length),
                    None => marks.push(mark),
                }
            }
        }
        marks
    }
}

impl Word {
    fn fits(&self, token: &Token) -> bool {
        match &token.kind {
            _ if self.is_gap => !matches!(token.kind, Kind::Comma | Kind::Break),
            Kind::Word(word) if self.is_stem => word.starts_with(&self.text),
            Kind::Word(word) => *word == self.text,
            _ => false,
        }
    }
}

/// The words of a phrase, split as a text's are.
fn words_of(phrase: &str) -> Vec<Word> {
    phrase
        .split_whitespace()
        .flat_map(|part| {
            if part == GAP {
                return vec![Word { text: String::new(), is_stem: false, is_gap: true }];
            }
            let stem = part.strip_suffix('*');
            let chars: Vec<(char, u32)> = stem.unwrap_or(part).chars().map(|c| (c, 1)).collect();
            let mut words: Vec<Word> = sentences(&chars)
                .into_iter()
                .flatten()
                .filter_map(|token| match token.kind {
                    Kind::Word(text) => Some(Word { text, is_stem: false, is_gap: false }),
                    _ => None,
                })
                .collect();
            if let Some(last) = words.last_mut() {
                last.is_stem = stem.is_some();
            }
            words
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_of_the_data_has_a_class_and_a_phrase() {
        use Language::{Chinese, Japanese, Korean, Russian};
        let all = Language::LATIN.into_iter().chain([Chinese, Japanese, Korean, Russian]);
        for text in all.map(Language::data).chain([include_str!("../../data/prose/any.tsv")]) {
            assert!(text.starts_with("# "), "a source note");
            for row in text.lines().filter(|row| !row.starts_with('#')) {
                let (class, phrases) = row.split_once('\t').unwrap_or_else(|| panic!("{row}"));
                assert!(Class::of(class).is_some(), "{row}");
                for phrase in phrases.split('|') {
                    assert!(!words_of(phrase).is_empty(), "{phrase:?} in {row}");
                }
            }
        }
    }
}
