//! The admin's page: who gets in, what is seen and done there, and where the token does not go.

use super::{chromium::Chromium, page::Page, scenes};
use crate::harness::Bench;
use serde_json::json;

/// Opens the admin's page with the right token, typed in.
pub(super) fn open_desk(page: &Page<'_>, bench: &Bench) {
    page.open(&bench.stack.client.url("/admin"));
    page.fill("#token", &bench.stack.secrets.admin);
    page.press("Enter");
    page.wait_for("!document.getElementById('desk').hidden");
}

/// What a table shows.
fn rows(page: &Page<'_>, table: &str) -> String {
    let text = format!("document.getElementById('{table}').innerText");
    page.eval(&text).as_str().unwrap().to_owned()
}

/// Opens nothing with another token.
fn refused(page: &Page<'_>, bench: &Bench) {
    page.open(&bench.stack.client.url("/admin"));
    page.fill("#token", "not-the-token");
    page.press("Enter");
    page.wait_for("document.getElementById('said').textContent.startsWith('401')");
    assert_eq!(page.eval("document.getElementById('desk').hidden"), true);
    assert_eq!((rows(page, "events"), rows(page, "entries")), (String::new(), String::new()));
}

#[test]
fn only_the_token_opens_the_desk_where_a_lift_needs_a_reason_and_the_token_stays_nowhere() {
    let bench = Bench::alone(scenes::with_a_brake);
    scenes::stage(&bench);
    let chromium = Chromium::launch();
    let stranger = chromium.page();
    refused(&stranger, &bench);
    let page = chromium.page();
    open_desk(&page, &bench);
    let waiting = rows(&page, "waiting");
    assert!(
        waiting.contains(scenes::PENDING) && waiting.contains("503 Service Unavailable"),
        "{waiting}"
    );
    let entries = rows(&page, "entries");
    assert!(entries.contains("active") && entries.contains("proposed"), "{entries}");
    assert!(entries.contains("semgrep found 2 critical findings"), "{entries}");
    assert!(rows(&page, "events").contains("scan.result"));

    // Without a reason nothing is lifted.
    let row = format!(
        "[...document.querySelectorAll('#entries tr')].find(r => r.innerText.includes('{}'))",
        scenes::BLOCKED
    );
    page.eval(&format!("{row}.id = 'theirs'"));
    page.click("#theirs button");
    let standing = "SELECT count(*) FROM blocklist_entry WHERE state = 'withdrawn'";
    page.wait_for("document.getElementById('said').textContent === 'A reason is needed.'");
    assert_eq!(bench.count(standing), 0);

    let reason = "read by two of us: <b>inert</b> samples";
    page.fill("#theirs input", reason);
    page.click("#theirs button");
    page.wait_for("document.getElementById('said').textContent.startsWith('Lift: ')");
    assert_eq!(bench.count(standing), 1);
    let events = rows(&page, "events");
    assert!(events.contains("blocklist.lifted") && events.contains(reason), "{events}");
    let check = bench.stack.client.check("setup-helper", None).unwrap().json();
    assert_eq!(check["blocked"], false, "{check}");

    page.fill("#again-name", scenes::PASSED);
    page.press("Enter");
    page.wait_for(&format!(
        "document.getElementById('said').textContent.startsWith('{}: semgrep ')",
        scenes::PASSED
    ));

    no_trace(&page, &bench);
    page.click("#close");
    page.wait_for("document.getElementById('desk').hidden && document.readyState === 'complete'");
    assert_eq!(rows(&page, "events"), "");
    assert_eq!(page.mischief(&bench.stack.worker.base_url()), Vec::<String>::new());
}

/// The token is in no storage, cookie, address or element.
fn no_trace(page: &Page<'_>, bench: &Bench) {
    let token = &bench.stack.secrets.admin;
    let kept = page.eval(
        "(async () => [localStorage.length, sessionStorage.length, document.cookie, history.state, window.name,
            (await indexedDB.databases()).length, await caches.keys(),
            [...document.querySelectorAll('input')].map(i => i.value).filter(v => v.length > 50)])()",
    );
    assert_eq!(kept, json!([0, 0, "", null, "", 0, [], []]));
    let html = page.eval("document.documentElement.outerHTML");
    assert!(!html.as_str().unwrap().contains(token.as_str()));
    assert!(!page.address().contains(token.as_str()));
    let requests = page.events();
    let urls = requests.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    let mut with_it = 0;
    for request in urls {
        let request = &request["params"]["request"];
        assert!(!request["url"].as_str().unwrap().contains(token.as_str()));
        assert!(!request["postData"].to_string().contains(token.as_str()));
        with_it += usize::from(request["headers"].to_string().contains(token.as_str()));
    }
    assert!(with_it > 5, "it is sent as a header");
}
