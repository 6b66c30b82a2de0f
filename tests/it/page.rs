//! The report, for people.

use crate::harness::{
    COMMIT, COUNT, Harness, MINUTE, NAME, OTHER_COMMIT, PROVIDERS, REPO, failed, result, tool, with,
};
use serde_json::json;
use skillgate_worker::http::Response;

/// Text as an attacker would choose it.
const HOSTILE: &str =
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'></p>]]>\u{202e}\u{0}";

fn page(h: &Harness) -> Response {
    let response = h.fetch("GET", &format!("/skills/{NAME}/security"), &[]);
    assert_eq!(response.status, 200);
    response
}

#[test]
fn each_result_is_linked_to_the_commit_that_was_scanned() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0, 1, 2, 3]));
    }
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["semgrep"]})));
    let body = page(&h).body;
    let link = |sha: &str| {
        format!(
            "href=\"{REPO}/commit/{sha}\" rel=\"nofollow noopener\" title=\"{sha}\">{}</a>",
            &sha[..7]
        )
    };
    assert!(body.contains(&link(OTHER_COMMIT)), "{body}");
    assert!(
        body.contains(&format!(
            "{} <span class=\"aside\">(not the published commit)",
            link(COMMIT)
        )),
        "{body}"
    );
}

#[test]
fn a_pass_of_another_commit_is_not_green_since_it_counts_towards_nothing() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let of_njsscan = || h.fetch("GET", &format!("/skills/{NAME}/security/njsscan"), &[]).body;
    assert!(of_njsscan().contains("class=\"verdict pass\""));
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["semgrep"]})));
    assert!(of_njsscan().contains("class=\"verdict unclear\""), "{}", of_njsscan());
    let overview = h.fetch("GET", &format!("/skills/{NAME}"), &[]).body;
    assert!(!overview.contains("chip pass"), "{overview}");
}

#[test]
fn a_blocked_skill_says_so_and_why() {
    let (h, ids) = Harness::published();
    assert!(!page(&h).body.contains("Installation is blocked"));
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    let body = page(&h).body;
    assert!(body.contains("Installation is blocked"));
    assert!(body.contains("semgrep found 2 critical findings"), "{body}");
}

#[test]
fn a_page_with_a_scan_under_way_looks_again_by_itself_ever_more_gently_until_it_is_done() {
    let (h, ids) = Harness::published();
    let security = format!("/skills/{NAME}/security");
    let refresh = |target: &str| {
        let response = h.fetch("GET", target, &[]);
        assert!(!response.body.contains("http-equiv"), "axe: no page moves by an element");
        response.header("refresh").map(str::to_owned)
    };
    assert_eq!(refresh(&security).as_deref(), Some("5"));
    assert_eq!(refresh(&format!("{security}?refresh=off")), None, "the reader can stop it");
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    h.advance(3 * MINUTE);
    for (rest, seconds) in [("", Some("15")), ("/njsscan", Some("15")), ("/semgrep", None)] {
        assert_eq!(refresh(&format!("{security}{rest}")).as_deref(), seconds, "{rest}");
    }
    h.advance(8 * MINUTE);
    assert_eq!(refresh(&format!("/skills/{NAME}")).as_deref(), Some("60"));
    for (id, provider) in ids.iter().zip(PROVIDERS).skip(1) {
        h.callback(&result(id, provider, [0; 4]));
    }
    assert_eq!(refresh(&security), None);
    let body = page(&h).body;
    assert!(body.contains("<span class=\"word\">PASS</span>"), "{body}");
}

