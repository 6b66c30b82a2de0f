//! Letter case is no way round a block, and no way to two skills of one source.

use crate::{
    harness::{
        Harness, NAME, OTHER_COMMIT, PROVIDERS, REPO, SECRET, admin_request, read, request, result,
        tool, with,
    },
    interleavings::{Picks, requests_at_once},
    sqlite::{Turns, migrations},
};
use rusqlite::Connection;
use serde_json::{Value as Json, json};

/// The name of most tests, full and bare, as somebody may type it.
const SPELLINGS: [&str; 8] = [
    NAME,
    "Owner/Repo/Tool",
    "OWNER/REPO/TOOL",
    "owner/repo/tOOl",
    "owner%2Frepo%2FTOOL",
    "tool",
    "Tool",
    "TOOL",
];

fn check(h: &Harness, query: &str) -> Json {
    let (status, answer) = h.get(&format!("/api/v1/blocklist/check?{query}"));
    assert_eq!(status, 200, "{answer}");
    answer
}

fn by_hand(h: &Harness, name: &str, source: Option<&str>) -> Json {
    let entry = json!({"skillName": name, "sourceUrl": source, "threatType": "malware", "severity": "high", "reason": "steals"});
    let (status, entry) = h.admin("POST", "blocklist", &entry);
    assert_eq!(status, 201, "{entry}");
    entry
}

fn standing(h: &Harness) -> Vec<Json> {
    h.db().query("SELECT id, skill_name, state FROM blocklist_entry WHERE state <> 'withdrawn' ORDER BY skill_name")
}

/// Whether `check`, badge, page, list and the skill itself say that the skill is blocked.
fn everybody_says(h: &Harness, spelling: &str, repo: &str, blocked: bool) {
    let asked = check(h, &format!("name={spelling}&repoUrl={repo}"));
    assert_eq!(asked["blocked"], blocked, "{spelling}: {asked}");
    if blocked {
        assert_eq!(asked["entry"]["skillName"], "tool", "{spelling}");
    }
    let (_, skill) = h.get(&format!("/api/v1/skills/{spelling}"));
    assert_eq!((&skill["name"], &skill["blocked"]), (&json!(NAME), &json!(blocked)), "{spelling}");
    let (_, badge) = h.get(&format!("/api/v1/skills/{spelling}/badge/overall?format=json"));
    assert_eq!(badge["message"] == "blocked", blocked, "{spelling}: {badge}");
    for tab in ["", "/security", "/security/semgrep"] {
        let page = h.fetch("GET", &format!("/skills/{spelling}{tab}"), &[]);
        assert_eq!(page.status, 200, "{spelling}{tab}");
        assert_eq!(page.body.contains("Installation is blocked"), blocked, "{spelling}{tab}");
    }
}

#[test]
fn a_block_holds_however_the_name_is_spelt() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    for spelling in SPELLINGS {
        for query in [
            "",
            "&repoUrl=",
            &format!("&repoUrl={REPO}"),
            "&repoUrl=https://github.com/OWNER/Repo.git",
        ] {
            let answer = check(&h, &format!("name={spelling}{query}"));
            assert_eq!(answer["blocked"], true, "{spelling}{query}");
            // The installer's cache compares it with `===`.
            assert_eq!(
                (&answer["entry"]["skillName"], &answer["entry"]["skill"]),
                (&json!("tool"), &json!(NAME))
            );
        }
        let elsewhere =
            check(&h, &format!("name={spelling}&repoUrl=https://github.com/other/repo"));
        assert_eq!(elsewhere["blocked"], false, "{spelling}");
    }
}

