//! What axe-core says of every page in every state: nothing, on a light screen, a dark one and a phone.

use super::{
    admin::open_desk,
    chromium::Chromium,
    hostile,
    page::{Look, Page},
    scenes,
};
use crate::harness::{Bench, tools};
use std::{fs, time::Instant};

/// Runs axe in the page, past its policy, and sums up what it found.
fn run(look: Look) -> String {
    // In the dark, only colours are others than in the light.
    let only =
        if look == Look::Dark { ", runOnly: ['color-contrast', 'link-in-text-block']" } else { "" };
    format!(
        "axe.run(document, {{resultTypes: ['violations']{only}}}).then(found => found.violations.map(v => \
         v.id + ' (' + v.impact + '): ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ': ' + n.failureSummary).join('; ')))"
    )
}

const OPEN_ALL: &str =
    "document.querySelectorAll('details').forEach(folded => { folded.open = true; }); true";

/// What axe finds on the page as it stands, and what reaches beyond the screen.
fn faults(page: &Page<'_>, axe: &str, look: Look) -> Vec<String> {
    page.look(look);
    let run = run(look);
    let judge = || {
        // What is folded is not drawn, and axe judges only what is.
        page.try_eval(OPEN_ALL)?;
        if page.try_eval("typeof axe")? == "undefined" {
            page.try_eval(axe)?;
        }
        page.try_eval(&run)
    };
    // A page that waits for a scan may look again in the middle of it.
    let found = judge().or_else(|_| judge()).unwrap();
    let found = found.as_array().unwrap().iter().map(|fault| fault.as_str().unwrap().to_owned());
    let overflow = page.overflow();
    let wide = (overflow != 0).then(|| format!("{overflow} pixels beyond the screen"));
    found.chain(wide).collect()
}

#[test]
fn axe_finds_no_fault_on_any_page_in_any_state_in_light_in_dark_and_on_a_phone() {
    let axe = fs::read_to_string(&tools().worker.node.axe).unwrap() + ";true";
    let chromium = Chromium::launch();
    let page = chromium.page();
    let bench = Bench::alone(scenes::with_a_brake);
    let mut all = Vec::new();
    let mut looked = 0;
    let mut look_at = |name: &str| {
        for look in Look::ALL {
            let found = faults(&page, &axe, look);
            all.extend(found.into_iter().map(|fault| format!("{name}, {}: {fault}", look.name())));
            looked += 1;
        }
        // The narrowest that WCAG asks for (1.4.10): nothing to scroll sideways.
        page.look_at(Look::Phone, 844, 320);
        let overflow = page.overflow();
        if overflow != 0 {
            all.push(format!("{name}: {overflow} pixels beyond a screen of 320"));
        }
    };
    let began = Instant::now();
    let open = |path: &str| page.open(&bench.stack.client.url(path));
    for scene in scenes::empty() {
        open(&scene.path);
        look_at(scene.name);
    }
    scenes::stage(&bench);
    for scene in scenes::all() {
        open(&scene.path);
        look_at(scene.name);
    }
    open_desk(&page, &bench);
    look_at("admin-open");
    for path in hostile::stage(&bench) {
        open(&path);
        look_at(&path);
    }
    println!("{looked} looks in {:.1} s", began.elapsed().as_secs_f64());
    assert!(all.is_empty(), "{}", all.join("\n"));
}
