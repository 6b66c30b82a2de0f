//! The content of `/rules` and of the pages below it: what each rule looks for, and documents about the whole.

mod document;
mod rule;

use crate::StaticPage;
use document::Document;
use maud::{Markup, PreEscaped, html};
use skillgate_contract::Severity;
use skillgate_rulebook::{Book, Entry};

mod documents {
    include!(concat!(env!("OUT_DIR"), "/documents.rs"));
}

/// The families of our own rules: the anchor, and what such a rule is a sign of.
const FAMILIES: [(&str, &str); 16] = [
    (
        "agent-memory",
        "Writes what an agent will later read or obey: its memory, its settings, its hooks; in a way that hides it from its user or fetches it from elsewhere.",
    ),
    (
        "agent-settings",
        "Settings that come with a skill and widen what an agent may do, exchange whom it talks to, or load code into it.",
    ),
    (
        "coverage",
        "Code that could not be read as such: no parser could read it whole, so only text rules have read it, or it comes packed.",
    ),
    ("crypto", "Mines coins, or changes an address of a wallet on its way through the clipboard."),
    ("decode-exec", "Decodes a text and runs it: what runs is not what a reader sees."),
    ("destruction", "Deletes or overwrites what is not its own, at a sign from elsewhere."),
    (
        "download-exec",
        "Fetches a program from a place that nobody answers for and runs it at once: a bare address, a paste site, a tunnel, or decoded on the way.",
    ),
    (
        "evasion",
        "Hides from readers or from scanners: split commands, marks that switch a scanner off, compiled code.",
    ),
    ("exfiltration", "Reads secrets, keys, wallets or the environment and sends them out."),
    (
        "fake-prerequisite",
        "Tells the user or the agent to install or paste something first that is itself the payload.",
    ),
    ("hidden-unicode", "Characters that a person does not see and an agent reads."),
    (
        "persistence",
        "Makes itself start again: a start-up file, a job of the system, a login hook.",
    ),
    (
        "prompt-injection",
        "Text that speaks to the agent against its user: to ignore its rules, to hide what it does, to send things away.",
    ),
    ("reverse-shell", "Opens a shell of this machine to another one."),
    (
        "supply-chain",
        "Installs a package from a place, or under a name, that is not what it seems.",
    ),
    (
        "windows",
        "The same through tools of Windows: encoded PowerShell, scripting hosts, downloads by system programs.",
    ),
];

/// What no rule and no chain sees, as `scanner-vps/rules/README.md` has it in full.
const LIMITS: [&str; 9] = [
    "what an honest-looking address serves, now or later;",
    "data that passes through libraries that the scanner does not know, between programs in different languages, or through other languages than the shell, PowerShell, JavaScript, TypeScript, Python, Ruby, PHP, Perl, Lua, Go and those written like C; all but the first five are read without their control flow;",
    "code that is decoded from anything other than a literal, and data that is encoded twice or encrypted;",
    "programs for a machine, WebAssembly, and bytecode that is not Python's: each is listed as unread, which makes the scan incomplete;",
    "compiled Python without a source that holds the same names and texts: its texts are read, and it is listed as unread;",
    "archives in archives, encrypted ones, and those of other kinds than zip, tar and gzip: each is listed as unread;",
    "macros of office documents, listed as unread; the text of PDF, of office documents from before 2007 and inside of pictures, which is only noted;",
    "prose in other languages than the ten of the lexicons, orders whose parts lie more than one sentence apart, and persuasion without a payload;",
    "what prose in a folder such as references tells an agent to do is high at most where no other text says to follow it.",
];

/// The page of all families, and the pages below it: those of the rules, of what agents run by themselves and, where it
/// was measured, of how much is found.
pub(crate) fn pages() -> Vec<StaticPage> {
    let book = skillgate_rulebook::bundled();
    let agents = Document::parse(documents::AGENTS);
    let detection = documents::DETECTION.map(Document::parse);
    let mut pages = vec![StaticPage {
        file: "rules.html".to_owned(),
        title: "Rules".to_owned(),
        about: "What the rules behind each finding look for, how severities are given, and what no rule can see."
            .to_owned(),
        content: index(&book, detection.as_ref()),
    }];
    pages.push(agents.page("rules/agents.html"));
    pages.extend(detection.map(|document| document.page("rules/detection.html")));
    pages.extend(book.entries.iter().map(rule::page));
    pages
}

/// The sign of a severity, as in the report of a skill.
fn severity_tag(severity: Severity) -> Markup {
    html! { span class={ "tag " (severity) } { (severity) } }
}

/// The rules of a family, worst first.
fn of_family(book: &Book, family: &str) -> Markup {
    let mut entries: Vec<&Entry> =
        book.entries.iter().filter(|entry| entry.family() == family).collect();
    entries.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.id.cmp(&b.id)));
    html! {
        @if !entries.is_empty() {
            ul class="links" {
                @for entry in entries {
                    li { (severity_tag(entry.severity)) " " a href={ "/rules/" (entry.id) } { code { (entry.id) } } }
                }
            }
        }
    }
}

