//! The import rules of ARCHITECTURE.md, held to the sources.

use super::{assert_tidy, sources};
use skillgate_tidy::{Rule, Source, circles, code, graph};

/// Where a failure says that the rules are written.
const WRITTEN: &str = "rule of tests/it/tidy/rules.rs; see Import rules in ARCHITECTURE.md";

const RULES: [Rule; 5] = [
    Rule {
        name: "domain imports model only",
        of: "src/domain",
        allowed: &["domain", "model"],
        forbidden: &[],
    },
    Rule {
        name: "model imports nothing of the worker",
        of: "src/model",
        allowed: &["model"],
        forbidden: &[],
    },
    Rule {
        name: "the route table imports no handlers and no pages",
        of: "src/route",
        allowed: &[],
        forbidden: &["handlers", "pages", "router"],
    },
    Rule {
        name: "handlers do not import the router",
        of: "src/handlers",
        allowed: &[],
        forbidden: &["router", "scheduled"],
    },
    Rule {
        name: "pages import no store",
        of: "src/pages",
        allowed: &[],
        forbidden: &["store", "ports", "app", "handlers"],
    },
];

/// Words with which a statement of SQL begins.
const SQL: [&str; 4] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];

/// Makes the numbers of parameters out of their names.
const NUMBERS: &str = "src/store/sql/named.rs";

/// The crates that only the adapters to the platform may name.
const PLATFORM: [&str; 5] = ["worker::", "js_sys::", "wasm_bindgen::", "web_sys::", "getrandom::"];

fn faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |path: &str, line: usize, what: &str| {
        faults.push(format!("{path}:{line}: {what} ({WRITTEN})"));
    };
    for source in sources {
        let path = source.path.as_str();
        for broken in RULES.iter().flat_map(|rule| rule.faults(source)) {
            fault(path, broken.line, &broken.what);
        }
        if !path.ends_with(".rs") {
            continue;
        }
        if !path.starts_with("src/store/sql/") {
            for (at, line) in source.text.lines().enumerate() {
                let text = line.trim_start();
                let comment = text.starts_with("//");
                let begins =
                    |word: &&&str| text.contains(&format!("\"{word}")) || text.starts_with(**word);
                if let Some(word) = SQL.iter().find(begins).filter(|_| !comment) {
                    let what = format!("SQL text stands in src/store/sql only, but here is {word}");
                    fault(path, at + 1, &what);
                }
            }
        }
        if path.starts_with("src/store/") && path != NUMBERS {
            for (at, line) in source.text.lines().enumerate() {
                let numbers = |(at, _): (usize, &str)| {
                    line[at + 1..].starts_with(|c: char| c.is_ascii_digit())
                };
                if line.match_indices('?').any(numbers) {
                    fault(path, at + 1, "a parameter of SQL is written :name, not by its number");
                }
            }
        }
        if !path.starts_with("src/platform/") && path != "src/lib.rs" {
            for (at, line) in code(&source.text).lines().enumerate() {
                let names = |name: &&&str| {
                    line.match_indices(**name).any(|(at, _)| {
                        !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                    })
                };
                if let Some(name) = PLATFORM.iter().find(names) {
                    let what = format!("only src/platform names Cloudflare, but here is {name}");
                    fault(path, at + 1, &what);
                }
            }
        }
    }
    let rust: Vec<Source> = sources
        .iter()
        .filter(|source| source.path.ends_with(".rs") && source.path != "src/lib.rs")
        .cloned()
        .collect();
    for circle in circles(&graph(&rust)) {
        let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        // A folder's inner folders belong to it, and so does the file of the same name beside it.
        let inside = |top: &str| {
            circle
                .iter()
                .all(|path| path.starts_with(&format!("{top}/")) || *path == format!("{top}.rs"))
        };
        let held = circle.iter().any(|path| {
            let by_folder = folder(path);
            let by_file = path.strip_suffix(".rs").unwrap_or(path);
            by_folder != "src" && inside(&by_folder) || inside(by_file)
        });
        if !held {
            let first = circle.first().copied().unwrap_or_default();
            let what = format!("files import each other across folders: {}", circle.join(" <-> "));
            fault(first, 1, &what);
        }
    }
    faults
}

