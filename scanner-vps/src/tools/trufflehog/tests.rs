//! Recorded output of trufflehog 3.92.5 (its secrets replaced by inert ones), and what is made of it.

use super::{output::CUSTOM, *};
use crate::{
    scan::conclude,
    staging::{Language, canary},
    tools::testcopy::{self, TestCopy},
};
use skillgate_contract::Severity;

const LINES: &[u8] = include_bytes!("../../../testdata/trufflehog/finding.ndjson");
const LOG: &str = include_str!("../../../testdata/trufflehog/finding.log");

fn raw() -> (String, String) {
    (format!("AKIA{}", "X".repeat(16)), "y".repeat(40))
}

fn all() -> TestCopy {
    let (id, key) = raw();
    let past = Origin::History { oid: "87dbbc577e25ffff".into() };
    let text = |content: &str| format!("\n\n{content}");
    let two = |f: &mut StagedFile| {
        f.lines_before = 2;
        f.content_lines -= 2;
    };
    testcopy::copy()
        .file("txt", "a.txt", Language::Text, &text("hello\n"))
        .with(two)
        .file(
            "txt",
            "creds.env",
            Language::Text,
            &text(&format!("aws_access_key_id = {id}\naws_secret_access_key = {key}\n")),
        )
        .with(two)
        .add("txt", "old.env", Language::Text, past, &text(&format!("id={id}\nsecret={key}\n")))
        .with(two)
        .file("bin", "a.zip", Language::Text, "PK")
        .with(|f| f.raw = true)
        .add("txt", "(planted)", Language::Text, Origin::Planted, "\n\n")
        .with(two)
}

fn output() -> SecretsOutput {
    parse(LINES, LOG).unwrap()
}

#[test]
fn a_secret_stands_at_its_line_and_says_where_it_lives() {
    let report = judge(&output(), &all().copy).unwrap();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|f| (f.rule.as_str(), f.file.as_str(), f.line, f.severity))
        .collect();
    assert_eq!(
        found,
        [
            ("trufflehog.AWS", "creds.env", Some(1), Severity::Low),
            ("trufflehog.AWS", "old.env", Some(1), Severity::Low),
        ]
    );
    assert_eq!(report.findings[0].code, "aws_access_key_id = AKIA…(20)");
    assert!(report.findings[1].message.contains("only in the git history, in object 87dbbc577e25"));
    assert_eq!(report.files_scanned, 2);
}

#[test]
fn g36_no_raw_secret_is_in_the_result() {
    let (id, key) = raw();
    let mut copy = all();
    let report = judge(&output(), &copy.copy).unwrap();
    let copy = std::mem::take(&mut copy.copy);
    let result = conclude(report, copy, "0123456789".repeat(4).parse().unwrap());
    let shown = format!("{result:?} {}", serde_json::to_string(&result.findings).unwrap());
    assert!(shown.contains("AKIA…(20)"));
    for secret in [id.as_str(), key.as_str()] {
        assert!(!shown.contains(secret));
        assert!(!format!("{:?}", output()).contains(secret));
    }
}

#[test]
fn g36_two_secrets_on_one_line_are_masked_in_each_others_finding() {
    let (id, key) = raw();
    let other = format!("sq0{}", "Zk".repeat(12));
    let (short, pair) = ("pw1", format!("{other}{}", "Lm".repeat(10)));
    let line = format!("a = {id}:{key}; b = {other}; c = {}\n", "Lm".repeat(10));
    let copy = testcopy::copy()
        .file("txt", &format!("{other}/a.env"), Language::Text, &format!("{line}p = {short}\n"))
        .add("txt", "(planted)", Language::Text, Origin::Planted, "");
    let secret = |detector: &str, name: &str, line, raw: &str, pair: &str| Secret {
        detector: detector.into(),
        custom: detector == CUSTOM,
        name: name.into(),
        line,
        raw: raw.into(),
        raw_pair: pair.into(),
        plain: true,
    };
    let output = SecretsOutput {
        secrets: vec![
            secret(CUSTOM, "f000001.txt", 4, "skillgatecanary-f000001", ""),
            secret(CUSTOM, "f000002.txt", 3, "skillgatecanary-f000002", ""),
            secret("AWS", "f000001.txt", 1, &id, &format!("{id}:{key}")),
            secret("Square", "f000001.txt", 1, &other, &pair),
            secret("Password", "f000001.txt", 2, short, ""),
        ],
        ..SecretsOutput::default()
    };
    let report = judge(&output, &copy.copy).unwrap();
    assert_eq!(report.findings.len(), 3);
    let shown = serde_json::to_string(&report.findings).unwrap();
    for value in [id.as_str(), &key, &other, &"Lm".repeat(10), &pair, short] {
        assert!(!shown.contains(value), "{shown}");
    }
    assert!(shown.contains("a = AKIA…(61); b = sq0Z…(27); c = LmLm…(20)"), "{shown}");
}

