//! Opens archives that lie in a commit: zip and what is built on it, tar, gzip and both together. Pure: members stay in
//! memory, and nothing is written.
//!
//! The kind is told by the content. One level is opened; who asks decides what becomes of an archive inside. A program
//! that unpacks the same bytes may read them otherwise, so each thing on which readers differ is a [`Gap`]: a header that
//! contradicts the directory, entries that overlap or that no directory lists, a wrong checksum, an unknown method.
//! All work is counted in bytes that come out and entries that are looked at ([`Work`]), for the whole scan.

mod gzip;
mod tar;
mod zip;

use std::collections::HashSet;

/// How much one archive may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caps {
    /// Entries that are looked at.
    pub(super) entries: usize,
    /// Bytes of one member.
    pub(super) member_bytes: usize,
    /// Bytes of all members.
    pub(super) total_bytes: usize,
    /// Bytes that may come out for each byte of the archive, once more than [`FREE_BYTES`] have.
    pub(super) ratio: usize,
    /// Bytes of a member's name.
    pub(super) name_bytes: usize,
}

/// Bytes that may come out of an archive of any size.
const FREE_BYTES: usize = 2_000_000;

impl Default for Caps {
    fn default() -> Self {
        Self {
            entries: 5_000,
            member_bytes: 10_000_000,
            total_bytes: 64_000_000,
            ratio: 100,
            name_bytes: 1_024,
        }
    }
}

/// What all archives of one scan may still take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Work {
    caps: Caps,
    bytes: usize,
    entries: usize,
}

impl Default for Work {
    fn default() -> Self {
        Self::new(Caps::default(), 200_000_000, 20_000)
    }
}

impl Work {
    /// `bytes` may come out of all archives, and so many `entries` be looked at.
    pub(super) const fn new(caps: Caps, bytes: usize, entries: usize) -> Self {
        Self { caps, bytes, entries }
    }

    /// What one archive of `len` bytes may take.
    fn share(&self, len: usize) -> Share {
        let by_ratio = len.saturating_mul(self.caps.ratio).max(FREE_BYTES);
        Share {
            member: self.caps.member_bytes,
            bytes: self.caps.total_bytes.min(by_ratio).min(self.bytes),
            entries: self.caps.entries.min(self.entries),
            name: self.caps.name_bytes,
        }
    }
}

/// What is left for one archive.
#[derive(Debug, Clone, Copy)]
struct Share {
    member: usize,
    bytes: usize,
    entries: usize,
    name: usize,
}

impl Share {
    /// Takes one entry; whether there was one left.
    const fn entry(&mut self) -> bool {
        let left = self.entries > 0;
        self.entries = self.entries.saturating_sub(1);
        left
    }

    /// Bytes that the next member may have.
    fn room(&self) -> usize {
        self.member.min(self.bytes)
    }

    /// Counts bytes that came out, kept or not.
    const fn spend(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its name in the archive, with `/` between its parts and without those that lead out of a folder.
    pub(super) name: Vec<u8>,
    /// What it unpacks to.
    pub(super) content: Vec<u8>,
}

/// What of an archive was not read, or may be read otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    /// The member; `None` for the archive as a whole.
    pub(super) name: Option<Vec<u8>>,
    /// Why.
    pub(super) reason: String,
}

/// What came out of an archive.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    /// The files.
    pub(super) members: Vec<Member>,
    /// What is missing.
    pub(super) gaps: Vec<Gap>,
    /// It is one file that is compressed.
    pub(super) lone: bool,
    /// Bytes that stand before the archive: a program that unpacks itself, a picture.
    pub(super) before: usize,
    /// A member or link that leads out of the folder in which the archive is unpacked.
    pub(super) leads_out: Option<Vec<u8>>,
}

impl Opened {
    fn gap(&mut self, name: Option<&[u8]>, reason: impl Into<String>) {
        self.gaps.push(Gap { name: name.map(<[u8]>::to_vec), reason: reason.into() });
    }

    /// Adds a member under a name that stays inside.
    fn add(&mut self, name: &[u8], content: Vec<u8>) {
        let name = self.inside(name);
        self.members.push(Member { name, content });
    }

