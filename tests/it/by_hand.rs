//! An entry by hand names one skill, and everything that is answered agrees on it.

use crate::harness::{COMMIT, Harness, NAME, PROVIDERS, REPO, SECRET, result, with};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn by_hand(h: &Harness, name: &str, source: Option<&str>) -> Json {
    let entry = json!({"skillName": name, "sourceUrl": source, "threatType": "malware", "severity": "high", "reason": "steals"});
    let (status, entry) = h.admin("POST", "blocklist", &entry);
    assert_eq!(status, 201, "{entry}");
    entry
}

/// What each of the answers says of a published skill; they must be one. A name of one segment is also the
/// last segment of others: of these `check` speaks too.
fn blocked(h: &Harness, name: &str, repo: &str) -> bool {
    let bare = name.rsplit('/').next().unwrap();
    let is = |query: &str| {
        let (status, answer) = h.get(&format!("/api/v1/blocklist/check?{query}"));
        assert_eq!(status, 200, "{answer}");
        answer["blocked"] == true
    };
    let (_, badge) = h.get(&format!("/api/v1/skills/{name}/badge/overall?format=json"));
    let is_shared: i64 = h.db().one(&format!(
        "SELECT count(*) FROM skill WHERE bare_name = '{bare}' AND '{name}' = '{bare}' AND name <> '{name}'"
    ));
    if is_shared > 0 {
        assert_eq!(badge["message"], "ambiguous", "{name}");
        return is(&format!("name={name}&repoUrl={repo}"));
    }
    let (_, skill) = h.get(&format!("/api/v1/skills/{name}"));
    let pages = ["", "/security", "/security/semgrep"].map(|tab| {
        h.fetch("GET", &format!("/skills/{name}{tab}"), &[])
            .body
            .contains("Installation is blocked")
    });
    let (_, found) = h.get(&format!("/api/v1/skills/search?q={bare}"));
    let results = found["results"].as_array().unwrap();
    let found = results.iter().find(|skill| skill["name"] == name).unwrap();
    let audits = h.fetch("GET", &format!("/audits?q={bare}"), &[]).body;
    let (_, list) = h.get("/api/v1/blocklist");
    let entries = list["entries"].as_array().unwrap();
    let listed = entries.iter().any(|entry| {
        entry["skillName"].as_str().unwrap().eq_ignore_ascii_case(bare)
            && (entry["sourceUrl"].is_null() || entry["sourceUrl"] == repo)
            && (entry["skill"] == entry["skillName"]
                || entry["skill"].as_str().unwrap().eq_ignore_ascii_case(name))
    });
    let others: i64 = h.db().one(&format!(
        "SELECT (SELECT count(*) FROM skill WHERE bare_name = '{bare}' COLLATE NOCASE AND name <> '{name}')
              + (SELECT count(*) FROM blocklist_entry WHERE bare_name = '{bare}' COLLATE NOCASE AND state = 'active' AND skill_name <> bare_name)"
    ));
    let asked = if name == bare && others > 0 {
        [skill["blocked"] == true; 2]
    } else {
        [is(&format!("name={name}&repoUrl={repo}")), is(&format!("name={name}"))]
    };
    // The installer asks by the last segment and the source.
    let is_alone: i64 = h.db().one(&format!(
        "SELECT 1 = (SELECT count(*) FROM skill WHERE bare_name = '{bare}' COLLATE NOCASE AND repo_url = '{repo}')
            AND 0 = (SELECT count(*) FROM blocklist_entry WHERE bare_name = '{bare}' COLLATE NOCASE AND state = 'active'
                     AND source_url = '{repo}' AND skill_name <> bare_name AND skill_name <> '{name}' COLLATE NOCASE)"
    ));
    if is_alone == 1 {
        let installer = is(&format!("name={bare}&repoUrl={repo}"));
        assert_eq!(installer, skill["blocked"] == true, "{name} of {repo}, as the installer asks");
    }
    let answers = [
        asked[0],
        asked[1],
        badge["message"] == "blocked",
        skill["blocked"] == true,
        pages[0],
        pages[1],
        pages[2],
        found["isBlocked"] == true,
        listed,
    ];
    assert_eq!(answers, [answers[0]; 9], "{name} of {repo}: {}", list["entries"]);
    assert!(!answers[0] || audits.contains("BLOCKED"), "{audits}");
    answers[0]
}

