//! The log: its form, its levels, and the id that an answer shows.

use crate::harness::{ADMIN, Harness, NAME, admin_request, request, result, tool, with};
use serde_json::{Value as Json, json};
use skillgate_contract::{Provider, text};
use skillgate_worker::{
    dispatch,
    log::{Level, Line},
    router, scheduled,
};

/// Whether a line has the form of docs/logging.md. The harness asks this of every line of every test.
pub(crate) fn assert_form(line: &Line) {
    let json = line.json();
    assert!(!json.chars().any(text::is_hidden_or_control), "{json}");
    let read: Json = serde_json::from_str(json).unwrap();
    let level = match line.level() {
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    let start = format!(
        r#"{{"time":{},"level":"{level}","event":{},"requestId":{},"#,
        read["time"], read["event"], read["requestId"]
    );
    let end = format!(r#""message":{}}}"#, read["message"]);
    assert!(json.starts_with(&start) && json.ends_with(&end), "{json}");
    assert_eq!(read["requestId"].as_str().unwrap().len(), 32);
    for (name, value) in read.as_object().unwrap() {
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
        assert!(value.is_number() || value.as_str().unwrap().chars().count() <= 500, "{name}");
    }
}

fn ids(h: &Harness) -> Vec<String> {
    let lines = h.world.lines.borrow();
    let lines = lines.iter().map(|line| serde_json::from_str::<Json>(line).unwrap());
    lines.map(|line| line["requestId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_line_of_a_request_has_the_id_that_its_answer_shows_also_after_the_answer() {
    let h = Harness::new();
    h.scanners().all_down(true);
    let app = h.app();
    let publish = admin_request("POST", "skills/publish", &tool());
    let handled = pollster::block_on(router::handle(&app, &publish));
    let shown = handled.response.header("x-request-id").unwrap().to_owned();
    assert_eq!(ids(&h), [""; 0]);
    // What the platform awaits once the answer is out.
    pollster::block_on(dispatch::send(&app, handled.to_send));
    let failed = h.events("dispatch.failed");
    let scans = Provider::ALL.len();
    assert_eq!((failed.len(), ids(&h)), (scans, vec![shown; scans]));
    assert_eq!((&failed[0]["level"], &failed[0]["attempt"]), (&json!("warn"), &json!(1)));
    assert_eq!((&failed[0]["provider"], &failed[0]["skill"]), (&json!("semgrep"), &json!(NAME)));
    assert!(failed[0]["scanId"].is_string() && failed[0]["repo"].is_string());
}

#[test]
fn the_page_of_a_failure_shows_the_id_of_its_line() {
    let h = Harness::new();
    h.db().go_down();
    let accept = [("accept", "text/html")];
    let pages = [h.fetch("GET", "/", &accept), h.fetch("GET", "/audits", &accept)];
    let shown = pages.each_ref().map(|page| page.header("x-request-id").unwrap().to_owned());
    assert_eq!(ids(&h), shown);
    assert_ne!(shown[0], shown[1]);
    for (page, id) in pages.iter().zip(&shown) {
        assert_eq!(page.status, 503);
        assert!(page.body.contains(&format!("<code>{id}</code>")), "{}", page.body);
    }
    for line in h.events("database.failed") {
        assert_eq!(line["level"], "warn");
        assert!(line["message"].as_str().unwrap().contains("Network connection lost"), "{line}");
    }
}

#[test]
fn the_lines_of_one_run_of_the_scheduled_handler_share_an_id() {
    let h = Harness::new();
    h.db().go_down();
    let app = h.app();
    pollster::block_on(scheduled::run_scheduled(&app));
    let ids = ids(&h);
    assert!(ids.len() > 3 && ids.iter().all(|id| **id == *app.request_id), "{ids:?}");
}

#[test]
fn what_others_send_stays_inside_of_one_value_and_is_cut() {
    let h = Harness::new();
    let forged = "\n{\"level\":\"error\",\"event\":\"scan.given_up\"}\u{1b}[31m\u{202e}";
    let long = format!("{forged}{}", "x".repeat(9_000));
    for base in ["https://a.example:9500", "https://b.example:9500"] {
        h.scanners().answers(base, Ok((500, &long)));
    }
    h.publish(&with(tool(), &json!({"providers": ["semgrep"]})));
    h.run_sends();
    let failed = h.events("dispatch.failed");
    assert_eq!((failed.len(), h.alarms()), (1, Vec::new()));
    assert!(failed[0]["message"].as_str().unwrap().contains("\"scan.given_up\""), "{}", failed[0]);
}

#[test]
fn no_credential_of_a_request_is_in_the_log() {
    let h = Harness::with(&[("ADMIN_TOKEN", "")]);
    let shown = format!("Bearer {ADMIN}");
    let headers = [("authorization", shown.as_str()), ("x-internal-key", "wrong-key")];
    for target in ["/api/v1/admin/dispatches", "/api/v1/internal/pending-sast-scans"] {
        h.send_request(&request("GET", target, &headers, Vec::new()));
    }
    h.callback_by("wrong-secret", &result("unknown", "semgrep", [0; 4]));
    assert_eq!(h.events("endpoint.closed")[0]["message"], "ADMIN_TOKEN is not configured");
    assert_eq!(h.events("callback.refused").len(), 1);
    for secret in [ADMIN, "wrong-key", "wrong-secret"] {
        assert!(!h.log().contains(secret), "{}", h.log());
    }
}