#[test]
fn findings_stand_by_file_with_their_lines_and_a_link_to_the_scanned_commit() {
    let (h, ids) = Harness::published();
    let finding = |severity: &str, file: &str, line: u32| {
        json!({"rule": "skillgate.reverse-shell.dev-tcp", "severity": severity, "message": "Opens a shell.",
               "file": file, "line": line, "code": "bash -i\nexit"})
    };
    let mut list: Vec<_> = (1..=20).map(|line| finding("low", "b c.md", line)).collect();
    list.push(finding("critical", "a/SKILL.md", 99));
    let report = with(result(&ids[0], "semgrep", [1, 0, 0, 500]), &json!({ "findings": list }));
    assert_eq!(h.callback(&report).0, 200);
    let show =
        |query: &str| h.fetch("GET", &format!("/skills/{NAME}/security/semgrep{query}"), &[]).body;
    let body = show("");
    let place = |text: &str| body.find(text).unwrap_or_else(|| panic!("{text} in {body}"));
    let deep = format!("href=\"{REPO}/blob/{COMMIT}/a/SKILL.md#L99\"");
    assert!(place(&deep) < place(&format!("href=\"{REPO}/blob/{COMMIT}/b%20c.md#L1\"")));
    assert!(
        body.contains("<span data-n=\"99\">bash -i\n</span><span data-n=\"100\">exit\n</span>")
    );
    assert_eq!(body.matches("<section class=\"file\"").count(), 2);
    assert!(body.contains("href=\"/rules/skillgate.reverse-shell"));
    assert!(body.contains("Listed are the worst 21 of 501."), "{body}");
    for link in ["", "?format=sarif"] {
        assert!(body.contains(&format!("href=\"/api/v1/skills/{NAME}/security/semgrep{link}\"")));
    }
    let critical = show("?severity=critical");
    assert!(critical.contains(&deep) && !critical.contains("b%20c.md"), "{critical}");
    assert!(show("?severity=high").contains("None of this severity."));
    let wrong = h.fetch("GET", &format!("/skills/{NAME}/security/semgrep?severity=x"), &[]);
    assert_eq!(wrong.status, 400);
}

#[test]
fn a_secret_that_only_the_history_holds_has_no_line_to_link_to() {
    let (h, ids) = Harness::published();
    let finding = json!({"rule": "trufflehog.AWS", "severity": "medium", "file": "old.env", "line": 2,
        "message": "Looks like a AWS secret (AK..), only in the git history, in object 0123456789ab."});
    h.callback(&with(result(&ids[2], "trufflehog", [0, 0, 1, 0]), &json!({"findings": [finding]})));
    let body = h.fetch("GET", &format!("/skills/{NAME}/security/trufflehog"), &[]).body;
    assert!(
        body.contains("old.env") && body.contains("line 2") && !body.contains("/blob/"),
        "{body}"
    );
}

#[test]
fn a_block_of_another_source_is_not_shown() {
    let (h, _) = Harness::published();
    for source in ["https://github.com/else/where", REPO] {
        let shown = page(&h).body.contains("Installation is blocked");
        assert!(!shown && h.get(&format!("/api/v1/skills/{NAME}")).1["blocked"] == false);
        let entry = json!({"skillName": NAME, "sourceUrl": source, "threatType": "malware", "severity": "high", "reason": "steals"});
        assert_eq!(h.admin("POST", "blocklist", &entry).0, 201);
    }
    assert!(page(&h).body.contains("Installation is blocked"));
    assert_eq!(h.get(&format!("/api/v1/skills/{NAME}")).1["blocked"], true);
}

