//! The import rules of the scanner's rooms (the top-level modules of `src`), held by a test.
//!
//! A room is `src/NAME.rs` and `src/NAME/`. Tests may import anything, so their code is left out.
//! Circles between rooms are refused; inside one room files may import each other.

use skillgate_contract::Provider;
use skillgate_tidy::{Rule, Source, circles, code, graph, grouped, module, without_tests};
use std::path::Path;

/// What a room must not import. Circles are refused for all rooms beside these.
const RULES: [Rule; 5] = [
    Rule {
        name: "git imports no staging, tools, scan, server, cli, delivery",
        of: "src/git",
        allowed: &[],
        forbidden: &["staging", "tools", "scan", "server", "cli", "delivery"],
    },
    Rule {
        name: "staging imports no tools, scan, server, cli, delivery",
        of: "src/staging",
        allowed: &[],
        forbidden: &["tools", "scan", "server", "cli", "delivery"],
    },
    Rule {
        name: "tools import no scan, server, cli, delivery",
        of: "src/tools",
        allowed: &[],
        forbidden: &["scan", "server", "cli", "delivery"],
    },
    Rule {
        name: "log imports no delivery, server, cli",
        of: "src/log",
        allowed: &[],
        forbidden: &["delivery", "server", "cli"],
    },
    Rule {
        name: "exec imports no git, staging, tools, scan, server, cli, delivery",
        of: "src/exec",
        allowed: &[],
        forbidden: &["git", "staging", "tools", "scan", "server", "cli", "delivery"],
    },
];

/// The file with the list of tools: the only one outside of a tool's own files that names providers.
const LIST_OF_TOOLS: &str = "src/tools/mod.rs";

/// Each provider of the list of tools, and what the paths of its own files begin with.
fn own_files() -> Vec<(&'static str, String)> {
    include_str!("../src/tools/mod.rs")
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Provider::")?.split_once(" => &"))
        .filter_map(|(provider, tool)| Some((provider, tool.split_once("::")?.0)))
        .map(|(provider, module)| (provider, format!("src/tools/{module}")))
        .collect()
}

/// The room of a file.
fn room(path: &str) -> String {
    module(path).into_iter().next().unwrap_or_default()
}

/// Every broken rule, in words.
fn faults(sources: &[Source]) -> Vec<String> {
    let mut sources = without_tests(sources);
    sources.retain(|source| !["src/main.rs", "src/lib.rs"].contains(&source.path.as_str()));
    let broken = sources.iter().flat_map(|source| RULES.iter().flat_map(|r| r.faults(source)));
    let mut faults: Vec<String> = broken.map(|fault| fault.to_string()).collect();
    for circle in circles(&grouped(&graph(&sources), room)) {
        faults.push(format!("rooms import each other: {}", circle.join(" <-> ")));
    }
    let own = own_files();
    for source in sources.iter().filter(|source| source.path != LIST_OF_TOOLS) {
        let (path, code) = (&source.path, code(&source.text));
        for (provider, own) in &own {
            if code.contains(&format!("Provider::{provider}")) && !path.starts_with(own) {
                faults.push(format!("{path}: names Provider::{provider} outside of {own}"));
            }
        }
    }
    faults
}

#[test]
fn the_rooms_of_the_scanner_keep_their_import_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = skillgate_tidy::sources(root, "src", &["rs"]).unwrap();
    assert!(sources.len() > 100, "{}", sources.len());
    let faults = faults(&sources);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_list_of_tools_names_every_provider() {
    let listed: Vec<_> = own_files().into_iter().map(|(provider, _)| provider).collect();
    let made_up = usize::from(!cfg!(feature = "fourth-provider"));
    assert_eq!(listed.len(), Provider::COUNT + made_up, "{listed:?}");
}

#[test]
fn a_broken_rule_is_found_in_made_up_sources() {
    let of = |files: &[(&str, &str)]| {
        faults(&files.iter().map(|(path, text)| Source::new(path, text)).collect::<Vec<_>>())
    };
    for (file, code, fault) in [
        (
            "src/git/clone.rs",
            "use crate::scan::Source;",
            "git imports no staging, tools, scan, server, cli, delivery, but names crate::scan::Source",
        ),
        (
            "src/git/clone.rs",
            "use crate::{\n    exec::{self, Run},\n    staging::X,\n};",
            "but names crate::staging::X",
        ),
        ("src/staging/classify.rs", "fn f() { crate::tools::of(p) }", "but names crate::tools::of"),
        ("src/tools/start.rs", "use crate::server::Queue;", "but names crate::server::Queue"),
        ("src/log.rs", "use crate::delivery::Clock;", "but names crate::delivery::Clock"),
        (
            "src/scan.rs",
            "match p { Provider::Semgrep => 1 }",
            "src/scan.rs: names Provider::Semgrep",
        ),
        ("src/tools/njsscan.rs", "Provider::Trufflehog", "outside of src/tools/trufflehog"),
    ] {
        let found = of(&[(file, code)]);
        assert!(found.iter().any(|found| found.contains(fault)), "{file}: {found:?}");
    }
    let circle = [
        ("src/a.rs", "use crate::b::x::X;"),
        ("src/b/x.rs", "use crate::c;"),
        ("src/c.rs", "use crate::a::Y;"),
    ];
    assert_eq!(of(&circle), ["rooms import each other: a <-> b <-> c"]);
    assert_eq!(of(&circle[..2]), [""; 0]);

    for (file, code) in [
        (
            "src/git/clone.rs",
            "use crate::exec::Run;\n#[cfg(test)]\nmod tests {\n    use crate::tools;\n}",
        ),
        ("src/git/clone.rs", "// crate::scan::Source\nuse crate::git::X;"),
        ("src/tools/semgrep/profile.rs", "Provider::Semgrep"),
        ("src/tools/mod.rs", "match p { Provider::Semgrep => 1 }"),
    ] {
        assert_eq!(of(&[(file, code)]), [""; 0], "{file}");
    }
    let tests = [
        ("src/git/mod.rs", "#[cfg(test)]\npub(crate) mod testrepo;\nmod a;"),
        ("src/git/testrepo.rs", "use crate::scan::X;"),
    ];
    assert_eq!(of(&tests), [""; 0]);
    let tests = [
        ("src/git/mod.rs", "#[cfg(test)]\nmod b;\nmod a;"),
        ("src/git/a.rs", "use crate::scan::X;"),
    ];
    assert_eq!(
        of(&tests),
        [
            "src/git/a.rs:1: git imports no staging, tools, scan, server, cli, delivery, but names crate::scan::X"
        ]
    );
}