#[test]
fn g36_a_secret_behind_an_encoding_hides_its_line_from_every_finding() {
    let mut output = output();
    let behind = output.secrets.iter().find(|s| s.name == "f000002.txt" && !s.custom).unwrap();
    let behind = Secret { detector: "Other".into(), plain: false, ..behind.clone() };
    output.secrets.push(behind);
    let report = judge(&output, &all().copy).unwrap();
    let codes: Vec<_> = report.findings.iter().filter(|f| f.file == "creds.env").collect();
    assert!(codes.len() == 2 && codes.iter().all(|f| f.code == "AKIA…(20)"), "{codes:?}");
}

#[test]
fn g02_a_large_picture_that_trufflehog_skips_leaves_the_run_complete() {
    let mut copy =
        all().file("png", "a.png", Language::Text, &"x".repeat(300_000)).with(|f| f.raw = true);
    // As the copy counts: the text, and no raw file.
    copy.copy.bytes = 292;
    let mut output = output();
    output.faults.clear();
    let report = judge(&output, &copy.copy).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert!(report.unscanned.is_empty(), "{:?}", report.unscanned);
}

#[test]
fn g02_the_canary_s_word_is_the_proof_and_no_line_number() {
    let marked = |mark: &str| {
        let mut copy = all();
        copy.copy.mark = mark.into();
        copy
    };
    let mut output = output();
    for (secret, line) in output.secrets.iter_mut().filter(|s| s.custom).zip([1, 0, 4000, 9]) {
        secret.line = line;
        secret.raw = secret.raw.replace("canary-", "canary-ghij-");
    }
    let report = judge(&output, &marked("ghij-").copy).unwrap();
    let unread: Vec<_> = report.unscanned.iter().map(|note| note.file.as_str()).collect();
    assert_eq!(unread, ["a.zip"], "its lines prove nothing, in either way");

    // A word that the author could write, wherever trufflehog says that it stands.
    let forged = |raw: &str| {
        let mut output = output.clone();
        let own = |s: &&mut Secret| s.custom && s.name == "f000001.txt";
        for secret in output.secrets.iter_mut().filter(own) {
            secret.raw = raw.into();
            secret.line = 4_000_000;
        }
        judge(&output, &marked("ghij-").copy).unwrap()
    };
    for raw in ["skillgatecanary-f000001", "skillgatecanary-ghij-f000002", "skillgatecanary-ghij-"]
    {
        assert!(forged(raw).unscanned.iter().any(|note| note.file == "a.txt"), "{raw}");
    }
    let (one, other) = (canary::mark(), canary::mark());
    assert!(one != other && one.len() == 17, "{one} {other}");
    assert!(one.bytes().all(|b| b == b'-' || (b'g'..=b'v').contains(&b)), "{one}");
    assert!(config(&one).contains(&format!("skillgatecanary-{one}f[0-9]{{6,}}'")));
}

#[test]
fn a_secret_that_is_in_our_own_lines_alone_is_none_and_one_without_a_line_stays() {
    let text = "x\n\nskillgatecanary-f000001\n";
    let copy = testcopy::copy()
        .file("txt", "a.txt", Language::Text, text)
        .with(|f| f.content_lines = 1)
        .add("txt", "(planted)", Language::Text, Origin::Planted, "");
    let mut output = output();
    output.secrets.retain(|s| s.custom && s.name.as_str() < "f000003");
    let other = |raw: &str, line| Secret {
        custom: false,
        detector: "Other".into(),
        name: "f000001.txt".into(),
        line,
        raw: raw.into(),
        raw_pair: String::new(),
        plain: true,
    };
    output.secrets.extend([
        other("canary-f000001", 3),
        other("stands-nowhere-as-such", 1),
        other("stands-nowhere-as-such", 900),
    ]);
    let report = judge(&output, &copy.copy).unwrap();
    let [one] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!((one.line, one.code.as_str()), (None, "stan…(22)"));
}

