//! From what a skill's files say to what is read beside them.

use super::*;
use crate::staging::{links::choose, tree_index::tests::tree};
use proptest::prelude::*;
use skillgate_contract::Provider;

/// Reads `files` (path and text; `a -> b` is a link) from the skill at `s/p`, hop by hop, and says
/// what was added, and which notes there are.
fn reached(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let lines: Vec<_> = files.iter().map(|(path, _)| *path).collect();
    let (index, entries) = tree(&lines);
    let folder = b"s/p".as_slice();
    let own: Vec<_> = entries.into_iter().filter(|e| is_below(&e.path, folder)).collect();
    let chosen = choose(Provider::Semgrep, &index, Some(folder), &own).files;
    let mut references = ReferenceClosure::new(index, folder, &chosen);
    let mut added = Vec::new();
    let mut now = chosen;
    for hop in 0..=MAX_HOPS {
        for file in &now {
            let real = std::str::from_utf8(&file.real).unwrap();
            let text = files.iter().find(|(path, _)| *path == real).unwrap().1;
            references.read(&file.path, text.as_bytes());
        }
        now = references.take();
        if hop == MAX_HOPS {
            break;
        }
        added.extend(now.iter().map(|f| String::from_utf8(f.path.clone()).unwrap()));
    }
    let notes = references.end(&now).into_iter().map(|told| told.reason).collect();
    added.sort();
    (added, notes)
}

fn added(files: &[(&str, &str)]) -> Vec<String> {
    let (added, notes) = reached(files);
    assert_eq!(notes, [""; 0]);
    added
}

