//! Holds the header before a member's data, and its extra fields, to the entry of the directory.

use super::{Entry, long, short};

/// Whether the header has the checksum and lengths of the directory, or says that they stand behind the data (4.4.4), or
/// in its field for large members (4.5.3).
pub(super) fn agrees(bytes: &[u8], header: usize, extra: &[u8], entry: &Entry<'_>) -> bool {
    let later = short(bytes, header + 6).is_some_and(|flags| flags & 8 != 0);
    let same = |stated: usize, listed: usize| stated == listed || later && stated == 0;
    let large = field(extra, 1);
    let length = |at: usize, large_at: usize, listed: usize| {
        let stated = match (long(bytes, header + at), large) {
            (Some(u32::MAX), Some(large)) => large
                .get(large_at..large_at + 8)
                .and_then(|eight| eight.try_into().ok())
                .and_then(|eight| usize::try_from(u64::from_le_bytes(eight)).ok()),
            (stated, _) => stated.and_then(|stated| usize::try_from(stated).ok()),
        };
        stated.is_some_and(|stated| same(stated, listed))
    };
    let crc = long(bytes, header + 14);
    (crc == Some(entry.crc) || later && crc == Some(0))
        && length(22, 0, entry.size)
        && length(18, 8, entry.packed)
}

/// The data of an extra field (4.5.1).
fn field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    loop {
        let (id, length) = (short(extra, 0)?, usize::from(short(extra, 2)?));
        let data = extra.get(4..4 + length)?;
        if id == wanted {
            return Some(data);
        }
        extra = extra.get(4 + length..)?;
    }
}

/// Whether the field for a name in Unicode (4.6.9) has another one: letters beyond ASCII may be written otherwise.
pub(super) fn has_other_name(extra: &[u8], name: &[u8]) -> bool {
    let plain = |name: &[u8]| -> Vec<u8> {
        name.iter().copied().filter(|byte| byte.is_ascii() && *byte != b'?').collect()
    };
    let other = field(extra, 0x7075).map(|data| data.get(5..).unwrap_or_default());
    other.is_some_and(|other| plain(other) != plain(name))
}
