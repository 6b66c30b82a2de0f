//! What blocks, what merely taints, and what a lift does, on real D1 and KV.

use crate::{
    harness::{Bench, now, row},
    local::{COMMIT, id, repo_url, result, with},
};
use serde_json::{Value, json};

const NAME: &str = "demo/tools/google";

/// What `check` says of a bare name from a repository.
fn check(bench: &Bench, repository: &str) -> Value {
    bench.stack.client.check("google", Some(&repo_url(repository))).unwrap().json()
}

fn etag(bench: &Bench) -> String {
    let answer = bench.stack.client.get("/api/v1/blocklist", &[]).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.header("etag").unwrap().to_owned()
}

#[test]
fn g28_and_g31_one_repositorys_google_is_blocked_and_lifted_and_no_other_is() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    bench.published("other/tools/google", COMMIT);
    let before = etag(&bench);
    let report = result(&scans[0], NAME, COMMIT, [2, 0, 0, 0]);
    assert_eq!(bench.report(&report).status, 200);
    for spelling in ["demo/tools", "Demo/Tools", "demo/tools.git", "demo/tools/"] {
        assert_eq!(check(&bench, spelling)["blocked"], true, "{spelling}");
    }
    assert_eq!(check(&bench, "other/tools")["blocked"], false);
    let blocked = etag(&bench);
    assert_ne!(before, blocked);
    assert_eq!(etag(&bench), blocked, "nothing has changed");

    let entry = check(&bench, "demo/tools")["entry"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/admin/blocklist/{entry}");
    let lift = |body: &Value| bench.stack.client.admin("DELETE", &path, body).unwrap();
    assert_eq!(lift(&json!({})).status, 422, "a lift needs a reason");
    assert_eq!(lift(&json!({"reason": "a false positive"})).status, 200);
    assert_eq!(check(&bench, "demo/tools")["blocked"], false);
    assert_ne!(etag(&bench), blocked);

    // The same again blocks no more; one more critical does.
    let again = |criticals: u32| {
        let body = json!({"name": NAME, "provider": "semgrep"});
        let asked = bench.stack.client.admin("POST", "/api/v1/admin/scan-external", &body).unwrap();
        let scan = asked.json()["scans"][0].clone();
        assert_eq!(bench.report(&result(&scan, NAME, COMMIT, [criticals, 0, 0, 0])).status, 200);
        check(&bench, "demo/tools")["blocked"].clone()
    };
    assert_eq!((again(2), again(3)), (json!(false), json!(true)));
    let kept = "SELECT count(*) FROM blocklist_entry";
    assert_eq!(bench.count(kept), 2, "the withdrawn one stays");
    for (action, times) in [("blocklist.blocked", 2), ("blocklist.lifted", 1)] {
        let sql = format!("SELECT count(*) FROM audit_event WHERE action = '{action}'");
        assert_eq!(bench.count(&sql), times, "{action}");
    }
}

#[test]
fn g29_and_g39_a_critical_at_another_commit_taints_and_three_commits_are_no_pass() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let other = "b".repeat(40);
    let mut stray = result(&scans[0], NAME, &other, [1, 0, 0, 0]);
    stray["scanId"] = Value::Null;
    stray["timestamp"] = now().into();
    assert_eq!(bench.callback(&bench.master_key(), &stray).status, 200);
    let tainted = check(&bench, "demo/tools");
    assert_eq!((&tainted["blocked"], &tainted["tainted"]), (&json!(false), &json!(true)));

    for scan in &scans {
        assert_eq!(bench.report(&result(scan, NAME, COMMIT, [0; 4])).status, 200);
    }
    assert_eq!(bench.security("google")["overallVerdict"], "PASS");
    // The published commit moves on: what passed is no pass of it.
    let moved = bench.published_as(NAME, &json!({"commitSha": other, "providers": ["semgrep"]}));
    let scan = moved.json()["scans"][0].clone();
    // What was known of it blocks at once, however the name is spelt.
    let blocked = bench.stack.client.check("GOOGLE", Some(&repo_url("Demo/Tools"))).unwrap().json();
    assert_eq!((&blocked["blocked"], &blocked["tainted"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&blocked["entry"]["skillName"], &blocked["findings"]),
        (&json!("google"), &json!(1))
    );
    assert_eq!(
        bench.count("SELECT count(*) FROM audit_event WHERE action = 'blocklist.blocked'"),
        1
    );
    assert_eq!(bench.report(&result(&scan, NAME, &other, [0; 4])).status, 200);
    let answer = bench.security("google");
    assert_ne!(answer["overallVerdict"], "PASS", "{answer}");
    assert_eq!((&answer["current"], &answer["commitSha"]), (&json!(false), &Value::Null));
}