/// What was measured: the first tables of the document about it, and where the rest is.
fn measured(document: &Document) -> Markup {
    html! {
        section aria-labelledby="measured" {
            h2 id="measured" { "How much they find" }
            (PreEscaped(document.first_table()))
            p { a href="/rules/detection" { "All tables, and how they were made" } }
        }
    }
}

/// The page of all rule families, without the frame that all pages share.
fn index(book: &Book, detection: Option<&Document>) -> Markup {
    html! {
        h1 { "What the rules look for" }
        p class="lead" { "Each finding names its rule. A rule's name begins with where it comes from." }
        p class="facts" {
            span { (book.entries.len()) " rules of our own" }
            a href="/rules/agents" { "What agents run by themselves" }
            a href="/docs" { "The API" }
        }
        section aria-labelledby="semgrep" {
            h2 id="semgrep" { "semgrep: " code { "skillgate.FAMILY.RULE" } }
            p {
                "Our own rules for what published skills are abused for, in code, in scripts and in the instructions themselves. "
                "Critical are rules on a short reviewed list, and chains: facts that the scanner ties together by following the data through commands, programs and orders in prose. Each is a pair of things that has no honest reading together. One sign alone is high at most, and some chains are too."
            }
            dl class="families" {
                @for (id, text) in FAMILIES {
                    dt id=(id) { code { (id) } }
                    dd { (text) (of_family(book, id)) }
                }
            }
        }
        section aria-labelledby="njsscan" {
            h2 id="njsscan" { "njsscan" }
            p {
                "Weaknesses of Node.js code and of its templates: injection, weak cryptography, unsafe settings. They are an author's mistakes rather than malice, so none is critical. The rules and their texts are in "
                a href="https://github.com/ajinabraham/njsscan/tree/master/njsscan/rules" rel="noopener" { "njsscan's repository" } ", by the name that the finding gives."
            }
        }
        section aria-labelledby="trufflehog" {
            h2 id="trufflehog" { "trufflehog: " code { "trufflehog.DETECTOR" } }
            p {
                "Secrets in the files and in the git history. Nobody tries whether one is valid. A secret is its author's accident, not an attack on you, so none is critical. Its text is masked before it leaves the scanner. "
                "The detectors are in " a href="https://github.com/trufflesecurity/trufflehog/tree/main/pkg/detectors" rel="noopener" { "trufflehog's repository" } ", by the name that the finding gives."
            }
        }
        section aria-labelledby="score" {
            h2 id="score" { "Severity and score" }
            p { "The score starts at 100. A critical finding costs 25, a high one 10, a medium one 3, a low one 1. Below 50, or with any critical finding, a scan is a FAIL. A critical finding at the published commit blocks the installation until an admin of the registry lifts that." }
        }
        @if let Some(document) = detection { (measured(document)) }
        section aria-labelledby="limits" {
            h2 id="limits" { "What they cannot see" }
            p { "No finding is not a certificate. The rules do not see:" }
            ul {
                @for limit in LIMITS { li { (limit) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::{Provider, rule_page};

    #[test]
    fn every_section_that_a_finding_may_link_to_is_there() {
        assert_eq!(FAMILIES.map(|(id, _)| id), rule_page::FAMILIES);
        let page = index(&skillgate_rulebook::bundled(), None).into_string();
        let providers = [Provider::Semgrep, Provider::Njsscan, Provider::Trufflehog];
        for id in rule_page::FAMILIES.into_iter().chain(providers.map(Provider::as_str)) {
            assert!(page.contains(&format!(" id=\"{id}\"")), "{id}");
        }
    }

    #[test]
    fn every_rule_is_listed_and_has_a_page_of_a_name_that_addresses_take() {
        let pages = pages();
        let book = skillgate_rulebook::bundled();
        // Without what was measured, which may name rules too.
        let index = index(&book, None).into_string();
        for entry in book.entries {
            let link = format!("href=\"/rules/{}\"", entry.id);
            assert_eq!(index.matches(&link).count(), 1, "{link}");
            let file = format!("rules/{}.html", entry.id);
            assert!(pages.iter().any(|page| page.file == file), "{file}");
        }
        for page in &pages[1..] {
            let name = page.file.strip_prefix("rules/").and_then(|name| name.strip_suffix(".html"));
            assert!(rule_page::is_page_name(name.unwrap()), "{}", page.file);
        }
    }

    #[test]
    fn links_of_our_pages_to_each_other_lead_somewhere() {
        let pages = pages();
        for page in &pages {
            for link in page.content.0.split("href=\"/rules/").skip(1) {
                let name = link.split(['"', '#']).next().unwrap();
                let file = format!("rules/{name}.html");
                assert!(pages.iter().any(|page| page.file == file), "{}: {file}", page.file);
            }
        }
    }

    #[test]
    fn what_was_measured_is_shown_where_there_is_a_document_of_it() {
        let document = Document::parse(
            "# Numbers\n\nSo.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n| c |\n| --- |\n| 3 |\n",
        );
        let page = index(&skillgate_rulebook::bundled(), Some(&document)).into_string();
        assert!(page.contains("<td>1</td>") && !page.contains("<td>3</td>"));
        assert!(page.contains("href=\"/rules/detection\""));
    }
}
