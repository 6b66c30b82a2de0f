//! Requests for runs that GitHub does not take.

use crate::{
    github::{GITHUB, TOKEN, URL, github, publish, since, waiting},
    harness::{COMMIT, COUNT, HOUR, Harness, MINUTE, NOW, PROVIDERS, REPO},
};
use serde_json::json;

#[test]
fn g20_what_no_retry_mends_keeps_the_scans_with_the_reason_and_an_alarm() {
    for (status, hint) in [
        (401, "GITHUB_TOKEN is wrong or has expired"),
        (403, "GITHUB_TOKEN may not start runs"),
        (404, "GITHUB_REPOSITORY, or its workflow, is not there"),
        (301, "GITHUB_REPOSITORY has moved"),
    ] {
        let h = github(&[]);
        let said = format!("{{\"message\":\"no\u{1b}[31m {TOKEN}\"}}");
        h.scanners().serves(URL, Ok((status, &said)));
        publish(&h, "a/1");
        assert_eq!(h.sent().len(), 1);
        let (scans, failing) = waiting(&h);
        assert_eq!(scans.len(), COUNT, "{status}");
        for scan in &scans {
            assert_eq!((&scan["status"], &scan["failures"]), (&json!("PENDING"), &json!(0)));
            let error = scan["error"].as_str().unwrap();
            assert!(error.contains(hint) && error.contains(&status.to_string()), "{error}");
            assert!(!error.contains(TOKEN) && !error.contains('\u{1b}'), "{error}");
        }
        assert_eq!((failing.len(), &failing[0]["url"]), (1, &json!(URL)));
        assert!(!h.events("dispatch.refused").is_empty(), "{}", h.log());
        assert!(!h.log().contains(TOKEN) && !h.db().dump().contains(TOKEN));

        // No other skill is tried in the meantime, and none is lost.
        publish(&h, "a/2");
        h.advance(9 * MINUTE);
        h.run_scheduled();
        assert_eq!(h.sent().len(), 1, "no quick retry");
        h.advance(MINUTE);
        h.run_scheduled();
        assert_eq!(h.sent().len(), 2, "one is tried, not all that wait");
        h.advance(19 * MINUTE);
        h.run_scheduled();
        assert_eq!(h.sent().len(), 2, "later each time");
        // Weeks of this end no scan.
        for _ in 0..24 * 14 {
            h.advance(HOUR);
            h.run_scheduled();
        }
        let (scans, _) = waiting(&h);
        assert_eq!(scans.len(), 2 * COUNT);
        assert!(scans.iter().all(|scan| scan["status"] == "PENDING"));
        // Once it is mended, all of them go out.
        h.scanners().serves(URL, Ok((204, "")));
        let before = h.sent().len();
        h.advance(HOUR);
        h.run_scheduled();
        assert_eq!(since(&h, before).len(), 2);
        assert_eq!(waiting(&h), (vec![], vec![]));
    }
}

#[test]
fn g20_settings_that_were_mended_are_tried_at_once() {
    let mut h = github(&[]);
    h.scanners().serves(URL, Ok((401, "Bad credentials")));
    publish(&h, "a/1");
    h.configure(&[&[("GITHUB_TOKEN", "another-token-of-tests")][..], &GITHUB].concat());
    h.scanners().serves(URL, Ok((204, "")));
    h.advance(MINUTE);
    h.run_scheduled();
    let sent = since(&h, 1);
    assert_eq!((sent.len(), &*sent[0].bearer), (1, "another-token-of-tests"));
    assert_eq!(waiting(&h), (vec![], vec![]));
}

#[test]
fn g20_a_request_that_is_not_taken_holds_no_other_up() {
    let h = github(&[]);
    h.scanners().serves(URL, Ok((422, "Unexpected inputs")));
    publish(&h, "a/1");
    h.scanners().serves(URL, Ok((204, "")));
    publish(&h, "a/2");
    assert_eq!(h.sent().len(), 2);
    let (scans, failing) = waiting(&h);
    assert_eq!((scans.len(), failing.len()), (COUNT, 0));
    assert!(scans[0]["error"].as_str().unwrap().contains("Unexpected inputs"));
    assert!(!h.events("dispatch.refused").is_empty(), "{}", h.log());
    assert_eq!(h.audit("dispatch.failed"), COUNT);
    h.advance(59 * MINUTE);
    h.run_scheduled();
    let again = |h: &Harness| {
        since(h, 2).iter().filter(|sent| sent.body["client_payload"]["skill_name"] == "a/1").count()
    };
    assert_eq!(again(&h), 0, "no quick retry");
    h.advance(HOUR);
    h.run_scheduled();
    assert_eq!(again(&h), 1);
}