    /// The name without what leads out, which is noted.
    fn inside(&mut self, name: &[u8]) -> Vec<u8> {
        let (inside, leads_out) = inside(name);
        if leads_out && self.leads_out.is_none() {
            self.leads_out = Some(name.to_vec());
        }
        inside
    }

    /// A link: nothing follows it. `name` is where it lies.
    fn link(&mut self, name: &[u8], target: &[u8]) {
        let folder = name.iter().rposition(|b| *b == b'/').and_then(|at| name.get(..at));
        let absolute = target.starts_with(b"/");
        let whole = [folder.unwrap_or_default(), b"/", target].concat();
        let whole = whole.strip_prefix(b"/").unwrap_or(&whole);
        if (absolute || inside(whole).1) && self.leads_out.is_none() {
            self.leads_out = Some(name.to_vec());
        }
    }

    /// Says which members bear one name: which of them is written last depends on the program.
    fn tell_twins(&mut self) {
        let mut known = HashSet::new();
        let mut twins = Vec::new();
        for member in &self.members {
            if !known.insert(member.name.to_ascii_lowercase()) && !twins.contains(&member.name) {
                twins.push(member.name.clone());
                if twins.len() >= MAX_TOLD {
                    break;
                }
            }
        }
        for name in twins {
            self.gap(Some(&name), "the archive has more than one member of this name");
        }
    }
}

/// Twins that are named.
const MAX_TOLD: usize = 20;
/// Entries behind a cap.
const MORE_ENTRIES: &str = "it has more members than the limit";
/// A member, or all of them, beyond a cap of bytes.
pub(super) const TOO_LARGE: &str = "it unpacks to more bytes than the limit";
const NAME_TOO_LONG: &str = "a member's name is longer than the limit";
const CORRUPT: &str = "an archive that is damaged or cut off";

/// What a file of bytes is to this module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opening {
    /// No archive.
    None,
    /// An archive that stays shut, and why.
    Shut(String),
    /// An archive that was opened, as far as its gaps say.
    Open(Opened),
}

/// Opens an archive. `name` is the file's own name, of which a lone compressed file takes its own.
pub(super) fn open(name: &[u8], bytes: &[u8], work: &mut Work) -> Opening {
    let mut share = work.share(bytes.len());
    let given = share;
    let opening = opened(name, bytes, &mut share);
    work.bytes = work.bytes.saturating_sub(given.bytes.saturating_sub(share.bytes));
    work.entries = work.entries.saturating_sub(given.entries.saturating_sub(share.entries));
    match opening {
        Opening::Open(mut opened) => {
            opened.tell_twins();
            Opening::Open(opened)
        }
        other => other,
    }
}

fn opened(name: &[u8], bytes: &[u8], share: &mut Share) -> Opening {
    if gzip::is_gzip(bytes) {
        return gzip::open(name, bytes, share);
    }
    if tar::is_tar(bytes) {
        return Opening::Open(tar::open(bytes, share));
    }
    if let Some(opening) = zip::open(bytes, share) {
        return opening;
    }
    match other_kind(bytes) {
        Some(kind) => {
            Opening::Shut(format!("an archive of a kind that is not opened here ({kind})"))
        }
        None => Opening::None,
    }
}

/// Archives and installers that nothing here opens, and those whose beginning shows their kind and nothing else does.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [&str; 20] = [
        "tar", "zip", "gz", "bz2", "bz3", "xz", "zst", "7z", "rar", "cab", "deb", "ar", "lz",
        "lz4", "lzo", "rpm", "cpio", "Z", "msi", "crx",
    ];
    infer::get(bytes).map(|kind| kind.extension()).filter(|kind| KINDS.contains(kind))
}

/// A name that stays in its folder, and whether the name as it stands leads out of it.
fn inside(name: &[u8]) -> (Vec<u8>, bool) {
    let even: Vec<u8> = name.iter().map(|b| if *b == b'\\' { b'/' } else { *b }).collect();
    let drive = even.get(1) == Some(&b':') && even.first().is_some_and(u8::is_ascii_alphabetic);
    let mut leads_out = even.starts_with(b"/") || drive;
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in even.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => leads_out |= kept.pop().is_none(),
            part => kept.push(part),
        }
    }
    (kept.join(&b'/'), leads_out)
}

#[cfg(test)]
pub(super) mod tests;
