//! A skill in short: its verdict, its tools, and the badges to show elsewhere.

use super::{
    Head, Tab,
    banner::{Details, banner, titled},
    components, layout, security,
};
use crate::{
    domain::overall,
    model::{EntryRow, MOST_CANDIDATES, ScanDetailRow, ScanRow, SkillRow, SkillState},
};
use maud::{Markup, html};
use skillgate_contract::{Millis, Provider, Severity, SkillName};

/// All that a page of a skill shows, or some of it.
#[derive(Debug)]
pub(crate) struct SkillView<'a> {
    /// The skill with its newest scans.
    pub state: &'a SkillState,
    /// Entries of its name and source.
    pub entries: &'a [EntryRow],
    /// What newest scans found and read, or what the one that is asked for did.
    pub details: &'a Details,
    /// Scans of any tool, newest first.
    pub history: &'a [ScanRow],
    /// The query of the next page of them.
    pub next: Option<&'a str>,
    /// The one that is asked for, where a newer scan of its tool exists.
    pub older: Option<&'a ScanRow>,
    /// Only findings of this severity.
    pub only: Option<Severity>,
    /// The worker's own origin.
    pub site: &'a str,
    /// When it was asked for.
    pub now: Millis,
    /// How soon the browser looks again, in seconds.
    pub refresh: Option<u32>,
}

impl SkillView<'_> {
    /// What a tool's scan found and read.
    pub(super) fn detail(&self, provider: Provider) -> Option<&ScanDetailRow> {
        self.details.iter().find(|(of, _)| *of == provider).map(|(_, detail)| detail)
    }
}

/// The skill's first page.
pub(crate) fn skill(view: &SkillView<'_>) -> Markup {
    let SkillView { state, entries, details, site, refresh, .. } = *view;
    let name = &state.skill.name;
    let path = format!("/skills/{name}");
    let verdict = overall::overall(state);
    let content = html! {
        (components::skill_head(state, Tab::Skill))
        (components::live(&path, refresh, &state.scans))
        (banner(state, entries, details))
        (security::verdict_panel(state, verdict))
        h2 { "Tools" }
        ul class="tools" {
            @for provider in Provider::ALL {
                li {
                    a class="tool" href={ (path) "/security/" (provider) } { (provider) }
                    span class="chips" { (components::provider_chip(state, provider)) }
                    @match state.newest(provider) {
                        Some(scan) if scan.score.is_some() => { span { (components::counts_line(scan.counts())) } },
                        _ => { span class="aside" { (provider.spec().looks_for) } },
                    }
                }
            }
        }
        p { a class="button" href={ (path) "/security" } { "Read the security report" } }
        h2 { "Badges" }
        p { "To show the verdict elsewhere, copy this Markdown:" }
        @let badge = |of: &str| format!("{site}/api/v1/skills/{name}/badge/{of}");
        pre class="snippet" tabindex="0" role="group" aria-label="Markdown of the overall badge" {
            "[![Skillgate](" (badge("overall")) ")](" (site) (path) "/security)"
        }
        details {
            summary { "One badge for each tool" }
            pre class="snippet" tabindex="0" role="group" aria-label="Markdown of a badge for each tool" {
                @for provider in Provider::ALL {
                    "[![" (provider) "](" (badge(provider.as_str())) ")](" (site) (path) "/security/" (provider) ")\n"
                }
            }
        }
        p class="facts" {
            span { "Last change " (components::time(state.skill.updated_at)) }
            span { a href={ "/api/v1" (path) } { "As JSON" } }
        }
    };
    let about = security::about(view, verdict);
    let title = titled(entries, name.as_str());
    layout(Head { title: &title, about: &about, site, path: &path }, &content)
}

/// A bare name that several skills end in.
pub(crate) fn choice(name: &SkillName, candidates: &[SkillRow], tab: Tab, site: &str) -> Markup {
    let content = html! {
        h1 { (name) }
        p { "Several skills end in this name. Which one is meant?" }
        ul class="choice" {
            @for skill in candidates.iter().take(MOST_CANDIDATES) {
                li {
                    a href=(tab.path(&skill.name)) { (components::name(&skill.name)) }
                    " from " (skill.repo_url)
                }
            }
        }
        @if candidates.len() > MOST_CANDIDATES {
            p { "There are more. " a href={ "/audits?q=" (name) } { "Search for all of them" } }
        }
    };
    let about = format!("Several skills end in {name}. Which one is meant?");
    layout(Head { title: name.as_str(), about: &about, site, path: &tab.path(name) }, &content)
}
