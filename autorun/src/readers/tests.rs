//! The work that a folder costs, in readings of its files: bounded, whatever an author writes into it.

use super::{BYTES_OF_A_READING, MAX_BYTES_AGAIN, Reader, paths::MAX_PATHS};
use crate::{Entry, Folder, Inventory, MAX_FILE_BYTES, UnreadReason};
use proptest::prelude::*;

const MANIFEST: &str = ".claude-plugin/plugin.json";

fn folder<'a>(files: impl IntoIterator<Item = (String, String)>) -> Folder<'a> {
    let mut folder = Folder::new();
    for (path, text) in files {
        let entry = match text.strip_prefix("-> ") {
            Some(target) => Entry::Link(target.to_owned().into()),
            None => Entry::File(text.into_bytes().into()),
        };
        folder.insert(path, entry);
    }
    folder
}

/// The inventory, the number of readings, and the bytes that were read again.
fn read(folder: &Folder<'_>) -> (Inventory, usize, usize) {
    let names = folder.names();
    let mut reader = Reader::new(folder, &names);
    reader.all();
    (reader.out.into_inventory(), reader.readings.values().sum(), reader.again)
}

fn list(paths: impl IntoIterator<Item = String>) -> String {
    paths.into_iter().map(|path| format!("\"{path}\"")).collect::<Vec<_>>().join(",")
}

fn is_cut(found: &Inventory, file: &str) -> bool {
    found.unread.iter().any(|unread| unread.file == file && unread.reason == UnreadReason::TooMany)
}

#[test]
fn a_file_that_a_list_names_again_and_again_is_read_once_for_each_agent() {
    let again = list((0..80_000).map(|_| "./c.md".to_owned()));
    for (key, name) in [
        ("commands", "c.md"),
        ("hooks", "c.json"),
        ("mcpServers", "c.json"),
        ("lspServers", "c.json"),
    ] {
        let own = again.replace("c.md", name);
        let files = folder([
            (MANIFEST.to_owned(), format!(r#"{{"name": "p", "{key}": [{own}]}}"#)),
            (name.to_owned(), "{\"a\": \"!`b`\"}".to_owned()),
        ]);
        let (found, readings, _) = read(&files);
        assert!(found.unread.is_empty(), "{key}: {:?}", found.unread);
        // The manifest, and the file for Claude Code and for Codex.
        assert!((2..=3).contains(&readings), "{key}: {readings}");
    }
}

#[test]
fn a_list_of_more_paths_than_the_limit_leaves_the_manifest_unread() {
    for (key, end) in
        [("commands", "md"), ("hooks", "json"), ("mcpServers", "json"), ("lspServers", "json")]
    {
        let with = |count: usize| {
            let names: Vec<String> = (0..count).map(|index| format!("f{index}.{end}")).collect();
            let own = list(names.iter().map(|name| format!("./{name}")));
            let manifest = format!(r#"{{"name": "p", "{key}": [{own}]}}"#);
            let files = names.into_iter().map(|name| (name, "{}".to_owned()));
            read(&folder(files.chain([(MANIFEST.to_owned(), manifest)])))
        };
        assert!(!is_cut(&with(MAX_PATHS).0, MANIFEST), "{key}");
        let (found, readings, _) = with(MAX_PATHS * 8);
        assert!(is_cut(&found, MANIFEST), "{key}");
        assert!(readings <= 2 * MAX_PATHS + 3, "{key}: {readings}");
    }
}

#[test]
fn the_manifests_above_are_parsed_once_for_all_that_lies_below() {
    let above = (0..8).map(|depth| format!("{}{MANIFEST}", "a/".repeat(depth)));
    let leaves = (0..500).map(|leaf| format!("{}l{leaf}/{MANIFEST}", "a/".repeat(8)));
    let files = folder(above.chain(leaves).map(|path| (path, r#"{"name": "p"}"#.to_owned())));
    let (found, readings, _) = read(&files);
    assert!(found.unread.is_empty());
    // Each manifest for itself, and the eight above for their gate.
    assert_eq!(readings, 508 + 8);
}

#[test]
fn a_skill_with_many_names_is_read_once() {
    let links = (0..1_000).map(|link| (format!("l{link}/SKILL.md"), "-> ../c".to_owned()));
    let skill = ("c".to_owned(), "---\nname: a\n---\n!`b`\n".to_owned());
    let (found, readings, _) = read(&folder(links.chain([skill])));
    assert_eq!((found.entries.is_empty(), readings), (false, 1));
}

#[test]
fn what_many_names_and_many_manifests_lead_to_is_read_again_within_the_limit() {
    let large = format!("{{{}}}", " ".repeat(MAX_FILE_BYTES - 2));
    let links = (0..200).map(|link| (format!("l{link}/.cursor/mcp.json"), "-> ../../c".to_owned()));
    let (found, readings, again) = read(&folder(links.chain([("c".to_owned(), large)])));
    assert!(is_cut(&found, "c"));
    assert_eq!(readings, 1 + MAX_BYTES_AGAIN / (MAX_FILE_BYTES + BYTES_OF_A_READING));
    assert!(again > MAX_BYTES_AGAIN);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Any number of plugins that name each other's files: no more readings than files and their names ask for.
    #[test]
    fn readings_grow_with_the_folder_and_not_with_what_it_says(
        plugins in prop::collection::vec((0_usize..4, prop::collection::vec(0_usize..6, 0..40)), 1..6),
        key in prop::sample::select(vec!["commands", "hooks", "mcpServers", "lspServers"]),
    ) {
        let shared = (0..6).map(|name| (format!("f{name}.json"), "{}".to_owned()));
        let manifests = plugins.iter().enumerate().map(|(index, (depth, names))| {
            let base = format!("{}p{index}", "a/".repeat(*depth));
            let up = "../".repeat(depth + 1);
            let own = list(names.iter().map(|name| format!("{up}f{name}.json")));
            (format!("{base}/{MANIFEST}"), format!(r#"{{"name": "p", "{key}": [{own}]}}"#))
        });
        let (found, readings, _) = read(&folder(shared.chain(manifests)));
        prop_assert!(found.unread.is_empty());
        prop_assert!(readings <= plugins.len() * (2 + 2 * 6), "{}", readings);
    }
}