#[test]
fn a_blocked_author_sees_what_where_which_commit_and_what_to_do() {
    let (h, ids) = Harness::published();
    let finding = json!({"rule": "skillgate.crypto.miner", "severity": "critical", "file": "run.sh", "line": 3});
    h.callback(&with(result(&ids[0], "semgrep", [1, 0, 0, 0]), &json!({"findings": [finding]})));
    for (id, provider) in ids.iter().zip(PROVIDERS).skip(1) {
        h.callback(&result(id, provider, [0; 4]));
    }
    for path in [format!("/skills/{NAME}"), format!("/skills/{NAME}/security")] {
        let body = h.fetch("GET", &path, &[]).body;
        for part in [
            "Installation is blocked",
            "semgrep found 1 critical findings",
            &format!("href=\"{REPO}/blob/{COMMIT}/run.sh#L3\""),
            "</a>, the published one",
            "Ask an admin of the registry to lift the block",
        ] {
            assert!(body.contains(part), "{part} in {body}");
        }
    }
    // The repaired commit is clean: the banner says what is left to do.
    let (_, answer) = h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT})));
    for (at, provider) in PROVIDERS.into_iter().enumerate() {
        let id = answer["scans"][at]["scanId"].as_str().unwrap();
        h.callback(&with(result(id, provider, [0; 4]), &json!({"commitSha": OTHER_COMMIT})));
    }
    let body = page(&h).body;
    for part in [
        "Installation is blocked",
        "which is no longer the published one",
        "A newer scan says PASS",
        &format!("The published commit passes all {} tools.", ["three", "four", "five"][COUNT - 3]),
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    let entry = h.db().one::<String>("SELECT id FROM blocklist_entry");
    h.admin("DELETE", &format!("blocklist/{entry}"), &json!({"reason": "repaired"}));
    assert!(!page(&h).body.contains("blocked\""), "{}", page(&h).body);
}

#[test]
fn g35_nothing_that_an_attacker_wrote_is_alive_on_the_page() {
    let h = Harness::new();
    let (_, published) = h.publish(&json!({"name": NAME, "repoUrl": REPO, "commitSha": COMMIT, "skillPath": "a<script>/b\"onload=x", "version": HOSTILE}));
    let ids = [0, 1].map(|at| published["scans"][at]["scanId"].as_str().unwrap().to_owned());
    h.callback(&failed(&ids[0], "semgrep", HOSTILE));
    let report = json!({
        "coverage": {"complete": false, "filesScanned": 1, "unscanned": [{"file": HOSTILE, "reason": HOSTILE}],
                     "textRulesOnly": [{"file": HOSTILE, "reason": HOSTILE}]},
        "tool": {"name": HOSTILE, "version": HOSTILE, "rules": HOSTILE}, "error": HOSTILE, "workerHost": HOSTILE,
        "githubRunUrl": "javascript:alert(1)",
        "findings": [{"rule": HOSTILE, "severity": "low", "message": HOSTILE, "file": HOSTILE, "code": HOSTILE}],
    });
    let (status, answer) = h.callback(&with(result(&ids[1], "njsscan", [0, 0, 0, 1]), &report));
    assert_eq!(status, 200, "{answer}");
    for path in [
        format!("/skills/{NAME}"),
        format!("/skills/{NAME}/security"),
        format!("/skills/{NAME}/security/semgrep"),
        format!("/skills/{NAME}/security/njsscan"),
        format!("/skills/{NAME}/security/history"),
        "/".to_owned(),
        "/audits?q=%3Cscript%3Ealert(1)%3C/script%3E%22onload=x%E2%80%AE%00javascript:&status=FAIL"
            .to_owned(),
    ] {
        let response = h.fetch("GET", &path, &[]);
        assert_eq!(response.status, 200, "{path}");
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
        let body = response.body;
        for alive in [
            "<script",
            "<img",
            "\"javascript:",
            "\u{202e}",
            "\u{0}",
            "\"onload",
            " style=",
            " onerror=",
        ] {
            let quoted = alive == " onerror=" && !body.contains("<img");
            assert!(quoted || !body.contains(alive), "{alive:?} in {path}: {body}");
        }
    }
    let body = h.fetch("GET", &format!("/skills/{NAME}/security/njsscan"), &[]).body;
    assert!(body.contains("&lt;script&gt;alert(1)"), "the text is shown, not run");
}

#[test]
fn a_bare_name_of_several_skills_is_a_choice() {
    let (h, _) = Harness::published();
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    let body = h.fetch("GET", "/skills/tool/security", &[]).body;
    assert!(body.contains("href=\"/skills/owner/repo/tool/security\""), "{body}");
    assert!(body.contains("href=\"/skills/else/tool/security\""));
}

