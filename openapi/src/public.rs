//! What everybody may ask.

use crate::{
    examples::{
        AT, COMMIT, FAILED_SCAN, NAME, REPO, entry, failed_row, history_scan, sarif, scan,
        security, with,
    },
    operation::{Kept, Operation},
    schemas::{any_object, any_text},
};
use serde_json::{Value, json};
use skillgate_contract::{
    api::{
        AuditsAnswer, CheckAnswer, Health, HistoryAnswer, InstallsAnswer, ScanDetail, SearchAnswer,
        SecurityAnswer, SkillAnswer,
    },
    schema::BlocklistAnswer,
};

pub(crate) fn operations() -> Vec<Operation> {
    [installer(), badges(), service()].concat()
}

fn installer() -> Vec<Operation> {
    let check = json!({
        "blocked": true, "entry": entry(), "rejected": false, "tainted": false, "findings": 1, "commitSha": COMMIT,
        "reportUrl": "/skills/owner/repo/tool/security",
    });
    vec![
        Operation::new("get", "/api/v1/skills/{name}/security", "getSecurity", "installer", "A skill's security")
            .about("Overall: FAIL if any tool failed it, else PENDING while one may still answer, else PASS only if every tool passed the \
                published commit, else TIMED_OUT. A bare name that several skills end in is PENDING, with `ambiguous` and `candidates`. \
                An unknown skill is 404 and never a PASS. Where the database does not answer, a FAIL of this very name comes from a copy, with \
                `stale`, `Age` and `Warning`, and of the tools that did not fail it says nothing (PENDING); all else is 503.")
            .skill()
            .answers::<SecurityAnswer>("200", "What each tool says.", security())
            .kept(Kept::Tagged),
        Operation::new("get", "/api/v1/skills/{name}/security/{provider}", "getScan", "installer", "One tool's newest scan, with findings")
            .about("As JSON, or as SARIF 2.1.0 by `Accept: application/sarif+json` or `?format=sarif`. A SARIF run whose scan has no \
                verdict has `executionSuccessful: false`: that it lists nothing proves nothing.")
            .skill()
            .provider()
            .parameter("query", "format", "Instead of `Accept`.", &json!({"type": "string", "enum": ["json", "sarif"]}), None)
            .refuses("400", "BadRequest")
            .refuses("409", "Conflict")
            .answers::<ScanDetail>("200", "The scan.", scan())
            .answers_as("200", "The scan.", "application/sarif+json", any_object, sarif())
            .kept(Kept::Tagged),
        Operation::new("get", "/api/v1/skills/{name}/security/history", "getHistory", "installer", "Every scan of a skill, newest first")
            .skill()
            .paged("^[1-9][0-9]{0,14}$")
            .refuses("409", "Conflict")
            .answers::<HistoryAnswer>("200", "A page of scans.", json!({"scans": [history_scan()], "nextCursor": null}))
            .links("200")
            .kept(Kept::Tagged),
        Operation::new("get", "/api/v1/skills/{name}", "getSkill", "installer", "A skill as it is published")
            .skill()
            .refuses("409", "Conflict")
            .answers::<SkillAnswer>("200", "The skill, with what its scans say.", json!({
                "name": NAME, "repoUrl": REPO, "commitSha": COMMIT, "version": "1.4.0", "skillPath": null, "updatedAt": AT,
                "blocked": true, "certTier": null, "tier": "BLOCKED", "security": security(),
            }))
            .kept(Kept::Tagged),
        Operation::new("get", "/api/v1/audits", "getAudits", "installer", "The newest scans of all skills")
            .about("Latest first; in a search, in the order of names. With filters a page may be shorter than its limit, even empty, and still \
                have a next one.")
            .parameter("query", "provider", "Only this tool's.", &json!({"$ref": "#/components/schemas/Provider"}), None)
            .parameter("query", "status", "Only of this exact status.", &json!({"$ref": "#/components/schemas/ScanStatus"}), None)
            .parameter("query", "q", "Only of skills of whose name each of these words begins a word.", &json!({"type": "string"}), None)
            .paged("^([1-9][0-9]{0,14}|[a-z0-9]{1,100}~[A-Za-z0-9._/-]{1,302}~[0-2])$")
            .answers::<AuditsAnswer>("200", "A page of scans.", json!({
                "scans": [with(failed_row(), json!({
                    "skillName": NAME, "scanId": FAILED_SCAN, "repoUrl": REPO, "createdAt": AT, "current": true,
                    "reportUrl": "/skills/owner/repo/tool/security",
                }))],
                "nextCursor": null,
            }))
            .links("200")
            .kept(Kept::Tagged),
        Operation::new("get", "/api/v1/blocklist", "getBlocklist", "installer", "Every blocked skill")
            .about("Served from a copy, marked with `Age` and `Warning`, where the database does not answer, and for two minutes behind a change of a list over 1 MiB.")
            .answers::<BlocklistAnswer>("200", "The list.", json!({"entries": [entry()], "count": 1, "lastUpdated": AT}))
            .kept(Kept::Tagged),
        Operation::new("get", "/api/v1/blocklist/check", "checkBlocklist", "installer", "Whether an installation is blocked")
            .about("An entry matches a name (bare or full, in any case) and, where `repoUrl` is given, its source. Where the database does \
                not answer, `blocked: true` comes from a copy of the list, with `stale`, `Age` and `Warning`; all else is 503.")
            .parameter("query", "name", "The skill's name, bare or full.", &json!({"$ref": "#/components/schemas/SkillName"}), Some("tool"))
            .required_query()
            .parameter("query", "repoUrl", "Where the code comes from.", &json!({"$ref": "#/components/schemas/RepoUrl"}), Some(REPO))
            .refuses("400", "BadRequest")
            .answers::<CheckAnswer>("200", "Whether to stop.", check)
            .kept(Kept::Tagged),
        Operation::new("get", "/api/v1/skills/search", "searchSkills", "installer", "Find skills by the words of their names")
            .about("Each word of `q` must begin a word of the name, in any case.")
            .parameter("query", "q", "Words, or their beginnings.", &json!({"type": "string"}), Some("to"))
            .limit(100, 20)
            .answers::<SearchAnswer>("200", "What was found.", json!({
                "results": [{
                    "name": NAME, "author": "owner", "repoUrl": REPO, "commitSha": COMMIT, "version": "1.4.0", "installs": 0,
                    "reportUrl": "/skills/owner/repo/tool/security", "ownerSlug": "owner", "repoSlug": "repo", "skillSlug": "tool",
                    "vskillInstalls": 0, "isBlocked": true, "certTier": null, "tier": "BLOCKED",
                }],
                "pagination": {"limit": 20, "hasMore": false},
            }))
            .kept(Kept::Tagged),
        Operation::new("post", "/api/v1/skills/{name}/installs", "countInstall", "installer", "Tell that a skill was installed")
            .about("Answered at once, whatever comes of it. A skill counts one install a second at most.")
            .skill()
            .never_unavailable()
            .refuses("413", "TooLarge")
            .answers::<InstallsAnswer>("202", "Heard.", json!({"ok": true, "counted": 1})),
        Operation::new("post", "/api/v1/skills/installs", "countInstalls", "installer", "Tell that several skills were installed")
            .about("The first 50 names, or objects with a name, of a list under `skills`, `installs` or `names`; anything else is ignored.")
            .any_body(vec![
                ("objects", json!({"skills": [{"skillName": NAME, "repoUrl": REPO}]})),
                ("names", json!({"names": [NAME, "unknown"]})),
            ])
            .never_unavailable()
            .refuses("400", "BadRequest")
            .answers::<InstallsAnswer>("202", "Heard.", json!({"ok": true, "counted": 1})),
    ]
}