#[test]
fn g36_a_path_leads_where_it_led() {
    let address = "postgres://postgres:postgres@db.vendor.example:5432/app";
    let copy = testcopy::copy()
        .file("txt", "skills/postgres-helper/SKILL.md", Language::Text, &format!("u: {address}\n"))
        .add("txt", "(planted)", Language::Text, Origin::Planted, "");
    let mut output = output();
    output.secrets.retain(|s| s.custom && s.name.as_str() < "f000003");
    output.secrets.push(Secret {
        custom: false,
        detector: "Postgres".into(),
        name: "f000001.txt".into(),
        line: 1,
        raw: address.trim_end_matches("/app").into(),
        raw_pair: address.trim_end_matches("/app").into(),
        plain: true,
    });
    let report = judge(&output, &copy.copy).unwrap();
    let [one] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!(one.file, "skills/postgres-helper/SKILL.md");
    assert_eq!(one.code, "u: post…(51)/app");
    assert!(one.message.starts_with("Looks like a Postgres secret (post…(51)), in the published"));
}

#[test]
fn a_broken_archive_is_unread() {
    let report = judge(&output(), &all().copy).unwrap();
    assert_eq!(report.unscanned[0].file, "a.zip");
    assert!(report.unscanned[0].reason.contains("not a valid zip file"));
}

#[test]
fn g02_a_file_or_a_byte_that_was_not_read_is_told() {
    let mut copy = all();
    copy.copy.bytes = 10_000;
    let mut output = output();
    output.secrets.retain(|s| !(s.custom && s.name == "f000001.txt"));
    let report = judge(&output, &copy.copy).unwrap();
    assert!(report.unscanned.iter().any(|note| note.file == "a.txt"));
    assert!(report.problems[0].contains("of 10000 bytes"));
}

#[test]
fn g02_a_run_without_its_planted_positive_is_void() {
    let mut output = output();
    output.secrets.retain(|s| s.name != "f000005.txt");
    assert!(matches!(judge(&output, &all().copy), Err(ToolError::PlantedMissing { .. })));
}

#[test]
fn g01_a_run_without_its_summary_or_with_half_a_line_did_not_end() {
    assert!(matches!(parse(LINES, ""), Err(crate::tools::output::ParseError::Lacks(_))));
    assert!(parse(&LINES[..LINES.len() / 2], LOG).is_err());
    let nothing = parse(b"", LOG).unwrap();
    assert!(matches!(judge(&nothing, &all().copy), Err(ToolError::PlantedMissing { .. })));
}

#[test]
fn what_was_found_behind_an_encoding_is_shown_masked_only() {
    let mut output = output();
    for secret in &mut output.secrets {
        secret.plain = false;
    }
    let report = judge(&output, &all().copy).unwrap();
    assert_eq!(report.findings[0].code, "AKIA…(20)");
}

#[test]
fn it_never_verifies_or_updates() {
    let args = args(Path::new("/w/a1/trufflehog.yaml"), Path::new("/w/root"));
    for flag in ["filesystem", "--no-verification", "--no-update"] {
        assert!(args.contains(&flag.into()), "{flag}");
    }
}

#[test]
fn a_secret_that_stands_in_text_too_is_not_counted_again_in_the_bytes() {
    let copy = all()
        .file("txt", "a.zip", Language::Text, "\n\nk = one-secret-value\n")
        .with(|f| (f.lines_before, f.content_lines) = (2, 1));
    let mut output = output();
    let template = output.secrets.iter().find(|s| !s.custom).unwrap().clone();
    let at = |name: &str, line, raw: &str| Secret {
        name: name.into(),
        line,
        raw: raw.into(),
        raw_pair: String::new(),
        ..template.clone()
    };
    let canary = Secret { custom: true, ..at("f000006.txt", 5, "skillgatecanary-f000006") };
    output.secrets.extend([
        canary,
        at("f000004.bin", 1, "one-secret-value"),
        at("f000004.bin", 1, "only-in-the-bytes"),
        at("f000006.txt", 3, "one-secret-value"),
    ]);
    let report = judge(&output, &copy.copy).unwrap();
    let mut lines: Vec<_> =
        report.findings.iter().filter(|f| f.file == "a.zip").map(|f| f.line).collect();
    lines.sort_unstable();
    assert_eq!(lines, [None, Some(1)]);
}
