//! Reads the marshalled code object of a bytecode file (CPython, `Python/marshal.c`): its names and texts. Nothing is
//! built or run.

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
}

/// What a text is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Name,
    Constant,
    /// Tables, and the path of the source.
    Ignored,
}

/// An object that others may refer to: only texts and tuples of them matter.
#[derive(Debug, Clone)]
enum Object {
    Text(String),
    Texts(Vec<String>),
    Other,
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
    reader.object(Role::Constant, 0)?;
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
            self.referred.push(Object::Other);
            self.referred.len() - 1
        });
        let object = self.value(kind, role, depth)?;
        if let Some(slot) = place.and_then(|place| self.referred.get_mut(place)) {
            self.kept = self.kept.checked_add(object.size())?;
            *slot = object.clone();
        }
        (self.kept <= MAX_KEPT).then_some(object)
    }

    fn value(&mut self, kind: u8, role: Role, depth: usize) -> Option<Object> {
        match kind {
            b'0' | b'N' | b'T' | b'F' | b'S' | b'.' => {}
            b'i' => self.skip(4)?,
            b'g' | b'I' => self.skip(8)?,
            b'y' => self.skip(16)?,
            // Fifteen bits in each two bytes, the sign in their count.
            b'l' => {
                let digits = self.long()?.cast_signed().unsigned_abs();
                self.skip(usize::try_from(digits).ok()?.checked_mul(2)?)?;
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                return self.text(length, role);
            }
            b'a' | b'A' | b'u' | b't' | b's' => {
                let length = self.length()?;
                return self.text(length, role);
            }
            b')' | b'(' | b'[' | b'<' | b'>' => {
                let count = if kind == b')' { usize::from(self.byte()?) } else { self.length()? };
                return self.items(count, role, depth);
            }
            b'{' => {
                while self.rest.first() != Some(&b'0') {
                    self.object(role, depth + 1)?;
                    self.object(role, depth + 1)?;
                }
                self.byte()?;
            }
            b':' => {
                for _ in 0..3 {
                    self.object(role, depth + 1)?;
                }
            }
            b'r' => {
                let at = self.length()?;
                let object = self.referred.get(at)?.clone();
                self.kept = self.kept.checked_add(object.size())?;
                self.keep_all(&object, role);
                return Some(object);
            }
            b'c' => self.code(depth)?,
            _ => return None,
        }
        Some(Object::Other)
    }

    fn items(&mut self, count: usize, role: Role, depth: usize) -> Option<Object> {
        let mut texts = Vec::new();
        for _ in 0..count {
            match self.object(role, depth + 1)? {
                Object::Text(text) => texts.push(text),
                Object::Texts(inner) => texts.extend(inner),
                Object::Other => {}
            }
        }
        Some(Object::Texts(texts))
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
            self.object(*role, depth + 1)?;
        }
        self.skip(4)?;
        for _ in 0..if self.new_layout { 2 } else { 1 } {
            self.object(Ignored, depth + 1)?;
        }
        Some(())
    }

    fn text(&mut self, length: usize, role: Role) -> Option<Object> {
        let bytes = self.take(length)?;
        let Ok(text) = std::str::from_utf8(bytes).map(str::to_owned) else {
            // Bytes that are no text, or a lone surrogate: what stands in them is taken as it shows.
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.keep(&text, role);
            return Some(Object::Other);
        };
        self.keep(&text, role);
        Some(Object::Text(text))
    }

    fn keep_all(&mut self, object: &Object, role: Role) {
        match object {
            Object::Text(text) => self.keep(text, role),
            Object::Texts(texts) => texts.iter().for_each(|text| self.keep(text, role)),
            Object::Other => {}
        }
    }

    fn keep(&mut self, text: &str, role: Role) {
        let kept = match role {
            Role::Name => &mut self.found.names,
            Role::Constant if !text.is_empty() => &mut self.found.texts,
            Role::Constant | Role::Ignored => return,
        };
        if !kept.contains(text) {
            kept.insert(text.to_owned());
            self.kept = self.kept.saturating_add(text.len());
        }
    }
}

impl Object {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Texts(texts) => texts.iter().map(|text| text.len() + 8).sum(),
            Self::Other => 0,
        }
    }
}
