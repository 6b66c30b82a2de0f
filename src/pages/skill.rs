//! A skill in short: its verdict, its tools, and the badges to show elsewhere.

use super::{
    Head,
    banner::{Details, banner},
    components::{self, Tab},
    layout, security, words,
};
use crate::{
    domain::overall,
    store::{EntryRow, SkillState},
};
use maud::{Markup, html};
use skillgate_contract::Provider;

/// The skill's first page.
pub(crate) fn skill(
    state: &SkillState,
    entries: &[EntryRow],
    details: &Details,
    site: &str,
    refresh: Option<u32>,
) -> Markup {
    let name = &state.skill.name;
    let path = format!("/skills/{name}");
    let verdict = overall::overall(state);
    let content = html! {
        (components::skill_head(state, Tab::Skill))
        (components::live(&path, refresh, security::is_under_way(state)))
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
                        _ => { span class="aside" { (words::looks_for(provider)) } },
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
    let about = security::about(state, verdict);
    layout(Head { title: name.as_str(), about: &about, site, path: &path }, &content)
}