#[test]
fn a_blocked_skill_whose_newest_scans_pass_is_called_blocked_and_not_pass_wherever_it_is_named() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let entry = json!({"skillName": NAME, "sourceUrl": REPO, "threatType": "malware", "severity": "high", "reason": "steals"});
    assert_eq!(h.admin("POST", "blocklist", &entry).0, 201);
    for path in ["", "/security", "/security/semgrep"] {
        let body = h.fetch("GET", &format!("/skills/{NAME}{path}"), &[]).body;
        let head = body.split("</head>").next().unwrap();
        for part in ["<title>BLOCKED: ", "og:title\" content=\"BLOCKED: ", "content=\"BLOCKED: "] {
            assert!(head.contains(part), "{path}: {part} in {head}");
        }
        assert!(head.contains("og:description\" content=\"BLOCKED: "), "{path}: {head}");
    }
}

#[test]
fn what_a_block_rests_on_can_be_read_though_a_newer_scan_exists() {
    let (h, ids) = Harness::published();
    let finding = json!({"rule": "skillgate.crypto.miner", "severity": "critical", "file": "run.sh", "line": 3});
    h.callback(&with(result(&ids[0], "semgrep", [1, 0, 0, 0]), &json!({"findings": [finding]})));
    let (_, answer) = h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT})));
    let newest = answer["scans"][0]["scanId"].as_str().unwrap();
    h.callback(&with(result(newest, "semgrep", [0; 4]), &json!({"commitSha": OTHER_COMMIT})));
    let of = |rest: &str| h.fetch("GET", &format!("/skills/{NAME}/security{rest}"), &[]);
    let old = format!("/semgrep?scan={}", ids[0]);
    let link = format!("href=\"/skills/{NAME}/security{old}");
    let report = of("").body;
    assert!(report.contains(&format!("{link}&amp;severity=critical\"")), "{report}");
    assert!(report.contains(&format!("{link}\"")), "the history leads to it too: {report}");
    let body = of(&old).body;
    for part in [
        "This is an older scan",
        &format!("<a href=\"/skills/{NAME}/security/semgrep\">The newest one</a>"),
        &format!("href=\"{REPO}/blob/{COMMIT}/run.sh#L3\""),
        &format!("{link}&amp;severity=high#findings\""),
        "<span class=\"word\">FAIL</span>",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(!body.contains("format=sarif"), "that is of the newest scan: {body}");
    assert!(of(&format!("{old}&severity=high")).body.contains("None of this severity."));
    let same = of(&format!("/semgrep?scan={newest}")).body;
    assert!(!same.contains("older scan") && same.contains("format=sarif"), "{same}");
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    for foreign in [
        format!("/skills/{NAME}/security/njsscan?scan={}", ids[0]),
        format!("/skills/else/tool/security/semgrep?scan={}", ids[0]),
        format!("/skills/{NAME}/security/semgrep?scan=nobody"),
    ] {
        assert_eq!(h.fetch("GET", &foreign, &[]).status, 404, "{foreign}");
    }
    assert_eq!(of("/semgrep?scan=%3Cscript%3E").status, 400);
}

/// The overall verdict of the report, as a word and a sentence.
fn heading(h: &Harness) -> String {
    let body = page(h).body;
    let heading = body.split("<h2 id=\"verdict\">").nth(1).unwrap();
    heading
        .split("</h2>")
        .next()
        .unwrap()
        .replace("<span class=\"word\">", "")
        .replace("</span>", ":")
}

