use super::*;
use crate::{Severity, signature};
use proptest::prelude::*;

const MINIMAL: &str = include_str!("../../testdata/callback-minimal.json");
const FULL: &str = include_str!("../../testdata/callback-full.json");
const STARTED: &str = include_str!("../../testdata/callback-started.json");
const FAILED: &str = include_str!("../../testdata/callback-failed.json");

fn read(body: &str) -> Result<Callback, Vec<FieldError>> {
    Callback::read(Object::parse(body.as_bytes(), KNOWN_FIELDS).unwrap())
}

fn result(callback: &Callback) -> &ScanResult {
    match &callback.event {
        Event::Result(result) => result,
        other => panic!("no result: {other:?}"),
    }
}

fn with(body: &str, name: &str, value: Value) -> String {
    let mut json: Value = serde_json::from_str(body).unwrap();
    json[name] = value;
    json.to_string()
}

fn pointers(body: &str) -> Vec<String> {
    read(body).unwrap_err().into_iter().map(|e| e.pointer).collect()
}

#[test]
fn the_golden_bodies_are_read() {
    let minimal = read(MINIMAL).unwrap();
    assert_eq!(minimal.event_name(), "result");
    assert_eq!(result(&minimal).conclude(false), ScanStatus::Incomplete);
    assert_eq!(result(&minimal).conclude(true), ScanStatus::Pass);

    let full = read(FULL).unwrap();
    let found = result(&full);
    assert_eq!((found.counts.score(), found.conclude(false)), (94, ScanStatus::Pass));
    assert_eq!(found.findings.len(), 2);
    assert_eq!(found.disagreement(), None);

    assert_eq!(read(STARTED).unwrap().event, Event::Started);
    assert!(
        matches!(read(FAILED).unwrap().event, Event::Failed { error } if error.contains("clone"))
    );
}

#[test]
fn what_is_sent_is_the_golden_body() {
    for golden in [FULL, STARTED, FAILED] {
        let sent = read(golden).unwrap().to_json(Millis(1_769_990_400_000));
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        let expected: Value = serde_json::from_str(golden).unwrap();
        assert_eq!(sent, expected);
    }
}

