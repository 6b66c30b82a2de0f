//! What a marshalled object is made of, as far as it is compared.

use std::collections::BTreeSet;

/// A part of an object that is held to the source.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Text(String),
    Bytes(Vec<u8>),
    Number(String),
}

/// What an object, and those in it, are made of; tables and code are made of nothing.
pub(super) type Object = Vec<Item>;

/// Adds a text or bytes that are not empty; how many bytes came in.
pub(super) fn keep<T>(set: &mut BTreeSet<T>, item: &T) -> usize
where
    T: Ord + Clone + AsRef<[u8]>,
{
    let bytes: &[u8] = item.as_ref();
    if bytes.is_empty() || set.contains(item) {
        return 0;
    }
    set.insert(item.clone());
    bytes.len()
}

/// About how many bytes it takes.
pub(super) fn size(object: &Object) -> usize {
    object
        .iter()
        .map(|item| match item {
            Item::Text(text) | Item::Number(text) => text.len() + 8,
            Item::Bytes(bytes) => bytes.len() + 8,
        })
        .sum()
}