#[test]
fn the_heading_says_timed_out_only_where_a_scan_did() {
    let ended = |last: &dyn Fn(&Harness, &str)| {
        let (h, ids) = Harness::published();
        for (id, provider) in ids.iter().zip(PROVIDERS).take(2) {
            h.callback(&result(id, provider, [0; 4]));
        }
        h.pass_from(3, &ids);
        last(&h, &ids[2]);
        let list = h.fetch("GET", "/audits", &[]).body;
        let heading = heading(&h);
        let word = heading.split(':').next().unwrap().to_owned();
        let cell = list.split("data-label=\"Overall\"").nth(1).unwrap();
        assert!(cell.split("</td>").next().unwrap().contains(&word), "{word} in {cell}");
        assert_eq!(h.security()["overallVerdict"], "TIMED_OUT", "as the contract has it");
        heading
    };
    let failing = ended(&|h, id| drop(h.callback(&failed(id, "trufflehog", "no"))));
    assert_eq!(failing, "ERROR: At least one tool failed");
    let unproven = ended(&|h, id| {
        let report = with(result(id, "trufflehog", [0; 4]), &json!({"coverage": null}));
        h.callback(&report);
    });
    assert_eq!(unproven, "INCOMPLETE: At least one tool did not prove that it read everything");
    let silent = ended(&|h, _| h.advance(21 * MINUTE));
    assert_eq!(silent, "TIMED OUT: At least one tool did not answer in time");
    let stale = ended(&|h, id| {
        h.callback(&result(id, "trufflehog", [0; 4]));
        let one = json!({"commitSha": OTHER_COMMIT, "providers": ["njsscan"]});
        let (_, answer) = h.publish(&with(tool(), &one));
        let scan = answer["scans"][0]["scanId"].as_str().unwrap();
        h.callback(&with(result(scan, "njsscan", [0; 4]), &json!({"commitSha": OTHER_COMMIT})));
    });
    assert_eq!(stale, "NOT PROVEN: Not every tool has a result for the published commit");
}

#[test]
fn a_scan_that_timed_out_is_waited_for_until_it_is_sent_no_more() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS).skip(1) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let semgrep = || h.fetch("GET", &format!("/skills/{NAME}/security/semgrep"), &[]);
    for _ in 0..2 {
        h.advance(21 * MINUTE);
        for response in [semgrep(), page(&h)] {
            assert_eq!(response.header("refresh"), Some("60"));
            let body = response.body;
            assert!(body.contains("A scan is to be sent again. This page looks again"), "{body}");
            assert!(body.contains("No answer came in time. It is sent again"), "{body}");
        }
        h.run_scheduled();
        h.run_sends();
    }
    h.advance(21 * MINUTE);
    for response in [semgrep(), page(&h)] {
        assert_eq!(response.header("refresh"), None);
        let body = response.body;
        assert!(
            body.contains("It is not sent again by itself: the registry's admin can"),
            "{body}"
        );
        assert!(!body.contains("class=\"live\""), "{body}");
    }
    assert_eq!(
        h.db().one::<i64>("SELECT count(*) FROM external_scan_result WHERE given_up_at > 0"),
        1
    );
}

#[test]
fn a_list_that_was_cut_says_how_many_there_are_in_truth() {
    let (h, ids) = Harness::published();
    let note = |file: String| json!({"file": file, "reason": "a submodule"});
    let mut notes: Vec<_> = (0..199).map(|at| note(format!("f{at}"))).collect();
    notes.push(json!({"file": "(4801 more)", "reason": "the list is too long to be sent whole"}));
    let coverage = json!({"complete": false, "filesScanned": 1, "unscanned": notes, "textRulesOnly": [note("(7 more)".to_owned())]});
    h.callback(&with(result(&ids[0], "semgrep", [0; 4]), &json!({ "coverage": coverage })));
    let of_semgrep = h.fetch("GET", &format!("/skills/{NAME}/security/semgrep"), &[]).body;
    assert!(of_semgrep.contains("<summary>Not read (5,000)</summary>"), "{of_semgrep}");
    assert!(of_semgrep.contains("could take it whole (1)</summary>"), "{of_semgrep}");
    let report = page(&h).body;
    assert!(report.contains(", 5,000 not read, 1 by text rules only"), "{report}");
}