#[test]
fn g20_limits_are_kept_until_github_says() {
    let reset = ((NOW + 30 * MINUTE) / 1_000).to_string();
    type Headers<'a> = &'a [(&'static str, &'a str)];
    let limits: [(u16, Headers<'_>, &str, i64); 5] = [
        (429, &[("retry-after", "300")], "", 5),
        (403, &[("retry-after", "300")], "secondary rate limit", 5),
        (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], "", 30),
        (429, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", &reset)], "", 30),
        (403, &[], "You have exceeded a secondary rate limit", 1),
    ];
    for (status, headers, body, minutes) in limits {
        let h = github(&[]);
        h.scanners().serves_with(URL, status, headers, body);
        publish(&h, "a/1");
        publish(&h, "a/2");
        h.scanners().serves(URL, Ok((204, "")));
        h.advance(minutes * MINUTE - 1_000);
        h.run_scheduled();
        publish(&h, "a/3");
        assert_eq!(h.sent().len(), 1, "{status} {headers:?}: asked again too early");
        let (scans, failing) = waiting(&h);
        assert_eq!(scans.len(), 3 * COUNT);
        assert!(scans[0]["error"].as_str().unwrap().contains("limit"), "{scans:?}");
        assert!(failing[0]["error"].as_str().unwrap().contains("limit"));
        let waits_long = if minutes > 15 { &["dispatch.waiting"][..] } else { &[] };
        assert_eq!(h.alarms(), waits_long, "a limit mends itself");
        h.advance(1_000);
        h.run_scheduled();
        assert_eq!(h.sent().len(), 4, "{status} {headers:?}");
        assert_eq!(waiting(&h), (vec![], vec![]));
    }
}

#[test]
fn g20_where_github_does_not_work_it_is_asked_again_with_backoff_for_a_day() {
    for reply in [Ok((500, "oops")), Ok((502, "")), Err("no answer within 10 s")] {
        let h = github(&[]);
        h.scanners().serves(URL, reply);
        publish(&h, "a/1");
        assert_eq!(h.phase_of("a/1"), ["PENDING"; COUNT]);
        let (scans, failing) = waiting(&h);
        assert_eq!((scans.len(), failing.len()), (COUNT, 0));
        assert!(
            scans.iter().all(|scan| scan["failures"] == 1 && scan["dueAt"] == scans[0]["dueAt"])
        );
        h.advance(29_000);
        h.run_scheduled();
        assert_eq!(h.sent().len(), 1, "not before 30 seconds");
        h.advance(17_000);
        h.run_scheduled();
        assert_eq!(h.sent().len(), 2);
        let payload = &h.sent()[1].body["client_payload"];
        assert_eq!(
            (&payload["attempt"], &payload["providers"]),
            (&json!(2), &json!(PROVIDERS)),
            "in one request still"
        );
        for _ in 0..22 * 2 {
            h.advance(HOUR / 2);
            h.run_scheduled();
        }
        assert_eq!(h.phase_of("a/1"), ["PENDING"; COUNT], "not before a day is over");
        for _ in 0..60 {
            h.advance(HOUR);
            h.run_scheduled();
        }
        assert_eq!(h.phase_of("a/1"), ["ERROR"; COUNT]);
        assert_eq!(h.events("dispatch.given_up").len(), COUNT);
    }
}

#[test]
fn where_github_fails_once_the_others_of_a_batch_are_not_tried_one_by_one() {
    let h = github(&[]);
    for n in 0..4 {
        h.publish(&json!({"name": format!("skill/{n}"), "repoUrl": REPO, "commitSha": COMMIT}));
    }
    h.scanners().serves(URL, Err("connection refused"));
    h.run_sends();
    assert_eq!(h.sent().len(), 1);
    assert_eq!(waiting(&h).0.len(), 4 * COUNT);
}
