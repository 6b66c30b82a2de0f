//! Where a picture ends (PNG, JPEG, GIF): what stands behind its end is shown by no viewer. Pure.

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// The bytes behind the end of a picture, without the zeros before them; `None` where there are none, or the file is no
/// whole picture of these kinds.
pub(super) fn behind(bytes: &[u8]) -> Option<&[u8]> {
    let end = if bytes.starts_with(PNG) {
        png(bytes)
    } else if bytes.starts_with(JPEG) {
        jpegs(bytes)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        gif(bytes)
    } else {
        None
    }?;
    let rest = bytes.get(end..)?;
    let start = rest.iter().position(|byte| *byte != 0)?;
    // Zeros at the end may be part of an archive.
    rest.get(start..)
}

/// Chunks of a length, a name of four bytes, data and a checksum (PNG, 5.3).
fn png(bytes: &[u8]) -> Option<usize> {
    let mut at = PNG.len();
    loop {
        let head = bytes.get(at..at.checked_add(8)?)?;
        let (length, name) = head.split_first_chunk::<4>()?;
        at = at.checked_add(usize::try_from(u32::from_be_bytes(*length)).ok()?)?.checked_add(12)?;
        if name == b"IEND" {
            return Some(at);
        }
    }
}

/// One picture behind another, as cameras write them (CIPA DC-007).
fn jpegs(bytes: &[u8]) -> Option<usize> {
    let mut end = jpeg(bytes)?;
    while let Some(rest) = bytes.get(end..).filter(|rest| rest.starts_with(JPEG)) {
        end = end.checked_add(jpeg(rest)?)?;
    }
    Some(end)
}

/// Segments with a mark and a length, and coded data in which a mark's first byte is followed by a zero (ITU T.81, B.1).
fn jpeg(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let here = bytes.get(at..)?;
        match *here {
            [0xff, 0xd9, ..] => return Some(at + 2),
            [0xff, 0xff, ..] => at += 1,
            [0xff, 0x01 | 0xd0..=0xd7 | 0, ..] => at += 2,
            [0xff, _, high, low, ..] => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            [0xff, ..] => return None,
            // Coded data.
            [_, ..] => at += here.iter().position(|byte| *byte == 0xff)?,
            [] => return None,
        }
    }
}

/// Blocks with a mark, each made of pieces with a length (GIF89a, 12 to 27).
fn gif(bytes: &[u8]) -> Option<usize> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3usize << ((flags & 7) + 1) };
    let pieces = |mut at: usize| loop {
        match bytes.get(at)? {
            0 => return Some(at + 1),
            length => at += 1 + usize::from(*length),
        }
    };
    let mut at = 13 + table(*bytes.get(10)?);
    loop {
        match bytes.get(at)? {
            0x3b => return Some(at + 1),
            0x21 => at = pieces(at + 2)?,
            0x2c => at = pieces(at + 11 + table(*bytes.get(at + 9)?))?,
            _ => return None,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A PNG of no size: a header and an end.
    pub(in crate::staging) fn png_file() -> Vec<u8> {
        [PNG, b"\0\0\0\x04IHDRabcdsum1", b"\0\0\0\0IENDsum2"].concat()
    }

    fn jpeg_file() -> Vec<u8> {
        [JPEG, b"\xe0\0\x04ab", b"\xff\xda\0\x04ab", b"code\xff\0more\xff\xd0", b"\xff\xd9"]
            .concat()
    }

    fn gif_file() -> Vec<u8> {
        [
            b"GIF89a".as_slice(),
            &[1, 0, 1, 0, 0, 0, 0],
            &[0x21, 0xf9, 1, 0, 0],
            &[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 9, 9, 0],
            b";",
        ]
        .concat()
    }

    #[test]
    fn what_stands_behind_the_end_is_found() {
        for picture in [png_file(), jpeg_file(), gif_file()] {
            assert_eq!(behind(&picture), None);
            assert_eq!(behind(&[picture.clone(), vec![0; 40]].concat()), None, "padding");
            let more = [picture.as_slice(), b"\n\0echo ok\n"].concat();
            assert_eq!(behind(&more), Some(b"\n\0echo ok\n".as_slice()));
            assert_eq!(behind(&picture[..picture.len() - 1]), None, "cut off");
        }
        let two = [jpeg_file(), jpeg_file(), b"x".to_vec()].concat();
        assert_eq!(behind(&two), Some(b"x".as_slice()));
        assert_eq!(behind(b"text"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_end(head in 0usize..3, body in any::<Vec<u8>>()) {
            let heads = [PNG, JPEG, b"GIF89a"];
            behind(&[heads[head], &body].concat());
        }
    }
}