#[test]
fn a_result_is_told_for_what_it_is() {
    let told = |settings: &[(&str, &str)], counts: [u32; 4], coverage: serde_json::Value| {
        let h = Harness::with(settings);
        let ids = h.publish_tool();
        h.callback(&with(result(&ids[0], "semgrep", counts), &json!({ "coverage": coverage })));
        let body = h.fetch("GET", &format!("/skills/{NAME}/security/semgrep"), &[]).body;
        let panel = body.split("<section class=\"verdict").nth(1).unwrap();
        panel.split("</section>").next().unwrap().to_owned()
    };
    let covered = |complete: bool, unscanned: serde_json::Value| json!({"complete": complete, "filesScanned": 1, "unscanned": unscanned});
    let taken_at_its_word = told(&[("ALLOW_PASS_WITHOUT_COVERAGE", "true")], [0; 4], json!(null));
    assert!(taken_at_its_word.contains(">PASS<"), "{taken_at_its_word}");
    assert!(!taken_at_its_word.contains("was read"), "{taken_at_its_word}");
    assert!(taken_at_its_word.contains("did not tell what it read"), "{taken_at_its_word}");
    assert!(
        told(&[], [0; 4], covered(true, json!([])))
            .contains("Everything that can hold code was read")
    );
    for nothing_listed in [json!(null), covered(false, json!([]))] {
        let told = told(&[], [0; 4], nothing_listed);
        assert!(told.contains(">INCOMPLETE<"), "{told}");
        assert!(!told.contains("listed") && !told.contains("repaired"), "{told}");
        assert!(told.contains("registry's admin can scan again"), "{told}");
    }
    let listed =
        told(&[], [0; 4], covered(false, json!([{"file": "a.js", "reason": "too large"}])));
    assert!(listed.contains("What was not read is listed"), "{listed}");
    let many = told(&[], [0, 50, 0, 0], covered(true, json!([])));
    assert!(many.contains(">FAIL<") && many.contains("publish the new commit"), "{many}");
}

#[test]
fn a_block_by_hand_shows_what_it_rests_on_and_asks_for_no_repair_that_nobody_named() {
    let (h, ids) = Harness::published();
    for (id, provider) in ids.iter().zip(PROVIDERS).take(2) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let entry = json!({"skillName": NAME, "sourceUrl": REPO, "threatType": "crypto-<miner", "severity": "high", "reason": "steals",
        "evidenceUrls": ["https://proof.example/1?a=b", "http://plain.example/2"]});
    let (status, answer) = h.admin("POST", "blocklist", &entry);
    assert_eq!(status, 201, "{answer}");
    let hostile = "UPDATE blocklist_entry SET evidence_urls = json_insert(evidence_urls, '$[#]', 'javascript:alert(1)')";
    h.db().execute(hostile).unwrap();
    let body = page(&h).body;
    let banner = body.split("aria-labelledby=\"blocked\"").nth(1).unwrap();
    let banner = banner.split("</section>").next().unwrap();
    for part in [
        "high",
        "crypto-&lt;miner",
        "href=\"https://proof.example/1?a=b\" rel=\"nofollow noopener\"",
        "rel=\"nofollow noopener\"",
        "An admin of the registry set it by hand",
        "lift the block",
    ] {
        assert!(banner.contains(part), "{part} in {banner}");
    }
    for part in ["plain.example", "javascript:", "Repair what was found", "<miner"] {
        assert!(!banner.contains(part), "{part} in {banner}");
    }
}

#[test]
fn a_severity_is_read_only_where_it_is_used() {
    let (h, _) = Harness::published();
    for (path, status) in
        [("", 200), ("/security", 200), ("/security/history", 200), ("/security/semgrep", 400)]
    {
        let target = format!("/skills/{NAME}{path}?severity=worst");
        assert_eq!(h.fetch("GET", &target, &[]).status, status, "{target}");
    }
}