fn badges() -> Vec<Operation> {
    let shield = |_: &mut crate::schemas::Schemas| -> Value {
        json!({
            "type": "object", "required": ["schemaVersion", "label", "message", "color", "isError"],
            "properties": {
                "schemaVersion": {"const": 1}, "label": {"type": "string"}, "message": {"type": "string"},
                "color": {"type": "string", "enum": ["#10B981", "#EF4444", "#6B7280"]}, "isError": {"type": "boolean"},
            },
        })
    };
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"107\" height=\"20\" role=\"img\" aria-label=\"semgrep: FAIL\">…</svg>";
    vec![
        Operation::new("get", "/api/v1/skills/{name}/badge/{provider}", "getBadge", "badges", "A badge, for a README")
            .about("Green is PASS at the published commit, red is FAIL, all else is grey. What is not known is a grey `unknown` with 200, since \
                an image must show something. Kept for 5 minutes, but not while PENDING.")
            .parameter("path", "name", "The skill's name; what is none is unknown.", &json!({"type": "string"}), Some(NAME))
            .parameter("path", "provider", "A tool, or `overall`.", &json!({"type": "string"}), Some("semgrep"))
            .parameter("query", "format", "`json` is the form that shields.io reads.", &json!({"type": "string", "enum": ["svg", "json"]}), None)
            .refuses("400", "BadRequest")
            .never_unavailable()
            .answers_as("200", "The badge.", "image/svg+xml", any_text, svg.into())
            .answers_as("200", "The badge.", "application/json", shield,
                json!({"schemaVersion": 1, "label": "semgrep", "message": "FAIL", "color": "#EF4444", "isError": false}))
            .kept(Kept::Tagged),
    ]
}

fn service() -> Vec<Operation> {
    let health = json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "checks": {"d1": "ok", "kv": "ok", "limits": "ok"}, "oldestUnsentSeconds": 0, "oldestPendingSeconds": 42, "databaseBytes": 734_003_200, "databasePercent": 7});
    vec![
        Operation::new("get", "/api/v1/health", "getHealth", "service", "Whether the service works")
            .answers::<Health>("200", "The database answers; without the cache the service is slower, not down.", health)
            .never_unavailable()
            .answers::<Health>("503", "The database does not answer.",
                json!({"status": "degraded", "version": env!("CARGO_PKG_VERSION"), "checks": {"d1": "failing", "kv": "ok", "limits": "ok"}, "oldestUnsentSeconds": null, "oldestPendingSeconds": null, "databaseBytes": null, "databasePercent": null})),
        Operation::new("get", "/openapi.json", "getOpenApi", "service", "This document")
            .answers_as("200", "OpenAPI 3.1.", "application/json", any_object, json!({"openapi": "3.1.0"}))
            .never_unavailable()
            .kept(Kept::Tagged),
    ]
}
