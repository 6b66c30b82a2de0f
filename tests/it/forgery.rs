//! Callbacks that are not believed.

use crate::harness::{
    COMMIT, Harness, NOW, SECRET, callback_request, callback_secret, key, read, request, result,
    scan_secret, with,
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value as Json, json};
use skillgate_worker::http::{Body, Response};

const OLD: &str = "retired-secret-of-the-tests";

/// A clean result of the first attempt of a scan by semgrep.
fn first(scan: &str) -> Json {
    with(result(scan, "semgrep", [0; 4]), &json!({"attempt": 1}))
}

/// Refused with a status, and nothing is written.
fn refused(h: &Harness, response: &Response, before: &str, status: u16, why: &str) {
    assert_eq!(read(response).0, status, "{why}: {}", response.body);
    assert_eq!(h.db().dump(), before, "{why}");
}

#[test]
fn g03_a_signature_that_does_not_hold_is_one_401_and_writes_nothing() {
    let (h, ids) = Harness::published();
    let body = h.stamped(&first(&ids[0]));
    let good = key(&scan_secret(SECRET, &ids[0], 1)).sign(&body);
    let digits = good.strip_prefix("sha256=").unwrap();
    let before = h.db().dump();
    let mut bodies = std::collections::BTreeSet::new();
    for header in [
        String::new(),
        "sha256=".to_owned(),
        format!("sha1={digits}"),
        format!("sha256={}", &digits[1..]),
        format!("sha256={digits}0"),
        format!("sha256=zz{}", &digits[2..]),
        format!("{good}, {good}"),
        format!("{good},"),
        format!(" {good}"),
        "sha256=".to_owned() + &"0".repeat(64),
        key("wrong").sign(&body),
        key(&scan_secret(SECRET, &ids[1], 1)).sign(&body),
        key(&scan_secret(OLD, &ids[0], 1)).sign(&body),
        key(SECRET).sign(b"{}"),
    ] {
        let response = h.post_callback(body.clone(), &header);
        refused(&h, &response, &before, 401, &header);
        assert!(response.header("www-authenticate").is_some());
        bodies.insert(response.body);
    }
    let unsigned = request(
        "POST",
        "/api/v1/webhooks/scan-results",
        &[("content-type", "application/json")],
        body.clone(),
    );
    bodies.insert(h.send_request(&unsigned).body);
    // Nor is a stranger told which scans there are.
    let unknown = h.stamped(&result(&"f".repeat(32), "semgrep", [0; 4]));
    bodies.insert(h.post_callback(unknown, &good).body);
    bodies.insert(h.post_callback(b"{broken".to_vec(), &good).body);
    bodies.insert(h.post_callback(vec![0xff, 0xfe], &good).body);
    assert_eq!(bodies.len(), 1, "one body for all of these: {bodies:?}");
    assert_eq!(h.db().dump(), before);
    for header in [
        digits.to_owned(),
        format!("hmac-sha256={digits}"),
        format!("sha256={}", digits.to_uppercase()),
    ] {
        assert_eq!(h.post_callback(body.clone(), &header).status, 200, "{header}");
    }
}

#[test]
fn g32_current_and_previous_master_and_their_scan_keys_hold_until_the_old_one_is_retired() {
    let mut h = Harness::with(&[("WEBHOOK_SECRET", OLD)]);
    let ids = h.publish_tool();
    let report = first(&ids[0]);
    let keys = [OLD.to_owned(), scan_secret(OLD, &ids[0], 1)];
    let new = [SECRET.to_owned(), scan_secret(SECRET, &ids[0], 1)];
    h.configure(&[("WEBHOOK_SECRET_PREVIOUS", OLD)]);
    for secret in keys.iter().chain(&new) {
        assert_eq!(h.callback_by(secret, &report).0, 200);
    }
    h.configure(&[]);
    for secret in &keys {
        assert_eq!(h.callback_by(secret, &report).0, 401);
    }
    for secret in &new {
        assert_eq!(h.callback_by(secret, &report).0, 200);
    }
    h.configure(&[("WEBHOOK_SECRET", "")]);
    assert_eq!(h.callback_by(SECRET, &report).0, 503, "without a secret nothing is believed");
}

#[test]
fn g16_the_signed_time_holds_for_five_minutes_either_way() {
    let (h, ids) = Harness::published();
    let report = first(&ids[0]);
    let before = h.db().dump();
    let send = |time: &str| {
        let body = report.to_string();
        let body =
            format!("{},\"timestamp\":{time}}}", body.strip_suffix('}').unwrap()).into_bytes();
        // What is no JSON names no scan, so only the master's signature can hold there.
        let secret = if time == "NaN" { SECRET.to_owned() } else { callback_secret(&report) };
        let signature = key(&secret).sign(&body);
        h.post_callback(body, &signature)
    };
    for time in [
        (NOW - 301_000).to_string(),
        (NOW + 301_000).to_string(),
        i64::MIN.to_string(),
        i64::MAX.to_string(),
        "0".into(),
        "1e400".into(),
        format!("\"{NOW}\""),
        format!("{NOW}.0"),
        "null".into(),
        "[]".into(),
        "true".into(),
        "99999999999999999999".into(),
    ] {
        refused(&h, &send(&time), &before, 401, &time);
    }
    let missing = report.to_string().into_bytes();
    let signature = key(&callback_secret(&report)).sign(&missing);
    refused(&h, &h.post_callback(missing, &signature), &before, 401, "missing");
    refused(&h, &send("NaN"), &before, 400, "NaN is no JSON");
    for time in [NOW - 299_000, NOW + 299_000] {
        assert_eq!(send(&time.to_string()).status, 200);
    }
}

