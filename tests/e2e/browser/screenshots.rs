//! Pictures of every page in every state; `cargo xtask screenshots` says where they are.

use super::{
    admin::open_desk,
    chromium::Chromium,
    hostile,
    page::{Look, Page},
    scenes::{self, Scene},
};
use crate::harness::{Bench, workspace};
use std::{fs, path::Path};

#[test]
#[ignore = "for looking at: cargo xtask screenshots"]
fn screenshots() {
    let folder = xtask::screenshots::folder(&workspace());
    fs::create_dir_all(&folder).unwrap();
    let chromium = Chromium::launch();
    let page = chromium.page();
    let bench = Bench::alone(scenes::with_a_brake);
    take_all(&page, &bench, &folder, &scenes::empty());
    scenes::stage(&bench);
    take_all(&page, &bench, &folder, &scenes::all());
    open_desk(&page, &bench);
    each_look(&page, &folder, "admin-open");
    for_the_readme(&page, &bench, &folder);
    let bench = Bench::alone(|_| {});
    for (at, path) in hostile::stage(&bench).iter().enumerate() {
        take(&page, &bench, &folder, &format!("hostile-{at:02}"), path);
    }
}

/// The few that stand in docs/screenshots: smaller, so that they may.
fn for_the_readme(page: &Page<'_>, bench: &Bench, folder: &Path) {
    let folder = folder.join("readme");
    fs::create_dir_all(&folder).unwrap();
    let report = format!("/skills/{}/security", scenes::BLOCKED);
    let findings = format!("{report}/semgrep?severity=critical");
    let pending = format!("/skills/{}/security", scenes::PENDING);
    for (name, look, width, height, path, from) in [
        ("blocked", Look::Light, 960, 700, report.as_str(), "body"),
        ("findings", Look::Dark, 960, 560, &findings, "#findings"),
        ("audits", Look::Light, 1060, 560, "/audits", "body"),
        ("pending", Look::Phone, 390, 700, &pending, "body"),
    ] {
        page.look_at(look, height, width);
        page.open(&bench.stack.client.url(path));
        let top = format!("document.querySelector('{from}').getBoundingClientRect().top + scrollY");
        let top = (page.eval(&top).as_f64().unwrap() - 16.0).max(0.0);
        page.screenshot_of(&folder.join(format!("{name}.png")), top, height.into());
    }
}

fn take_all(page: &Page<'_>, bench: &Bench, folder: &Path, scenes: &[Scene]) {
    for scene in scenes {
        take(page, bench, folder, scene.name, &scene.path);
    }
}

fn take(page: &Page<'_>, bench: &Bench, folder: &Path, name: &str, path: &str) {
    page.look(Look::Light);
    page.open(&bench.stack.client.url(path));
    each_look(page, folder, name);
}

fn each_look(page: &Page<'_>, folder: &Path, name: &str) {
    for look in Look::ALL {
        page.look(look);
        page.screenshot(&folder.join(format!("{name}-{}.png", look.name())));
    }
}