#[test]
fn every_public_get_knows_a_name_in_any_case() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    by_hand(&h, NAME, Some(REPO));
    for spelling in SPELLINGS {
        everybody_says(&h, spelling, REPO, true);
        let (status, answer) = h.get(&format!("/api/v1/skills/{spelling}/security"));
        assert_eq!(
            (status, &answer["skillName"], &answer["overallVerdict"]),
            (200, &json!(NAME), &json!("PASS")),
            "{spelling}"
        );
        for tail in [
            "security/semgrep",
            "security/semgrep?format=sarif",
            "security/history",
            "badge/semgrep",
        ] {
            let answer = h.fetch("GET", &format!("/api/v1/skills/{spelling}/{tail}"), &[]);
            assert_eq!(answer.status, 200, "{spelling}/{tail}");
            assert!(!answer.body.contains(">unknown<"), "{spelling}/{tail}");
        }
        assert_eq!(
            h.fetch("GET", &format!("/skills/{spelling}/security/history"), &[]).status,
            200
        );
    }
    for (n, spelling) in SPELLINGS.iter().enumerate() {
        h.advance(1_000);
        let told = h.send_request(&request(
            "POST",
            &format!("/api/v1/skills/{spelling}/installs"),
            &[],
            Vec::new(),
        ));
        assert_eq!(read(&told).1["counted"], 1, "{spelling}");
        assert_eq!(h.db().one::<i64>("SELECT installs FROM skill"), i64::try_from(n).unwrap() + 1);
    }
    for query in ["TOOL", "Owner%2Frepo"] {
        let (_, found) = h.get(&format!("/api/v1/skills/search?q={query}"));
        assert_eq!(
            (&found["results"][0]["name"], &found["results"][0]["isBlocked"]),
            (&json!(NAME), &json!(true))
        );
    }
}

#[test]
fn an_exact_hit_comes_first_and_of_several_others_none_is_guessed() {
    let h = Harness::new();
    for (name, repo) in [("a/Tool", "https://github.com/a/x"), ("b/tool", "https://github.com/b/x")]
    {
        assert_eq!(h.publish(&json!({"name": name, "repoUrl": repo})).0, 202);
    }
    let asked = |name: &str| h.get(&format!("/api/v1/skills/{name}/security")).1;
    for (name, meant) in
        [("Tool", "a/Tool"), ("tool", "b/tool"), ("A/TOOL", "a/Tool"), ("B/tool", "b/tool")]
    {
        assert_eq!(asked(name)["skillName"], meant, "{name}");
        assert_eq!(asked(name)["ambiguous"], json!(null), "{name}");
    }
    let several = asked("TOOL");
    assert_eq!(
        (&several["overallVerdict"], &several["ambiguous"]),
        (&json!("PENDING"), &json!(true))
    );
    assert_eq!(several["candidates"].as_array().unwrap().len(), 2);
    assert_eq!(h.get("/api/v1/skills/TOOL").0, 409);
    // Full names that differ in case alone, of two sources.
    assert_eq!(h.publish(&json!({"name": "A/tool", "repoUrl": "https://github.com/c/x"})).0, 202);
    assert_eq!(
        (&asked("a/Tool")["skillName"], &asked("A/tool")["skillName"]),
        (&json!("a/Tool"), &json!("A/tool"))
    );
    assert_eq!(asked("a/TOOL")["ambiguous"], true);
    assert_eq!(
        asked("a/TOOL")["candidates"].as_array().unwrap().len(),
        2,
        "b/tool is another name"
    );
    assert_eq!(h.get("/api/v1/skills/nobody/tool/security").0, 404);
}

#[test]
fn two_skills_of_one_source_never_differ_in_case_alone() {
    let h = Harness::new();
    assert_eq!(h.publish(&tool()).0, 202);
    let before = h.db().dump();
    for name in ["owner/repo/Tool", "OWNER/repo/tool"] {
        let (status, problem) = h.publish(&with(tool(), &json!({ "name": name })));
        assert_eq!(status, 409, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("case"), "{problem}");
        assert_eq!(h.db().dump(), before, "nothing of it has happened");
    }
    // The same name again is no second skill, and another source is another skill.
    assert_eq!(h.publish(&tool()).0, 202);
    let other = json!({"name": "owner/repo/Tool", "repoUrl": "https://github.com/other/repo"});
    assert_eq!(h.publish(&other).0, 202);
    let moved = json!({"name": "owner/repo/Tool", "repoUrl": REPO, "move": true});
    let (status, problem) = h.publish(&moved);
    assert_eq!(
        (status, problem["detail"].as_str().unwrap().contains("case")),
        (409, true),
        "{problem}"
    );
    let stays: String = h.db().one("SELECT repo_url FROM skill WHERE name = 'owner/repo/Tool'");
    assert_eq!(stays, "https://github.com/other/repo");
}