#[test]
fn the_worker_keeps_its_import_rules() {
    let sources = sources("src");
    assert!(sources.len() > 80, "the sources were not found");
    assert_tidy(&faults(&sources));
}

#[test]
fn each_rule_finds_what_breaks_it() {
    for (path, text, found) in [
        ("src/domain/a.rs", "use crate::store::ScanRow;", "domain imports model only"),
        (
            "src/domain/a.rs",
            "use crate::{\n    model::A,\n    ports::{Reply},\n};",
            "a.rs:3: domain",
        ),
        ("src/domain/a.rs", "fn f() -> crate::config::Config {}", "names crate::config::Config"),
        ("src/domain/a.rs", "use super::super::store::A;", "names crate::store::A"),
        ("src/model/a.rs", "use crate::error::AppError;", "model imports nothing of the worker"),
        ("src/route.rs", "use crate::{http, pages::Tab};", "the route table imports no handlers"),
        ("src/handlers/a.rs", "use crate::router;", "handlers do not import the router"),
        ("src/pages/a.rs", "use crate::store::{A};", "pages import no store"),
        ("src/handlers/a.rs", "const A: &str = \"SELECT 1\";", "SQL text stands in src/store/sql"),
        ("src/store/a.rs", "const A: &str = \"\\\nUPDATE skill\";", "a.rs:2: SQL text"),
        ("src/store/sql/a.rs", "const A: &str = \"SELECT ?1\";", "a.rs:1: a parameter of SQL"),
        ("src/handlers/a.rs", "use worker::Env;", "only src/platform names Cloudflare"),
        ("src/ports.rs", "fn f() { js_sys::Date::now(); }", "only src/platform names Cloudflare"),
    ] {
        let faults = faults(&[Source::new(path, text)]);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert!(faults[0].contains(found) && faults[0].contains(WRITTEN), "{text}: {faults:?}");
    }
}

#[test]
fn what_keeps_the_rules_is_no_fault() {
    for (path, text) in [
        (
            "src/domain/a.rs",
            "use crate::model::A;\n// crate::store::B\nconst C: &str = \"crate::store\";",
        ),
        ("src/domain/a.rs", "use super::b::C;\nlet x = r#\"crate::store::D\"#;\nlet y = '\"';"),
        ("src/store/sql/a.rs", "const A: &str = \"SELECT :id\"; let b = c()?;"),
        (NUMBERS, "assert_eq!(sql(\"SELECT :id\"), \"SELECT ?1\");"),
        ("src/platform/a.rs", "use worker::Env;"),
        ("src/dispatch/a.rs", "use skillgate_worker::model::A;\nuse my_worker::B;"),
    ] {
        assert_eq!(faults(&[Source::new(path, text)]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn circles_are_allowed_inside_one_folder_only() {
    let of = |files: &[(&str, &str)]| {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::new(path, text)).collect();
        faults(&sources)
    };
    let inside = [
        ("src/store/mod.rs", "use rows::A;\nuse self::rows::B;"),
        ("src/store/rows/mod.rs", "use crate::store::Store;"),
        ("src/config.rs", "use crate::config::github::G;"),
        ("src/config/github.rs", "use super::Settings;"),
    ];
    assert_eq!(of(&inside), Vec::<String>::new());
    let across = [
        ("src/app.rs", "use crate::handlers::a;"),
        ("src/handlers/a.rs", "use crate::kv::b::c;"),
        ("src/kv/b.rs", "use crate::app::App;"),
    ];
    let faults = of(&across);
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("src/app.rs <-> src/handlers/a.rs <-> src/kv/b.rs"), "{faults:?}");
    let at_the_root = [("src/a.rs", "use crate::b::B;"), ("src/b.rs", "use crate::a::A;")];
    assert_eq!(of(&at_the_root).len(), 1, "two files of the root are two rooms");
}
