//! What scanners do: the queue, and signed results.

use crate::{
    examples::{AT, COMMIT, NAME, REPO, WAITING_SCAN, callbacks, with},
    operation::{Caller, Operation},
};
use serde_json::{Value, json};
use skillgate_contract::{
    api::{
        CallbackAnswer, ClaimAnswer, ClaimRequest, HeartbeatAnswer, PendingAnswer, ReleaseAnswer,
    },
    callback::CALLBACK_PATH,
    schema::CallbackBody,
};

pub(crate) fn operations() -> Vec<Operation> {
    let tag = "scanner";
    let claim = || vec![("usual", json!({"scanId": WAITING_SCAN, "claimedBy": "scanner-1"}))];
    vec![
        Operation::new("get", "/api/v1/internal/pending-sast-scans", "getPending", tag, "What waits for a scanner")
            .about("PENDING, RUNNING without a sign of life for 15 minutes, and TIMED_OUT that is not given up. Source owners take turns, first scans of a commit go before re-scans, and of one owner the oldest is first.")
            .by(Caller::Scanner)
            .limit(50, 50)
            .answers::<PendingAnswer>("200", "At most 50 scans.", json!({"scans": [pending()]})),
        Operation::new("post", "/api/v1/internal/claim-sast-scan", "claimScan", tag, "Claim a scan")
            .about("Exactly one of many claimers gets it. The answer has the `attempt` to report with and the key to sign with; without a heartbeat the claim holds for 15 minutes.")
            .by(Caller::Scanner)
            .body::<ClaimRequest>(claim())
            .refuses("404", "NotFound")
            .refuses("409", "RefusedClaim")
            .answers::<ClaimAnswer>("200", "The scan, now the caller's own.", json!({
                "ok": true, "scan": with(pending(), json!({"attempt": 1, "callbackSecret": "0f".repeat(32)})),
            })),
        Operation::new("post", "/api/v1/internal/heartbeat-sast-scan", "keepScan", tag, "Keep a claim")
            .by(Caller::Scanner)
            .body::<ClaimRequest>(claim())
            .refuses("404", "NotFound")
            .refuses("409", "RefusedClaim")
            .answers::<HeartbeatAnswer>("200", "It is kept.", json!({"ok": true, "expiresAt": AT})),
        Operation::new("post", "/api/v1/internal/release-sast-scan", "releaseScan", tag, "Hand a claim back")
            .by(Caller::Scanner)
            .body::<ClaimRequest>(claim())
            .refuses("404", "NotFound")
            .refuses("409", "RefusedClaim")
            .answers::<ReleaseAnswer>("200", "It is free for others.", json!({"ok": true})),
        Operation::new("post", CALLBACK_PATH, "reportScan", tag, "Report a result")
            .about("Signed over the raw bytes. The worker draws score and verdict from the counts itself. The exact repeat of a report answers \
                the same and changes nothing.")
            .by(Caller::Signer)
            .body::<CallbackBody>(callbacks())
            .refuses_because("404", "Not found", "There is no such skill or scan.", "no such scan")
            .refuses_because("409", "Conflict", "The scan has another result, is of another commit, or this attempt was overtaken.", "the scan has another result")
            .answers::<CallbackAnswer>("200", "Believed. `applied` is false where nothing changed.",
                json!({"ok": true, "scanId": WAITING_SCAN, "status": "PASS", "applied": true})),
    ]
}

fn pending() -> Value {
    json!({
        "id": WAITING_SCAN, "skillName": NAME, "repoUrl": REPO, "skillPath": null, "provider": "njsscan", "commitSha": COMMIT,
        "callbackUrl": "https://skills.example/api/v1/webhooks/scan-results", "dispatchedAt": null, "attempt": 0,
    })
}
