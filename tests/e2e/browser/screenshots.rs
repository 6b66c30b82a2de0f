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
