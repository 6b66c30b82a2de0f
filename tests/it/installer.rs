//! What the installer's own parser makes of our answers, in every state that a skill can be in.

use crate::harness::{COMMIT, COUNT, Harness, NAME, NOW, OTHER_COMMIT, PROVIDERS, REPO, read};
use serde_json::Value;

/// Every state of one provider's newest scan; the first is that there is none.
const STATES: [&str; 8] =
    ["NONE", "PENDING", "RUNNING", "PASS", "FAIL", "INCOMPLETE", "ERROR", "TIMED_OUT"];

/// Puts one provider's newest scan into a state. A reason for it holds what a hostile scanner could
/// write there.
fn put(h: &Harness, provider: &str, state: &str, commit: &str) {
    h.db()
        .execute(&format!("DELETE FROM external_scan_result WHERE provider = '{provider}'"))
        .unwrap();
    if state == "NONE" {
        return;
    }
    let (criticals, score) = match state {
        "PASS" | "INCOMPLETE" => ("0", "100"),
        "FAIL" => ("3", "25"),
        _ => ("NULL", "NULL"),
    };
    let others = if criticals == "NULL" { "NULL" } else { "0" };
    let done = if matches!(state, "PENDING" | "RUNNING" | "TIMED_OUT") { "NULL" } else { "1" };
    let sql = format!(
        "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at,
            updated_at, write_token, attempt, completed_at, critical_count, high_count, medium_count, low_count, score,
            coverage, content_digest, error)
         VALUES ('{provider}-scan', '{NAME}', 'tool', '{provider}', '{REPO}', '{commit}', '{state}', 1, 1, 'w', 1, {done},
            {criticals}, {others}, {others}, {others}, {score}, '{{\"complete\":true}}', 'd', 'a reason')"
    );
    h.db().execute(&sql).unwrap();
}

/// As the installer reads `/security`: a word that it does not know makes it warn.
fn parse_security(answer: &Value) -> Result<(), String> {
    let word = |value: &Value, words: &[&str]| {
        let known = value.as_str().is_some_and(|v| words.contains(&v));
        if known { Ok(()) } else { Err(format!("{value} is none of {words:?}")) }
    };
    word(&answer["overallVerdict"], &["PASS", "FAIL", "PENDING", "TIMED_OUT", "CERTIFIED"])?;
    let path = answer["reportUrl"].as_str().ok_or("no reportUrl")?;
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(format!("{path} is no path"));
    }
    let providers = answer["providers"].as_array().ok_or("no providers")?;
    if providers.len() != COUNT {
        return Err(format!("{} providers", providers.len()));
    }
    for row in providers {
        word(&row["provider"], &PROVIDERS)?;
        word(&row["status"], &["PASS", "FAIL", "PENDING", "TIMED_OUT"])?;
        if !row["verdict"].is_null() {
            word(&row["verdict"], &["PASS", "FAIL", "CONCERNS"])?;
        }
        for count in ["criticalCount", "highCount", "mediumCount", "lowCount"] {
            row[count].as_u64().ok_or_else(|| format!("{count} is no number"))?;
        }
        let score = &row["score"];
        if !score.is_null() && score.as_u64().is_none_or(|s| s > 100) {
            return Err(format!("score {score}"));
        }
    }
    plain(answer)
}

/// As it reads `/check`: it fails where an entry lacks a word.
fn parse_check(answer: &Value) -> Result<(), String> {
    let blocked = answer["blocked"].as_bool().ok_or("blocked is no boolean")?;
    let rejected = answer["rejected"].as_bool().ok_or("rejected is no boolean")?;
    answer["tainted"].as_bool().ok_or("tainted is no boolean")?;
    for (told, member, fields) in [
        (blocked, "entry", ["skillName", "threatType", "severity", "reason"]),
        (rejected, "rejection", ["skillName", "reason", "state", "rejectedAt"]),
    ] {
        let missing = fields.iter().find(|field| !answer[member][**field].is_string());
        if told && missing.is_some() {
            return Err(format!("{member} lacks {missing:?}: {answer}"));
        }
    }
    plain(answer)
}

/// Texts are printed raw.
fn plain(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.chars().any(char::is_control) => Err(format!("{text:?}")),
        Value::Array(items) => items.iter().try_for_each(plain),
        Value::Object(members) => members.values().try_for_each(plain),
        _ => Ok(()),
    }
}

/// A skill, with an entry in a state where there is one.
fn world(entry: Option<&str>) -> Harness {
    let (h, _) = Harness::published();
    if let Some(state) = entry {
        let sql = format!(
            "INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
                evidence_urls, discovered_by, commit_sha, discovered_at, updated_at)
             VALUES ('e', '{NAME}', 'tool', '{REPO}', '{state}', 'external-sast', 'critical', '',
                json_object('semgrep', json_object('scanId', 's', 'commitSha', '{COMMIT}', 'criticalCount', 3)), '[]',
                'external-scan', '{COMMIT}', {NOW}, {NOW})"
        );
        h.db().execute(&sql).unwrap();
    }
    h
}

