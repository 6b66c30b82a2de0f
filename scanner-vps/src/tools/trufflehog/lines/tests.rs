//! Where a value stands, whatever line trufflehog names.

use super::{super::output::CUSTOM, Standing::*, *};

fn secret(line: u32, raw: &str, pair: &str, plain: bool) -> Secret {
    Secret {
        detector: "Other".into(),
        custom: CUSTOM == "Other",
        name: "f000001.txt".into(),
        line,
        raw: raw.into(),
        raw_pair: pair.into(),
        plain,
    }
}

fn standing(text: &str, secret: &Secret) -> Standing {
    let end = u32::try_from(text.lines().count()).unwrap();
    standings(text.as_bytes(), 0, end, &[secret])[0]
}

#[test]
fn the_value_decides_and_the_hint_chooses_among_several() {
    let text = "a\nk = value-one\n字\nk = value-one\nshort = pw1\n\nvalue-one";
    for (hint, line) in [(0, 2), (1, 2), (2, 2), (3, 2), (4, 4), (5, 4), (6, 7), (9999, 7)] {
        assert_eq!(standing(text, &secret(hint, "value-one", "", true)), Line(line), "{hint}");
    }
    // Too short to look for: the hint, where it is right.
    assert_eq!(standing(text, &secret(5, "pw1", "", true)), Line(5));
    assert_eq!(standing(text, &secret(4, "pw1", "", true)), File);
    assert_eq!(standing(text, &secret(4, "nowhere-at-all", "", true)), File);
}

#[test]
fn a_pair_stands_where_it_is_whole_or_where_its_first_value_is() {
    let text = "id = AAAA1111BBBB\n\npair = AAAA1111BBBB:CCCC2222DDDD\n";
    let whole = secret(1, "AAAA1111BBBB", "AAAA1111BBBB:CCCC2222DDDD", true);
    assert_eq!(standing(text, &whole), Line(3));
    let apart = secret(1, "AAAA1111BBBB", "AAAA1111BBBB:EEEE", true);
    assert_eq!(standing(text, &apart), Line(1));
}

#[test]
fn an_address_that_was_put_together_stands_where_its_parts_do() {
    // A port and a scheme that are not there: trufflehog then names the chunk's first line.
    let raw = "postgresql://app:hunter2hunter2@db.vendor.example:5432";
    let text = "\n\nimage: postgresql\nhost: db.vendor.example\n\n\
                url: postgres://app:hunter2hunter2@db.vendor.example/app\n\nimage: postgresql\n";
    assert_eq!(standing(text, &secret(1, raw, raw, true)), Line(6));
    // The password alone is any word.
    let text = "# password\n\ndsn: server=db.vendor.example;user=sa;password=password\n";
    let secret = secret(1, "password", "sqlserver://sa:password@db.vendor.example", true);
    assert_eq!(standing(text, &secret), Line(3));
}

#[test]
fn a_key_that_was_made_even_stands_at_its_first_line() {
    let body = "Q2Fu9".repeat(12);
    let text = format!("x\n\n  -----BEGIN PRIVATE KEY-----\r\n  {body}\r\n  {body}\r\n  -----END");
    let raw = format!("-----BEGIN PRIVATE KEY-----\n{body}\n{body}\n-----END\n");
    assert_eq!(standing(&text, &secret(3, &raw, "", true)), Line(3));
}

#[test]
fn a_value_behind_an_encoding_stands_at_the_encoded_line() {
    let hello = "hello hello hello???>";
    for encoded in [
        "aGVsbG8gaGVsbG8gaGVsbG8/Pz8+",
        "aGVsbG8gaGVsbG8gaGVsbG8_Pz8-",
        "\\u0068ello hello hello???>",
        "&#x68;ello hello hello???&#x3e;",
    ] {
        // Decoded line ends before it move trufflehog's count.
        let text = format!("\n字\nv = {encoded}\n\n\n");
        for hint in [1, 3, 5, 900] {
            let found = standing(&text, &secret(hint, hello, "", false));
            assert_eq!(found, Line(3), "{encoded} {hint}");
        }
    }
    let both = format!("v = {hello}\n\n\nv = aGVsbG8gaGVsbG8gaGVsbG8/Pz8+\n");
    assert_eq!(standing(&both, &secret(4, hello, "", false)), Line(4));
    assert_eq!(standing(&both, &secret(4, hello, "", true)), Line(1));
}

#[test]
fn what_stands_in_our_own_lines_alone_is_ours() {
    let text = b"\n\nvalue-one\n\nvalue-two\n";
    let (one, two) = (secret(1, "value-one", "", true), secret(5, "value-two", "", true));
    assert_eq!(standings(text, 2, 3, &[&one, &two]), [Line(3), Ours]);
}

#[test]
fn characters_of_any_length_move_no_line() {
    for character in ["a", "ü", "字", "📷"] {
        for shift in 0..4 {
            let mut text = "b".repeat(shift);
            for line in 2..200 {
                text.push('\n');
                text.push_str(&character.repeat(line % 67));
                if line == 150 {
                    text.push_str("value-one");
                }
            }
            for hint in [1, 97, 150] {
                let found = standing(&text, &secret(hint, "value-one", "", true));
                assert_eq!(found, Line(150), "{character} {shift}");
            }
        }
    }
}

#[test]
fn many_addresses_that_begin_alike_are_told_apart() {
    let address = |n: usize| format!("postgres://app:pw{n:05}@db.vendor.example:5432");
    let text: String = (0..20_000).map(|n| address(n) + "\n").collect();
    let all: Vec<_> = (0..20_000).map(|n| secret(1, &address(n), &address(n), true)).collect();
    let found = standings(text.as_bytes(), 0, 20_000, &all.iter().collect::<Vec<_>>());
    let lines: Vec<_> = (1..=20_000).map(Line).collect();
    assert!(found == lines);
}
