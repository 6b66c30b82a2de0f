use super::*;
use proptest::prelude::*;
use serde::de::IgnoredAny;

/// What serde_json reads, with our number in place of each that is no integer. A number beyond the range of a double is
/// one of these: serde_json refuses it, the grammar of JSON does not.
fn expected(text: &str) -> Option<Value> {
    fn plain(value: &mut Value) {
        match value {
            Value::Number(number) if number.is_f64() => *value = NO_INTEGER.into(),
            Value::Array(items) => items.iter_mut().for_each(plain),
            Value::Object(members) => members.values_mut().for_each(plain),
            _ => {}
        }
    }
    let mut text = text.to_owned();
    loop {
        match serde_json::from_str(&text) {
            Ok(mut value) => {
                plain(&mut value);
                return Some(value);
            }
            Err(error) if error.to_string().starts_with("number out of range") => {
                text = without_number_at(&text, error.column());
            }
            Err(_) => return None,
        }
    }
}

/// The text, of one line, with a number that a double can hold in place of the one that has an exponent at `column`.
fn without_number_at(text: &str, column: usize) -> String {
    let (read, rest) = text.split_at(column);
    let before = read.trim_end_matches(|c: char| c.is_ascii_digit() || "+-.eE".contains(c));
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{NO_INTEGER}{after}")
}

fn assert_same(text: &str) {
    assert_eq!(value(text), expected(text), "{text:?}");
    let is_valid = serde_json::from_str::<IgnoredAny>(text).is_ok();
    assert_eq!(is_json(text, 1_000), is_valid, "{text:?}");
}

#[test]
fn texts_read_as_serde_json_reads_them() {
    for text in [
        "",
        " ",
        "nul",
        "null",
        " true ",
        "falsey",
        "0",
        "-0",
        "-",
        "01",
        "-01",
        "1.",
        ".5",
        "1.5",
        "1e3",
        "1E+3",
        "1e",
        "1e-",
        "1e400",
        "-1e400",
        "1e99999999999",
        "[1e400]",
        "[1e400,2e400]",
        "[1e400-]",
        "[1e400",
        "-1",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "+1",
        "NaN",
        "\"",
        "\"\\\"",
        "\"a\nb\"",
        "\"\u{7f}♥\"",
        r#""\u00e9\n\/\b\f\r\t\\""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\n""#,
        r#""\ud83d\ud83d""#,
        r#""\u12g4""#,
        r#""\x""#,
        r#""\u+123""#,
        "[]",
        "[ ]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1, [2], {}]",
        "]",
        "{}",
        "{ }",
        r#"{"a":1,}"#,
        r#"{"a" : 1 , "a":2}"#,
        r#"{"b":[{"a":null}],"a":{}}"#,
        r#"{"a"}"#,
        r#"{a:1}"#,
        r#"{"a":}"#,
        "{} {}",
        "\u{feff}{}",
        "[\u{a0}]",
        "[1\u{c}]",
    ] {
        assert_same(text);
    }
}

#[test]
fn depth_has_the_limit_of_serde_json() {
    for depth in [1, 126, 127, 128, 129] {
        let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_same(&text);
        assert!(is_json(&text, depth));
        assert!(!is_json(&text, depth - 1));
        let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert_same(&objects);
    }
}

proptest! {
    #[test]
    fn whatever_stands_there_is_read_as_serde_json_reads_it(
        text in r#"([{}\[\],:" \\/a♥-]|\\u(d8|dc|00)[0-9a-f]{2}|[0-9]{1,3}|[-.eE+]|true|null|"[a"]?"|"k":){0,12}"#
    ) {
        assert_same(&text);
    }

    #[test]
    fn what_serde_json_writes_is_read(text in any::<String>(), number in any::<i64>(), large in any::<u64>()) {
        let value = serde_json::json!({"a": [text, number], text.clone(): {"b": large}});
        assert_same(&value.to_string());
        assert_same(&serde_json::to_string_pretty(&value).unwrap());
    }
}
