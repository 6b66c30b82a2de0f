//! Reads a tar file, with the crate `tar` for its headers (POSIX ustar and pax, GNU).

use super::{CORRUPT, MORE_ENTRIES, NAME_TOO_LONG, Opened, Share, TOO_LARGE};
use std::io::Read as _;
use tar::{Archive, EntryType};

const BLOCK: usize = 512;

/// Whether bytes begin as a tar does: with a header whose checksum is right, of bytes with a sign or without one. The
/// crate reads the latter; the former is then a gap.
pub(super) fn is_tar(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..BLOCK) else { return false };
    let stated = header.get(148..156).unwrap_or_default();
    let digits: Vec<u8> =
        stated.iter().copied().skip_while(|b| *b == b' ').take_while(u8::is_ascii_digit).collect();
    let stated =
        std::str::from_utf8(&digits).ok().and_then(|text| u32::from_str_radix(text, 8).ok());
    let counted = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
    let plain: i64 = header.iter().enumerate().map(counted).map(i64::from).sum();
    let signed: i64 =
        header.iter().enumerate().map(counted).map(|byte| i64::from(byte.cast_signed())).sum();
    let stated = stated.map(i64::from);
    stated.is_some_and(|stated| stated == plain || stated == signed)
}

/// Opens it.
pub(super) fn open(bytes: &[u8], share: &mut Share) -> Opened {
    let mut opened = Opened::default();
    let mut archive = Archive::new(bytes);
    read(&mut archive, share, &mut opened);
    // Behind the empty blocks that end it, some programs read on.
    if opened.gaps.is_empty() && archive.into_inner().iter().any(|byte| *byte != 0) {
        opened.gap(None, "bytes stand behind its end");
    }
    opened
}

/// Whether an extended header says more than is read here: of a sparse file (GNU), or for all entries behind it.
fn has_odd_fields(entry: &mut tar::Entry<'_, &[u8]>, global: bool) -> bool {
    let Ok(fields) = entry.pax_extensions() else { return true };
    fields.into_iter().flatten().any(|field| {
        field.map_or(true, |field| {
            let key = field.key_bytes();
            key.starts_with(b"GNU.sparse") || global && key != b"comment"
        })
    })
}

fn read(archive: &mut Archive<&[u8]>, share: &mut Share, opened: &mut Opened) {
    let Ok(entries) = archive.entries() else { return opened.gap(None, CORRUPT) };
    for entry in entries {
        let Ok(mut entry) = entry else { return opened.gap(None, CORRUPT) };
        if !share.entry() {
            return opened.gap(None, MORE_ENTRIES);
        }
        let name = entry.path_bytes().into_owned();
        if name.len() > share.name {
            opened.gap(None, NAME_TOO_LONG);
            continue;
        }
        let kind = entry.header().entry_type();
        if has_odd_fields(&mut entry, kind == EntryType::XGlobalHeader) {
            opened.gap(Some(&name), "its extended header has fields that are not read");
        }
        let shows_data =
            matches!(kind, EntryType::Symlink | EntryType::Link | EntryType::Directory);
        if shows_data && entry.size() > 0 {
            opened.gap(Some(&name), "a folder or link with data, which is not read");
        }
        match kind {
            EntryType::Regular | EntryType::Continuous => {}
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                opened.link(&name, &target);
                continue;
            }
            EntryType::Directory | EntryType::XGlobalHeader => {
                opened.inside(&name);
                continue;
            }
            _ => {
                opened.gap(
                    Some(&name),
                    "a member of a kind that is not read (a device, a sparse file)",
                );
                continue;
            }
        }
        let room = share.room();
        let limit = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
        let mut content = Vec::new();
        if entry.by_ref().take(limit).read_to_end(&mut content).is_err() {
            return opened.gap(Some(&name), CORRUPT);
        }
        if u64::try_from(content.len()).unwrap_or(u64::MAX) < entry.size().min(limit) {
            opened.gap(Some(&name), CORRUPT);
        }
        share.spend(content.len());
        if content.len() > room {
            opened.gap(Some(&name), TOO_LARGE);
            continue;
        }
        opened.add(&name, content);
    }
}
