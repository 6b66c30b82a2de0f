//! Reads the marshalled code object of a bytecode file (CPython, `Python/marshal.c`): its names, texts, bytes
//! and numbers. Nothing is built or run.

mod item;

use super::number;
use item::{Item, Object, keep, size};
use std::collections::BTreeSet;

/// Objects inside of objects.
const MAX_DEPTH: usize = 40;
/// Objects of one file.
const MAX_OBJECTS: usize = 500_000;
/// Bytes of all names and texts that are kept.
const MAX_KEPT: usize = 8_000_000;
/// The bit that says that others refer to the object.
const REFERRED: u8 = 0x80;

/// What is kept of a code object and those in it.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) names: BTreeSet<String>,
    pub(super) texts: BTreeSet<String>,
    pub(super) bytes: BTreeSet<Vec<u8>>,
    /// Numbers that stand alone or in short tuples, as [`number`] writes them.
    pub(super) numbers: BTreeSet<String>,
    /// Tuples with [`ROW`] numbers or more, those of tuples in them included, as [`number::row`] writes them.
    pub(super) rows: BTreeSet<String>,
}

/// Numbers from which on a tuple is held to the source in its order.
const ROW: usize = 8;

/// What a text is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Name,
    Constant,
    /// Tables, and the path of the source.
    Ignored,
}

struct Reader<'a> {
    rest: &'a [u8],
    new_layout: bool,
    objects: usize,
    kept: usize,
    referred: Vec<Object>,
    found: Found,
}

