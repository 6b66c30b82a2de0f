//! The report, for people.

use crate::harness::{
    COMMIT, Harness, NAME, OTHER_COMMIT, PROVIDERS, REPO, failed, result, tool, with,
};
use serde_json::json;
use skillgate_worker::http::Response;

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
        format!("href=\"{REPO}/commit/{sha}\" rel=\"nofollow noopener\">{}</a>", &sha[..7])
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
fn a_blocked_skill_says_so_and_why() {
    let (h, ids) = Harness::published();
    assert!(!page(&h).body.contains("Installation is blocked"));
    h.callback(&result(&ids[0], "semgrep", [2, 0, 0, 0]));
    let body = page(&h).body;
    assert!(body.contains("Installation is blocked. "));
    assert!(body.contains("semgrep found 2 critical findings, since "), "{body}");
}

#[test]
fn a_page_with_a_scan_under_way_looks_again_by_itself_and_a_finished_one_does_not() {
    let (h, ids) = Harness::published();
    assert!(page(&h).body.contains("http-equiv=\"refresh\""));
    for (id, provider) in ids.iter().zip(PROVIDERS) {
        h.callback(&result(id, provider, [0; 4]));
    }
    let body = page(&h).body;
    assert!(
        !body.contains("http-equiv=\"refresh\"") && body.contains("<p class=\"word\">PASS</p>"),
        "{body}"
    );
}

#[test]
fn the_worst_findings_are_shown_with_their_places() {
    let (h, ids) = Harness::published();
    let finding = |severity: &str, line: u32| {
        json!({"rule": "skillgate.reverse-shell.dev-tcp", "severity": severity, "message": "Opens a shell.",
               "file": "SKILL.md", "line": line, "code": "bash -i"})
    };
    let mut list: Vec<_> = (1..=20).map(|line| finding("low", line)).collect();
    list.push(finding("critical", 99));
    let report = with(result(&ids[0], "semgrep", [1, 0, 0, 20]), &json!({ "findings": list }));
    assert_eq!(h.callback(&report).0, 200);
    let body = page(&h).body;
    assert!(
        body.contains("<code>SKILL.md:99</code>")
            && body.contains("<pre tabindex=\"0\">bash -i</pre>")
    );
    assert_eq!(body.matches("skillgate.reverse-shell.dev-tcp").count(), 10);
    assert!(body.contains("The worst 10 of 21."), "{body}");
    assert!(body.contains(&format!("href=\"/api/v1/skills/{NAME}/security/semgrep\"")));
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
    let response = page(&h);
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"));
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
    let body = response.body;
    assert!(body.contains("&lt;script&gt;alert(1)"), "the text is shown, not run");
    for alive in ["<script", "<img", "javascript:", "\u{202e}", "\u{0}", "\"onload"] {
        assert!(!body.contains(alive), "{alive:?} in {body}");
    }
}

#[test]
fn a_bare_name_of_several_skills_is_a_choice() {
    let (h, _) = Harness::published();
    h.publish(&json!({"name": "else/tool", "repoUrl": "https://github.com/else/tool"}));
    let body = h.fetch("GET", "/skills/tool/security", &[]).body;
    assert!(body.contains("href=\"/skills/owner/repo/tool/security\""), "{body}");
    assert!(body.contains("href=\"/skills/else/tool/security\""));
}
