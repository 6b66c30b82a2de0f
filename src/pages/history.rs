//! Every scan that a skill ever had.

use super::{Head, Tab, components, layout, skill::SkillView};
use crate::{
    domain::overall,
    model::{ScanRow, SkillState},
};
use maud::{Markup, html};

/// One page of a skill's scans.
pub(crate) fn history(view: &SkillView<'_>) -> Markup {
    let (state, scans) = (view.state, view.history);
    let path = Tab::History.path(&state.skill.name);
    let content = html! {
        (components::skill_head(state, Tab::History))
        h2 { "Every scan of this skill" }
        @if scans.is_empty() { p { "There is none." } } @else { (table(state, scans)) }
        @if let Some(next) = view.next {
            p class="pages" { a href={ (path) "?" (next) } rel="next" { "Older scans" } }
        }
        p class="facts" { span { a href={ "/api/v1" (path) } { "As JSON" } } }
    };
    let title = format!("Scans of {}", state.skill.name);
    let about = format!("Every scan that {} ever had, newest first.", state.skill.name);
    layout(Head { title: &title, about: &about, site: view.site, path: &path }, &content)
}

/// The table of scans, newest first.
pub(super) fn table(state: &SkillState, scans: &[ScanRow]) -> Markup {
    html! {
        table class="stack" {
            caption class="unseen" { "Scans of this skill, newest first" }
            thead {
                tr {
                    th scope="col" { "Asked for" } th scope="col" { "Tool" }
                    th scope="col" { "Result" } th scope="col" class="number" { "Score" }
                    th scope="col" { "Found" } th scope="col" { "Commit" }
                }
            }
            tbody { @for scan in scans { (row(state, scan)) } }
        }
    }
}

fn row(state: &SkillState, scan: &ScanRow) -> Markup {
    let newest = state.newest(scan.provider).is_some_and(|newest| newest.id == scan.id);
    html! {
        tr {
            th scope="row" { (components::time(scan.created_at)) }
            td data-label="Tool" {
                a href={ "/skills/" (scan.skill_name) "/security/" (scan.provider) @if !newest { "?scan=" (scan.id) } } {
                    (scan.provider)
                }
            }
            td data-label="Result" { (components::scan_chip(state, scan)) }
            td class="number" data-label="Score" { @if let Some(score) = scan.score { (score) } @else { "–" } }
            td data-label="Found" {
                @if scan.score.is_some() { (components::counts_line(scan.counts())) }
                @else if let Some(error) = &scan.error { span class="error short clamp" { (components::untrusted(error)) } }
                @else { "–" }
            }
            td data-label="Commit" {
                @if let Some(sha) = &scan.commit_sha {
                    (components::commit(&scan.repo_url, sha))
                    @if overall::is_of_published(state, scan) { " published" }
                    @else if scan.unsolicited == 1 { " " span class="aside" { "not asked for" } }
                } @else { "–" }
            }
        }
    }
}