/// The one automatic entry that becomes active within the hour, of another skill.
pub(crate) fn fill_the_hour(h: &Harness) {
    assert_eq!(
        h.publish(
            &json!({"name": "first", "repoUrl": "https://github.com/f/irst", "commitSha": COMMIT})
        )
        .0,
        202
    );
    let report =
        with(result("", "semgrep", [1, 0, 0, 0]), &json!({"scanId": null, "skillName": "first"}));
    assert_eq!(h.callback_by(SECRET, &report).0, 200);
    assert_eq!(h.audit("blocklist.blocked"), 1);
}

#[test]
fn a_bare_name_whose_source_fits_one_skill_is_that_skill() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    assert_eq!(
        h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"})).0,
        202
    );
    let entry = by_hand(&h, "tool", Some(REPO));
    assert_eq!((&entry["skillName"], &entry["sourceUrl"]), (&json!(NAME), &json!(REPO)));
    assert!(blocked(&h, NAME, REPO));
    assert!(!blocked(&h, "else/tool", "https://github.com/else/tool"));
    let (_, log) = h.admin("GET", &format!("audit-events?skill={NAME}"), &json!(null));
    assert_eq!(log["events"][0]["action"], "blocklist.added");
    let id = entry["id"].as_str().unwrap();
    assert_eq!(h.admin("DELETE", &format!("blocklist/{id}"), &json!({"reason": "x"})).0, 200);
    assert!(!blocked(&h, NAME, REPO));
}

#[test]
fn a_bare_name_confirms_the_proposed_entry_of_its_skill() {
    let h = Harness::with(&[("AUTO_BLOCK_LIMIT_PER_HOUR", "1")]);
    fill_the_hour(&h);
    let ids = h.publish_tool();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    assert_eq!(h.audit("blocklist.proposed"), 1);
    assert!(!blocked(&h, NAME, REPO));
    let entry = by_hand(&h, "tool", Some(REPO));
    assert_eq!((&entry["id"], &entry["state"]), (&json!(ids[0]), &json!("active")));
    assert_eq!((h.audit("blocklist.confirmed"), h.audit("blocklist.added")), (1, 0));
    assert_eq!(h.get("/api/v1/skills/tool").1["blocked"], true);
    let (_, answer) = h.get("/api/v1/blocklist/check?name=tool");
    assert_eq!(
        (&answer["blocked"], &answer["rejected"], &answer["tainted"]),
        (&json!(true), &json!(false), &json!(false))
    );
}

#[test]
fn a_bare_name_that_fits_several_skills_or_none_stands_as_it_was_given() {
    let h = Harness::new();
    for name in ["a/tool", "b/tool"] {
        assert_eq!(h.publish(&json!({"name": name, "repoUrl": REPO})).0, 202);
    }
    assert_eq!(
        h.publish(&json!({"name": "c/tool", "repoUrl": "https://github.com/c/tool"})).0,
        202
    );
    let entry = by_hand(&h, "tool", Some(REPO));
    assert_eq!(entry["skillName"], "tool");
    for (name, repo, is) in [
        ("a/tool", REPO, true),
        ("b/tool", REPO, true),
        ("c/tool", "https://github.com/c/tool", false),
    ] {
        assert_eq!(blocked(&h, name, repo), is, "{name}");
    }
    // None of that source: whoever is published from there later is blocked by it.
    by_hand(&h, "later", Some("https://github.com/l/x"));
    assert_eq!(
        h.get("/api/v1/blocklist/check?name=later&repoUrl=https://github.com/l/x").1["blocked"],
        true
    );
    for (name, repo, is) in
        [("l/later", "https://github.com/l/x", true), ("m/later", "https://github.com/m/x", false)]
    {
        assert_eq!(h.publish(&json!({"name": name, "repoUrl": repo})).0, 202);
        assert_eq!(blocked(&h, name, repo), is, "{name}");
    }
}

