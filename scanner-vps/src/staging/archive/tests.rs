//! Archives made in the test, and what is read of each. The contents are harmless.

use super::*;
use flate2::{
    Compression, Crc,
    write::{DeflateEncoder, GzEncoder},
};
use proptest::prelude::*;
use std::io::Write as _;

/// An entry of a zip as it is to be written.
#[derive(Debug, Clone)]
pub(in crate::staging) struct ZipEntry {
    pub(in crate::staging) name: Vec<u8>,
    pub(in crate::staging) content: Vec<u8>,
    /// The name in the header, where that is another one.
    local_name: Option<Vec<u8>>,
    encrypted: bool,
    method: u16,
    mode: u32,
    wrong_checksum: bool,
    unlisted: bool,
}

pub(in crate::staging) fn entry(name: &str, content: &[u8]) -> ZipEntry {
    ZipEntry {
        name: name.into(),
        content: content.to_vec(),
        local_name: None,
        encrypted: false,
        method: 8,
        mode: 0o100_644,
        wrong_checksum: false,
        unlisted: false,
    }
}

pub(in crate::staging) fn zip_file(entries: &[ZipEntry]) -> Vec<u8> {
    let (mut file, mut directory, mut listed) = (Vec::new(), Vec::new(), 0u16);
    for entry in entries {
        let packed = match entry.method {
            8 => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&entry.content).unwrap();
                encoder.finish().unwrap()
            }
            _ => entry.content.clone(),
        };
        let mut crc = Crc::new();
        crc.update(&entry.content);
        let sum = crc.sum() ^ u32::from(entry.wrong_checksum);
        let at = u32::try_from(file.len()).unwrap();
        let common = |name: &[u8]| {
            let mut fields = Vec::new();
            fields.extend(20u16.to_le_bytes());
            fields.extend(u16::from(entry.encrypted).to_le_bytes());
            fields.extend(entry.method.to_le_bytes());
            fields.extend([0; 4]);
            fields.extend(sum.to_le_bytes());
            fields.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
            fields.extend(u32::try_from(entry.content.len()).unwrap().to_le_bytes());
            fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            fields.extend([0; 2]);
            fields
        };
        let local_name = entry.local_name.as_ref().unwrap_or(&entry.name);
        file.extend(b"PK\x03\x04");
        file.extend(common(local_name));
        file.extend(local_name);
        file.extend(&packed);
        if entry.unlisted {
            continue;
        }
        listed += 1;
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(common(&entry.name));
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&entry.name);
    }
    let at = u32::try_from(file.len()).unwrap();
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(listed.to_le_bytes());
    file.extend(listed.to_le_bytes());
    file.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend([0; 2]);
    file
}