#[test]
fn what_a_skill_calls_is_read_with_it() {
    for (text, expected) in [
        ("bash ../../tools/setup.sh", &["tools/setup.sh"][..]),
        ("bash tools/setup.sh", &["tools/setup.sh"]),
        ("`tools/setup.sh`", &["tools/setup.sh"]),
        ("bash ${CLAUDE_PLUGIN_ROOT}/tools/setup.sh", &["tools/setup.sh"]),
        ("cd ../.. && bash tools/setup.sh", &["tools/setup.sh"]),
        ("cd ../../tools\nbash setup.sh", &["tools/other.py", "tools/setup", "tools/setup.sh"]),
        ("See [notes](../../docs/notes.md).", &["docs/notes.md"]),
        ("pip install ../../tools", &["tools/other.py", "tools/setup", "tools/setup.sh"]),
        ("node ../../tools/setup", &["tools/setup", "tools/setup.sh"]),
        ("bash ../link/setup.sh", &["tools/setup.sh"]),
        ("bash ../../\"tools\"/set'up'.sh", &["tools/setup.sh"]),
        ("bash ../../t\\ools/setup.sh", &["tools/setup.sh"]),
        ("bash ../../tools/se*.sh", &["tools/other.py", "tools/setup", "tools/setup.sh"]),
        ("bash ../../tools/set$X.sh", &["tools/other.py", "tools/setup", "tools/setup.sh"]),
        ("Read *../../tools/setup.sh* first.", &["tools/setup.sh"]),
        ("python3 -m tools.other", &["tools/other.py"]),
        ("require('../none/../../tools/setup.sh')", &["tools/setup.sh"]),
        ("cd tools && bash setup.sh", &["tools/setup.sh"]),
        ("cd tools && ./setup", &["tools/setup", "tools/setup.sh"]),
        ("cd docs && bash ../tools/setup.sh", &["tools/setup.sh"]),
        ("Run the linter on `tools/`.", &[]),
        ("import { x } from '../tools/other'", &[]),
        ("docs/notes.md has more.", &[]),
        ("The types are in `src/index.ts`.", &[]),
        ("node src/index.ts", &["src/index.ts"]),
        ("![logo](../../docs/logo.png)", &[]),
        ("cd ../.. && ls", &[]),
        ("bash ../../../tools/setup.sh", &[]),
        ("bash /tools2/setup.sh", &[]),
        ("https://vendor.example/tools/setup.sh", &[]),
        ("bash scripts/own.sh", &[]),
    ] {
        let found = added(&[
            ("s/p/SKILL.md", text),
            ("s/p/scripts/own.sh", ""),
            ("s/link -> ../tools", ""),
            ("s/q/SKILL.md", ""),
            ("tools/setup.sh", ""),
            ("tools/setup", ""),
            ("tools/other.py", ""),
            ("tools/data.csv", ""),
            ("docs/notes.md", ""),
            ("docs/logo.png", ""),
            ("README.md", ""),
            ("src/index.ts", ""),
        ]);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn calls_are_followed_from_file_to_file() {
    let found = added(&[
        ("s/p/SKILL.md", "python3 scripts/a.py"),
        ("s/p/scripts/a.py", "from lib import x\nimport os\nrun(['node', '../../../lib/b.js'])"),
        ("lib/x.py", "from . import y"),
        ("lib/y.py", ""),
        ("lib/b.js", "require('./c'); import('./d.js')"),
        ("lib/c/index.ts", "import z from '../e.js'"),
        ("lib/d.ts", ""),
        ("lib/e.ts", ""),
        ("lib/unrelated.js", ""),
    ]);
    assert_eq!(
        found,
        ["lib/b.js", "lib/c/index.ts", "lib/d.ts", "lib/e.ts", "lib/x.py", "lib/y.py"]
    );
}

#[test]
fn a_text_that_a_skill_points_to_adds_what_it_runs_and_not_what_it_mentions() {
    let found = added(&[
        ("s/p/SKILL.md", "See ../../README.md"),
        ("README.md", "- [q](s/q/SKILL.md)\n- `src/index.ts`\n\n    bash install/run.sh\n"),
        ("s/q/SKILL.md", "bash scripts/q.sh"),
        ("s/q/scripts/q.sh", ""),
        ("src/index.ts", ""),
        ("install/run.sh", ""),
    ]);
    assert_eq!(found, ["README.md", "install/run.sh"]);
}

#[test]
fn a_decoy_in_the_skill_does_not_hide_what_is_called() {
    let found = added(&[
        ("s/p/SKILL.md", "cd ../.. && bash tools/setup.sh"),
        ("s/p/tools/setup.sh", ""),
        ("tools/setup.sh", ""),
    ]);
    assert_eq!(found, ["tools/setup.sh"]);
}

#[test]
fn what_a_link_leads_to_calls_from_where_it_lies() {
    let found = added(&[
        ("s/p/run.js -> ../../lib/run.js", ""),
        ("lib/run.js", "require('./helper')"),
        ("lib/helper.js", ""),
    ]);
    assert_eq!(found, ["lib/helper.js"]);
}

#[test]
fn limits_are_told() {
    let many: Vec<_> = (0..=MAX_FILES).map(|n| format!("lib/f{n}.js")).collect();
    let mut files = vec![("s/p/SKILL.md", "cp -r ../../lib .")];
    files.extend(many.iter().map(|path| (path.as_str(), "")));
    let (found, notes) = reached(&files);
    assert_eq!(found.len(), MAX_FILES);
    let reason = "the skill calls more files outside of its folder than the limit of 1000";
    assert_eq!(notes, [reason]);

    let chain: Vec<_> =
        (0..20).map(|n| (format!("lib/{n}.sh"), format!("bash ./{}.sh", n + 1))).collect();
    let mut files = vec![("s/p/SKILL.md", "bash ../../lib/0.sh")];
    files.extend(chain.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let (found, notes) = reached(&files);
    assert_eq!(found.len(), MAX_HOPS);
    assert_eq!(notes, ["the skill calls it by way of more than 8 other files"]);

    let (found, notes) = reached(&[("s/p/SKILL.md", "bash ../../sub/x.sh"), ("sub @", "")]);
    assert_eq!((found.len(), notes), (0, vec!["a submodule: the skill calls a file in it".into()]));
}

proptest! {
    #[test]
    fn only_files_of_the_commit_are_added_each_once_and_none_of_the_skill(
        paths in proptest::collection::btree_set("(s/p|s|t|t/u)/[abc]\\.(sh|py|md|js)", 1..12),
        texts in proptest::collection::vec(
            "(bash |cd |\\.\\./|\\./|s/|t/|u/|[abc]\\.(sh|py|js|md)| |\n|import [abc]\n){0,12}", 12),
    ) {
        let files: Vec<_> = paths.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
        let (found, _) = reached(&files);
        let mut once = found.clone();
        once.dedup();
        prop_assert_eq!(&once, &found);
        for path in found {
            prop_assert!(paths.contains(&path) && !path.starts_with("s/p/"), "{}", path);
        }
    }
}

#[test]
fn links_that_multiply_their_own_folders_are_a_gap() {
    let links: Vec<_> =
        (0..30).map(|n| format!("L{n} -> {}L{}", "x/../".repeat(800), n + 1)).collect();
    let mut files = vec![("s/p/SKILL.md", "bash ../../L0/a.sh"), ("x/a.sh", "true")];
    files.extend(links.iter().map(|link| (link.as_str(), "")));
    let reason = "it calls a file over more folders and links than are followed";
    assert_eq!(reached(&files), (vec![], vec![reason.to_owned()]));
}
