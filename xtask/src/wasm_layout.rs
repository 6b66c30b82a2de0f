//! Prepares a wasm module for the passes of wasm-opt that make it smaller as it travels.
//!
//! - [`without_unused_classes`] takes away the exports of JavaScript classes that nothing makes an object of: the
//!   worker crate brings some, and an export keeps its function alive.
//! - [`with_ordering_names`] orders functions so that gzip finds what they have in common: it looks back 32 KB, and the
//!   copies that the compiler makes of one generic function stand far apart. The order is handed to
//!   `wasm-opt --reorder-functions-by-name` as names.

use std::collections::{HashMap, VecDeque};

/// How many bytes of code a function is compared with: less than gzip's window, which also holds what is not code.
const WINDOW_BYTES: usize = 24_000;
/// The length of the pieces that functions are compared by.
const PIECE_BYTES: usize = 6;
/// A piece that more functions than this have says nothing of their likeness.
const MAX_SHARERS: usize = 200;
/// What a very small function is taken to be larger by, or it would win by a single shared piece.
const SMALL: usize = 20;

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const CODE: u8 = 10;

/// The module with a name section, in which each function's name says its place; `None` where the bytes are no
/// module that is understood.
#[must_use]
pub(crate) fn with_ordering_names(wasm: &[u8]) -> Option<Vec<u8>> {
    let mut at = Reader(wasm.get(8..)?);
    let (mut imported, mut bodies) = (0, Vec::new());
    let mut named = wasm.get(..8)?.to_vec();
    while !at.0.is_empty() {
        let before = at.0;
        let id = at.byte()?;
        let size = at.number()?;
        let content = at.take(size)?;
        match id {
            0 if is_names(content)? => continue,
            IMPORTS => imported = imported_functions(content)?,
            CODE => bodies = function_bodies(content)?,
            _ => {}
        }
        named.extend_from_slice(before.get(..before.len() - at.0.len())?);
    }
    let mut names = Vec::new();
    let places = places(&bodies);
    number(&mut names, places.len());
    for (function, place) in places.iter().enumerate() {
        number(&mut names, imported + function);
        let name = format!("f{place:06}");
        number(&mut names, name.len());
        names.extend_from_slice(name.as_bytes());
    }
    let mut section = vec![4];
    section.extend_from_slice(b"name");
    section.push(1);
    number(&mut section, names.len());
    section.extend(names);
    named.push(0);
    number(&mut named, section.len());
    named.extend(section);
    Some(named)
}

/// The module without the exports of each class that has a destructor (`__wbg_CLASS_free`) and of which no import
/// can make an object (`__wbg_CLASS_new`); `None` where the bytes are no module that is understood.
#[must_use]
pub(crate) fn without_unused_classes(wasm: &[u8]) -> Option<Vec<u8>> {
    let mut at = Reader(wasm.get(8..)?);
    let mut imports: Vec<&str> = Vec::new();
    let mut module = wasm.get(..8)?.to_vec();
    while !at.0.is_empty() {
        let before = at.0;
        let id = at.byte()?;
        let size = at.number()?;
        let content = at.take(size)?;
        match id {
            EXPORTS => {
                let kept = used_exports(content, &imports)?;
                module.push(EXPORTS);
                number(&mut module, kept.len());
                module.extend(kept);
                continue;
            }
            IMPORTS => imports = import_names(content)?,
            _ => {}
        }
        module.extend_from_slice(before.get(..before.len() - at.0.len())?);
    }
    Some(module)
}

