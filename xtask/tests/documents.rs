//! The Markdown documents are true where a program can tell: links, anchors, commands, packages, files, log events and the table of guarantees.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that meets what it does not expect has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::{fs, iter};
use xtask::workspace::Workspace;

/// Skills that are scanned in tests. Their Markdown is input, not documentation.
const SAMPLES: &str = "scanner-vps/rules-tests/";

/// Cargo's subcommands that documents may name, beside those of `cargo xtask`.
const CARGO: [&str; 10] =
    ["build", "check", "clippy", "deny", "doc", "fmt", "install", "run", "test", "xtask"];

/// Endings of names in code spans that are taken for files of this repository when there is a folder in front.
const FILES: [&str; 8] = [".rs", ".sql", ".md", ".toml", ".yml", ".yaml", ".sh", ".json"];

/// The text of a document, split into what is shown as code and what is not.
struct Document {
    /// Path from the root of the repository.
    path: String,
    /// Lines outside fences, with their code spans replaced by spaces.
    prose: Vec<String>,
    /// Headings outside fences, as written.
    headings: Vec<String>,
    /// Code spans, and the lines of fenced blocks.
    code: Vec<String>,
}

impl Document {
    fn read(root: &Path, path: &str) -> Self {
        let text = fs::read_to_string(root.join(path)).unwrap();
        let mut document = Self {
            path: path.to_owned(),
            prose: Vec::new(),
            headings: Vec::new(),
            code: Vec::new(),
        };
        let mut fenced = false;
        let mut joined = String::new();
        for line in text.lines() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else if fenced {
                // A shell command may go on after a backslash.
                joined.push_str(line.trim_end_matches('\\'));
                if !line.ends_with('\\') {
                    document.code.push(std::mem::take(&mut joined));
                }
            } else {
                if line.starts_with('#') {
                    document.headings.push(line.trim_start_matches('#').trim().to_owned());
                }
                document.prose_line(line);
            }
        }
        assert!(!fenced, "{path}: a fence is not closed");
        document
    }

    fn prose_line(&mut self, line: &str) {
        let mut prose = String::new();
        for (at, part) in line.split('`').enumerate() {
            if at % 2 == 0 {
                prose.push_str(part);
            } else {
                self.code.push(part.to_owned());
                prose.push(' ');
            }
        }
        self.prose.push(prose);
    }

    /// The targets of its links and pictures.
    fn links(&self) -> impl Iterator<Item = &str> {
        self.prose.iter().flat_map(|line| {
            line.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::trim)
        })
    }

    /// The anchors that GitHub gives its headings.
    fn anchors(&self) -> BTreeSet<String> {
        let mut seen = BTreeMap::<String, usize>::new();
        let anchor = |heading: &String| {
            let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
            let slug: String = heading.to_lowercase().chars().filter(kept).collect();
            let slug = slug.replace(' ', "-");
            let times = seen.entry(slug.clone()).or_default();
            *times += 1;
            if *times == 1 { slug } else { format!("{slug}-{}", *times - 1) }
        };
        self.headings.iter().map(anchor).collect()
    }
}

/// Every file of the repository that has one of these endings and is not ignored, as paths from the root.
fn files(root: &Path, endings: &[&str]) -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
        .current_dir(root)
        .output()
        .expect("git is one of the prerequisites");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let wanted = |path: &&str| endings.iter().any(|ending| path.ends_with(ending));
    let there = |path: &&str| root.join(path).is_file();
    listed.split('\0').filter(wanted).filter(there).map(str::to_owned).collect()
}

fn root() -> PathBuf {
    Workspace::find().unwrap().root().to_path_buf()
}

fn documents(root: &Path) -> Vec<Document> {
    let paths = files(root, &[".md"]).into_iter().filter(|path| !path.starts_with(SAMPLES));
    let documents: Vec<_> = paths.map(|path| Document::read(root, &path)).collect();
    assert!(documents.iter().any(|document| document.path == "README.md"));
    documents
}

/// `link`, as seen from the document at `from`, as a path from the root.
fn resolved(from: &str, link: &str) -> String {
    let mut parts = Vec::new();
    for part in Path::new(from).parent().unwrap().join(link).components() {
        match part {
            Component::ParentDir => {
                assert!(parts.pop().is_some(), "{from}: {link} leads out of the repository");
            }
            Component::Normal(part) => parts.push(part.to_str().unwrap().to_owned()),
            _ => {}
        }
    }
    parts.join("/")
}