#[test]
fn bodies_that_are_signed_and_no_json_object_are_400() {
    let (h, _) = Harness::published();
    let before = h.db().dump();
    let deep = format!("{{\"timestamp\":{NOW},\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let twice =
        format!("{{\"timestamp\":{NOW},\"provider\":\"semgrep\",\"provider\":\"njsscan\"}}");
    for body in [
        b"".to_vec(),
        b"{".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"\"x\"".to_vec(),
        b"{} {}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"a\":\"\xff\"}".to_vec(),
        deep.into_bytes(),
        twice.into_bytes(),
    ] {
        let signature = key(SECRET).sign(&body);
        let why = String::from_utf8_lossy(&body).into_owned();
        refused(&h, &h.post_callback(body, &signature), &before, 400, &why);
    }
}

#[test]
fn g33_what_is_too_large_or_of_another_kind_is_refused_before_the_signature() {
    let (h, ids) = Harness::published();
    let before = h.db().dump();
    let mut huge = callback_request(Vec::new(), "");
    huge.body = Body::TooLarge;
    refused(&h, &h.send_request(&huge), &before, 413, "too large");
    assert_eq!(h.log(), "", "no signature was looked at");
    let body = h.stamped(&result(&ids[0], "semgrep", [0; 4]));
    let signature = key(SECRET).sign(&body);
    for kind in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json, text/plain",
    ] {
        let headers = [("content-type", kind), ("x-webhook-signature", signature.as_str())];
        let sent = request("POST", "/api/v1/webhooks/scan-results", &headers, body.clone());
        refused(&h, &h.send_request(&sent), &before, 415, kind);
    }
    // A whole mebibyte is not too large.
    let padded = with(result(&ids[0], "semgrep", [0; 4]), &json!({"padding": ""}));
    let room = 1024 * 1024 - h.stamped(&padded).len();
    let full = h.stamped(&with(padded, &json!({"padding": "x".repeat(room)})));
    assert_eq!(full.len(), 1024 * 1024);
    let signature = key(SECRET).sign(&full);
    assert_eq!(h.post_callback(full, &signature).status, 200);
}

#[test]
fn a_refusal_never_repeats_what_was_sent() {
    let (h, ids) = Harness::published();
    let marker = "<script>marker</script>";
    for lie in
        [json!({ "provider": marker }), json!({ "status": marker }), json!({ "commitSha": marker })]
    {
        let (_, problem) = h.callback(&with(result(&ids[0], "semgrep", [0; 4]), &lie));
        assert!(!problem.to_string().contains("marker"), "{problem}");
    }
    assert!(!h.log().contains("marker"));
}

/// A JSON value of any shape.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        Just(json!(COMMIT)),
        Just(json!("semgrep")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..4).prop_map(Json::from_iter),
        ]
    })
}

#[test]
fn g03_ten_thousand_unsigned_requests_do_nothing() {
    let (h, _) = Harness::published();
    let before = h.db().dump();
    let strategy = (
        prop_oneof![any::<String>(), "[0-9a-f]{64}", "sha256=[0-9a-zA-Z]{60,70}"],
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..300),
            any_json().prop_map(|json| json.to_string().into_bytes())
        ],
        prop_oneof![4 => Just("application/json".to_owned()), 1 => any::<String>()],
    );
    let config =
        ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&strategy, |(header, body, kind)| {
            let headers =
                [("content-type", kind.as_str()), ("x-webhook-signature", header.as_str())];
            let status = h
                .send_request(&request("POST", "/api/v1/webhooks/scan-results", &headers, body))
                .status;
            prop_assert!(status == 401 || status == 415, "{}", status);
            Ok(())
        })
        .unwrap();
    assert_eq!(h.db().dump(), before);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn g03_no_signed_body_breaks_anything(
        fields in proptest::collection::vec((proptest::sample::select(skillgate_contract::callback::KNOWN_FIELDS), any_json()), 1..4),
    ) {
        let (h, ids) = Harness::published();
        let mut body = result(&ids[0], "semgrep", [0; 4]);
        for (field, value) in fields {
            body = with(body, &json!({ field: value }));
        }
        let before = h.db().dump();
        let (status, answer) = h.callback_by(SECRET, &body);
        prop_assert!(status < 500, "{} {}", body, answer);
        if status != 200 {
            prop_assert_eq!(h.db().dump(), before);
        }
        prop_assert_eq!(h.get(&format!("/api/v1/skills/{}/security", crate::harness::NAME)).0, 200);
    }

    #[test]
    fn no_address_breaks_anything(method in prop_oneof![Just("GET"), Just("HEAD"), Just("POST"), Just("DELETE"), Just("PUT")], target in any::<String>(), query in any::<String>()) {
        let h = Harness::new();
        for target in [format!("/{target}"), format!("/api/v1/skills/{target}/security"), format!("/api/v1/blocklist/check?{query}&name={target}")] {
            let status = h.fetch(method, &target, &[]).status;
            prop_assert!(status < 500, "{} {}", target, status);
        }
    }
}
