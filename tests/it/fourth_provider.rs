//! The whole worker with one provider more.
//!
//! `cargo test -p skillgate-worker --features fourth-provider --test it -- fourth_provider`; without the last word,
//! all other tests run with it too. A provider costs its entry in the contract's list and one row of the table
//! `provider`, which [`Harness`] writes as a migration would; what else would count to three fails here.

use crate::{
    github,
    harness::{
        COMMIT, COUNT, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, failed, read,
        result, started, tool, with,
    },
};
use serde_json::{Value as Json, json};
use skillgate_contract::Provider;

/// Where the made-up provider stands in the list.
const LAST: usize = COUNT - 1;

/// A list of phases: the same of all providers of the product, and that of the made-up one.
fn all_but_last(phase: &str, last: &str) -> [String; COUNT] {
    std::array::from_fn(|at| if at == LAST { last } else { phase }.to_owned())
}

/// The ids of a publish answer, in the order of [`PROVIDERS`].
fn ids(answer: &Json) -> [String; COUNT] {
    let scans = answer["scans"].as_array().unwrap();
    let providers: Vec<_> = scans.iter().map(|scan| scan["provider"].as_str().unwrap()).collect();
    assert_eq!(providers, PROVIDERS);
    std::array::from_fn(|at| scans[at]["scanId"].as_str().unwrap().to_owned())
}

fn published() -> (Harness, [String; COUNT]) {
    let h = Harness::new();
    let (status, answer) = h.publish(&tool());
    assert_eq!(status, 202, "{answer}");
    h.run_sends();
    let ids = ids(&answer);
    (h, ids)
}

fn phases(h: &Harness) -> Vec<String> {
    let answer = h.security();
    let rows = answer["providers"].as_array().unwrap();
    rows.iter().map(|row| row["phase"].as_str().unwrap().to_owned()).collect()
}

fn badge(h: &Harness, of: &str) -> String {
    let target = format!("/api/v1/skills/{NAME}/badge/{of}?format=json");
    read(&h.fetch("GET", &target, &[])).1["message"].as_str().unwrap().to_owned()
}

fn check(h: &Harness) -> Json {
    h.get(&format!("/api/v1/blocklist/check?name=tool&repoUrl={REPO}")).1
}

#[test]
fn the_list_ends_in_the_made_up_one() {
    assert_eq!(Provider::ALL[LAST], Provider::Stub);
    assert_eq!((PROVIDERS[LAST], COUNT > 3), ("stubscan", true));
}

#[test]
fn a_publish_makes_and_sends_four_scans_with_an_audit_line_each() {
    let (h, ids) = published();
    assert_eq!(h.audit("scan.created"), COUNT);
    let line = format!(
        "SELECT detail FROM audit_event WHERE action = 'scan.created' AND scan_id = '{}'",
        ids[LAST]
    );
    let detail: Json = serde_json::from_str(&h.db().one::<String>(&line)).unwrap();
    assert_eq!(detail["provider"], "stubscan");
    let sent = h.sent();
    let providers: Vec<_> = sent.iter().map(|s| s.body["provider"].as_str().unwrap()).collect();
    assert_eq!(providers, PROVIDERS);
    assert_eq!(h.publish(&with(tool(), &json!({"providers": ["stubscan"]}))).0, 202);
    assert_eq!(h.audit("scan.created"), COUNT, "the one under way is shared");
}

#[test]
fn the_verdict_waits_for_the_fourth_and_passes_with_four() {
    let (h, ids) = published();
    h.callback(&started(&ids[LAST], "stubscan"));
    for at in 0..LAST {
        assert_eq!(h.callback(&result(&ids[at], PROVIDERS[at], [0; 4])).0, 200);
    }
    assert_eq!(phases(&h), all_but_last("PASS", "RUNNING"));
    assert_eq!(h.security()["overallVerdict"], "PENDING");
    assert_eq!(badge(&h, "overall"), "PENDING");
    assert_eq!(h.callback(&result(&ids[LAST], "stubscan", [0; 4])).0, 200);
    assert_eq!(h.security()["overallVerdict"], "PASS");
    assert_eq!(
        (badge(&h, "overall"), badge(&h, "stubscan")),
        ("PASS".to_owned(), "PASS".to_owned())
    );
    let (status, row) = h.get(&format!("/api/v1/skills/{NAME}/security/stubscan"));
    assert_eq!((status, &row["phase"]), (200, &json!("PASS")));
    assert_eq!(check(&h)["blocked"], false);
    h.assert_kv_follows();
}

#[test]
fn a_failure_of_the_fourth_alone_is_no_pass() {
    let (h, ids) = published();
    for at in 0..LAST {
        h.callback(&result(&ids[at], PROVIDERS[at], [0; 4]));
    }
    assert_eq!(h.callback(&failed(&ids[LAST], "stubscan", "no such tool")).0, 200);
    assert_eq!(phases(&h)[LAST], "ERROR");
    assert_ne!(h.security()["overallVerdict"], "PASS");
    assert_eq!(h.scan_again(&json!({"name": NAME, "provider": "stubscan"})).0, 202);
    assert_eq!(phases(&h), all_but_last("PASS", "PENDING"));
    assert_eq!(h.audit("scan.created"), COUNT + 1);
}

