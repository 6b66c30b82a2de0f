//! The first page: what this is, how much of it there is, what came last, and a search.

use super::{Head, audits, components, layout, words};
use crate::model::{SkillState, Totals};
use maud::{Markup, html};

/// What this is, and the latest scans.
pub(crate) fn home(latest: &[&SkillState], totals: &Totals, site: &str) -> Markup {
    let total = |number: i64, words: &str| {
        html! {
            div {
                dt { (words) }
                dd { (components::grouped(u64::try_from(number).unwrap_or(0))) }
            }
        }
    };
    let content = html! {
        section class="hero" {
            h1 { "Was this skill really scanned?" }
            p class="lead" {
                "An agent skill is other people's code on your machine. Skillgate runs " (words::tool_count()) " real analysis tools on each published skill, "
                "at the commit that people install, and says what they found, what they could not read, and when."
            }
            form class="search" role="search" action="/audits" method="get" {
                label for="q" { "Find a skill" }
                input id="q" name="q" type="search" maxlength="100" placeholder="owner/repo/skill" autocomplete="off" spellcheck="false";
                button type="submit" { "Search" }
            }
        }
        dl class="totals" {
            (total(totals.skills, "skills published"))
            (total(totals.scans, "scans made"))
            (total(totals.blocked, "skills blocked"))
        }
        h2 { "Latest scans" }
        @if latest.is_empty() {
            p { "Nothing has been published yet." }
        } @else {
            (audits::table(latest))
            p { a href="/audits" { "All skills" } }
        }
        h2 { "What the words promise" }
        dl class="meanings" {
            dt { (components::chip("pass", "PASS")) }
            dd { "All " (words::tool_count()) " tools proved that they read everything at the published commit, and found nothing that fails." }
            dt { (components::chip("fail", "FAIL")) }
            dd { "A tool found something that fails the skill. With a critical finding, installers are told to stop." }
            dt { (components::chip("fail", "BLOCKED")) }
            dd { "The blocklist stops its installation, whatever newer scans say, until an admin of the registry lifts that." }
            dt { (components::chip("pending", "PENDING")) }
            dd { "A scan is still to come. The page of the skill looks again by itself." }
            dt { (components::chip("unclear", "NOT PROVEN")) }
            dd { "A full answer is missing, and that never counts as a pass. Where it is known why, the word is TIMED OUT, ERROR or INCOMPLETE." }
        }
    };
    layout(Head { title: "Scanned agent skills", about: super::ABOUT, site, path: "/" }, &content)
}