fn used_exports(section: &[u8], imports: &[&str]) -> Option<Vec<u8>> {
    let mut at = Reader(section);
    let exports: Vec<(&str, u8, usize)> = (0..at.number()?)
        .map(|_| Some((at.name()?, at.byte()?, at.number()?)))
        .collect::<Option<_>>()?;
    let classes = exports
        .iter()
        .filter_map(|(name, ..)| name.strip_prefix("__wbg_")?.strip_suffix("_free"))
        .filter(|class| {
            !imports.iter().any(|name| name.starts_with(&format!("__wbg_{class}_new")))
        });
    let own: Vec<String> = classes
        .flat_map(|c| ["__wbg_", "__wbg_get_", "__wbg_set_", ""].map(|p| format!("{p}{c}_")))
        .collect();
    let kept: Vec<_> =
        exports.iter().filter(|(name, ..)| !own.iter().any(|own| name.starts_with(own))).collect();
    let mut section = Vec::new();
    number(&mut section, kept.len());
    for (name, kind, index) in kept {
        number(&mut section, name.len());
        section.extend_from_slice(name.as_bytes());
        section.push(*kind);
        number(&mut section, *index);
    }
    Some(section)
}

/// The place of each function.
fn places(bodies: &[&[u8]]) -> Vec<usize> {
    let mut places = vec![0; bodies.len()];
    for (place, function) in order(bodies).into_iter().enumerate() {
        if let Some(slot) = places.get_mut(function) {
            *slot = place;
        }
    }
    places
}

/// Begins with the largest function; next is always the one that has the largest part of its pieces in the window.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let pieces = pieces(bodies);
    let mut sharers: HashMap<usize, Vec<usize>> = HashMap::new();
    for (function, own) in pieces.iter().enumerate() {
        for piece in own {
            sharers.entry(*piece).or_default().push(function);
        }
    }
    sharers.retain(|_, functions| (2..=MAX_SHARERS).contains(&functions.len()));
    let size = |function: usize| bodies.get(function).map_or(0, |body| body.len());
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut shared = vec![0_usize; bodies.len()];
    let mut in_window: HashMap<usize, usize> = HashMap::new();
    let (mut window, mut window_bytes) = (VecDeque::new(), 0);
    let mut order = Vec::with_capacity(bodies.len());
    while !left.is_empty() {
        // In thousandths, so that no order depends on how fractions are rounded.
        let likeness = |function: usize| {
            shared.get(function).map_or(0, |shared| shared * 1_000 / (size(function) + SMALL))
        };
        let best = (0..left.len())
            .max_by_key(|at| left.get(*at).map(|f| (likeness(*f), size(*f), usize::MAX - f)));
        let next = left.swap_remove(best.unwrap_or_default());
        order.push(next);
        window.push_back(next);
        window_bytes += size(next);
        for piece in pieces.get(next).into_iter().flatten() {
            let count = in_window.entry(*piece).or_default();
            *count += 1;
            if *count == 1 {
                for function in sharers.get(piece).into_iter().flatten() {
                    shared.get_mut(*function).into_iter().for_each(|shared| *shared += 1);
                }
            }
        }
        while window_bytes > WINDOW_BYTES && window.len() > 1 {
            let Some(oldest) = window.pop_front() else { break };
            window_bytes -= size(oldest);
            for piece in pieces.get(oldest).into_iter().flatten() {
                let Some(count) = in_window.get_mut(piece) else { continue };
                *count -= 1;
                if *count == 0 {
                    for function in sharers.get(piece).into_iter().flatten() {
                        shared.get_mut(*function).into_iter().for_each(|shared| *shared -= 1);
                    }
                }
            }
        }
    }
    order
}

/// Each function's pieces, as numbers, each once.
fn pieces<'a>(bodies: &[&'a [u8]]) -> Vec<Vec<usize>> {
    let mut known: HashMap<&'a [u8], usize> = HashMap::new();
    let numbered = |body: &&'a [u8]| {
        let mut own: Vec<usize> = body
            .windows(PIECE_BYTES)
            .map(|piece| {
                let next = known.len();
                *known.entry(piece).or_insert(next)
            })
            .collect();
        own.sort_unstable();
        own.dedup();
        own
    };
    bodies.iter().map(numbered).collect()
}

fn is_names(custom_section: &[u8]) -> Option<bool> {
    let mut at = Reader(custom_section);
    Some(at.name()? == "name")
}

fn imported_functions(section: &[u8]) -> Option<usize> {
    Some(imports(section)?.iter().filter(|(_, kind)| *kind == 0).count())
}

fn import_names(section: &[u8]) -> Option<Vec<&str>> {
    Some(imports(section)?.into_iter().map(|(name, _)| name).collect())
}

