//! Reads a gzip file (RFC 1952): one compressed file, or a tar inside.

use super::{CORRUPT, Opened, Opening, Share, TOO_LARGE, tar};
use flate2::bufread::GzDecoder;
use std::io::Read as _;

/// Members of one gzip file, which are joined.
const MAX_MEMBERS: usize = 1_000;

pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b, 8])
}

/// Opens it. A lone file is called as the archive is, without its last extension.
pub(super) fn open(name: &[u8], bytes: &[u8], share: &mut Share) -> Opening {
    let mut content = Vec::new();
    let mut rest = bytes;
    // A tar inside may have as much as an archive; a lone file as much as a member.
    let room = share.bytes;
    let mut told = None;
    for _ in 0..MAX_MEMBERS {
        let mut decoder = GzDecoder::new(rest);
        let left = room.saturating_sub(content.len());
        let limit = u64::try_from(left).unwrap_or(u64::MAX).saturating_add(1);
        let before = content.len();
        let end = decoder.by_ref().take(limit).read_to_end(&mut content);
        if content.len() > room {
            content.truncate(room);
            told = Some(TOO_LARGE);
            break;
        }
        if end.is_err() {
            if before == 0 && content.is_empty() {
                return Opening::Shut(CORRUPT.to_owned());
            }
            told = Some(CORRUPT);
            break;
        }
        rest = decoder.into_inner();
        if !is_gzip(rest) {
            break;
        }
    }
    share.spend(content.len());
    if told.is_none() && rest.iter().any(|byte| *byte != 0) {
        told = Some("bytes stand behind its end");
    }
    let lone = !tar::is_tar(&content);
    let mut opened = if !lone {
        // Its members are copies of what is counted already.
        let mut inner = Share { bytes: content.len(), ..*share };
        let opened = tar::open(&content, &mut inner);
        share.entries = inner.entries;
        opened
    } else {
        let mut opened = Opened { lone, ..Opened::default() };
        share.entry();
        if content.len() > share.member {
            content.truncate(share.member);
            told = Some(TOO_LARGE);
        }
        opened.add(stem(name), content);
        opened
    };
    if let Some(reason) = told {
        // What is too large is the file in it, by its own name.
        let of_file = lone && reason == TOO_LARGE;
        opened.gap(of_file.then(|| stem(name)), reason);
    }
    Opening::Open(opened)
}

/// `rows.csv` of `data/rows.csv.gz`.
fn stem(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let end = name.iter().rposition(|byte| *byte == b'.').filter(|at| *at > 0);
    end.and_then(|end| name.get(..end)).unwrap_or(name)
}
