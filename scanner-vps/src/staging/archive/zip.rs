//! Reads a zip file by its directory (PKWARE APPNOTE 4.3), and holds each header to it. Members are stored or deflated.
//!
//! A crate that unpacks keeps one of two contradicting readings; here both have to be seen, so the records of fixed
//! width are read by hand and only the compressed stream is left to a crate.

mod header;

use super::{CORRUPT, MORE_ENTRIES, NAME_TOO_LONG, Opened, Opening, Share, TOO_LARGE};
use flate2::{Crc, read::DeflateDecoder};
use std::io::Read as _;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
/// The last record and its locator for large archives (4.3.14, 4.3.15), which some programs write in small ones too.
const END_64: &[u8] = b"PK\x06\x06";
const END_64_BYTES: usize = 56 + 20;
const CENTRAL_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;
/// The longest comment behind the last record.
const MAX_COMMENT: usize = 65_535;
/// Of the mode of a Unix file: the kind, and that of a link.
const KIND: u32 = 0o170_000;
const LINK: u32 = 0o120_000;

/// The last record: where the directory is.
struct End {
    at: usize,
    entries: usize,
    directory: usize,
    /// Where the directory ends.
    stop: usize,
    /// Bytes before the first one that offsets count.
    base: usize,
}

/// One entry of the directory.
struct Entry<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    crc: u32,
    packed: usize,
    size: usize,
    mode: u32,
    header: usize,
    extra: &'a [u8],
}

/// Opens it; `None` where the bytes are none.
pub(super) fn open(bytes: &[u8], share: &mut Share) -> Option<Opening> {
    let begins = bytes.starts_with(LOCAL) || bytes.starts_with(END);
    match end(bytes) {
        None if begins => Some(Opening::Shut(CORRUPT.to_owned())),
        None => None,
        // The mark alone may stand in any bytes.
        Some(end) if !begins && (end.entries == 0 || !is_at(bytes, end.directory, CENTRAL)) => None,
        Some(end) => Some(Opening::Open(read(bytes, &end, share))),
    }
}

fn is_at(bytes: &[u8], at: usize, mark: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|here| here.starts_with(mark))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn size(bytes: &[u8], at: usize) -> Option<usize> {
    long(bytes, at).and_then(|value| usize::try_from(value).ok())
}

/// The last record of this kind, as common programs look for it: from the end.
fn end(bytes: &[u8]) -> Option<End> {
    let from = bytes.len().saturating_sub(END_BYTES + MAX_COMMENT);
    let tail = bytes.get(from..)?;
    let at = from + tail.windows(END.len()).rposition(|window| window == END)?;
    let (length, offset) = (size(bytes, at + 12)?, size(bytes, at + 16)?);
    let large = at.checked_sub(END_64_BYTES).filter(|start| is_at(bytes, *start, END_64));
    let stop = large.unwrap_or(at);
    let directory = stop.checked_sub(length)?;
    Some(End {
        at,
        entries: usize::from(short(bytes, at + 10)?),
        directory,
        stop,
        base: directory.checked_sub(offset)?,
    })
}

fn read(bytes: &[u8], end: &End, share: &mut Share) -> Opened {
    let mut opened = Opened { before: end.base, ..Opened::default() };
    let comment = short(bytes, end.at + 20).map_or(0, usize::from);
    if end.at.saturating_add(END_BYTES).saturating_add(comment) != bytes.len() {
        opened.gap(None, "bytes stand behind its end");
    }
    let mut at = end.directory;
    let mut count = 0usize;
    // The bytes that entries take, to find what lies between them.
    let mut taken: Vec<(usize, usize)> = vec![(end.directory, end.at)];
    while at < end.stop {
        let Some((entry, next)) = entry(bytes, at) else {
            opened.gap(None, CORRUPT);
            break;
        };
        if !share.entry() {
            opened.gap(None, MORE_ENTRIES);
            break;
        }
        (at, count) = (next, count + 1);
        if let Some(span) = member(bytes, end.base, &entry, share, &mut opened) {
            taken.push(span);
        }
    }
    if at >= end.stop && count != end.entries {
        opened.gap(None, "its directory does not have as many entries as it says");
    }
    let passed_over = |reason: &str| matches!(reason, MORE_ENTRIES | NAME_TOO_LONG);
    if !opened.gaps.iter().any(|gap| passed_over(&gap.reason)) {
        between(bytes, taken, &mut opened);
    }
    opened
}

