//! What somebody who searches for a skill means.

use skillgate_contract::SkillName;

/// A search for names: each of its words must begin a word of the name. Case does not count, nor
/// does what stands between words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    words: Vec<String>,
    key: String,
}

/// More than that nobody types.
const MOST_WORDS: usize = 8;

impl Search {
    /// Reads a search. `None` where it has no word that could stand in a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<String> = words(text).take(MOST_WORDS).collect();
        // The longest is the rarest, mostly.
        let key = words.iter().max_by_key(|word| word.len())?.clone();
        Some(Self { words, key })
    }

    /// The word to look up in the index.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether whatever the key finds is meant.
    #[must_use]
    pub fn is_one_word(&self) -> bool {
        self.words.len() == 1
    }

    /// Whether a name, found by one of its words, is meant, and is found by this word first: a name
    /// may have several that begin with the key, and is shown once.
    #[must_use]
    pub fn takes(&self, found_by: &str, name: &SkillName) -> bool {
        let of_name: Vec<String> = words(name.as_str()).collect();
        let begins = |word: &String| of_name.iter().any(|own| own.starts_with(word));
        let first = of_name.iter().filter(|own| own.starts_with(&self.key)).min();
        first.is_some_and(|first| first == found_by) && self.words.iter().all(begins)
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_begin_a_word_of_the_name() {
        let takes = |q: &str, name: &str| {
            let search = Search::parse(q).unwrap();
            let name: SkillName = name.parse().unwrap();
            words(name.as_str()).any(|word| search.takes(&word, &name))
        };
        for (q, name, expected) in [
            ("pdf", "owner/my-PDF.tools", true),
            ("PD to", "owner/my-pdf_tools", true),
            ("owner/my", "owner/my-pdf", true),
            ("df", "owner/pdf", false),
            ("pdf other", "owner/pdf", false),
        ] {
            assert_eq!(takes(q, name), expected, "{q} {name}");
        }
        for nothing in ["", "  ", "/-.", "💥", "ä"] {
            assert_eq!(Search::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_name_is_taken_by_one_of_its_words_only() {
        let search = Search::parse("pdf").unwrap();
        let name: SkillName = "pdf/pdfs/pdf-x".parse().unwrap();
        assert!(search.takes("pdf", &name) && !search.takes("pdfs", &name));
    }
}