/// Name and kind of each import; 0 is a function.
fn imports(section: &[u8]) -> Option<Vec<(&str, u8)>> {
    let mut at = Reader(section);
    let mut imports = Vec::new();
    for _ in 0..at.number()? {
        at.name()?;
        let (name, kind) = (at.name()?, at.byte()?);
        match kind {
            0 => drop(at.number()?),
            // A table: its type, then its limits.
            1 => {
                at.byte()?;
                at.limits()?;
            }
            2 => at.limits()?,
            // A global: its type, and whether it changes.
            3 => drop(at.take(2)?),
            // A tag: its attribute and its type.
            4 => {
                at.byte()?;
                at.number()?;
            }
            _ => return None,
        }
        imports.push((name, kind));
    }
    Some(imports)
}

fn function_bodies(section: &[u8]) -> Option<Vec<&[u8]>> {
    let mut at = Reader(section);
    let count = at.number()?;
    (0..count)
        .map(|_| {
            let size = at.number()?;
            at.take(size)
        })
        .collect()
}

/// Writes an unsigned LEB128.
fn number(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(taken)
    }

    /// Reads an unsigned LEB128 of at most 32 bits.
    fn number(&mut self) -> Option<usize> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn name(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        str::from_utf8(self.take(length)?).ok()
    }

    fn limits(&mut self) -> Option<()> {
        let both = self.byte()? & 1 == 1;
        self.number()?;
        if both {
            self.number()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_functions_stand_together() {
        let a: Vec<u8> = (0..200).collect();
        let b: Vec<u8> = (0..180).rev().collect();
        let (a2, b2) = ([&a[..], &[1]].concat(), [&b[..], &[2]].concat());
        let order = order(&[&a, &b, &a2, &b2]);
        assert!(order == [2, 0, 3, 1] || order == [2, 0, 1, 3], "{order:?}");
    }

    #[test]
    fn a_module_keeps_all_but_its_names() {
        // One imported function and two of its own, one after the other.
        let module = [
            b"\0asm\x01\0\0\0".as_slice(),
            &[1, 4, 1, 0x60, 0, 0],
            &[2, 7, 1, 1, b'a', 1, b'b', 0, 0],
            &[3, 3, 2, 0, 0],
            &[10, 7, 2, 2, 0, 0x0b, 2, 0, 0x0b],
        ]
        .concat();
        let old = [&module[..], &[0, 6, 4, b'n', b'a', b'm', b'e', 9]].concat();
        let named = with_ordering_names(&old).unwrap();
        let (kept, names) = named.split_at(module.len());
        assert_eq!(kept, module);
        let text = String::from_utf8_lossy(names);
        assert!(text.contains("name") && text.contains("\u{1}\u{7}f000000"), "{text:?}");
        assert!(text.contains("\u{2}\u{7}f000001"), "{text:?}");
    }

    #[test]
    fn only_classes_that_are_made_keep_their_exports() {
        let names = [
            "__wbg_used_free",
            "used_go",
            "__wbg_dead_free",
            "__wbg_get_dead_x",
            "dead_go",
            "fetch",
        ];
        let mut exports = Vec::new();
        number(&mut exports, names.len());
        for (index, name) in names.iter().enumerate() {
            number(&mut exports, name.len());
            exports.extend_from_slice(name.as_bytes());
            exports.push(0);
            number(&mut exports, index);
        }
        let kept = used_exports(&exports, &["__wbg_used_new"]).unwrap();
        let text = String::from_utf8_lossy(&kept);
        assert!(["used_free", "used_go", "fetch"].iter().all(|name| text.contains(name)), "{text}");
        assert!(!text.contains("dead"), "{text}");
        assert_eq!(kept.first(), Some(&3));
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert_eq!(with_ordering_names(b"\0asm"), None);
        assert_eq!(without_unused_classes(b"\0asm\x01\0\0\0\x07\x05"), None);
        assert_eq!(with_ordering_names(b"\0asm\x01\0\0\0\x0a\xff\xff\xff\xff\xff\xff"), None);
    }
}
