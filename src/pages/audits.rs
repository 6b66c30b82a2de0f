//! All skills, one row each, with one column per tool.

use super::{Head, components, layout, words};
use crate::{domain::overall, model::SkillState};
use maud::{Markup, html};
use skillgate_contract::{Provider, ScanStatus, percent::percent_encode};

/// All that the page shows.
#[derive(Debug)]
pub(crate) struct Audits<'a> {
    /// The skills of this page.
    pub skills: &'a [&'a SkillState],
    /// What was searched for; empty for everything.
    pub q: &'a str,
    /// Only skills that this tool has looked at.
    pub provider: Option<Provider>,
    /// Only skills with a scan of this status.
    pub status: Option<ScanStatus>,
    /// So many are asked for.
    pub limit: Option<u32>,
    /// This is not the first page.
    pub later: bool,
    /// Where the next page starts.
    pub next: Option<&'a str>,
    /// The worker's own origin.
    pub site: &'a str,
}

/// The list with its filters.
pub(crate) fn audits(page: &Audits<'_>) -> Markup {
    let filtered = !page.q.is_empty() || page.provider.is_some() || page.status.is_some();
    let query = query(page);
    let content = html! {
        h1 { "Audits" }
        form class="filters" role="search" action="/audits" method="get" {
            div {
                label for="q" { "Name" }
                input id="q" name="q" type="search" maxlength="100" value=(page.q) dir="auto" autocomplete="off" spellcheck="false";
            }
            div {
                label for="provider" { "Tool" }
                select id="provider" name="provider" {
                    option value="" { "any" }
                    @for provider in Provider::ALL {
                        option value=(provider) selected[page.provider == Some(provider)] { (provider) }
                    }
                }
            }
            div {
                label for="status" { "Result" }
                select id="status" name="status" {
                    option value="" { "any" }
                    @for status in ScanStatus::ALL {
                        option value=(status) selected[page.status == Some(status)] { (words::status(status)) }
                    }
                }
            }
            button type="submit" { "Show" }
            @if filtered { a href="/audits" { "Show all" } }
        }
        @if page.skills.is_empty() {
            p class="empty" {
                @if page.next.is_some() { "None among those looked through so far; there are more to look through." }
                @else if !filtered { "Nothing has been published yet." }
                @else { "No skill fits. A search finds names by the beginning of any of their words." }
            }
        } @else {
            (table(page.skills))
        }
        @if page.next.is_some() || page.later {
            nav class="pages" aria-label="Pages" {
                @if page.later { a href={ "/audits" @if !query.is_empty() { "?" (query) } } { "First page" } }
                @if let Some(next) = page.next {
                    a rel="next" href={ "/audits?" (query) @if !query.is_empty() { "&" } "cursor=" (next) } { "Next page" }
                }
            }
        }
    };
    let about = format!("Every published skill with what {} say of it.", Provider::names(" and "));
    layout(Head { title: "Audits", about: &about, site: page.site, path: "/audits" }, &content)
}

/// The filters and the length of a page as a query, without its `?`.
fn query(page: &Audits<'_>) -> String {
    let mut query = String::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push_str(&percent_encode(value));
        }
    };
    add("q=", page.q);
    add("provider=", page.provider.map_or("", Provider::as_str));
    add("status=", page.status.map_or("", ScanStatus::as_str));
    add("limit=", &page.limit.map_or_else(String::new, |limit| limit.to_string()));
    query
}

/// Skills with their verdicts.
pub(super) fn table(skills: &[&SkillState]) -> Markup {
    html! {
        table class="stack audits" {
            caption { "Skills with the newest result of each tool, latest scan first" }
            thead {
                tr {
                    th scope="col" { "Skill" } th scope="col" { "Overall" }
                    @for provider in Provider::ALL { th scope="col" { (provider) } }
                    th scope="col" { "Commit" } th scope="col" { "Last change" }
                }
            }
            tbody { @for listed in skills { (row(listed)) } }
        }
    }
}

fn row(state: &SkillState) -> Markup {
    let skill = &state.skill;
    let verdict = overall::overall(state);
    let path = format!("/skills/{}", skill.name);
    html! {
        tr {
            th scope="row" { a href=(path) { (components::name(&skill.name)) } }
            td data-label="Overall" {
                a class="plain" href={ (path) "/security" } {
                    (components::chip(components::tone(verdict), words::verdict(state, verdict)))
                    @if state.skill.is_blocked() { " " (components::chip("fail", "BLOCKED")) }
                }
            }
            @for provider in Provider::ALL {
                td data-label=(provider) {
                    a class="plain" href={ (path) "/security/" (provider) } {
                        (components::provider_chip(state, provider))
                        @if let Some(scan) = state.newest(provider) {
                            @let counts = scan.counts();
                            @if counts.total() > 0 {
                                span class="aside" { (components::grouped(counts.total().into())) " found" }
                            }
                        }
                    }
                }
            }
            td data-label="Commit" {
                @match &skill.commit_sha {
                    Some(sha) => (components::commit(&skill.repo_url, sha)),
                    None => "–",
                }
            }
            td data-label="Last change" { (components::time(skill.updated_at)) }
        }
    }
}
