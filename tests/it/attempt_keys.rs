//! A signing key is of one attempt of one scan.

use crate::harness::{Harness, MINUTE, SECRET, key, result, scan_secret, started, with};
use serde_json::{Value as Json, json};

/// A result with criticals of semgrep, of an attempt.
fn critical(scan: &str, attempt: u32) -> Json {
    with(result(scan, "semgrep", [1, 0, 0, 0]), &json!({ "attempt": attempt }))
}

/// The key that earlier releases gave out for all attempts of a scan: HMAC of a text without attempt.
fn old_secret(scan: &str) -> String {
    let signed = key(SECRET).sign(format!("skillgate-scan:{scan}").as_bytes());
    signed.strip_prefix("sha256=").unwrap().to_owned()
}

/// A scan whose first attempt fell silent and whose second runs.
fn sent_twice() -> (Harness, String) {
    let (h, ids) = Harness::published();
    h.advance(21 * MINUTE);
    h.run_scheduled();
    h.run_scheduled();
    assert_eq!(h.callback(&with(started(&ids[0], "semgrep"), &json!({"attempt": 2}))).0, 200);
    (h, ids[0].clone())
}

#[test]
fn g41_the_key_of_an_overtaken_attempt_signs_for_no_later_one() {
    let (h, scan) = sent_twice();
    let first = scan_secret(SECRET, &scan, 1);
    let before = h.db().dump();
    for (attempt, status) in [(Some(2), 401), (None, 401), (Some(1), 409), (Some(3), 401)] {
        let mut report = critical(&scan, 1);
        report["attempt"] = json!(attempt);
        assert_eq!(h.callback_by(&first, &report).0, status, "attempt {attempt:?}");
    }
    assert_eq!(h.db().dump(), before);
    assert_eq!(h.callback_by(&scan_secret(SECRET, &scan, 2), &critical(&scan, 2)).0, 200);
}

#[test]
fn g41_a_report_under_a_derived_key_names_its_attempt() {
    let (h, ids) = Harness::published();
    let secret = scan_secret(SECRET, &ids[0], 1);
    let before = h.db().dump();
    for attempt in [json!(null), json!("1"), json!(1.0), json!(0), json!(-1), json!([1])] {
        let report = with(critical(&ids[0], 1), &json!({ "attempt": attempt }));
        assert_eq!(h.callback_by(&secret, &report).0, 401, "{attempt}");
    }
    assert_eq!(h.db().dump(), before);
    assert_eq!(h.callback_by(&secret, &critical(&ids[0], 1)).0, 200);
}

#[test]
fn g41_a_key_of_all_attempts_is_believed_only_for_what_an_earlier_release_sent() {
    let (h, ids) = Harness::published();
    let without = with(critical(&ids[0], 1), &json!({"attempt": null}));
    let before = h.db().dump();
    for report in [critical(&ids[0], 1), without.clone()] {
        assert_eq!(h.callback_by(&old_secret(&ids[0]), &report).0, 401);
    }
    assert_eq!(h.db().dump(), before);
    // As an earlier release leaves the row.
    h.db().execute("UPDATE external_scan_result SET keyed_attempt = 0").unwrap();
    assert_eq!(h.callback_by(&old_secret(&ids[1]), &critical(&ids[0], 1)).0, 401);
    assert_eq!(h.callback_by(&old_secret(&ids[0]), &started(&ids[0], "semgrep")).0, 200);
    assert_eq!(h.callback_by(&old_secret(&ids[0]), &without).0, 200);
}

#[test]
fn g41_a_key_of_all_attempts_ends_with_the_next_send_or_claim() {
    for claimed in [false, true] {
        let (h, ids) = Harness::published();
        h.db().execute("UPDATE external_scan_result SET keyed_attempt = 0").unwrap();
        h.advance(21 * MINUTE);
        h.run_scheduled();
        if claimed {
            assert_eq!(h.claim(&ids[0], "me").0, 200);
        } else {
            h.run_scheduled();
        }
        let attempt = h.db().one::<i64>(&format!(
            "SELECT attempt FROM external_scan_result WHERE id = '{}'",
            ids[0]
        ));
        let report = critical(&ids[0], attempt.try_into().unwrap());
        assert!(attempt > 1);
        assert_eq!(h.callback_by(&old_secret(&ids[0]), &report).0, 401, "{claimed}");
        assert_eq!(h.callback(&report).0, 200, "{claimed}");
    }
}
