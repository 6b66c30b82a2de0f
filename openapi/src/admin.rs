//! What the registry's admins do.

use crate::{
    examples::{
        AT, FAILED_SCAN, NAME, REPO, WAITING_SCAN, admin_entry, publish_request, published, with,
    },
    operation::{Caller, Operation},
};
use serde_json::{Value, json};
use skillgate_contract::api::{
    AddEntry, AdminEntry, DispatchesAnswer, EntriesAnswer, EventsAnswer, LiftEntry, PublishAnswer,
    PublishRequest, ScanAgainRequest,
};

pub(crate) fn operations() -> Vec<Operation> {
    let tag = "admin";
    // An empty value, as forms send it, asks for nothing.
    let or_empty = |schema: &str| json!({"anyOf": [{"$ref": format!("#/components/schemas/{schema}")}, {"const": ""}]});
    let action = json!({"type": "string", "pattern": "^[a-z._]{0,60}$"});
    vec![
        Operation::new("post", "/api/v1/admin/skills/publish", "publishSkill", tag, "Publish a skill, and have it scanned")
            .about("One atomic step: the skill, a scan for each tool that has none active, and the hour's budget. Without `commitSha`, the commit \
                is resolved once. A known name with another repository is refused, unless `move` is true.")
            .by(Caller::Admin)
            .body::<PublishRequest>(vec![
                ("usual", publish_request()),
                ("one of many in its repository", json!({"name": "owner/many/pdf", "repoUrl": "https://github.com/owner/many", "skillPath": "skills/pdf", "providers": ["semgrep"]})),
            ])
            .refuses("409", "Conflict")
            .answers::<PublishAnswer>("202", "Written down; scans are on their way.", published("skipped")),
        Operation::new("post", "/api/v1/admin/scan-external", "scanAgain", tag, "Scan a skill again")
            .about("One tool, or all of them. With `force`, a scan that is under way is ended.")
            .by(Caller::Admin)
            .body::<ScanAgainRequest>(vec![
                ("one tool", json!({"name": NAME, "provider": "semgrep"})),
                ("all, at once", json!({"name": NAME, "force": true})),
            ])
            .refuses("404", "NotFound")
            .answers::<PublishAnswer>("202", "Written down; scans are on their way.", published("dispatched")),
        Operation::new("get", "/api/v1/admin/dispatches", "getDispatches", tag, "What waits to be sent, and why")
            .by(Caller::Admin)
            .answers::<DispatchesAnswer>("200", "At most 100 scans, the oldest first.", json!({
                "waiting": [{
                    "scanId": WAITING_SCAN, "skillName": NAME, "provider": "njsscan", "status": "PENDING", "attempt": 1, "failures": 1,
                    "error": "connection refused", "dueAt": AT, "dispatchedAt": AT, "createdAt": AT,
                }],
                "failingScanners": [{
                    "url": "https://scanner.example", "failures": 1, "error": "connection refused", "failedAt": AT, "skipUntil": AT,
                }],
            })),
        Operation::new("get", "/api/v1/admin/blocklist", "getEntries", tag, "Every blocklist entry, in every state")
            .by(Caller::Admin)
            .paged("^[0-9]{1,15}\\.[A-Za-z0-9_-]{1,64}$")
            .answers::<EntriesAnswer>("200", "A page of entries, newest first.", json!({"entries": [admin_entry("active")], "nextCursor": null}))
            .links("200"),
        Operation::new("post", "/api/v1/admin/blocklist", "addEntry", tag, "Block a skill, or confirm a proposed entry")
            .about("Without `sourceUrl` the name is blocked wherever it comes from. A bare name with a source that fits one published skill is that skill's. A standing entry of the same name and source takes it in.")
            .by(Caller::Admin)
            .body::<AddEntry>(vec![
                ("by hand", json!({
                    "skillName": "owner/repo/other", "threatType": "typosquat", "severity": "high", "reason": "Looks like another skill.",
                    "evidenceUrls": ["https://reports.example/1"],
                })),
                ("one source", json!({
                    "skillName": NAME, "sourceUrl": REPO, "threatType": "malware", "severity": "critical", "reason": "Sends keys away.",
                })),
            ])
            .answers::<AdminEntry>("201", "The entry as it stands.", with(admin_entry("active"), by_hand())),
        Operation::new("delete", "/api/v1/admin/blocklist/{id}", "liftEntry", tag, "Lift an entry, or drop a proposed one")
            .about("Nothing is deleted. With `version`, an entry that got more evidence meanwhile is left alone.")
            .parameter("path", "id", "The entry's id.", &json!({"$ref": "#/components/schemas/ScanId"}), Some(FAILED_SCAN))
            .by(Caller::Admin)
            .body::<LiftEntry>(vec![("reviewed", json!({"reason": "Reviewed by hand: the download is pinned and checked."}))])
            .refuses_because("404", "Not found", "There is no such entry, or it is lifted.", "no standing entry has this id")
            .refuses("409", "Conflict")
            .answers::<AdminEntry>("200", "The entry as it stands.", admin_entry("withdrawn")),
        Operation::new("get", "/api/v1/admin/audit-events", "getAuditEvents", tag, "What happened, and who did it")
            .by(Caller::Admin)
            .parameter("query", "skill", "Only of this skill, by its full name.", &or_empty("SkillName"), None)
            .parameter("query", "action", "Only of this kind.", &action, None)
            .parameter("query", "scanId", "Only of this scan.", &or_empty("ScanId"), None)
            .paged("^[1-9][0-9]{0,14}$")
            .answers::<EventsAnswer>("200", "A page of events, newest first.", json!({
                "events": [{
                    "id": 7, "at": AT, "actor": "scanner", "action": "scan.result", "skillName": NAME, "scanId": FAILED_SCAN,
                    "detail": {"status": "FAIL", "criticalCount": 1},
                }],
                "nextCursor": null,
            }))
            .links("200"),
    ]
}

fn by_hand() -> Value {
    json!({
        "skillName": "owner/repo/other", "sourceUrl": null, "threatType": "typosquat", "severity": "high",
        "reason": "Looks like another skill.", "statedReason": "Looks like another skill.", "evidence": {},
        "evidenceUrls": ["https://reports.example/1"], "discoveredBy": "admin", "commitSha": null, "reportUrl": null,
    })
}
