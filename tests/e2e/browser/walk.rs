//! From a publish to the line that failed it, as an author goes.

use super::{
    chromium::Chromium,
    scenes::{self, COMMIT},
};
use crate::{harness::Bench, local::started};

const NAME: &str = "demo/tools/helper";

#[test]
fn an_author_sees_a_scan_become_a_verdict_without_touching_anything_and_finds_the_line() {
    let bench = Bench::alone(|_| {});
    let chromium = Chromium::launch();
    let page = chromium.page();
    let scans = bench.published(NAME, COMMIT);
    page.open(&bench.stack.client.url(&format!("/skills/{NAME}/security")));
    let text = page.text();
    assert!(text.contains("PENDING Not every tool has answered yet"), "{text}");
    assert!(text.contains("This page looks again every 5 seconds until it is done."), "{text}");

    // From here on nobody touches the page.
    bench.report(&started(&scans[0]));
    page.wait_for_text("RUNNING\n");
    bench.report(&scenes::malicious(&scans[0], NAME));
    for scan in &scans[1..] {
        bench.report(&scenes::clean(scan, NAME, COMMIT));
    }
    page.wait_for_text("FAIL Something was found that fails the published commit");
    let text = page.text();
    assert!(text.contains("Installation is blocked"), "{text}");
    assert!(!text.contains("looks again"), "a verdict stands still: {text}");

    page.click("article a[href$='/security/semgrep']");
    page.wait_for(
        "location.pathname.endsWith('/security/semgrep') && document.readyState === 'complete'",
    );
    page.wait_for_text("FAIL semgrep, score");
    let finding = "document.querySelector('.finding')";
    let first = page.eval(&format!("{finding}.innerText")).as_str().unwrap().to_owned();
    for part in [
        "critical",
        "skillgate.decode-exec.blob-pipe",
        "is not what a reader sees",
        "base64 -d | bash",
    ] {
        assert!(first.to_lowercase().contains(part), "{part}: {first}");
    }
    assert_eq!(
        page.eval(&format!("{finding}.querySelector('a.source').href")),
        format!("https://github.com/demo/tools/blob/{COMMIT}/SKILL.md#L14")
    );
    assert_eq!(
        page.eval(&format!(
            "getComputedStyle({finding}.querySelector('pre span'), '::before').content"
        )),
        "\"14\""
    );
    let commit = page.eval("document.querySelector('dl a.commit').textContent");
    assert_eq!(commit, COMMIT[..7]);

    // The rule's help, and the way back.
    page.click(".finding .rule > a");
    page.wait_for("location.pathname === '/rules/skillgate.decode-exec.blob-pipe' && !!document.querySelector('#reported')");
    assert_eq!(page.mischief(&bench.stack.worker.base_url()), Vec::<String>::new());
}

#[test]
fn a_reader_who_wants_peace_stops_the_page_and_sets_it_going_again() {
    let bench = Bench::alone(|_| {});
    let chromium = Chromium::launch();
    let page = chromium.page();
    bench.published(NAME, COMMIT);
    page.open(&bench.stack.client.url(&format!("/skills/{NAME}/security/njsscan")));
    page.click(".live a");
    page.wait_for("location.search === '?refresh=off' && document.readyState === 'complete'");
    page.wait_for_text("Look again by itself");
    page.click(".live a");
    page.wait_for("location.search === '' && document.readyState === 'complete'");
    page.wait_for_text("Stop that");
}