pub(in crate::staging) fn tar_file(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, content) in entries {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(in crate::staging) fn gzip_file(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn open_with(bytes: &[u8], work: &mut Work) -> Opened {
    match open(b"a/rows.csv.gz", bytes, work) {
        Opening::Open(opened) => opened,
        other => panic!("{other:?}"),
    }
}

fn opened(bytes: &[u8]) -> Opened {
    open_with(bytes, &mut Work::default())
}

fn members(opened: &Opened) -> Vec<(&str, &str)> {
    let text = |bytes| std::str::from_utf8(bytes).unwrap();
    opened.members.iter().map(|m| (text(&m.name), text(&m.content))).collect()
}

fn reasons(opened: &Opened) -> Vec<&str> {
    opened.gaps.iter().map(|gap| gap.reason.as_str()).collect()
}

#[test]
fn g11_each_kind_of_archive_gives_its_members() {
    let two = [entry("docs/a.md", b"# A\n"), entry("run.sh", b"echo ok\n")];
    let stored = ZipEntry { method: 0, ..entry("run.sh", b"echo ok\n") };
    let tar = tar_file(&[("docs/a.md", b"# A\n"), ("run.sh", b"echo ok\n")]);
    for bytes in [zip_file(&two), zip_file(&[two[0].clone(), stored]), tar.clone(), gzip_file(&tar)]
    {
        let opened = opened(&bytes);
        assert_eq!(members(&opened), [("docs/a.md", "# A\n"), ("run.sh", "echo ok\n")]);
        assert_eq!((reasons(&opened), opened.before, opened.leads_out.clone()), (vec![], 0, None));
    }
    let rows = opened(&[gzip_file(b"a,b\n"), gzip_file(b"c,d\n")].concat());
    assert_eq!(members(&rows), [("rows.csv", "a,b\nc,d\n")]);
    assert_eq!(reasons(&opened(&zip_file(&[]))), [""; 0]);
    for bytes in [b"PK".as_slice(), b"text", b"", b"\x1f\x8b", b"\x89PNG\r\n\x1a\n"] {
        assert_eq!(open(b"a", bytes, &mut Work::default()), Opening::None);
    }
    let long = "d/".repeat(90) + "a.sh";
    assert_eq!(opened(&tar_file(&[(&long, b"x")])).members[0].name, long.as_bytes());
}

#[test]
fn g11_what_readers_of_a_zip_disagree_on_is_said_and_read_all_the_same() {
    let run = || entry("run.sh", b"echo ok\n");
    let other = ZipEntry { local_name: Some(b"a.png".to_vec()), ..run() };
    let wrong = ZipEntry { wrong_checksum: true, ..run() };
    let zero = ZipEntry { name: b"run.sh\0.png".to_vec(), ..run() };
    let listed = entry("a.md", b"text\n");
    for (entries, reason) in [
        (vec![other], "its header and the directory give it different names"),
        (vec![wrong], "its length or checksum is not what the directory says"),
        (vec![zero], "its name has a zero in it, where some programs end it"),
        (vec![run(), run()], "the archive has more than one member of this name"),
    ] {
        let opened = opened(&zip_file(&entries));
        assert_eq!(reasons(&opened), [reason]);
        assert!(opened.members.iter().all(|member| member.content == b"echo ok\n"), "{reason}");
    }
    let unlisted = ZipEntry { unlisted: true, ..run() };
    for entries in [vec![listed.clone(), unlisted.clone()], vec![unlisted, listed]] {
        let opened = opened(&zip_file(&entries));
        assert_eq!(reasons(&opened), ["it has entries that its directory does not list"]);
    }
    let behind = [zip_file(&[run()]), b"more".to_vec()].concat();
    assert_eq!(reasons(&opened(&behind)), ["bytes stand behind its end"]);
    let tar_behind = [tar_file(&[("a", b"x")]), vec![0; 1_024], tar_file(&[("b", b"y")])].concat();
    assert_eq!(reasons(&opened(&tar_behind)), ["bytes stand behind its end"]);
}

#[test]
fn g11_a_header_that_contradicts_the_directory_of_a_zip_is_said() {
    let file = zip_file(&[entry("run.sh", b"echo ok\n")]);
    let reason = "its header and the directory differ on its length or checksum";
    for at in [14, 18, 22] {
        let mut bytes = file.clone();
        bytes[at] ^= 1;
        assert_eq!(reasons(&opened(&bytes)), [reason], "{at}");
    }
    // They may stand behind the data.
    let mut later = file.clone();
    later[6] |= 8;
    later[14..26].fill(0);
    assert_eq!(reasons(&opened(&later)), [""; 0]);
    for (other, told) in [("run.sh", false), ("a.png", true)] {
        let extra = [
            b"\x75\x70".as_slice(),
            &[5 + u8::try_from(other.len()).unwrap(), 0, 1, 0, 0, 0, 0],
            other.as_bytes(),
        ]
        .concat();
        let mut bytes = file.clone();
        let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
        let end = bytes.len() - 22;
        let length = u8::try_from(extra.len()).unwrap();
        bytes[directory + 30] = length;
        bytes[end + 12] += length;
        bytes.splice(end..end, extra);
        assert_eq!(reasons(&opened(&bytes)).len(), usize::from(told), "{other}");
    }
}

#[test]
fn g11_what_readers_of_a_tar_disagree_on_is_said() {
    let mut builder = ::tar::Builder::new(Vec::new());
    builder.append_pax_extensions([("GNU.sparse.name", b"run.sh".as_slice())]).unwrap();
    let mut header = ::tar::Header::new_ustar();
    header.set_size(2);
    builder.append_data(&mut header, "a.png", b"ab".as_slice()).unwrap();
    let sparse = opened(&builder.into_inner().unwrap());
    assert_eq!(reasons(&sparse), ["its extended header has fields that are not read"]);
    for kind in [::tar::EntryType::Directory, ::tar::EntryType::Link] {
        let mut builder = ::tar::Builder::new(Vec::new());
        let mut header = ::tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_size(2);
        builder.append_data(&mut header, "a", b"ab".as_slice()).unwrap();
        let opened = opened(&builder.into_inner().unwrap());
        assert_eq!(reasons(&opened), ["a folder or link with data, which is not read"]);
    }
    // A checksum of bytes with a sign.
    let mut signed = tar_file(&[("\u{e9}.sh", b"echo ok\n")]);
    signed[148..156].fill(b' ');
    let sum: i32 = signed[..512].iter().map(|byte| i32::from(byte.cast_signed())).sum();
    signed[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    assert_eq!(reasons(&opened(&signed)), [CORRUPT]);
}

#[test]
fn records_for_large_archives_in_a_small_one_are_passed_over() {
    let mut file = zip_file(&[entry("run.sh", b"echo ok\n")]);
    let end = file.len() - 22;
    file.splice(end..end, [b"PK\x06\x06".as_slice(), &[0; 72]].concat());
    let opened = opened(&file);
    assert_eq!((members(&opened), reasons(&opened)), (vec![("run.sh", "echo ok\n")], vec![]));
    assert_eq!(opened.before, 0);
}

#[test]
fn g11_entries_that_share_bytes_are_said() {
    let mut file = zip_file(&[entry("a.sh", b"echo ok\n"), entry("b.sh", b"echo ok\n")]);
    let second = file.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    file[second + 42..second + 46].copy_from_slice(&[0; 4]);
    assert!(reasons(&opened(&file)).contains(&"entries of it overlap"));
}

#[test]
fn g11_what_stays_shut_has_a_reason() {
    let secret = ZipEntry { encrypted: true, ..entry("run.sh", b"echo ok\n") };
    let odd = ZipEntry { method: 99, ..entry("run.sh", b"echo ok\n") };
    let encrypted = opened(&zip_file(&[secret, entry("a.md", b"text\n")]));
    assert_eq!(
        (members(&encrypted), reasons(&encrypted)),
        (vec![("a.md", "text\n")], vec!["it is encrypted"])
    );
    assert_eq!(encrypted.gaps[0].name.as_deref(), Some(b"run.sh".as_slice()));
    assert_eq!(
        reasons(&opened(&zip_file(&[odd]))),
        ["it is packed in a way that is not read (method 99)"]
    );
    let whole = zip_file(&[entry("run.sh", b"echo ok\n")]);
    let shut = |bytes: &[u8]| match open(b"a", bytes, &mut Work::default()) {
        Opening::Shut(reason) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(shut(&whole[..whole.len() - 30]), CORRUPT);
    assert_eq!(shut(&gzip_file(b"text")[..10]), CORRUPT);
    assert_eq!(
        shut(b"7z\xbc\xaf\x27\x1c\0\x04"),
        "an archive of a kind that is not opened here (7z)"
    );
}

#[test]
fn g11_a_member_that_leads_out_of_its_folder_is_read_inside_and_said() {
    let link = |target: &[u8]| ZipEntry { mode: 0o120_777, ..entry("docs/link", target) };
    for (zip, name) in [
        (vec![entry("../../run.sh", b"echo ok\n")], Some("run.sh")),
        (vec![entry("/etc/run.sh", b"echo ok\n")], Some("etc/run.sh")),
        (vec![entry("..\\run.sh", b"echo ok\n")], Some("run.sh")),
        (vec![link(b"/etc/passwd")], None),
        (vec![link(b"../../other")], None),
    ] {
        let opened = opened(&zip_file(&zip));
        assert!(opened.leads_out.is_some(), "{zip:?}");
        assert_eq!(members(&opened).first().map(|(name, _)| *name), name);
    }
    let inside = opened(&zip_file(&[link(b"../a.md"), entry("docs/../a.md", b"text\n")]));
    assert_eq!((inside.leads_out.clone(), reasons(&inside)), (None, vec![]));
}

#[test]
fn g11_an_archive_behind_other_bytes_is_found() {
    let zip = zip_file(&[entry("run.sh", b"echo ok\n")]);
    let opened = opened(&[b"#!/bin/sh\necho unpack\n".as_slice(), &zip].concat());
    assert_eq!((members(&opened), opened.before), (vec![("run.sh", "echo ok\n")], 22));
    assert_eq!(reasons(&opened), [""; 0]);
}

#[test]
fn g24_each_cap_ends_the_reading_and_is_said() {
    let caps = Caps { entries: 3, member_bytes: 50, total_bytes: 90, ratio: 100, name_bytes: 20 };
    let many = |count: usize| -> Vec<_> {
        (0..count).map(|n| entry(&format!("{n}.md"), b"text\n")).collect()
    };
    for (entries, kept, reason) in [
        (many(5), 3, MORE_ENTRIES),
        (vec![entry("a.md", &[b'a'; 51])], 0, TOO_LARGE),
        (
            vec![
                entry("a.md", &[b'a'; 40]),
                entry("b.md", &[b'b'; 40]),
                entry("c.md", &[b'c'; 40]),
            ],
            2,
            TOO_LARGE,
        ),
        (vec![entry(&"x".repeat(21), b"text\n")], 0, NAME_TOO_LONG),
    ] {
        let opened = open_with(&zip_file(&entries), &mut Work::new(caps, 1_000, 100));
        assert_eq!((opened.members.len(), reasons(&opened)), (kept, vec![reason]));
        let tar: Vec<_> = entries
            .iter()
            .map(|e| (std::str::from_utf8(&e.name).unwrap(), e.content.as_slice()))
            .collect();
        let opened = open_with(&tar_file(&tar), &mut Work::new(caps, 1_000, 100));
        assert_eq!((opened.members.len(), reasons(&opened)), (kept, vec![reason]));
    }
    let rows = open_with(&gzip_file(&[b'a'; 60]), &mut Work::new(caps, 1_000, 100));
    assert_eq!((rows.members[0].content.len(), reasons(&rows)), (50, vec![TOO_LARGE]));
    // What all archives of a scan may take is counted over all of them.
    let mut work = Work::new(caps, 60, 100);
    let zip = zip_file(&[entry("a.md", &[b'a'; 40])]);
    assert_eq!(open_with(&zip, &mut work).members.len(), 1);
    assert_eq!(reasons(&open_with(&zip, &mut work)), [TOO_LARGE]);
}

#[test]
fn g24_a_high_ratio_ends_the_reading() {
    let caps = Caps { ratio: 2, ..Caps::default() };
    let zeros = vec![0; FREE_BYTES + 1];
    let opened =
        open_with(&zip_file(&[entry("a.bin", &zeros)]), &mut Work::new(caps, usize::MAX, 100));
    assert_eq!((opened.members.len(), reasons(&opened)), (0, vec![TOO_LARGE]));
}

fn archives() -> Vec<Vec<u8>> {
    let entries =
        [entry("docs/a.md", b"# A\n"), ZipEntry { method: 0, ..entry("run.sh", b"echo ok\n") }];
    let tar = tar_file(&[("docs/a.md", b"# A\n"), (&"long/".repeat(40), b"echo ok\n")]);
    vec![zip_file(&entries), tar.clone(), gzip_file(&tar), gzip_file(b"a,b\n")]
}

proptest! {
    #[test]
    fn g24_any_bytes_and_any_damage_end_within_the_caps(
        kind in 0usize..4,
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
        noise in any::<Vec<u8>>(),
    ) {
        let caps = Caps { entries: 10, member_bytes: 1_000, total_bytes: 2_000, ratio: 100, name_bytes: 300 };
        let mut bytes = archives().swap_remove(kind);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        for bytes in [bytes, noise] {
            if let Opening::Open(opened) = open(b"a", &bytes, &mut Work::new(caps, 2_000, 10)) {
                prop_assert!(opened.members.len() <= 10);
                prop_assert!(opened.members.iter().map(|m| m.content.len()).sum::<usize>() <= 2_000);
                prop_assert!(opened.members.iter().all(|m| !inside(&m.name).1));
            }
        }
    }
}
