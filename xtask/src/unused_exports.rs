//! Removes the exports of JavaScript classes that the worker makes no object of. The worker crate brings some, and an
//! export keeps its function in the module.

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;

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
        assert_eq!(without_unused_classes(b"\0asm\x01\0\0\0\x07\x05"), None);
        assert_eq!(without_unused_classes(b"\0asm"), None);
        assert_eq!(without_unused_classes(b"\0asm\x01\0\0\0\x0a\xff\xff\xff\xff\xff\xff"), None);
    }
}