#[test]
fn g30_beyond_the_rate_limit_entries_wait_for_an_admin() {
    let bench = Bench::alone(|options| {
        options.worker_vars.push(("AUTO_BLOCK_LIMIT_PER_HOUR".into(), "2".into()));
    });
    // An owner counts once an hour.
    let blocked = |n: usize| {
        let name = format!("demo{n}/repo/google");
        let scans = bench.published(&name, COMMIT);
        assert_eq!(bench.report(&result(&scans[0], &name, COMMIT, [1, 0, 0, 0])).status, 200);
        check(&bench, &format!("demo{n}/repo"))
    };
    for n in 0..2 {
        assert_eq!(blocked(n)["blocked"], true);
    }
    let third = blocked(2);
    assert_eq!((&third["blocked"], &third["rejected"]), (&json!(false), &json!(true)), "{third}");
    assert_eq!(third["rejection"]["state"], "proposed");
    let log = std::fs::read_to_string(bench.stack.worker.log()).unwrap();
    let alarm = r#""level":"error","event":"blocklist.rate_limited""#;
    assert!(log.contains(alarm), "{log}");

    let confirm = json!({
        "skillName": "demo2/repo/google", "sourceUrl": repo_url("demo2/repo"),
        "threatType": "external-sast", "severity": "critical", "reason": "looked at",
    });
    let path = "/api/v1/admin/blocklist";
    assert_eq!(bench.stack.client.admin("POST", path, &confirm).unwrap().status, 201);
    assert_eq!(check(&bench, "demo2/repo")["blocked"], true);
}

#[test]
fn g15_and_g37_an_overtaken_report_is_set_aside_and_a_long_one_is_cut() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    for attempt in 1..=2 {
        assert_eq!(bench.pull("claim", id(&scans[0]), "vps").status, 200);
        if attempt == 1 {
            assert_eq!(bench.pull("release", id(&scans[0]), "vps").status, 200);
        }
    }
    let finding = |n: usize| {
        let severity = if n.is_multiple_of(10) { "high" } else { "low" };
        json!({"rule": format!("r{n}"), "severity": severity, "message": "m".repeat(500), "file": "a.js", "line": n})
    };
    let report = with(
        result(&scans[0], NAME, COMMIT, [0, 100, 0, 900]),
        &json!({"findings": (0..1_000).map(finding).collect::<Vec<_>>(), "attempt": 1}),
    );
    assert_eq!(bench.report(&report).status, 409);
    assert_eq!(row(&bench.security("google"), "semgrep")["phase"], "RUNNING");
    assert_eq!(bench.report(&with(report, &json!({"attempt": 2}))).status, 200);
    let scan = bench.scan("google", "semgrep");
    let listed = scan["findings"].as_array().unwrap();
    assert_eq!((listed.len(), &scan["findingsTruncated"]), (100, &json!(true)));
    assert!(listed.iter().all(|finding| finding["severity"] == "high"), "worst first");
    assert_eq!((&scan["highCount"], &scan["lowCount"]), (&json!(100), &json!(900)));
}