#[test]
fn g40_the_installer_knows_every_word_in_more_than_a_thousand_states() {
    let mut states = 0;
    for (entry, commit) in
        [(None, COMMIT), (Some("active"), COMMIT), (Some("proposed"), OTHER_COMMIT)]
    {
        let h = world(entry);
        for at in 0..STATES.len().pow(3) {
            // All states of three; further providers have those of the first.
            let state: [_; COUNT] =
                std::array::from_fn(|provider| STATES[at / [1, 8, 64][provider % 3] % 8]);
            for (provider, state) in PROVIDERS.iter().zip(state) {
                put(&h, provider, state, commit);
            }
            let what = format!("{state:?}, {entry:?}, {commit}");
            let ask = |target: &str| {
                let (status, answer) = read(&h.fetch("GET", target, &[]));
                assert_eq!(status, 200, "{what}: {answer}");
                answer
            };
            for name in [NAME, "tool"] {
                let answer = ask(&format!("/api/v1/skills/{name}/security"));
                parse_security(&answer).unwrap_or_else(|why| panic!("{what}: {why}"));
                let phases: Vec<_> =
                    answer["providers"].as_array().unwrap().iter().map(|r| &r["phase"]).collect();
                assert_eq!(phases, state, "the state is not the one that was made");
                let passed = state == ["PASS"; COUNT] && commit == COMMIT;
                assert_eq!(answer["overallVerdict"] == "PASS", passed, "{what}");
                let badge = ask(&format!("/api/v1/skills/{name}/badge/overall?format=json"));
                let green = passed && entry != Some("active");
                assert_eq!(badge["color"] == "#10B981", green, "{what}: {badge}");
            }
            let check = ask(&format!("/api/v1/blocklist/check?name=tool&repoUrl={REPO}"));
            parse_check(&check).unwrap_or_else(|why| panic!("{what}: {why}"));
            assert_eq!(check["blocked"], entry == Some("active"), "{what}");
            assert_eq!(check["rejected"], entry == Some("proposed"), "{what}");
            states += 1;
        }
    }
    assert!(states > 1_000, "{states}");
}

/// What the installer makes of a search for a name, before it installs: the first that it may.
fn installable(h: &Harness, name: &str) -> Option<String> {
    let (status, answer) = h.get(&format!("/api/v1/skills/search?q={name}&limit=7"));
    assert_eq!(status, 200, "{answer}");
    let slug = |skill: &Value, field: &str| {
        skill[field].as_str().filter(|s| !s.is_empty()).map(str::to_owned)
    };
    answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|skill| skill["isBlocked"] != true)
        .find_map(|skill| {
            let [owner, repo, skill] =
                ["ownerSlug", "repoSlug", "skillSlug"].map(|field| slug(skill, field));
            Some(format!("{}/{}/{}", owner?, repo?, skill?))
        })
}

/// The badge that it shows of a skill: a word of its own where the answer has none.
fn tier(skill: &Value) -> &str {
    let word = |field: &str| skill[field].as_str().filter(|word| !word.is_empty());
    word("certTier").or(word("tier")).unwrap_or("VERIFIED")
}

#[test]
fn an_honest_skill_is_installed_by_its_name_and_a_blocked_one_is_not() {
    let (h, ids) = Harness::published();
    for (name, repo) in [("alone", "https://github.com/Some-One/Their.Repo"), ("pair/two", REPO)] {
        assert_eq!(h.publish(&serde_json::json!({"name": name, "repoUrl": repo})).0, 202);
    }
    for (asked, installed) in
        [("tool", NAME), ("alone", "some-one/their.repo/alone"), ("two", "owner/repo/two")]
    {
        assert_eq!(installable(&h, asked).as_deref(), Some(installed));
    }
    assert_eq!(h.fetch("POST", "/api/v1/skills/tool/installs", &[]).status, 202);
    let found = || h.get("/api/v1/skills/search?q=tool").1["results"][0].clone();
    assert_eq!((found()["vskillInstalls"].as_u64(), &found()["certTier"]), (Some(1), &Value::Null));
    let shown = || h.get("/api/v1/skills/tool").1;
    assert!(shown().as_object().unwrap().contains_key("certTier"));
    for state in ["honest", "blocked"] {
        // Nobody has certified it, whatever its scans say.
        for answer in [shown(), found()] {
            assert!(!["VERIFIED", "CERTIFIED"].contains(&tier(&answer)), "{state}: {answer}");
            assert_eq!(tier(&answer) == "BLOCKED", state == "blocked", "{answer}");
        }
        h.callback(&crate::harness::result(&ids[0], "semgrep", [1, 0, 0, 0]));
    }
    assert_eq!(found()["isBlocked"], true);
    assert_eq!(installable(&h, "tool"), None);
}