fn entry(bytes: &[u8], at: usize) -> Option<(Entry<'_>, usize)> {
    if !is_at(bytes, at, CENTRAL) {
        return None;
    }
    let lengths = [28, 30, 32].map(|field| short(bytes, at + field).map(usize::from));
    let [name, extra, comment] = [lengths[0]?, lengths[1]?, lengths[2]?];
    let start = at + CENTRAL_BYTES;
    let next = start + name + extra + comment;
    let entry = Entry {
        name: bytes.get(start..start + name)?,
        flags: short(bytes, at + 8)?,
        method: short(bytes, at + 10)?,
        crc: long(bytes, at + 16)?,
        packed: size(bytes, at + 20)?,
        size: size(bytes, at + 24)?,
        mode: long(bytes, at + 38)? >> 16,
        header: size(bytes, at + 42)?,
        extra: bytes.get(start + name..start + name + extra)?,
    };
    Some((entry, next))
}

/// Reads one member; the bytes that it takes in the file, where they can be told.
fn member(
    bytes: &[u8],
    base: usize,
    entry: &Entry<'_>,
    share: &mut Share,
    opened: &mut Opened,
) -> Option<(usize, usize)> {
    let name = entry.name;
    if name.len() > share.name {
        opened.gap(None, NAME_TOO_LONG);
        return None;
    }
    if name.contains(&0) {
        opened.gap(Some(name), "its name has a zero in it, where some programs end it");
    }
    let header = base.checked_add(entry.header)?;
    let local = header.checked_add(LOCAL_BYTES).filter(|_| is_at(bytes, header, LOCAL));
    let fields = local.and_then(|start| {
        let length = usize::from(short(bytes, header + 26)?);
        let extra = usize::from(short(bytes, header + 28)?);
        let (data, named) = (start + length + extra, bytes.get(start..start + length)?);
        let extra = bytes.get(start + length..data)?;
        let end = data.checked_add(entry.packed).filter(|end| *end <= bytes.len())?;
        Some((named, data, end, short(bytes, header + 8)?, extra))
    });
    let Some((named, data, end, method, extra)) = fields else {
        opened.gap(Some(name), CORRUPT);
        return None;
    };
    let span = Some((header, end));
    if named != name {
        opened.gap(Some(name), "its header and the directory give it different names");
    }
    if [entry.extra, extra].iter().any(|extra| header::has_other_name(extra, name)) {
        opened.gap(Some(name), "an extra field gives it a different name");
    }
    if !header::agrees(bytes, header, extra, entry) {
        opened.gap(Some(name), "its header and the directory differ on its length or checksum");
    }
    if entry.flags & 1 != 0 {
        opened.gap(Some(name), "it is encrypted");
        return span;
    }
    if method != entry.method {
        opened.gap(Some(name), "its header and the directory differ on how it is packed");
    }
    let packed = bytes.get(data..end).unwrap_or_default();
    let room = share.room();
    if room == 0 && !packed.is_empty() {
        opened.gap(Some(name), TOO_LARGE);
        return span;
    }
    let content = match entry.method {
        0 => Some(packed.get(..room.saturating_add(1)).unwrap_or(packed).to_vec()),
        8 => inflate(packed, room),
        other => {
            opened.gap(
                Some(name),
                format!("it is packed in a way that is not read (method {other})"),
            );
            return span;
        }
    };
    let Some(content) = content else {
        opened.gap(Some(name), CORRUPT);
        // What came out before the stream broke off is not known.
        share.spend(room);
        return span;
    };
    // Entries may share one long stream that gives nothing.
    share.spend(content.len().max(packed.len()));
    if content.len() > room {
        opened.gap(Some(name), TOO_LARGE);
        return span;
    }
    let mut crc = Crc::new();
    crc.update(&content);
    if content.len() != entry.size || crc.sum() != entry.crc {
        opened.gap(Some(name), "its length or checksum is not what the directory says");
    }
    if entry.mode & KIND == LINK {
        opened.link(name, &content);
    } else if name.ends_with(b"/") && content.is_empty() {
        opened.inside(name);
    } else {
        opened.add(name, content);
    }
    span
}

/// At most one byte more than there is room for; `None` where the stream breaks off.
fn inflate(packed: &[u8], room: usize) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let limit = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    DeflateDecoder::new(packed).take(limit).read_to_end(&mut content).ok()?;
    Some(content)
}

/// Says where entries overlap, and where headers stand between them that the directory does not list: programs that
/// read a zip from its front unpack those.
fn between(bytes: &[u8], mut taken: Vec<(usize, usize)>, opened: &mut Opened) {
    taken.sort_unstable();
    let mut reached = opened.before;
    let (mut overlap, mut hidden) = (false, false);
    for (start, end) in taken {
        overlap |= start < reached;
        let gap = bytes.get(reached..start).unwrap_or_default();
        hidden |= gap.windows(LOCAL.len()).any(|window| window == LOCAL);
        reached = reached.max(end);
    }
    if overlap {
        opened.gap(None, "entries of it overlap");
    }
    if hidden {
        opened.gap(None, "it has entries that its directory does not list");
    }
}
