//! The content of the page `/rules`: what a finding's rule looks for, where the rule of each finding links to.

use maud::{Markup, html};

/// The families of our own rules: the anchor, and what such a rule is a sign of.
const FAMILIES: [(&str, &str); 14] = [
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
        "Code that could not be read as such: no parser took it whole, so only text rules have read it, or it comes packed.",
    ),
    ("crypto", "Mines coins, or changes an address of a wallet on its way through the clipboard."),
    ("decode-exec", "Decodes a text and runs it: what runs is not what a reader sees."),
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

/// The page of all rule families, without the frame that all pages share.
pub(crate) fn content() -> Markup {
    html! {
        h1 { "What the rules look for" }
        p class="lead" { "Each finding names its rule. A rule's name begins with where it comes from." }
        section aria-labelledby="semgrep" {
            h2 id="semgrep" { "semgrep: " code { "skillgate.FAMILY.RULE" } }
            p {
                "Our own rules for what published skills are abused for, in code, in scripts and in the instructions themselves. "
                "Critical are only those on a short reviewed list, each a pair of things that has no honest reading together. One sign alone is high at most."
            }
            dl class="families" {
                @for (id, text) in FAMILIES { dt id=(id) { code { (id) } } dd { (text) } }
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
        section aria-labelledby="limits" {
            h2 id="limits" { "What they cannot see" }
            p { "Binaries, bytecode and unusual archives; data encoded twice or encrypted; what an honest-looking address serves later; flows between files; persuasion without a payload, and prose in other languages than English. No finding is not a certificate." }
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
        let page = content().into_string();
        let providers = [Provider::Semgrep, Provider::Njsscan, Provider::Trufflehog];
        for id in rule_page::FAMILIES.into_iter().chain(providers.map(Provider::as_str)) {
            assert!(page.contains(&format!(" id=\"{id}\"")), "{id}");
        }
    }
}