#[test]
fn every_wrong_field_has_its_pointer() {
    let short = with(FULL, "commitSha", "a".repeat(39).into());
    assert_eq!(pointers(&short), ["/commitSha"]);
    assert_eq!(pointers(&with(FULL, "provider", "clamav".into())), ["/provider"]);
    assert_eq!(pointers(&with(FULL, "event", "done".into())), ["/event"]);
    assert_eq!(pointers(&with(FULL, "status", "CERTIFIED".into())), ["/status"]);
    assert_eq!(pointers(&with(FULL, "repoOwner", 5.into())), ["/repoOwner"]);
    assert_eq!(pointers(&with(FULL, "repoName", "another".into())), ["/repoName"]);
    assert_eq!(pointers(&with(FULL, "attempt", 0.into())), ["/attempt"]);
    assert_eq!(pointers(&with(FULL, "criticalCount", (-1).into())), ["/criticalCount"]);
    assert_eq!(pointers(&with(FULL, "mediumCount", 1.into())), ["/mediumCount"]);
    assert_eq!(pointers(&with(FULL, "coverage", true.into())), ["/coverage"]);
    let odd = serde_json::json!([{"rule": "r", "severity": "catastrophic"}]);
    assert_eq!(pointers(&with(FULL, "findings", odd)), ["/findings/0"]);
    assert_eq!(
        pointers("{}"),
        [
            "/provider",
            "/skillName",
            "/commitSha",
            "/criticalCount",
            "/highCount",
            "/mediumCount",
            "/lowCount"
        ]
    );
    assert_eq!(pointers(r#"{"event":"failed","provider":"semgrep"}"#), ["/scanId", "/error"]);
}

#[test]
fn an_error_status_is_a_failure() {
    let body = r#"{"provider":"semgrep","scanId":"a","status":"ERROR","error":"tool missing"}"#;
    assert_eq!(read(body).unwrap().event_name(), "failed");
}

#[test]
fn a_repeat_is_known_by_its_content() {
    let digest = |body: &str| read(body).unwrap().content_digest();
    for (name, value) in [
        ("timestamp", 1.into()),
        ("deliveryId", "another".into()),
        ("durationMs", 1.into()),
        ("workerHost", Value::from("elsewhere")),
    ] {
        assert_eq!(digest(&with(FULL, name, value)), digest(FULL), "{name}");
    }
    assert_ne!(digest(&with(FULL, "lowCount", 1.into())), digest(FULL));
    assert_ne!(digest(&with(FULL, "attempt", 7.into())), digest(FULL));
}

#[test]
fn the_receiver_cuts_too() {
    let many: Vec<_> = (0..150)
        .map(|_| serde_json::json!({"rule": "r\u{1b}", "severity": "low", "message": "m".repeat(3000)}))
        .collect();
    let body = with(&with(FULL, "findings", many.into()), "lowCount", 150.into());
    let body = with(&body, "mediumCount", 0.into());
    let callback = read(&body).unwrap();
    let found = result(&callback);
    assert_eq!(found.findings.len(), crate::MAX_FINDINGS);
    assert!(found.findings_truncated);
    assert_eq!(found.findings[0].rule, "r\u{fffd}");
    assert_eq!(found.findings[0].message.len(), crate::MAX_STRING_CHARS);
}

#[test]
fn a_sender_that_sees_less_never_raises_the_verdict() {
    let incomplete = read(&with(FULL, "status", "INCOMPLETE".into())).unwrap();
    assert_eq!(result(&incomplete).conclude(true), ScanStatus::Incomplete);
    let rosy = read(&with(FULL, "criticalCount", 1.into())).unwrap();
    assert_eq!(result(&rosy).conclude(true), ScanStatus::Fail);
    assert!(result(&rosy).disagreement().is_some());
}

proptest! {
    #[test]
    fn g03_no_signed_body_panics(
        name in proptest::sample::select(KNOWN_FIELDS),
        value in prop_oneof![
            Just(Value::Null), any::<bool>().prop_map(Into::into), any::<i64>().prop_map(Into::into),
            ".{0,80}".prop_map(Into::into), any::<f64>().prop_map(Into::into),
            Just(serde_json::json!([])), Just(serde_json::json!([{}])), Just(serde_json::json!({})),
        ],
    ) {
        let body = with(FULL, name, value);
        let object = Object::parse(body.as_bytes(), KNOWN_FIELDS).unwrap();
        let _ = signature::check_timestamp(object.raw("timestamp"), Millis(0));
        if let Ok(callback) = Callback::read(object) {
            prop_assert_eq!(callback.content_digest().len(), 64);
        }
    }

    #[test]
    fn a_round_trip_changes_nothing(
        counts in (0u32..1000, 0u32..1000, 0u32..1000, 0u32..1000), message in any::<String>(),
        complete in any::<bool>(), duration in proptest::option::of(0u64..1 << 53),
    ) {
        let mut sent = read(FULL).unwrap();
        sent.event = Event::Result(Box::new(ScanResult {
            counts: Counts { critical: counts.0 + 1, high: counts.1, medium: counts.2, low: counts.3 },
            findings: crate::cap_findings(vec![Finding {
                rule: "r".into(), severity: Severity::Critical, message, file: "f".into(), line: None,
                end_line: None, code: String::new(), provider: Some(sent.provider),
            }]).findings,
            coverage: Some(Coverage { complete, ..Coverage::default() }),
            duration_ms: duration,
            claimed: Some(ScanStatus::Fail), claimed_verdict: Some(Verdict::Fail),
            claimed_score: None,
            ..result(&sent).clone()
        }));
        let body = sent.to_json(Millis(1));
        let got = Callback::read(Object::parse(&body, KNOWN_FIELDS).unwrap()).unwrap();
        prop_assert_eq!(got.content_digest(), sent.content_digest());
    }
}
