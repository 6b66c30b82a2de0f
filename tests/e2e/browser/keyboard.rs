//! Every page without a mouse.

use super::{admin::open_desk, chromium::Chromium, page::Page, scenes};
use crate::harness::Bench;
use serde_json::Value;

/// More than any page has to stop at.
const MOST_STOPS: usize = 800;

/// Notes what has the focus: whether it was there before, and whether a person sees that it is there.
const STOP: &str = "(() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    window.reached ??= new Set();
    const again = reached.has(e);
    reached.add(e);
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return {again, seen, html: e.outerHTML.slice(0, 200)};
})()";

/// What can be acted on and was not reached.
const MISSED: &str = "[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex=\"0\"]')]
    .filter(e => e.checkVisibility() && !e.disabled && !reached.has(e)).map(e => e.outerHTML.slice(0, 200))";

/// Goes through the page from its beginning; answers how many stops there were.
fn walk(page: &Page<'_>, name: &str) -> usize {
    // From the very beginning, wherever the focus was before.
    page.eval("window.reached = new Set(); document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); true");
    for stops in 0..MOST_STOPS {
        page.press("Tab");
        let stop = page.eval(STOP);
        if stop.is_null() || stop["again"] == true {
            assert_eq!(page.eval(MISSED), Value::Array(Vec::new()), "{name}: not reached by Tab");
            return stops;
        }
        assert_eq!(stop["seen"], true, "{name}: no focus to be seen: {stop}");
    }
    panic!("{name}: Tab never comes to an end");
}

#[test]
fn every_link_and_control_is_reached_by_tab_and_shows_that_it_is() {
    let bench = Bench::alone(scenes::with_a_brake);
    scenes::stage(&bench);
    let chromium = Chromium::launch();
    let page = chromium.page();
    page.open(&bench.stack.client.url("/audits"));
    skips(&page);
    for scene in scenes::all() {
        // A page that looks again by itself would lose its place in the middle of this.
        if scene.name.contains("-pending") || scene.name.contains("-running") {
            continue;
        }
        page.open(&bench.stack.client.url(&scene.path));
        let stops = walk(&page, scene.name);
        assert!(stops > 5, "{}: {stops} stops", scene.name);
    }
    page.open(
        &bench.stack.client.url(&format!("/skills/{}/security?refresh=off", scenes::PENDING)),
    );
    walk(&page, "security-pending-still");
    open_desk(&page, &bench);
    assert!(walk(&page, "admin-open") > 15);
}

/// The first stop leads past what all pages begin with.
fn skips(page: &Page<'_>) {
    page.press("Tab");
    assert_eq!(page.eval("document.activeElement.textContent"), "Skip to the content");
    assert_eq!(page.eval("document.activeElement.getBoundingClientRect().left >= 0"), true);
    page.press("Enter");
    page.wait_for("location.hash === '#main'");
    page.press("Tab");
    assert_eq!(page.eval("document.querySelector('main').contains(document.activeElement)"), true);
}
