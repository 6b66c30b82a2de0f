//! The order of the wasm's functions: like ones side by side, where gzip finds what they share within its window of 32 KB.
//!
//! This module only gives names that sort in that order; wasm-opt moves the functions. So a mistake here costs bytes, and
//! cannot change what the code does.

#![expect(clippy::indexing_slicing, reason = "each index is one of a function in the same list")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes in a row that count as shared: 3 to 6 come within 0.5 KB of each other.
const RUN: usize = 4;
const IMPORTS: u8 = 2;
const CODE: u8 = 10;

/// A module without names, and behind it names for its functions that sort in their new order. `None` where it is no wasm,
/// or imports what wasm-bindgen does not.
pub(crate) fn named(wasm: &[u8]) -> Option<Vec<u8>> {
    let (mut imported, mut bodies) = (0, Vec::new());
    let mut module = Reader(wasm.strip_prefix(b"\0asm\x01\0\0\0")?);
    while let Some(id) = module.byte() {
        let mut section = Reader(module.bytes()?);
        match id {
            IMPORTS => imported = section.imported_functions()?,
            CODE => {
                let bytes = (0..section.number()?).map(|_| section.bytes());
                bodies = bytes.collect::<Option<_>>()?;
            }
            _ => {}
        }
    }
    let mut names = leb(bodies.len());
    for (rank, at) in chain(&bodies).into_iter().enumerate() {
        names.extend([leb(imported + at), sized(format!("{rank:06}").as_bytes())].concat());
    }
    let section = [sized(b"name"), vec![1], sized(&names)].concat();
    Some([wasm, &[0], &sized(&section)].concat())
}

/// From the first function on, always the one that shares most runs with the last, for the runs of both.
fn chain(bodies: &[&[u8]]) -> Vec<usize> {
    let runs: Vec<BTreeSet<&[u8]>> = bodies.iter().map(|b| b.windows(RUN).collect()).collect();
    let mut holders: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (at, runs) in runs.iter().enumerate() {
        runs.iter().for_each(|run| holders.entry(run).or_default().push(at));
    }
    let (mut order, mut left) = (Vec::new(), (0..bodies.len()).collect::<BTreeSet<_>>());
    let mut next = left.first().copied();
    while let Some(last) = next {
        order.push(last);
        left.remove(&last);
        let mut shared = vec![0_usize; bodies.len()];
        runs[last].iter().flat_map(|run| &holders[run]).for_each(|at| shared[*at] += 1);
        let likeness = |at: usize| (shared[at] << 24) / (runs[last].len() + runs[at].len() + 1);
        next = left.iter().copied().min_by_key(|at| Reverse(likeness(*at)));
    }
    order
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        let byte = self.byte()?;
        let more = if byte < 0x80 { 0 } else { self.number()? };
        Some(usize::from(byte & 0x7f) | more << 7)
    }

    /// Functions that are imported have the numbers before those with a body.
    fn imported_functions(&mut self) -> Option<usize> {
        let mut functions = 0;
        for _ in 0..self.number()? {
            let _name = (self.bytes()?, self.bytes()?);
            match (self.byte()?, self.number()?) {
                (0, _type) => functions += 1,
                // An exception's tag, whose type follows, is all else that wasm-bindgen imports.
                (4, _attribute) => drop(self.number()?),
                _ => return None,
            }
        }
        Some(functions)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

fn leb(number: usize) -> Vec<u8> {
    let low = (number & 0x7f) as u8;
    if number < 0x80 { vec![low] } else { [vec![low | 0x80], leb(number >> 7)].concat() }
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&leb(bytes.len()), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_stands_beside_the_one_most_like_it() {
        let bodies: [&[u8]; 4] = [b"abcdefgh", b"12345678", b"abcdefgx", b"1234567y"];
        assert_eq!(chain(&bodies), [0, 2, 1, 3]);
        assert_eq!(chain(&[]), [0; 0]);
    }

    #[test]
    fn names_begin_behind_the_imported_functions() {
        let imports = b"\x02\x0c\x02\x01m\x01t\x04\0\0\0\0\0\x05";
        let code = b"\x0a\x07\x02\x02\0\x0b\x02\0\x0b";
        let wasm = [b"\0asm\x01\0\0\0".as_slice(), imports, code].concat();
        let names = b"\0\x18\x04name\x01\x11\x02\x01\x06000000\x02\x06000001";
        assert_eq!(named(&wasm), Some([&wasm, names.as_slice()].concat()));
        assert_eq!(named(b"\0asm"), None);
        assert_eq!(named(wasm.split_last().unwrap().1), None);
    }
}