#[test]
fn a_full_name_without_source_is_no_block_of_another_skill() {
    let (h, _) = Harness::published();
    let other = "https://github.com/google/tools";
    assert_eq!(h.publish(&json!({"name": "google/tool", "repoUrl": other})).0, 202);
    by_hand(&h, NAME, None);
    assert!(blocked(&h, NAME, REPO));
    assert!(!blocked(&h, "google/tool", other));
    // Of a source that nobody has published from, the name is all there is to go by.
    let fork = "/api/v1/blocklist/check?name=tool&repoUrl=https://github.com/a/fork";
    assert_eq!(h.get(fork).1["blocked"], true);
}

#[test]
fn a_name_without_source_stands_for_every_skill_of_that_name() {
    let (h, _) = Harness::published();
    by_hand(&h, "tool", None);
    assert!(blocked(&h, NAME, REPO));
    assert_eq!(
        h.publish(&json!({"name": "tool", "repoUrl": "https://github.com/short/tool"})).0,
        202
    );
    assert!(blocked(&h, "tool", "https://github.com/short/tool"));
    assert_eq!(
        h.publish(&json!({"name": "o/tools", "repoUrl": "https://github.com/o/tools"})).0,
        202
    );
    assert!(!blocked(&h, "o/tools", "https://github.com/o/tools"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Skills and entries in any order and case: whoever is asked says the same.
    #[test]
    fn all_answers_agree_after_any_sequence(
        steps in proptest::collection::vec((0..6usize, 0..8usize, 0..3usize), 1..12),
    ) {
        const NAMES: [&str; 8] = ["a/tool", "a/Tool", "b/tool", "TOOL", "tool", "a/r/tool", "A/R/TOOL", "b/other"];
        const REPOS: [&str; 2] = ["https://github.com/o/one", "https://github.com/o/two"];
        let h = Harness::new();
        for (what, name, repo) in steps {
            h.advance(1_000);
            let (name, source) = (NAMES[name], REPOS.get(repo));
            match (what, source) {
                (0..3, Some(repo)) => {
                    let (status, answer) = h.publish(&json!({"name": name, "repoUrl": repo, "move": what == 1}));
                    prop_assert!(matches!(status, 202 | 409), "{}", answer);
                }
                (0..5, _) => drop(by_hand(&h, name, source.copied())),
                _ => {
                    let rows = h.db().query("SELECT id FROM blocklist_entry WHERE state = 'active' ORDER BY id LIMIT 1");
                    if let Some(row) = rows.first() {
                        let target = format!("blocklist/{}", row["id"].as_str().unwrap());
                        prop_assert_eq!(h.admin("DELETE", &target, &json!({"reason": "x"})).0, 200);
                    }
                }
            }
            for skill in h.db().query("SELECT name, repo_url FROM skill") {
                let (name, repo) = (skill["name"].as_str().unwrap(), skill["repo_url"].as_str().unwrap());
                // A question without a source is about any: one that the skill has left, and one that another has
                // which differs in case alone.
                let left = h.db().one::<i64>(&format!(
                    "SELECT (SELECT count(*) FROM skill WHERE name = '{name}' COLLATE NOCASE AND name <> '{name}') + count(*) FROM blocklist_entry WHERE state = 'active' AND skill_name = '{name}' COLLATE NOCASE AND source_url <> '{repo}'"
                ));
                if left == 0 {
                    blocked(&h, name, repo);
                }
            }
            let doubles = h.db().query(
                "SELECT lower(name) FROM skill GROUP BY lower(name), repo_url HAVING count(*) > 1
                 UNION ALL SELECT lower(skill_name) FROM blocklist_entry WHERE state <> 'withdrawn'
                 GROUP BY lower(skill_name), ifnull(source_url, '') HAVING count(*) > 1");
            prop_assert!(doubles.is_empty(), "{:?}", doubles);
        }
    }
}
