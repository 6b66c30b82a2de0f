//! Bytecode of CPython 3.11, compiled from [`SOURCE`], and its damage.

use super::*;
use proptest::prelude::*;

/// What was compiled.
pub(in crate::staging) const SOURCE: &str = r#"import os


class Notes:
    """Holds notes."""

    def save(self, name="a b", *rest):
        print(f"saved {name}\n", {n for n in rest}, os.sep)
        return [1, 2.5, 10 ** 30, ("x y", None), b"raw bytes"]
"#;

const COMPILED: &str = concat!(
    "a70d0d0a000000002f770d6bd3000000e30000000000000000000000000400000000000000f3280000009700640064016c005a00020047",
    "00640284006403a6020000ab0200000000000000005a01640153002904e9000000004e6300000000000000000000000002000000000000",
    "00f31a000000970065005a0164005a0264015a036405640384015a04640453002906da054e6f7465737a0c486f6c6473206e6f7465732e",
    "fa03612062630200000000000000000000000500000007000000f35c000000970074010000000000000000000064017c019b0064029d03",
    "640384007c024400a6000000ab0000000000000000007402000000000000000000006a020000000000000000a6030000ab030000000000",
    "000000010067006404a201530029054e7a06736176656420fa010a630100000000000000000000000300000013000000f3120000009700",
    "68007c005d047d017c0192028c055300a90072090000002902da022e30da016e73020000002020fa086e6f7465732e7079fa093c736574",
    "636f6d703e7a1d4e6f7465732e736176652e3c6c6f63616c733e2e3c736574636f6d703e0800000073180000008000d02132d02132d021",
    "32a801a021d02132d02132d02132f3000000002905e9010000006700000000000004406c0700000000000000a937a733044d9365270329",
    "027a037820794e73090000007261772062797465732903da057072696e74da026f73da037365702903da0473656c66da046e616d65da04",
    "726573747303000000202020720c000000da04736176657a0a4e6f7465732e7361766507000000733d0000008000dd080dd00e1f9074d0",
    "0e1fd00e1fd00e1fd02132d02132a854d02132d12132d42132b542b446d1083bd4083bd0083bd80f3ed00f3ed00f3ed0083e720e000000",
    "4e290172050000002905da085f5f6e616d655f5fda0a5f5f6d6f64756c655f5fda0c5f5f7175616c6e616d655f5fda075f5f646f635f5f",
    "72160000007209000000720e000000720c0000007204000000720400000004000000732e00000080008000800080008000d80416d00416",
    "f00402053ff00002053ff00002053ff00002053ff00002053ff00002053f720e0000007204000000290272110000007204000000720900",
    "0000720e000000720c000000fa083c6d6f64756c653e721b000000010000007340000000f003010101d80009800980098009f00605013f",
    "f00005013ff00005013ff00005013ff00005013ff10005013ff40005013ff00005013ff00005013ff00005013f720e000000",
);

pub(in crate::staging) fn compiled() -> Vec<u8> {
    hex::decode(COMPILED).unwrap()
}

/// The same with another flag in its header (PEP 552).
pub(in crate::staging) fn with_flags(flags: u8) -> Vec<u8> {
    let mut bytes = compiled();
    bytes[4] = flags;
    bytes
}

#[test]
fn names_and_texts_are_read_and_stand_in_the_source() {
    let read = read(&compiled()).unwrap();
    let has = |set: &BTreeSet<String>, word: &str| set.contains(word);
    assert!(has(&read.names, "Notes") && has(&read.names, "rest") && has(&read.names, "print"));
    assert!(
        has(&read.texts, "Holds notes.")
            && has(&read.texts, "raw bytes")
            && has(&read.texts, "a b")
    );
    assert!(read.as_source().contains("\"saved \"\n"));
    assert_eq!(read.doubt(SOURCE, &mut MAX_COMPARED.clone()), None);
}

#[test]
fn what_the_source_does_not_have_is_named() {
    let read = read(&compiled()).unwrap();
    let doubt = |source: &str| read.doubt(source, &mut MAX_COMPARED.clone());
    let more = "compiled Python that has more in it than its source: ";
    assert_eq!(doubt(&SOURCE.replace("a b", "a c")).unwrap(), format!("{more}a b"));
    assert_eq!(doubt(&SOURCE.replace("print", "log")).unwrap(), format!("{more}print"));
    assert!(doubt("").is_some());
    assert!(read.doubt(SOURCE, &mut 0).is_some(), "beyond the limit nothing is shown");
    let unchecked = super::read(&with_flags(1)).unwrap();
    assert_eq!(
        unchecked.doubt(SOURCE, &mut MAX_COMPARED.clone()).unwrap(),
        "compiled Python that is loaded without a look at its source"
    );
    assert!(!super::read(&with_flags(3)).unwrap().unchecked);
}

#[test]
fn what_is_unknown_or_damaged_is_not_read() {
    let whole = compiled();
    assert_eq!(read(&whole[..whole.len() - 1]), None);
    assert_eq!(read(&[whole.as_slice(), b"x"].concat()), None, "bytes behind the code");
    assert_eq!(read(&[b"\x00\x01\r\n".as_slice(), &whole[4..]].concat()), None);
    let deep = [&whole[..HEADER], &b")\x01".repeat(10_000)].concat();
    assert_eq!(read(&deep), None);
    assert_eq!(read(&[&whole[..HEADER], b"(\xff\xff\xff\x7f"].concat()), None);
}

#[test]
fn texts_become_literals_on_lines_of_their_own() {
    let texts = ["a \"b\"\n\\c".to_owned(), "d".to_owned()].into();
    let code = Bytecode { unchecked: false, names: BTreeSet::new(), texts };
    assert_eq!(code.as_source(), "\"a \\\"b\\\"\\n\\\\c\"\n\"d\"\n");
}

proptest! {
    #[test]
    fn any_damage_ends(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
        noise in any::<Vec<u8>>(),
    ) {
        let mut bytes = compiled();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        for bytes in [bytes, [&compiled()[..HEADER], &noise].concat()] {
            if let Some(code) = read(&bytes) {
                code.doubt(SOURCE, &mut MAX_COMPARED.clone());
                prop_assert_eq!(code.as_source().lines().count(), code.texts.len());
            }
        }
    }
}