#[test]
fn of_two_such_skills_published_at_once_one_is_refused() {
    for order in 0..64 {
        let h = Harness::new();
        let requests = [NAME, "owner/repo/TOOL"].map(|name| {
            admin_request("POST", "skills/publish", &with(tool(), &json!({ "name": name })))
        });
        h.take_turns(Turns::Calls);
        let turns: Vec<usize> = (0..6).map(|bit| order >> bit & 1).collect();
        let mut statuses = requests_at_once(&h, &requests, Picks::AmongThoseLeft(&turns));
        h.take_turns(Turns::None);
        statuses.sort_unstable();
        assert_eq!(statuses, [202, 409], "{turns:?}");
        assert_eq!(h.db().one::<i64>("SELECT count(*) FROM skill"), 1);
    }
}

#[test]
fn one_entry_stands_for_a_name_and_source_in_whatever_case_and_is_lifted_once() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    for spelling in ["OWNER/repo/tool", "owner/repo/TOOL", "TOOL", "tool"] {
        let entry = by_hand(&h, spelling, Some(REPO));
        assert_eq!(
            (&entry["id"], &entry["skillName"]),
            (&json!(ids[0]), &json!(NAME)),
            "{spelling}"
        );
    }
    assert_eq!(standing(&h).len(), 1);
    assert_eq!(h.admin("DELETE", &format!("blocklist/{}", ids[0]), &json!({"reason": "x"})).0, 200);
    for spelling in SPELLINGS {
        everybody_says(&h, spelling, REPO, false);
    }
}

#[test]
fn an_entry_is_shown_in_the_published_case_whichever_comes_first() {
    for source in [Some(REPO), None] {
        for spelling in ["OWNER/REPO/TOOL", "TOOL"] {
            // The skill comes first.
            let (h, ids) = Harness::published();
            by_hand(&h, spelling, source);
            let shown = |h: &Harness| {
                let (_, list) = h.get("/api/v1/blocklist");
                assert_eq!(list["count"], 1, "{list}");
                list["entries"][0]["skillName"].clone()
            };
            assert_eq!(shown(&h), "tool", "{spelling} {source:?}");
            h.callback(&result(&ids[1], "njsscan", [0; 4]));
            everybody_says(&h, "tool", REPO, true);
            // The entry comes first.
            let h = Harness::new();
            let entry = by_hand(&h, spelling, source);
            let given = spelling.rsplit('/').next().unwrap();
            assert_eq!(shown(&h), given);
            let tag =
                || h.fetch("GET", "/api/v1/blocklist", &[]).header("etag").unwrap().to_owned();
            let before = tag();
            let ids = h.publish_tool();
            assert_eq!(shown(&h), "tool", "{spelling} {source:?}");
            assert_ne!(tag(), before);
            for asked in SPELLINGS {
                everybody_says(&h, asked, REPO, true);
            }
            // Criticals join it where it is of the source.
            h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
            let joined = source.is_some() && spelling.contains('/');
            assert_eq!(standing(&h).len(), if joined { 1 } else { 2 }, "{entry}");
        }
    }
}

#[test]
fn a_taint_shows_however_the_name_is_spelt() {
    let (h, _) = Harness::published();
    let unsolicited = json!({"scanId": null, "commitSha": OTHER_COMMIT});
    assert_eq!(
        h.callback_by(SECRET, &with(result("", "semgrep", [3, 0, 0, 0]), &unsolicited)).0,
        200
    );
    for spelling in SPELLINGS {
        for query in ["", &format!("&repoUrl={REPO}")] {
            let answer = check(&h, &format!("name={spelling}{query}"));
            assert_eq!(
                (&answer["blocked"], &answer["tainted"]),
                (&json!(false), &json!(true)),
                "{spelling}{query}"
            );
        }
    }
}

