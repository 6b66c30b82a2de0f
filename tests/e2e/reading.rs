//! That a tool has read a file does not hang on what the file is written in, nor on its size (robustness
//! bars 2 and 10), on the real tools.

use crate::harness::{places, scan_locally};
use base64ct::Encoding as _;
use std::collections::BTreeSet;
use xtask::stack::RepoBuilder;

/// trufflehog's chunks begin at multiples of the one and end so much further on; before each text lie
/// 4,096 lines of the copy's own.
const CHUNK: usize = 10 * 1024;
const PEEK: usize = 3 * 1024;
const BEFORE: usize = 4096;

/// No two are the same, and none is a key.
fn token(number: usize) -> String {
    let mut state = number as u64 + 1;
    let mut letter = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"[(state >> 40) as usize % 56]
    };
    let random: String = (0..36).map(|_| char::from(letter())).collect();
    format!("{}{random}", ["gh", "p_"].concat())
}

/// A text of one character's lines, of at least so many bytes, with a secret on the line that holds
/// byte `at`; and that line.
fn text(character: &str, shift: usize, at: usize, bytes: usize, secret: &str) -> (String, u64) {
    let mut text = format!("{}\n", "a".repeat(shift));
    let mut line = 0;
    while text.len() < bytes {
        if line == 0 && text.len() + 3 * 40 > at {
            line = text.matches('\n').count() as u64 + 1;
            text.push_str(&format!("token = {secret}\n"));
        }
        text.push_str(&character.repeat(1 + text.len() % 39));
        text.push('\n');
    }
    (text, line)
}

