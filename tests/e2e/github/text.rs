//! What the text of the workflows must be, whatever a run does.

use crate::harness::workspace;
use std::fs;

/// The first major version of each action that runs on a Node that GitHub's runners still have (24).
const MAJORS: &[(&str, u32)] = &[
    ("actions/checkout", 5),
    ("actions/setup-go", 6),
    ("actions/cache", 5),
    ("actions/cache/restore", 5),
    ("actions/cache/save", 5),
    ("actions/upload-artifact", 6),
    ("actions/download-artifact", 7),
    ("actions/attest-build-provenance", 3),
];

#[test]
fn every_action_is_pinned_and_of_a_node_that_runners_have() {
    for entry in fs::read_dir(workspace().root().join(".github/workflows")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for used in text.lines().filter_map(|line| line.split_once("uses: ")).map(|(_, u)| u) {
            let (pinned, version) = used.split_once(" # v").unwrap();
            let (action, commit) = pinned.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{used}");
            let least = MAJORS.iter().find(|(known, _)| *known == action);
            let (_, least) = least.unwrap_or_else(|| panic!("which Node does {action} want?"));
            let major: u32 = version.split('.').next().unwrap().parse().unwrap();
            assert!(major >= *least, "{}: {used}", path.display());
        }
    }
}