#[test]
fn the_links_of_a_list_keep_the_length_that_was_asked_for() {
    let (h, _) = Harness::published();
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    let show = |target: &str| h.fetch("GET", target, &[]).body;
    let history = format!("/skills/{NAME}/security/history");
    assert!(show(&format!("{history}?limit=2")).contains("?limit=2&amp;cursor="));
    let audits = show("/audits?limit=1");
    assert!(audits.contains("href=\"/audits?limit=1&amp;cursor="), "{audits}");
    assert!(!audits.contains("Show all"), "nothing is filtered: {audits}");
    let link = audits.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let second = show(&link.replace("&amp;", "&"));
    assert!(second.contains("href=\"/audits?limit=1\">First page"), "{second}");
    let tools = show("/audits?limit=1&q=tool");
    assert!(tools.contains("href=\"/audits?q=tool&amp;limit=1&amp;cursor="), "{tools}");
    let (_, answer) = h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT})));
    assert!(answer["scans"].is_array());
    for at in 0..60 {
        let name = format!("s{at}/other");
        h.publish(&json!({"name": name, "repoUrl": "https://github.com/else/tool"}));
    }
    assert!(show("/audits").contains("href=\"/audits?cursor="), "none where none was asked for");
}

#[test]
fn a_choice_that_is_cut_says_so_and_leads_to_the_search() {
    let h = Harness::new();
    let publish = |at: usize| {
        let name = format!("owner{at:02}/tool");
        h.publish(&json!({"name": name, "repoUrl": format!("https://github.com/owner{at}/tool")}));
    };
    let listed = || {
        let body = h.fetch("GET", "/skills/tool", &[]).body;
        (body.matches("from https://github.com/").count(), body.contains("href=\"/audits?q=tool\""))
    };
    (0..20).for_each(publish);
    assert_eq!(listed(), (20, false));
    publish(20);
    assert_eq!(listed(), (20, true));
    let (_, answer) = h.get("/api/v1/skills/tool/security");
    assert_eq!(answer["candidates"].as_array().unwrap().len(), 20);
}

#[test]
fn what_is_downloaded_has_a_name_that_says_what_it_is() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    let body = h.fetch("GET", &format!("/skills/{NAME}/security/semgrep"), &[]).body;
    for end in ["sarif", "json"] {
        let file = format!("download=\"owner-repo-tool-semgrep-{}.{end}\"", &COMMIT[..7]);
        assert!(body.contains(&file), "{file} in {body}");
    }
}

#[test]
fn a_pass_of_another_commit_is_grey_in_the_history_too() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [0; 4]));
    let of = |path: &str| h.fetch("GET", &format!("/skills/{NAME}/security{path}"), &[]).body;
    let green =
        |body: &str| body.split("<dl class=\"meanings\"").next().unwrap().contains("chip pass");
    assert!(green(&of("")) && green(&of("/history")));
    h.publish(&with(tool(), &json!({"commitSha": OTHER_COMMIT, "providers": ["njsscan"]})));
    assert!(!green(&of("")), "{}", of(""));
    assert!(!green(&of("/history")));
}

#[test]
fn every_page_tells_what_it_is_where_its_address_is_shared() {
    let (h, ids) = Harness::published();
    h.callback(&result(&ids[0], "semgrep", [1, 0, 0, 0]));
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    let skill = |rest: &str| format!("/skills/{NAME}{rest}");
    for path in
        ["", "/security", "/security/semgrep", "/security/history"].map(skill).into_iter().chain(
            [
                "/",
                "/audits",
                "/rules",
                "/rules/agents",
                "/rules/detection",
                "/docs",
                "/admin",
                "/skills/tool",
                "/skills/tool/security",
            ]
            .map(str::to_owned),
        )
    {
        let response = h.fetch("GET", &path, &[]);
        assert_eq!(response.status, 200, "{path}");
        let head = response.body.split("</head>").next().unwrap();
        let told = |property: &str| {
            let start = format!("<meta property=\"{property}\" content=\"");
            head.split(&start)
                .nth(1)
                .unwrap_or_else(|| panic!("{property} of {path}: {head}"))
                .split('"')
                .next()
                .unwrap()
        };
        assert!(!told("og:title").is_empty() && !told("og:description").is_empty(), "{path}");
        let url = format!("https://skills.example{path}");
        assert_eq!(told("og:url"), url);
        assert!(head.contains(&format!("<link rel=\"canonical\" href=\"{url}\">")), "{head}");
    }
}
