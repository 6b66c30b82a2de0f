//! Masking by value: what trufflehog found, wherever it stands.

use super::{MIN_PIECE, TELLING, cover, is_name, looks_random, password};
use std::collections::{HashMap, HashSet};

/// What stands in the place of a password in honest examples, beside words that say so themselves.
const PLACEHOLDERS: [&str; 4] = ["changeme", "username", "localhost", "postgres"];
/// What they say so by.
const SAYING: [&str; 4] = ["passw", "secret", "token", "credential"];

/// Secret values, ready to be masked in many texts.
///
/// They are found by their first bytes, so that a repository full of secrets costs no more than
/// its text is long.
#[derive(Default)]
pub struct Values<'a> {
    by_start: HashMap<[u8; MIN_PIECE], Vec<Value<'a>>>,
}

#[derive(Clone, Copy)]
struct Value<'a> {
    text: &'a str,
    /// As it was found, not a part of that.
    whole: bool,
}

impl<'a> Values<'a> {
    /// Takes each value, and the parts of it that are secret by themselves.
    pub fn new(values: impl IntoIterator<Item = &'a str>) -> Self {
        let wholes: HashSet<&str> = values.into_iter().map(str::trim).collect();
        let parts: HashSet<&str> = wholes.iter().flat_map(|value| secret_parts(value)).collect();
        let parts = parts.difference(&wholes).map(|text| Value { text, whole: false });
        let wholes = wholes.iter().map(|text| Value { text, whole: true });
        let mut by_start: HashMap<_, Vec<Value<'_>>> = HashMap::new();
        for value in wholes.chain(parts) {
            if let Some(start) = value.text.as_bytes().first_chunk() {
                by_start.entry(*start).or_default().push(value);
            }
        }
        for values in by_start.values_mut() {
            values.sort_by_key(|value| std::cmp::Reverse(value.text.len()));
        }
        Self { by_start }
    }

    /// The text with every one of them masked. Where two overlap, what both cover is hidden. A part
    /// is masked where it stands alone: inside of a longer word it is that word's.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.mask_those(text, |value, at| {
            value.whole || stands_alone(text, at, at + value.text.len())
        })
    }

    /// A path with the values in it masked. Names stay, whatever they are elsewhere: a path that
    /// leads nowhere helps nobody, and a folder `postgres` gives no password away.
    #[must_use]
    pub fn mask_path(&self, path: &str) -> String {
        self.mask_those(path, |value, _| value.whole && !is_name(value.text))
    }

    fn mask_those(&self, text: &str, wanted: impl Fn(&Value<'_>, usize) -> bool) -> String {
        let found = (0..text.len()).filter_map(|at| {
            let rest = text.as_bytes().get(at..)?;
            let longest = self
                .by_start
                .get(rest.first_chunk::<MIN_PIECE>()?)?
                .iter()
                .find(|value| rest.starts_with(value.text.as_bytes()) && wanted(value, at))?;
            Some(at..at + longest.text.len())
        });
        cover(text, found.collect())
    }
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|text| text.chars().next_back());
    let after = text.get(end..).and_then(|text| text.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// The parts of a value that are secret where they stand without the rest: passwords of addresses,
/// both sides of a pair, the lines of a key. Schemes, hosts, users, paths and the names of fields are
/// not.
fn secret_parts(value: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut others = Vec::new();
    for word in value.split_whitespace() {
        match word.split_once("://") {
            Some((scheme, address)) => parts.extend(of_address(scheme, address)),
            None => others.extend(word.split(':')),
        }
    }
    let quotes = |c: char| matches!(c, '"' | '\'' | ',' | '{' | '}' | '[' | ']');
    let others: Vec<&str> = others.into_iter().map(|part| part.trim_matches(quotes)).collect();
    let is_pair = others.iter().filter(|part| !part.is_empty()).count() <= 2;
    // More than two are a block or an object, with words beside the secrets.
    parts.extend(others.into_iter().filter(|part| is_pair || !is_name(part)));
    parts.retain(|part| {
        part.len() >= MIN_PIECE && !part.starts_with("-----") && !is_placeholder(part)
    });
    parts
}

/// The secrets in an address: its password, a token instead of a user, and settings whose name says
/// so. One that also stands in a public part hides nothing.
fn of_address<'a>(scheme: &'a str, address: &'a str) -> Vec<&'a str> {
    let password = password(address).and_then(|span| address.get(span));
    let authority = address.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let token = user.filter(|user| !user.contains(':') && looks_random(user));
    let settings = address.split(['?', '&', ';']).filter_map(|setting| {
        let (name, value) = setting.split_once('=')?;
        let name = name.to_lowercase();
        TELLING.iter().any(|word| name.contains(word)).then_some(value)
    });
    let secrets: Vec<&str> = password.into_iter().chain(token).chain(settings).collect();
    let mut public = address.to_owned();
    for secret in &secrets {
        // Once: as the user of the same name it is public.
        public = public.replacen(&format!(":{secret}@"), "@", 1);
        public = public.replacen(&format!("={secret}"), "=", 1);
    }
    let apart = |c: char| !c.is_alphanumeric() && c != '_' && c != '-';
    let is_public = |secret: &str| {
        scheme == secret || public.split(apart).any(|word| word == secret && Some(word) != token)
    };
    secrets.into_iter().filter(|secret| !is_public(secret)).collect()
}

/// A word that says of itself that it is a password, and the like.
fn is_placeholder(part: &str) -> bool {
    let lower = part.to_lowercase();
    is_name(part)
        && part.bytes().all(|b| !b.is_ascii_digit())
        && (PLACEHOLDERS.contains(&lower.as_str())
            || SAYING.iter().any(|word| lower.contains(word)))
}

#[cfg(test)]
mod tests;
