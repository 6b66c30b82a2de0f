//! The queue that scanners pull from, with many of them at once.

use crate::{
    harness::{Bench, PROVIDERS, row},
    local::{COMMIT, id, repo_url, result, started, with},
};
use serde_json::{Value, json};
use skillgate_contract::signature::SigningKey;
use std::{collections::BTreeMap, thread};

const NAME: &str = "demo/queued/queued";

#[test]
fn g21_of_twenty_claims_at_once_one_wins_and_its_report_counts() {
    let bench = Bench::alone(|_| {});
    for scan in bench.published(NAME, COMMIT) {
        assert_eq!(scan["dispatch"], "queued");
    }
    let scan = bench.offered().remove(0);
    assert_eq!((&scan["provider"], &scan["attempt"]), (&"semgrep".into(), &0.into()));
    assert_eq!(scan["repoUrl"], repo_url("demo/queued"));

    let (bench_ref, scan_id) = (&bench, id(&scan));
    let answers: Vec<(String, xtask::stack::Answer)> = thread::scope(|scope| {
        let claims: Vec<_> = (0..20)
            .map(|i| {
                let me = format!("racer-{i}");
                scope.spawn(move || (me.clone(), bench_ref.pull("claim", scan_id, &me)))
            })
            .collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).collect()
    });
    let won: Vec<_> = answers.iter().filter(|(_, answer)| answer.status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    for (_, answer) in answers.iter().filter(|(_, answer)| answer.status != 200) {
        let answer = (answer.status, answer.json());
        assert_eq!((answer.0, &answer.1["reason"]), (409, &"already_claimed".into()));
        assert!(!answer.1.to_string().contains("callbackSecret"));
    }
    let (winner, answer) = won[0];
    let claimed = answer.json()["scan"].clone();
    assert_eq!(claimed["attempt"], 1);
    assert_eq!(bench.count("SELECT count(*) FROM audit_event WHERE action = 'scan.claimed'"), 1);
    assert_eq!(row(&bench.security("queued"), "semgrep")["phase"], "RUNNING");
    assert_eq!(bench.offered().len(), 2);

    // Only the winner keeps it, and with the key that it was given, its report counts.
    let loser = answers.iter().find(|(name, _)| name != winner).unwrap();
    assert_eq!(bench.pull("heartbeat", scan_id, &loser.0).json()["reason"], "not_yours");
    assert_eq!(bench.pull("release", scan_id, &loser.0).json()["reason"], "not_yours");
    let beat = bench.pull("heartbeat", scan_id, winner);
    assert_eq!((beat.status, beat.json()["expiresAt"].is_string()), (200, true));
    let key = SigningKey::new(claimed["callbackSecret"].as_str().unwrap()).unwrap();
    let attempt = json!({"attempt": 1, "timestamp": crate::harness::now()});
    let begun = bench.callback(&key, &with(started(&scan), &attempt));
    assert_eq!((begun.status, &begun.json()["status"]), (200, &"RUNNING".into()));
    let report = with(result(&scan, NAME, COMMIT, [0; 4]), &attempt);
    let ended = bench.callback(&key, &report).json();
    assert_eq!((&ended["status"], &ended["applied"]), (&"PASS".into(), &true.into()), "{ended}");
    assert_eq!(bench.pull("claim", scan_id, "late").json()["reason"], "finished");
    assert_eq!(bench.kv_differs(NAME), None);
}

/// Lets time pass for every scan that is claimed or waited for.
fn later(bench: &Bench, minutes: i64) {
    let ms = minutes * 60_000;
    let sql = format!(
        "UPDATE external_scan_result SET claim_expires_at = claim_expires_at - {ms}, deadline_at = deadline_at - {ms}"
    );
    bench.d1().execute_batch(&sql).unwrap();
}

#[test]
fn g21_a_claim_that_falls_silent_is_free_again_after_fifteen_minutes() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let scan = &scans[0];
    assert_eq!(bench.pull("claim", id(scan), "silent").status, 200);
    later(&bench, 14);
    let refused = bench.pull("claim", id(scan), "next");
    assert_eq!((refused.status, &refused.json()["reason"]), (409, &"already_claimed".into()));
    // A sign of life starts the fifteen minutes anew.
    assert_eq!(bench.pull("heartbeat", id(scan), "silent").status, 200);
    later(&bench, 14);
    assert_eq!(bench.pull("claim", id(scan), "next").status, 409);
    assert_eq!(bench.offered().len(), 2);

    later(&bench, 2);
    assert_eq!(bench.offered().len(), 3);
    let claimed = bench.pull("claim", id(scan), "next").json();
    assert_eq!(claimed["scan"]["attempt"], 2, "{claimed}");
    // The first one is heard no more.
    assert_eq!(bench.pull("heartbeat", id(scan), "silent").json()["reason"], "not_yours");
    let late = with(result(scan, NAME, COMMIT, [0; 4]), &json!({"attempt": 1}));
    assert_eq!(bench.report(&late).status, 409);
    assert_eq!(row(&bench.security("queued"), "semgrep")["phase"], "RUNNING");
    let report = with(late, &json!({"attempt": 2}));
    assert_eq!(bench.report(&report).status, 200);
    assert_eq!(row(&bench.security("queued"), "semgrep")["phase"], "PASS");
    assert_eq!(bench.count("SELECT count(*) FROM audit_event WHERE action = 'scan.claimed'"), 2);
}