#[test]
fn an_upgrade_covers_what_is_there() {
    let db = Connection::open_in_memory().unwrap();
    let all = migrations();
    let (before, after) = all.split_at(10);
    for (_, migration) in before {
        db.execute_batch(migration).unwrap();
    }
    let skill = |name: &str, repo: &str| {
        let bare = name.rsplit('/').next().unwrap();
        db.execute_batch(&format!("INSERT INTO skill (name, bare_name, repo_url, created_at, updated_at) VALUES ('{name}', '{bare}', '{repo}', 1, 1)")).unwrap();
    };
    let entry = |id: &str, name: &str, repo: &str, state: &str, severity: &str| {
        let bare = name.rsplit('/').next().unwrap();
        db.execute_batch(&format!(
            "INSERT INTO blocklist_entry (id, skill_name, bare_name, source_url, state, threat_type, severity, reason, evidence,
                evidence_urls, discovered_by, discovered_at, updated_at)
             VALUES ('{id}', '{name}', '{bare}', '{repo}', '{state}', 't', '{severity}', 'r', '{{}}', '[]', 'admin', 1, 1)"
        )).unwrap();
    };
    skill("o/r/tool", "https://github.com/o/r");
    skill("o/r/Pair", "https://github.com/o/p");
    skill("o/r/pair", "https://github.com/o/p");
    entry("typed", "O/R/TOOL", "https://github.com/o/r", "active", "high");
    entry("first", "o/r/Pair", "https://github.com/o/p", "proposed", "critical");
    entry("second", "o/r/pair", "https://github.com/o/p", "active", "low");
    entry("third", "O/R/PAIR", "https://github.com/o/p", "active", "medium");
    db.execute_batch(
        r#"UPDATE blocklist_entry SET commit_sha = '0123456789abcdef0123456789abcdef01234567', evidence_urls = '["https://a.example", "https://b.example"]',
            evidence = '{"semgrep": {"scanId": "scan", "criticalCount": 1}, "njsscan": {"criticalCount": 5}}' WHERE id = 'first';
        UPDATE blocklist_entry SET evidence_urls = '["https://b.example", "https://c.example"]',
            evidence = '{"njsscan": {"criticalCount": 2}}' WHERE id = 'third';"#,
    )
    .unwrap();
    let revision: i64 =
        db.query_row("SELECT revision FROM blocklist_revision", [], |row| row.get(0)).unwrap();
    db.execute_batch(
        "INSERT INTO external_scan_result (id, skill_name, bare_name, provider, repo_url, commit_sha, status, created_at, updated_at,
            last_write, critical_count, high_count, medium_count, low_count, score, entry_id)
         VALUES ('scan', 'o/r/Pair', 'Pair', 'semgrep', 'https://github.com/o/p', '0123456789abcdef0123456789abcdef01234567',
            'FAIL', 1, 1, 'w', 1, 0, 0, 0, 75, 'first')",
    )
    .unwrap();
    for (_, migration) in after {
        db.execute_batch(migration).unwrap();
    }
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(
        one("SELECT skill_name || ' ' || bare_name FROM blocklist_entry WHERE id = 'typed'"),
        "o/r/tool tool"
    );
    assert_eq!(
        one(
            "SELECT group_concat(id || ' ' || state, ', ') FROM (SELECT id, state FROM blocklist_entry WHERE id <> 'typed' ORDER BY id)"
        ),
        "first withdrawn, second withdrawn, third active",
        "the one that blocks, and is worst, stays"
    );
    assert_eq!(
        one(
            "SELECT severity || ' ' || commit_sha || ' ' || evidence || ' ' || evidence_urls FROM blocklist_entry WHERE id = 'third'"
        ),
        "critical 0123456789abcdef0123456789abcdef01234567 \
         {\"njsscan\":{\"criticalCount\":5},\"semgrep\":{\"scanId\":\"scan\",\"criticalCount\":1}} \
         [\"https://b.example\",\"https://c.example\",\"https://a.example\"]",
        "with what the others say"
    );
    let bumped: i64 =
        db.query_row("SELECT revision FROM blocklist_revision", [], |row| row.get(0)).unwrap();
    assert!(bumped > revision, "the copy in KV is built anew");
    assert_eq!(
        one("SELECT entry_id FROM external_scan_result"),
        "third",
        "nothing is lifted by it"
    );
    assert_eq!(
        one("SELECT count(*) || '' FROM audit_event WHERE action = 'blocklist.merged'"),
        "2"
    );
    assert_eq!(one("SELECT blocked || '' FROM catalogue"), "2");
}
