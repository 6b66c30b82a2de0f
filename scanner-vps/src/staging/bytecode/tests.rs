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
            && read.bytes.contains(b"raw bytes".as_slice())
            && has(&read.texts, "a b")
    );
    assert!(read.as_source().contains("\"saved \"\n"));
    assert_eq!(read.doubt(&Source::read(SOURCE), &mut MAX_COMPARED.clone()), None);
}

#[test]
fn what_the_source_does_not_have_is_named() {
    let read = read(&compiled()).unwrap();
    let doubt = |source: &str| read.doubt(&Source::read(source), &mut MAX_COMPARED.clone());
    let more = "compiled Python that has more in it than its source: ";
    assert_eq!(doubt(&SOURCE.replace("a b", "a c")).unwrap(), format!("{more}a b"));
    assert_eq!(doubt(&SOURCE.replace("print", "log")).unwrap(), format!("{more}print"));
    assert!(doubt("").is_some());
    let mut work = 0;
    assert_eq!(
        read.doubt(&Source::read(SOURCE), &mut work).unwrap(),
        "compiled Python beyond what a scan compares with its source"
    );
    assert_eq!(
        doubt(&SOURCE.replace("print", "log('print') # print\n")).unwrap(),
        format!("{more}print")
    );
    assert_eq!(
        doubt(&SOURCE.replace("raw bytes", "raw bits")).unwrap(),
        format!("{more}raw bytes")
    );
    let unchecked = super::read(&with_flags(1)).unwrap();
    assert_eq!(
        unchecked.doubt(&Source::read(SOURCE), &mut MAX_COMPARED.clone()).unwrap(),
        "compiled Python that is loaded without a look at its source"
    );
    assert!(!super::read(&with_flags(3)).unwrap().unchecked);
}

/// Bytecode that is one marshalled object.
fn of(object: &[u8]) -> Bytecode {
    read(&[&compiled()[..HEADER], object].concat()).unwrap()
}

/// A tuple of whole numbers.
fn tuple(numbers: impl ExactSizeIterator<Item = u32>) -> Vec<u8> {
    let mut object = vec![b')', u8::try_from(numbers.len()).unwrap()];
    numbers.for_each(|number| object.extend([&b"i"[..], &number.to_le_bytes()].concat()));
    object
}

#[test]
fn constants_that_the_source_does_not_spell_are_doubted() {
    let doubts = |code: &[u8], source: &str| {
        of(code).doubt(&Source::read(source), &mut MAX_COMPARED.clone()).is_some()
    };
    let row = tuple([105, 109, 112, 111, 114, 116, 32, 111].into_iter());
    assert!(doubts(&row, "# exec bytes\n"));
    assert!(doubts(&row, "# 105, 109, 112, 111, 114, 116, 32, 111\n"));
    assert!(doubts(&row, "X = (111, 105, 109, 112, 111, 114, 116, 32)\n"), "another order");
    assert!(!doubts(&row, "X = (0x69, 109, 112, # text\n 111, 114, 1_16, 32, 0o157)\n"));
    let nested =
        [b")\x02".as_slice(), &tuple([1, 2, 3, 4].into_iter()), &tuple([5, 6, 7, 8].into_iter())];
    assert!(doubts(&nested.concat(), "X = 1\n"));
    assert!(!doubts(&nested.concat(), "X = (1, 2, 3, 4), (5, 6, 7, 8)\n"));
    // Numbers in a set have no order, but are counted.
    let set = [b">\x28\0\0\0", &tuple((1..41u32).collect::<Vec<_>>().into_iter())[2..]].concat();
    assert!(doubts(&set, "X = 1\n"));
    assert!(!doubts(b"s\x02\0\0\0\xff\x01", "X = b'\\xff\\x01'\n"));
    assert!(doubts(b"s\x02\0\0\0\xff\x01", "X = b'\\xff\\x02' # \\xff\\x01\n"));
    assert!(doubts(b"z\x02\x01\x02", "X = 'a'\n"), "signs alone");
    assert!(!doubts(b"z\x04----", "X = '-' * 4\n"));
    let long = [b"l\x0a\0\0\0".as_slice(), &[1; 20]].concat();
    assert!(doubts(&long, "X = 1 << 9\n"), "more bits than Python calculates");
    // A referred-to object that stood in a table first.
    assert!(of(b")\x02\xf3\x01\0\0\0\xffr\0\0\0\0").bytes.contains(b"\xff".as_slice()));
}

#[test]
fn names_stand_in_code_and_in_expressions_of_literals() {
    let words = |source: &str, word: &str| Source::read(source).has_word(word);
    for source in
        ["f(run)", "f'{run}'", "f\"{a:{run}}\"", "rb'x' ; run", "'''\n''' + run", "f'{f\"{run}\"}'"]
    {
        assert!(words(source, "run"), "{source}");
    }
    for source in
        ["# run", "'run'", "f'{{run}}'", "f'{a:run}'", "'''\nrun\n'''", "r'\\' run'", "'\\' run'"]
    {
        assert!(!words(source, "run"), "{source}");
    }
}

#[test]
fn a_source_is_charged_once_work_is_spent() {
    let code = of(b"z\x03abc");
    let source = Source::read(&format!("X = '{}'\n", "x".repeat(10_000)));
    let mut work = 50_000;
    let doubts: Vec<_> = (0..40).map(|_| code.doubt(&source, &mut work).unwrap()).collect();
    assert_eq!(work, 0);
    assert!(doubts[0].ends_with("abc") && doubts[39].contains("beyond"), "{doubts:?}");
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
    let code = Bytecode { texts, ..of(b"N") };
    assert_eq!(code.as_source(), "\"a \\\"b\\\"\\n\\\\c\"\n\"d\"\n");
}

proptest! {
    #[test]
    fn any_source_ends(text in "[rbf'\"{}:\\\\#\n a0-9.xeN]{0,80}") {
        let source = Source::read(&text);
        source.has_text("abc", &mut MAX_COMPARED.clone());
    }

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
                code.doubt(&Source::read(SOURCE), &mut MAX_COMPARED.clone());
                prop_assert_eq!(code.as_source().lines().count(), code.texts.len() + code.bytes.len());
            }
        }
    }
}
