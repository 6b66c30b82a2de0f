//! Pictures of every page in every state; `cargo xtask screenshots` says where they are.

use super::{
    admin::open_desk,
    chromium::Chromium,
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
    take(&page, &bench, &folder, &scenes::empty());
    scenes::stage(&bench);
    take(&page, &bench, &folder, &scenes::all());
    open_desk(&page, &bench);
    each_look(&page, &folder, "admin-open");
    for_the_readme(&page, &bench, &folder);
}

/// The few that stand in docs/screenshots: smaller, so that they may.
fn for_the_readme(page: &Page<'_>, bench: &Bench, folder: &Path) {
    let folder = folder.join("readme");
    fs::create_dir_all(&folder).unwrap();
    for (name, look, height, width, path) in [
        ("blocked", Look::Light, 700, 960, format!("/skills/{}/security", scenes::BLOCKED)),
        (
            "findings",
            Look::Dark,
            700,
            960,
            format!("/skills/{}/security/semgrep?severity=critical", scenes::BLOCKED),
        ),
        ("audits", Look::Light, 560, 1060, "/audits".to_owned()),
        ("pending", Look::Phone, 700, 390, format!("/skills/{}/security", scenes::PENDING)),
    ] {
        page.look_at(look, height, width);
        page.open(&bench.stack.client.url(&path));
        page.screenshot_to(&folder.join(format!("{name}.png")), height.into());
    }
}

fn take(page: &Page<'_>, bench: &Bench, folder: &Path, scenes: &[Scene]) {
    for scene in scenes {
        page.look(Look::Light);
        page.open(&bench.stack.client.url(&scene.path));
        each_look(page, folder, scene.name);
    }
}

fn each_look(page: &Page<'_>, folder: &Path, name: &str) {
    for look in Look::ALL {
        page.look(look);
        page.screenshot(&folder.join(format!("{name}-{}.png", look.name())));
    }
}