#[test]
fn a_silence_of_twenty_minutes_is_a_time_out_wherever_it_is_read_and_a_late_result_lands() {
    let bench = Bench::alone(|_| {});
    let client = &bench.stack.client;
    let reads = [
        ("/api/v1/skills/NAME/security", "TIMED_OUT"),
        ("/api/v1/skills/NAME/security/semgrep", "TIMED_OUT"),
        ("/api/v1/skills/NAME/security/history", "TIMED_OUT"),
        ("/api/v1/skills/NAME/security/semgrep?format=sarif", "No answer came in time."),
        ("/api/v1/skills/NAME", "TIMED_OUT"),
        ("/api/v1/skills/NAME/badge/overall?format=json", "TIMED OUT"),
        ("/api/v1/skills/NAME/badge/semgrep?format=json", "TIMED OUT"),
        ("/skills/NAME", "TIMED OUT"),
        ("/skills/NAME/security", "TIMED OUT"),
        ("/skills/NAME/security/semgrep", "TIMED OUT"),
        ("/skills/NAME/security/history", "TIMED OUT"),
        ("/api/v1/audits?status=TIMED_OUT", "\"skillName\":\"NAME\""),
        ("/api/v1/audits", "TIMED_OUT"),
        ("/audits?status=TIMED_OUT", "/skills/NAME/"),
        ("/audits", "TIMED OUT"),
        ("/", "TIMED OUT"),
    ];
    for (n, (path, word)) in reads.into_iter().enumerate() {
        let name = format!("demo/silent/skill-{n}");
        let scans = bench.published(&name, COMMIT);
        for scan in &scans {
            assert_eq!(bench.pull("claim", id(scan), "silent").status, 200);
        }
        later(&bench, 21);
        let answer = client.get(&path.replace("NAME", &name), &[]).unwrap();
        assert!(answer.body.contains(&word.replace("NAME", &name)), "{path}: {}", answer.body);
        let noted = format!(
            "SELECT count(*) FROM audit_event WHERE action = 'scan.timed_out' AND skill_name = '{name}'"
        );
        assert_eq!(bench.count(&noted), 3, "{path} promotes");

        let late = with(result(&scans[0], &name, COMMIT, [1, 0, 0, 0]), &json!({"attempt": 1}));
        let answer = bench.report(&late);
        assert_eq!((answer.status, &answer.json()["applied"]), (200, &true.into()));
        let security = bench.security(&name);
        assert_eq!(row(&security, "semgrep")["phase"], "FAIL", "{security}");
        assert_eq!(bench.kv_differs(&name), None);
    }
}

#[test]
fn a_whole_skill_is_pulled_released_and_passed() {
    let bench = Bench::alone(|_| {});
    bench.published(NAME, COMMIT);
    for scan in bench.offered() {
        let scan_id = id(&scan);
        assert_eq!(bench.pull("claim", scan_id, "first").status, 200);
        assert_eq!(bench.pull("release", scan_id, "first").json(), json!({"ok": true}));
        assert!(bench.offered().iter().any(|offer| id(offer) == scan_id));
        let claimed = bench.pull("claim", scan_id, "second").json()["scan"].clone();
        assert_eq!(claimed["attempt"], 2);

        // g15: what the first one still sends is overtaken, and the second one's result stands.
        let late = with(result(&scan, NAME, COMMIT, [1, 0, 0, 0]), &json!({"attempt": 1}));
        assert_eq!(bench.report(&late).status, 409);
        let report = with(result(&scan, NAME, COMMIT, [0; 4]), &json!({"attempt": 2}));
        assert_eq!(bench.report(&report).status, 200);
        assert_eq!(bench.report(&late).status, 409);
    }
    let security = bench.security("queued");
    assert_eq!(security["overallVerdict"], "PASS");
    for provider in PROVIDERS {
        assert_eq!(row(&security, provider)["phase"], "PASS");
    }
    assert_eq!(bench.offered(), Vec::<Value>::new());
    let log = std::fs::read_to_string(bench.stack.worker.log()).unwrap();
    assert!(log.contains("this attempt has been overtaken by a later one"), "{log}");
    let check = bench.stack.client.check("queued", None).unwrap().json();
    assert_eq!((&check["blocked"], &check["tainted"]), (&false.into(), &false.into()));
}

#[test]
fn without_the_key_the_queue_is_closed() {
    let bench = Bench::alone(|_| {});
    let scans = bench.published(NAME, COMMIT);
    let before = bench.written();
    let body = json!({"scanId": id(&scans[0]), "claimedBy": "me"}).to_string();
    let paths: BTreeMap<&str, bool> = BTreeMap::from([
        ("pending-sast-scans", true),
        ("claim-sast-scan", false),
        ("heartbeat-sast-scan", false),
        ("release-sast-scan", false),
    ]);
    for (path, get) in paths {
        let path = format!("/api/v1/internal/{path}");
        for key in ["", "wrong", bench.stack.secrets.admin.as_str()] {
            let headers = [("content-type", "application/json"), ("x-internal-key", key)];
            let client = &bench.stack.client;
            let answer = if get {
                client.get(&path, &headers[1..])
            } else {
                client.post(&path, &headers, body.as_bytes())
            };
            let answer = answer.unwrap();
            assert_eq!(answer.status, 401, "{path}: {}", answer.body);
            assert!(answer.header("www-authenticate").is_some());
        }
    }
    assert_eq!(bench.written(), before);
}
