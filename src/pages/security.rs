//! The report: what each tool says of a skill, and what that means.

use super::{
    Head, Tab, auto_run,
    banner::{banner, titled},
    components, history, layout,
    skill::SkillView,
    words,
};
use crate::{
    domain::overall,
    model::{ScanDetailRow, ScanRow, SkillState},
};
use maud::{Markup, html};
use skillgate_contract::{
    InstallerStatus, Provider, ScanStatus,
    callback::{Coverage, FileNote},
    json,
};

/// The scanned repository and commit, the tool, and the outcome of the scan.
pub(crate) fn report(view: &SkillView<'_>) -> Markup {
    let state = view.state;
    let verdict = overall::overall(state);
    let path = state.skill.name.report_path();
    let content = html! {
        (components::skill_head(state, Tab::Security))
        (components::live(&path, view.refresh, &state.scans))
        (banner(state, view.entries, view.details))
        (verdict_panel(state, verdict))
        h2 { "Tools" }
        div class="cards" {
            @for provider in Provider::ALL { (card(view, provider)) }
        }
        @for provider in Provider::ALL {
            @if let (Some(scan), Some(detail)) = (state.newest(provider), view.detail(provider)) {
                (auto_run::section(scan, detail))
            }
        }
        @if !view.history.is_empty() {
            h2 id="history" { "Latest scans" }
            (history::table(state, view.history))
            @if view.next.is_some() {
                p { a href={ (path) "/history" } { "Every scan of this skill" } }
            }
        }
        h2 { "What a result means" }
        dl class="meanings" {
            @for status in ScanStatus::ALL {
                dt { (components::status_chip(status)) }
                dd { (words::status_means(status)) }
            }
            dt { "other commit" }
            dd { (words::STALE) }
        }
        p class="facts" {
            span { "As of " (components::time(view.now)) }
            span { a href={ "/api/v1" (path) } { "This report as JSON" } }
        }
    };
    let about = about(view, verdict);
    let title = format!("{}: {}", words::verdict(state, verdict), state.skill.name);
    let title = titled(view.entries, &title);
    layout(Head { title: &title, about: &about, site: view.site, path: &path }, &content)
}

/// The sentence for link previews.
pub(super) fn about(view: &SkillView<'_>, verdict: InstallerStatus) -> String {
    let state = view.state;
    let text = format!("{}: {}.", words::verdict(state, verdict), words::headline(state, verdict));
    let mut text = titled(view.entries, &text);
    for provider in Provider::ALL {
        let status = state.newest(provider).map_or("NOT ASKED", |scan| words::status(scan.status));
        text.push_str(&format!(" {provider} {status}"));
    }
    text
}

/// The overall verdict in words.
pub(super) fn verdict_panel(state: &SkillState, verdict: InstallerStatus) -> Markup {
    let tone = components::tone(verdict);
    html! {
        section class={ "verdict " (tone) } aria-labelledby="verdict" {
            span class="sign" { (components::icon(tone)) }
            div {
                h2 id="verdict" { span class="word" { (words::verdict(state, verdict)) } " " (words::headline(state, verdict)) }
                p { (words::advice(verdict)) }
            }
        }
    }
}

fn card(view: &SkillView<'_>, provider: Provider) -> Markup {
    let state = view.state;
    let detail = view.detail(provider);
    let scan = state.newest(provider);
    let tone = scan.map_or("unclear", |scan| components::scan_tone(state, scan));
    html! {
        article class={ "card " (tone) } aria-labelledby=(provider) {
            h3 id=(provider) {
                a href={ "/skills/" (state.skill.name) "/security/" (provider) } { (provider) }
            }
            p class="chips" { (components::provider_chip(state, provider)) }
            p class="aside" { (provider.spec().looks_for) }
            @match scan {
                Some(scan) => (card_body(state, scan, detail)),
                None => p { "The registry has not asked this tool for a scan of this skill." },
            }
        }
    }
}

fn card_body(state: &SkillState, scan: &ScanRow, detail: Option<&ScanDetailRow>) -> Markup {
    let coverage: Option<Coverage> =
        detail.and_then(|detail| detail.coverage.as_deref()).and_then(json::parse);
    html! {
        @if scan.status != ScanStatus::Pass && scan.status != ScanStatus::Fail {
            p { (words::outcome(scan, coverage.as_ref())) }
        }
        @if let Some(error) = &scan.error { p class="error" { (components::untrusted(error)) } }
        dl class="rows" {
            @if let Some(score) = scan.score {
                dt { "Score" } dd { b { (score) } " of 100" }
                dt { "Found" } dd { (components::counts_line(scan.counts())) }
            }
            @if let Some(coverage) = &coverage {
                dt { "Read" }
                dd {
                    (components::grouped(coverage.files_scanned)) " files"
                    @if !coverage.unscanned.is_empty() {
                        ", " (components::grouped(FileNote::in_all(&coverage.unscanned))) " not read"
                    }
                    @if !coverage.text_rules_only.is_empty() {
                        ", " (components::grouped(FileNote::in_all(&coverage.text_rules_only))) " by text rules only"
                    }
                }
            }
            (facts(state, scan))
        }
    }
}

/// Commit, tool and times of one scan, as rows of a list.
pub(super) fn facts(state: &SkillState, scan: &ScanRow) -> Markup {
    html! {
        @if let Some(sha) = &scan.commit_sha {
            dt { "Commit" }
            dd {
                (components::commit(&scan.repo_url, sha))
                @if overall::is_of_published(state, scan) { " published" }
                @else { " " span class="aside" { "(not the published commit)" } }
            }
        }
        @if let Some(tool) = components::tool_words(scan) { dt { "Tool" } dd { (tool) } }
        @match (scan.completed_at, scan.started_at) {
            (Some(at), _) => { dt { "Finished" } dd { (components::time(at)) } },
            (None, Some(at)) => { dt { "Started" } dd { (components::time(at)) } },
            (None, None) => { dt { "Asked for" } dd { (components::time(scan.created_at)) } },
        }
        @if let Some(ms) = scan.duration_ms { dt { "Took" } dd { (components::duration(ms)) } }
    }
}