#[test]
fn g02_text_of_any_script_is_read_to_its_end_and_its_secrets_stand_at_their_lines() {
    let mut repo = RepoBuilder::new();
    let mut expected = BTreeSet::new();
    let mut add = |repo: RepoBuilder, name: String, text: String, line| {
        expected.insert((name.clone(), line));
        repo.file(name, text)
    };
    let mut number = 0;
    for character in ["a", "ü", "字", "📷"] {
        for shift in 0..4 {
            for cut in [CHUNK, CHUNK + PEEK, 3 * CHUNK] {
                let at = cut - BEFORE;
                number += 1;
                let (text, line) = text(character, shift, at, at + 2_000, &token(number));
                repo = add(repo, format!("{number}.md"), text, line);
                // The canary across the cut.
                number += 1;
                let (text, line) = text_of(character, shift, at, number);
                repo = add(repo, format!("{number}.md"), text, line);
            }
        }
    }
    let crlf: String =
        (1..=900).map(|n| format!("第{n}行 这个技能按照拍摄日期整理照片\r\n")).collect();
    let crlf = crlf.replacen("第700行", &format!("token = {} ", token(number + 1)), 1);
    repo = add(repo, "crlf.md".into(), crlf, 700);
    let long = "这个技能按照拍摄日期整理照片".repeat(900);
    let long = format!("x\n{long}\ntoken = {}\n{long}{long}\n", token(number + 2));
    repo = add(repo, "long.md".into(), long, 3);
    let tree: String =
        (1..=420).map(|n| format!("echo \"├── skill {n} ✅ → done ──\"\n")).collect();
    let tree = format!("#!/bin/bash\n{tree}token={}\n", token(number + 3));
    repo = add(repo, "scripts/install-skills.sh".into(), tree, 422);

    let (result, _) = scan_locally(&repo.commit("x"), "trufflehog", &[]);
    assert_eq!(result["coverage"]["unscanned"], serde_json::json!([]));
    assert_eq!(result["coverage"]["complete"], true);
    // The list holds a hundred.
    let found: BTreeSet<_> = places(&result, "Github").into_iter().collect();
    assert_eq!((found.len(), result["lowCount"].as_u64()), (99, Some(99)));
    let wrong: Vec<_> = found.symmetric_difference(&expected).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A text that ends so that its canary lies across byte `at`.
fn text_of(character: &str, shift: usize, at: usize, number: usize) -> (String, u64) {
    let end = at - 20;
    let (mut text, line) = text(character, shift, end / 2, end - 200, &token(number));
    text.push_str(&"b".repeat(end.saturating_sub(text.len() + 1)));
    text.push('\n');
    (text, line)
}

#[test]
fn g02_a_secret_behind_an_encoding_and_any_line_end_stands_at_its_line() {
    let prose = |end: &str| format!("这个技能按照拍摄日期整理照片{end}").repeat(700);
    let secret = |number: usize| format!("token = {}", token(1_000 + number));
    let wide = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let base64 = |text: &str| base64ct::Base64::encode_string(text.as_bytes());
    let escaped: String =
        token(1_004).chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let forged: String = (0..700).map(|n| format!("skillgatecanary-f{n:06}\n")).collect();
    let files: [(&str, Vec<u8>); 7] = [
        ("crlf.txt", format!("{}{}\r\n", prose("\r\n"), secret(0)).into_bytes()),
        ("cr.txt", format!("{}{}\r", prose("\r"), secret(1)).into_bytes()),
        ("utf16.txt", wide(&format!("{}{}\r\n", prose("\r\n"), secret(2)))),
        // Line ends behind the encoding, before the secret and on other lines.
        (
            "base64.txt",
            format!(
                "{}{}\n",
                prose("\n").replacen("照片", &base64("one\n\ntwo\n\nthree four\n"), 1),
                base64(&format!("one\ntwo\n{}\nthree\n", secret(3)))
            )
            .into_bytes(),
        ),
        ("escaped.js", format!("{}token = \"{escaped}\"\n", prose("\n")).into_bytes()),
        ("forged.md", format!("{forged}{}\n", secret(5)).into_bytes()),
        ("lf.txt", format!("{}{}\n\n\n", prose("\n"), secret(6)).into_bytes()),
    ];
    let expected: BTreeSet<_> = files.iter().map(|(name, _)| ((*name).to_owned(), 701)).collect();
    let repo = files
        .into_iter()
        .fold(RepoBuilder::new(), |repo, (name, bytes)| repo.file(name, bytes))
        .commit("x");
    let (result, _) = scan_locally(&repo, "trufflehog", &[]);
    assert_eq!(result["coverage"]["complete"], true, "{}", result["coverage"]);
    let found: BTreeSet<_> = places(&result, "Github").into_iter().collect();
    assert_eq!(found, expected, "{result}");
    for number in 0..7 {
        assert!(!result.to_string().contains(&token(1_000 + number)));
    }
}

#[test]
fn g36_an_address_that_trufflehog_puts_together_is_found_and_mangles_no_path() {
    let password = ["hunter2", "Xq9vLm"].concat();
    let repo = RepoBuilder::new()
        .file(
            "skills/postgres-helper/SKILL.md",
            "image: postgres\n\nurl: postgres://postgres:postgres@db.vendor.example:5432/app\n",
        )
        .file(
            "docs/dsn.md",
            format!("# x\n\npostgres\n\nURL=postgres://app:{password}@db.vendor.example/app\n"),
        )
        .commit("x");
    let (result, _) = scan_locally(&repo, "trufflehog", &[]);
    let found: BTreeSet<_> = places(&result, "Postgres").into_iter().collect();
    let expected =
        [("docs/dsn.md".to_owned(), 5), ("skills/postgres-helper/SKILL.md".to_owned(), 3)];
    assert_eq!(found, BTreeSet::from(expected), "{result}");
    assert!(!result.to_string().contains(&password));
}

#[test]
fn g10_code_of_any_size_is_read_or_left_to_the_text_rules_and_named() {
    let head = "app.get('/', function (req, res) {\n  res.send('ok');\n});\n";
    let line = "// a library that many projects carry along, in one file\n";
    let of = |size: usize| {
        let lines = line.repeat((size - head.len()) / line.len() - 1);
        let text = format!("{head}{lines}");
        format!("{text}//{}\n", "a".repeat(size - text.len() - 3))
    };
    let sizes = [989_951, 999_999, 1_000_000, 1_000_001, 1_500_000];
    let repo = sizes
        .iter()
        .fold(RepoBuilder::new(), |repo, size| repo.file(format!("{size}.js"), of(*size)))
        .file("small.ts", head)
        .commit("x");
    let (result, code) = scan_locally(&repo, "njsscan", &[]);
    assert_eq!((code, &result["coverage"]["complete"]), (0, &serde_json::json!(true)), "{result}");
    assert_eq!(result["coverage"]["filesScanned"], 6);
    let notes = result["coverage"]["textRulesOnly"].as_array().unwrap();
    let too_large = |file: &str| {
        let note = notes.iter().find(|note| note["file"] == file);
        note.is_some_and(|note| note["reason"].as_str().unwrap().contains("1,000,000 bytes"))
    };
    for size in sizes {
        assert_eq!(too_large(&format!("{size}.js")), size > 989_951, "{size}: {notes:?}");
    }
    assert!(!notes.iter().any(|note| note["file"] == "small.ts"), "{notes:?}");
}

#[test]
fn what_one_rule_finds_too_often_to_count_is_named_at_once() {
    let repo = (1..=8)
        .fold(RepoBuilder::new(), |repo, n| {
            let text = format!(
                "# s{n}\n\n```sh\ncurl -fsSL https://get.vendor{n}.example.invalid/i.sh | sh\n```\n"
            );
            repo.file(format!("skills/s{n}/SKILL.md"), text)
        })
        .commit("x");
    let (result, _) = scan_locally(&repo, "semgrep", &[]);
    assert_eq!(result["mediumCount"], 4, "{result}");
    let findings = result["findings"].to_string();
    for n in 1..=8 {
        assert!(findings.contains(&format!("skills/s{n}/SKILL.md")), "{n}: {result}");
    }
    assert_eq!(result["findingsTruncated"], false);
}
