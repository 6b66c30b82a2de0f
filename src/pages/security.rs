//! The report: what each tool says of a skill, and what that means.

use super::{
    Head,
    banner::{Details, banner},
    components::{self, Tab},
    history, layout, words,
};
use crate::{
    domain::overall,
    store::{EntryRow, ScanDetailRow, ScanRow, SkillRow, SkillState},
};
use maud::{Markup, html};
use skillgate_contract::{
    InstallerStatus, Millis, Provider, ScanStatus, SkillName, callback::Coverage, json,
};

/// All that the page shows.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    /// The skill with its newest scans.
    pub state: &'a SkillState,
    /// Entries of its name and source.
    pub entries: &'a [EntryRow],
    /// What the newest scans found and read.
    pub details: &'a Details,
    /// The newest scans of any tool, newest first.
    pub history: &'a [ScanRow],
    /// There are more of them than these.
    pub more_history: bool,
    /// The worker's own origin.
    pub site: &'a str,
    /// When it was asked for.
    pub now: Millis,
    /// How soon the browser looks again, in seconds.
    pub refresh: Option<u32>,
}

/// What was scanned, at which commit, by what, and what came of it.
pub(crate) fn report(report: &Report<'_>) -> Markup {
    let state = report.state;
    let verdict = overall::overall(state);
    let path = state.skill.name.report_path();
    let content = html! {
        (components::skill_head(state, Tab::Security))
        (components::live(&path, report.refresh, is_under_way(state)))
        (banner(state, report.entries, report.details))
        (verdict_panel(state, verdict))
        h2 { "Tools" }
        div class="cards" {
            @for provider in Provider::ALL { (card(report, provider)) }
        }
        @if !report.history.is_empty() {
            h2 id="history" { "Latest scans" }
            (history::table(state, report.history))
            @if report.more_history {
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
            span { "As of " (components::time(report.now)) }
            span { a href={ "/api/v1" (path) } { "This report as JSON" } }
        }
    };
    let about = about(state, verdict);
    let title = format!("{}: {}", words::verdict(verdict), state.skill.name);
    layout(Head { title: &title, about: &about, site: report.site, path: &path }, &content)
}

/// The preview's sentence.
pub(super) fn about(state: &SkillState, verdict: InstallerStatus) -> String {
    let mut text = format!("{}: {}.", words::verdict(verdict), words::headline(state, verdict));
    for provider in Provider::ALL {
        let status = state.newest(provider).map_or("NOT ASKED", |scan| words::status(scan.status));
        text.push_str(&format!(" {provider} {status}"));
    }
    text
}

/// Whether a scan of the skill is still to come.
pub(crate) fn is_under_way(state: &SkillState) -> bool {
    state.scans.iter().any(|scan| scan.status.is_active())
}

/// The overall verdict in words.
pub(super) fn verdict_panel(state: &SkillState, verdict: InstallerStatus) -> Markup {
    let tone = components::tone(verdict);
    html! {
        section class={ "verdict " (tone) } aria-labelledby="verdict" {
            span class="sign" { (components::icon(tone)) }
            div {
                h2 id="verdict" { span class="word" { (words::verdict(verdict)) } " " (words::headline(state, verdict)) }
                p { (words::advice(verdict)) }
            }
        }
    }
}

fn card(report: &Report<'_>, provider: Provider) -> Markup {
    let state = report.state;
    let detail = report.details.iter().find(|(of, _)| *of == provider).map(|(_, detail)| detail);
    let scan = state.newest(provider);
    let tone = scan.map_or("unclear", |scan| components::tone(scan.status.for_installer()));
    html! {
        article class={ "card " (tone) } aria-labelledby=(provider) {
            h3 id=(provider) {
                a href={ "/skills/" (state.skill.name) "/security/" (provider) } { (provider) }
            }
            p class="chips" { (components::provider_chip(state, provider)) }
            p class="aside" { (words::looks_for(provider)) }
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
            p { (words::status_means(scan.status)) }
        }
        @if let Some(error) = &scan.error { p class="error" { (components::foreign(error)) } }
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
                        ", " (coverage.unscanned.len()) " not read"
                    }
                    @if !coverage.text_rules_only.is_empty() {
                        ", " (coverage.text_rules_only.len()) " by text rules only"
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

/// A bare name that several skills end in; `rest` is what stands behind the name in the address.
pub(crate) fn choice(name: &SkillName, candidates: &[SkillRow], rest: &str) -> Markup {
    let content = html! {
        h1 { (name) }
        p { "Several skills end in this name. Which one is meant?" }
        ul class="choice" {
            @for skill in candidates {
                li {
                    a href={ "/skills/" (skill.name) (rest) } { (components::name(&skill.name)) }
                    " from " (skill.repo_url)
                }
            }
        }
    };
    super::page(name.as_str(), &content)
}