/// All of a marshalled object; `None` where it is damaged, has an unknown type, or is beyond a limit.
pub(super) fn read(bytes: &[u8], new_layout: bool) -> Option<Found> {
    let mut reader = Reader {
        rest: bytes,
        new_layout,
        objects: 0,
        kept: 0,
        referred: Vec::new(),
        found: Found::default(),
    };
    let object = reader.object(Role::Constant, 0)?;
    reader.count(&object, false);
    // What stands behind the object is read by nobody, and shown by nothing here.
    reader.rest.is_empty().then_some(reader.found)
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.long()?).ok()
    }

    fn object(&mut self, role: Role, depth: usize) -> Option<Object> {
        self.objects += 1;
        if depth > MAX_DEPTH || self.objects > MAX_OBJECTS {
            return None;
        }
        let mark = self.byte()?;
        let kind = mark & !REFERRED;
        let place = (mark & REFERRED != 0 && kind != b'r').then(|| {
            self.referred.push(Object::new());
            self.referred.len() - 1
        });
        let object = self.value(kind, role, depth)?;
        if let Some(slot) = place.and_then(|place| self.referred.get_mut(place)) {
            self.kept = self.kept.checked_add(size(&object))?;
            *slot = object.clone();
        }
        (self.kept <= MAX_KEPT).then_some(object)
    }

    fn value(&mut self, kind: u8, role: Role, depth: usize) -> Option<Object> {
        match kind {
            b'0' | b'N' | b'T' | b'F' | b'S' | b'.' => {}
            b'i' => {
                let value = self.long()?.cast_signed().unsigned_abs();
                return Some(vec![Item::Number(number::small(u128::from(value)))]);
            }
            b'I' => {
                let value = i64::from_le_bytes(self.take(8)?.try_into().ok()?).unsigned_abs();
                return Some(vec![Item::Number(number::small(u128::from(value)))]);
            }
            b'g' => return Some(vec![self.float()?]),
            b'y' => return Some(vec![self.float()?, self.float()?]),
            // Fifteen bits in each two bytes, the sign in their count.
            b'l' => {
                let digits = self.long()?.cast_signed().unsigned_abs();
                let bytes = self.take(usize::try_from(digits).ok()?.checked_mul(2)?)?;
                return Some(vec![Item::Number(number::of_digits(bytes))]);
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                return self.text(length, role);
            }
            b'a' | b'A' | b'u' | b't' => {
                let length = self.length()?;
                return self.text(length, role);
            }
            b's' => {
                let length = self.length()?;
                let object = vec![Item::Bytes(self.take(length)?.to_vec())];
                self.keep_all(&object, role);
                return Some(object);
            }
            b')' | b'(' | b'[' | b'<' | b'>' => {
                let count = if kind == b')' { usize::from(self.byte()?) } else { self.length()? };
                let items = self.items(count, role, depth)?;
                if matches!(kind, b'<' | b'>') {
                    // The order of a set is not that of its source.
                    self.count(&items, true);
                    return Some(Object::new());
                }
                return Some(items);
            }
            b'{' => {
                while self.rest.first() != Some(&b'0') {
                    for _ in 0..2 {
                        let object = self.object(role, depth + 1)?;
                        self.count(&object, false);
                    }
                }
                self.byte()?;
            }
            b':' => return self.items(3, role, depth),
            b'r' => {
                let at = self.length()?;
                let object = self.referred.get(at)?.clone();
                self.kept = self.kept.checked_add(size(&object))?;
                self.keep_all(&object, role);
                return Some(object);
            }
            b'c' => self.code(depth)?,
            _ => return None,
        }
        Some(Object::new())
    }

    fn float(&mut self) -> Option<Item> {
        let value = f64::from_le_bytes(self.take(8)?.try_into().ok()?);
        Some(Item::Number(number::float(value)))
    }

    fn items(&mut self, count: usize, role: Role, depth: usize) -> Option<Object> {
        let mut items = Object::new();
        for _ in 0..count {
            items.extend(self.object(role, depth + 1)?);
        }
        Some(items)
    }

    /// The constants of a code object. They are no tuple of the source, so each is counted by itself.
    fn constants(&mut self, depth: usize) -> Option<()> {
        let mark = self.rest.first().copied()?;
        if !matches!(mark & !REFERRED, b')' | b'(') {
            // A tuple that was counted where it stood first.
            let object = self.object(Role::Constant, depth)?;
            self.count(&object, true);
            return Some(());
        }
        self.byte()?;
        let place = (mark & REFERRED != 0).then(|| {
            self.referred.push(Object::new());
            self.referred.len() - 1
        });
        let short = mark & !REFERRED == b')';
        let count = if short { usize::from(self.byte()?) } else { self.length()? };
        let mut all = Object::new();
        for _ in 0..count {
            let object = self.object(Role::Constant, depth + 1)?;
            self.count(&object, false);
            if place.is_some() {
                all.extend(object);
            }
        }
        self.kept = self.kept.checked_add(size(&all))?;
        if let Some(slot) = place.and_then(|place| self.referred.get_mut(place)) {
            *slot = all;
        }
        (self.kept <= MAX_KEPT).then_some(())
    }

    /// Keeps the numbers of an object that stands in no other: as a row, or each `alone`.
    fn count(&mut self, object: &Object, alone: bool) {
        let numbers = || {
            object.iter().filter_map(|item| match item {
                Item::Number(number) => Some(number.as_str()),
                Item::Text(_) | Item::Bytes(_) => None,
            })
        };
        if !alone && numbers().count() >= ROW {
            let row = number::row(numbers());
            self.kept = self.kept.saturating_add(row.len());
            self.found.rows.insert(row);
            return;
        }
        for number in numbers() {
            if !self.found.numbers.contains(number) {
                self.kept = self.kept.saturating_add(number.len());
                self.found.numbers.insert(number.to_owned());
            }
        }
    }

    fn code(&mut self, depth: usize) -> Option<()> {
        use Role::{Constant, Ignored, Name};
        let numbers = if self.new_layout { 5 } else { 6 };
        self.skip(numbers * 4)?;
        // Code, constants, names; then those of variables, and the file.
        let fields: &[Role] = if self.new_layout {
            &[Ignored, Constant, Name, Name, Ignored, Ignored, Name, Name]
        } else {
            &[Ignored, Constant, Name, Name, Name, Name, Ignored, Name]
        };
        for role in fields {
            if *role == Constant {
                self.constants(depth + 1)?;
                continue;
            }
            let object = self.object(*role, depth + 1)?;
            self.count(&object, false);
        }
        self.skip(4)?;
        for _ in 0..if self.new_layout { 2 } else { 1 } {
            let object = self.object(Ignored, depth + 1)?;
            self.count(&object, false);
        }
        Some(())
    }

    /// A lone surrogate is no text here: it is taken as it shows.
    fn text(&mut self, length: usize, role: Role) -> Option<Object> {
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        let object = vec![Item::Text(text)];
        self.keep_all(&object, role);
        Some(object)
    }

    fn keep_all(&mut self, object: &Object, role: Role) {
        for item in object {
            match (item, role) {
                (_, Role::Ignored) | (Item::Number(_), _) => {}
                (Item::Text(text), Role::Name) => self.kept += keep(&mut self.found.names, text),
                (Item::Text(text), Role::Constant) => {
                    self.kept += keep(&mut self.found.texts, text);
                }
                (Item::Bytes(bytes), Role::Name | Role::Constant) => {
                    self.kept += keep(&mut self.found.bytes, bytes);
                }
            }
        }
    }
}