#[test]
fn criticals_of_the_fourth_block_and_are_its_evidence() {
    let (h, ids) = published();
    h.callback(&result(&ids[LAST], "stubscan", [2, 0, 0, 0]));
    let answer = check(&h);
    assert_eq!(answer["blocked"], true, "{answer}");
    let evidence: String = h.db().one("SELECT evidence FROM blocklist_entry");
    let evidence: Json = serde_json::from_str(&evidence).unwrap();
    assert_eq!(
        (&evidence["stubscan"]["scanId"], evidence.as_object().unwrap().len()),
        (&json!(ids[LAST]), 1)
    );
    assert_eq!(h.security()["overallVerdict"], "FAIL");
    assert_eq!(badge(&h, "stubscan"), "FAIL");
    let list = h.get("/api/v1/blocklist").1.to_string();
    assert!(list.contains("stubscan") && list.contains(REPO), "{list}");
    // Of equal counts the list shows the provider of the smaller rank, so this changes it ...
    let revision = || h.db().one::<i64>("SELECT revision FROM blocklist_revision");
    let before = revision();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    assert_eq!(revision(), before + 1);
    // ... and this does not.
    h.callback(&result(&ids[1], "njsscan", [2, 0, 0, 0]));
    assert_eq!(revision(), before + 1);
    h.assert_kv_follows();
}

#[test]
fn criticals_of_the_fourth_at_another_commit_taint() {
    let (h, _) = published();
    let elsewhere = with(
        result("", "stubscan", [1, 0, 0, 0]),
        &json!({"scanId": null, "commitSha": OTHER_COMMIT}),
    );
    assert_eq!(h.callback_by(SECRET, &elsewhere).0, 200);
    let answer = check(&h);
    assert_eq!((&answer["blocked"], &answer["tainted"]), (&json!(false), &json!(true)), "{answer}");
    assert_eq!(phases(&h), ["PENDING"; COUNT], "it is unsolicited");
    assert_eq!(h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT}))).0, 202);
    assert_eq!(check(&h)["blocked"], true);
}

#[test]
fn every_list_and_page_shows_the_fourth() {
    let (h, ids) = published();
    for at in 0..COUNT {
        h.callback(&result(&ids[at], PROVIDERS[at], [0, at as u32, 0, 0]));
    }
    let providers = |query: &str| -> Vec<String> {
        let (status, answer) = h.get(&format!("/api/v1/audits{query}"));
        assert_eq!(status, 200, "{answer}");
        let scans = answer["scans"].as_array().unwrap().iter();
        scans.map(|scan| scan["provider"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(providers("").len(), COUNT);
    assert_eq!(providers("?provider=stubscan"), ["stubscan"]);
    assert_eq!(providers("?status=PASS").len(), COUNT);
    assert_eq!(providers("?q=tool"), PROVIDERS);
    assert_eq!(providers(&format!("?q=tool&limit={COUNT}")).len(), COUNT);
    let history = h.get(&format!("/api/v1/skills/{NAME}/security/history")).1;
    assert_eq!(history["scans"].as_array().unwrap().len(), COUNT, "{history}");
    for path in [
        format!("/skills/{NAME}"),
        format!("/skills/{NAME}/security"),
        format!("/skills/{NAME}/security/stubscan"),
        format!("/skills/{NAME}/security/history"),
        "/audits".to_owned(),
        "/audits?provider=stubscan".to_owned(),
        "/".to_owned(),
        "/admin".to_owned(),
    ] {
        let page = h.fetch("GET", &path, &[]);
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("stubscan"), "{path}: {}", page.body);
    }
}

#[test]
fn the_fourth_is_pulled_from_the_queue() {
    let h = Harness::with(&[("DISPATCH", "pull"), ("SCANNER_WORKERS", "")]);
    let (_, answer) = h.publish(&tool());
    let ids = ids(&answer);
    assert_eq!(h.pending(), ids);
    let (status, claim) = h.claim(&ids[LAST], "vps");
    assert_eq!(status, 200, "{claim}");
    assert_eq!(phases(&h), all_but_last("PENDING", "RUNNING"));
    assert_eq!(h.callback(&result(&ids[LAST], "stubscan", [0; 4])).0, 200);
    assert_eq!(h.pending(), ids[..LAST]);
}

#[test]
fn time_outs_and_a_moved_commit_are_followed_for_all_four() {
    let (h, _) = published();
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT})));
    assert_eq!(h.audit("scan.created"), COUNT);
    h.advance(21 * MINUTE);
    assert_eq!(phases(&h), ["PENDING"; COUNT]);
    assert_eq!(h.audit("scan.timed_out"), COUNT);
    assert_eq!(h.audit("scan.created"), 2 * COUNT, "each follows its own");
    let commits = h.count(&format!(
        "SELECT count(*) FROM external_scan_result WHERE newest = 1 AND commit_sha = '{OTHER_COMMIT}'"
    ));
    assert_eq!(commits, COUNT);
    let at_first = h.count(&format!(
        "SELECT count(*) FROM external_scan_result WHERE newest = 0 AND commit_sha = '{COMMIT}'"
    ));
    assert_eq!(at_first, COUNT);
}

#[test]
fn one_run_on_github_starts_all_four() {
    let h = github::github(&[]);
    let ids = ids(&github::publish(&h, NAME));
    let sent = h.sent();
    assert_eq!(sent.len(), 1, "one request");
    let payload = sent[0].text.clone();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        assert!(payload.contains(id.as_str()) && payload.contains(provider), "{payload}");
    }
    let counted = h.count("SELECT sum(counts_against_budget) FROM dispatch");
    let scans = h.count("SELECT count(*) FROM dispatch");
    assert_eq!((counted, scans), (1, COUNT));
}
