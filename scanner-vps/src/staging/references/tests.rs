//! Paths in texts of every kind.

use super::*;
use proptest::prelude::*;

fn named(path: &str, text: &str) -> Vec<(Kind, String)> {
    path_references(path.as_bytes(), text).into_iter().map(|m| (m.kind, m.path)).collect()
}

#[test]
fn a_path_is_found_however_it_is_written() {
    use Kind::{Called, Entered, Module, Named};
    for (file, text, kind, path) in [
        ("SKILL.md", "Run `bash ../../tools/setup.sh`.", Called, "../../tools/setup.sh"),
        ("SKILL.md", "bash tools/setup.sh", Called, "tools/setup.sh"),
        ("SKILL.md", "| `../../a/b.py` | x |", Named, "../../a/b.py"),
        ("SKILL.md", "[guide](../../shared/my%20guide.md#top)", Named, "../../shared/my guide.md"),
        ("SKILL.md", "See ../../shared/guide.md.", Named, "../../shared/guide.md"),
        ("SKILL.md", "@../shared/guide.md", Named, "../shared/guide.md"),
        ("SKILL.md", "bash \"../../my tools/setup.sh\"", Called, "../../my tools/setup.sh"),
        ("SKILL.md", "node ${CLAUDE_PLUGIN_ROOT}/scripts/x.js", Called, "scripts/x.js"),
        ("SKILL.md", "python \"$ROOT/scripts/x.py\" a", Called, "scripts/x.py"),
        ("SKILL.md", "{baseDir}/scripts/x.py", Called, "scripts/x.py"),
        ("SKILL.md", "cd ../../tools && ./setup", Entered, "../../tools"),
        ("SKILL.md", "cd tools && bash setup.sh", Called, "setup.sh"),
        ("a.sh", ". ../lib.sh", Called, "../lib.sh"),
        ("a.sh", "source \"$(dirname \"$0\")/../lib.sh\"", Called, "../lib.sh"),
        ("a.sh", "PATH=../../bin:$PATH", Named, "../../bin"),
        ("a.js", "require(\"../../lib/x\")", Called, "../../lib/x"),
        ("a.js", "import x from '../lib/x.js'", Called, "../lib/x.js"),
        ("a.js", "path.join(__dirname, '..', '..', 'lib', 'x.js')", Named, "../../lib/x.js"),
        ("a.js", "spawn(`${__dirname}/../x.js`)", Called, "../x.js"),
        ("a.js", "f(__dirname + \"/../x.js\")", Named, "../x.js"),
        ("a.js", "f('../' + '../tools/x.js')", Named, "../../tools/x.js"),
        ("a.py", "ROOT.parents[2] / \"tools\" / \"x.py\"", Named, "tools/x.py"),
        ("a.py", "subprocess.run([\"bash\", \"tools/x.sh\"])", Called, "tools/x.sh"),
        ("a.py", "from ..lib.b import c as d", Module, "../lib/b/c"),
        ("a.py", "from ..lib.b import c", Module, "../lib/b"),
        ("a.py", "import a.b as c, d", Module, "a/b"),
        ("a.py", "from . import x", Module, "x"),
        ("a.ps1", "& ..\\..\\tools\\x.ps1", Named, "../../tools/x.ps1"),
        ("a.bat", "call %~dp0..\\..\\tools\\x.bat", Called, "../../tools/x.bat"),
        ("a.json", "{\"command\": \"node ../x.js\"}", Called, "../x.js"),
    ] {
        let found = named(file, text);
        assert!(found.contains(&(kind, path.to_owned())), "{text}: {found:?}");
    }
}

#[test]
fn addresses_homes_and_options_are_no_paths() {
    for text in [
        "curl https://vendor.example/tools/setup.sh",
        "cat ~/.ssh/config",
        "--input/x",
        "e.g. and so on",
        "import",
    ] {
        assert_eq!(named("SKILL.md", text), [], "{text}");
    }
    assert_eq!(named("SKILL.md", "setup.sh"), [], "a bare name is one only in a command");
}

proptest! {
    #[test]
    fn any_text_is_read_and_no_path_is_absolute(
        name in "[a-z]\\.(md|py|js|sh)",
        text in "([a-z.$%@~{}()<>\"'`\\\\+,é ]|\n|/|\\.\\./|import |from |cd |bash ){0,60}",
    ) {
        for mention in path_references(name.as_bytes(), &text) {
            prop_assert!(!mention.path.starts_with('/'), "{:?}", mention);
        }
    }

    #[test]
    fn a_relative_path_in_a_command_is_found_as_it_stands(
        up in 1usize..5, path in "[a-z0-9_-]{1,8}(/[a-z0-9_-]{1,8}){0,3}\\.(sh|py|js)",
        runner in "(bash|node|python3|source)", quote in "[\"'`]?",
    ) {
        let path = "../".repeat(up) + &path;
        let found = named("SKILL.md", &format!("Do {runner} {quote}{path}{quote} now"));
        prop_assert!(found.contains(&(Kind::Called, path)), "{:?}", found);
    }
}