fn assert_none(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

#[test]
fn every_relative_link_and_anchor_leads_somewhere() {
    let root = root();
    let documents = documents(&root);
    let anchors: BTreeMap<_, _> =
        documents.iter().map(|document| (document.path.as_str(), document.anchors())).collect();
    let mut faults = Vec::new();
    for document in &documents {
        let own = |link: &&str| !link.contains("://") && !link.starts_with("mailto:");
        for link in document.links().filter(own) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                document.path.clone()
            } else {
                resolved(&document.path, file)
            };
            let known = || anchors.get(target.as_str()).is_some_and(|known| known.contains(anchor));
            if !root.join(&target).exists() || !anchor.is_empty() && !known() {
                faults.push(format!("{}: {link}", document.path));
            }
        }
    }
    assert_none("links that lead nowhere", &faults);
}

#[test]
fn every_cargo_command_and_package_in_a_document_exists() {
    let root = root();
    let help = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let tasks: BTreeSet<_> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(tasks.contains("demo") && tasks.contains("test"), "{help}");
    let manifests = files(&root, &["Cargo.toml"]);
    let manifests: Vec<_> =
        manifests.iter().map(|path| fs::read_to_string(root.join(path)).unwrap()).collect();
    let names = manifests.iter().flat_map(|text| text.lines());
    let packages: BTreeSet<_> =
        names.filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).collect();
    let mut seen = 0;
    let mut faults = Vec::new();
    for document in documents(&root) {
        for line in &document.code {
            let command = line.split("&&").map(str::trim);
            for command in command.filter_map(|part| part.strip_prefix("cargo ")) {
                let command = command.split(" #").next().unwrap_or_default();
                let words: Vec<_> = command.split_whitespace().collect();
                seen += 1;
                let known = match words.as_slice() {
                    ["xtask", task, ..] => tasks.contains(task),
                    [subcommand, ..] => CARGO.contains(subcommand),
                    [] => true,
                };
                let named = iter::zip(&words, words.iter().skip(1));
                let unknown = named
                    .filter(|(flag, _)| matches!(**flag, "-p" | "--package"))
                    .any(|(_, package)| !packages.contains(package));
                if !known || unknown {
                    faults.push(format!("{}: {line}", document.path));
                }
            }
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
    assert_none("commands that do not exist", &faults);
}

#[test]
fn every_file_and_folder_that_a_document_names_exists() {
    let root = root();
    let all = files(&root, &[""]);
    let mut faults = Vec::new();
    for document in documents(&root).iter().filter(|document| document.path != "CHANGELOG.md") {
        let is_file = |code: &&String| {
            code.trim_end_matches('/').contains('/')
                && !code.starts_with(['~', '/', '$', '.'])
                && code.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
                && (code.ends_with('/') || FILES.iter().any(|ending| code.ends_with(ending)))
        };
        for file in document.code.iter().filter(is_file) {
            let tail = format!("/{file}");
            let there = |path: &String| {
                if file.ends_with('/') {
                    path.starts_with(file)
                } else {
                    path == file || path.ends_with(&tail)
                }
            };
            let beside = all.contains(&resolved(&document.path, file));
            if !all.iter().any(there) && !beside {
                faults.push(format!("{}: {file}", document.path));
            }
        }
    }
    assert_none("files that do not exist", &faults);
}

/// The numbers of the bars in a test's name: `g15_and_g37_…` shows two.
fn bars(name: &str) -> impl Iterator<Item = &str> {
    name.split('_').filter(|part| {
        part.len() == 3
            && part.strip_prefix('g').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[test]
fn the_table_of_guarantees_names_exactly_the_tests_that_there_are() {
    let root = root();
    let mut sources = BTreeSet::new();
    for path in files(&root, &[".rs"]) {
        let text = fs::read_to_string(root.join(&path)).unwrap();
        let functions =
            text.lines().filter_map(|line| line.trim().split_once("fn ")).map(|it| it.1);
        let names = functions.filter_map(|rest| rest.split('(').next());
        for name in names.filter(|name| bars(name).next().is_some_and(|bar| name.starts_with(bar)))
        {
            sources.extend(bars(name).map(|bar| (bar.to_owned(), name.to_owned())));
        }
    }
    let table = fs::read_to_string(root.join("docs/guarantees.md")).unwrap();
    let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| g")).collect();
    let mut told = BTreeSet::new();
    for (at, row) in rows.iter().enumerate() {
        let bar = format!("g{:02}", at + 1);
        assert!(row.starts_with(&format!("| {bar} |")), "the rows are in order: {row}");
        let spans = row.split('`').skip(1).step_by(2);
        let tests: Vec<_> = spans.filter(|span| bars(span).next().is_some()).collect();
        assert_eq!(tests.is_empty(), row.contains("**No test.**"), "{row}");
        told.extend(tests.into_iter().map(|test| (bar.clone(), test.to_owned())));
    }
    assert!(rows.len() >= 40, "rows are only added");
    let untold: Vec<_> =
        sources.difference(&told).map(|(bar, name)| format!("{bar}: {name}")).collect();
    assert_none("tests that the table lacks", &untold);
    let gone: Vec<_> =
        told.difference(&sources).map(|(bar, name)| format!("{bar}: {name}")).collect();
    assert_none("tests that the table names and nobody has", &gone);
}

/// The events of a section of docs/logging.md: the names in backticks that begin rows of its table, and the levels in
/// the second column.
fn listed_events(page: &str, heading: &str) -> BTreeMap<String, String> {
    let section = page.split("\n## ").find_map(|section| section.strip_prefix(heading)).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let cells = rows.filter_map(|(name, rest)| Some((name, rest.split_once(" |")?.0)));
    cells.map(|(name, level)| (name.to_owned(), level.to_owned())).collect()
}

#[test]
fn the_page_of_the_log_lists_exactly_the_events_of_the_scanner() {
    let root = root();
    let of_scanner = |path: &String| path.starts_with("scanner-vps/src/");
    let mut logged = BTreeSet::new();
    for path in files(&root, &[".rs"]).into_iter().filter(of_scanner) {
        let text = fs::read_to_string(root.join(&path)).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let names = text.split("event = \"").skip(1).filter_map(|rest| rest.split('"').next());
        logged.extend(names.map(str::to_owned));
    }
    assert!(logged.len() > 20, "{logged:?}");
    let page = fs::read_to_string(root.join("docs/logging.md")).unwrap();
    let listed: BTreeSet<_> = listed_events(&page, "Events of the scanner").into_keys().collect();
    let unlisted: Vec<_> = logged.difference(&listed).cloned().collect();
    assert_none("events that docs/logging.md lacks", &unlisted);
    let gone: Vec<_> = listed.difference(&logged).cloned().collect();
    assert_none("events that docs/logging.md names and nobody logs", &gone);
}

#[test]
fn the_page_of_the_log_and_the_runbook_say_the_events_of_the_worker_and_their_levels() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let source = read("src/log.rs");
    let list = source.split("\nevents! {").nth(1).unwrap().split("\n}").next().unwrap();
    let entries = list.lines().filter_map(|line| line.split_once(" = ")?.1.split_once(' '));
    let logged: BTreeMap<String, String> = entries
        .map(|(level, name)| (name.trim_matches(['"', ',']).to_owned(), level.to_lowercase()))
        .collect();
    assert!(logged.len() > 20, "{logged:?}");
    let page = read("docs/logging.md");
    assert_eq!(listed_events(&page, "Events of the worker"), logged);
    let runbook = read("docs/runbook.md");
    let index = runbook.split("\n## ").find(|section| section.starts_with("Index")).unwrap();
    let (alarms, others) = index.split_once("\nThe worker's warnings").unwrap();
    let (warnings, of_scanner) = others.split_once("\nThe scanner's events").unwrap();
    let named = |text: &str| -> BTreeSet<String> {
        let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let names = rows.flat_map(|cell| cell.split('`')).filter(|name| name.contains('.'));
        names.map(str::to_owned).collect()
    };
    let of_level = |wanted: &str| -> BTreeSet<String> {
        let events = logged.iter().filter(|(_, level)| *level == wanted);
        events.map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(named(alarms), of_level("error"), "the alarms of docs/runbook.md");
    assert!(named(warnings).is_subset(&of_level("warn")), "{:?}", named(warnings));
    let scanner: BTreeSet<_> = listed_events(&page, "Events of the scanner").into_keys().collect();
    assert!(named(of_scanner).is_subset(&scanner), "{:?}", named(of_scanner));
}

#[test]
fn the_map_is_short() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let words = text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    assert!(words <= 900, "ARCHITECTURE.md has {words} words; details go to docs/design");
}
