//! The report page of one skill.

use super::layout;
use crate::{
    domain::{blocklist, overall},
    store::{EntryRow, EntryState, ScanDetailRow, ScanRow, SkillRow, SkillState},
};
use maud::{Markup, html};
use skillgate_contract::{
    CommitSha, Finding, InstallerStatus, Millis, Provider, RepoUrl, ScanStatus, Severity,
    SkillName,
    callback::{Coverage, Tool},
    json,
};

/// How soon a page with a scan under way looks again, in seconds.
const REFRESH_SECONDS: u32 = 5;

/// How many findings of one tool the page shows; all that are listed are in the JSON.
const FINDINGS_SHOWN: usize = 10;

/// What was scanned, at which commit, by what, and what came of it.
pub(crate) fn report(
    state: &SkillState,
    entries: &[EntryRow],
    details: &[(Provider, ScanDetailRow)],
    now: Millis,
) -> Markup {
    let skill = &state.skill;
    let verdict = overall::overall(state);
    let under_way = state.scans.iter().any(|scan| scan.status.is_active());
    let blocking = entries.iter().filter(|entry| {
        entry.state == EntryState::Active
            && entry.source_url.as_ref().is_none_or(|url| *url == skill.repo_url)
    });
    let content = html! {
        h1 { (skill.name) }
        p class="facts" {
            a href=(skill.repo_url) rel="nofollow noopener" { (skill.repo_url) }
            @if let Some(path) = &skill.skill_path { " · folder " code { (path) } }
            " · published commit "
            @match &skill.commit_sha {
                Some(sha) => (commit_link(&skill.repo_url, sha)),
                None => "not known yet: the first scanner tells it",
            }
        }
        @for entry in blocking {
            section class="banner fail" role="alert" {
                strong { "Installation is blocked. " }
                (blocklist::shown(entry, "").reason) ", since " (day(entry.discovered_at)) "."
            }
        }
        section class={ "verdict " (tone(verdict)) } {
            p class="word" { (verdict.as_str().replace('_', " ")) }
            p { (explanation(state, verdict)) }
        }
        table {
            caption { "Scans of this skill, newest of each tool" }
            thead {
                tr {
                    th scope="col" { "Tool" } th scope="col" { "Result" } th scope="col" { "Score" }
                    @for severity in Severity::WORST_FIRST { th scope="col" { (severity) } }
                    th scope="col" { "Commit" } th scope="col" { "Finished" }
                }
            }
            tbody { @for provider in Provider::ALL { (row(state, provider)) } }
        }
        @for provider in Provider::ALL {
            @if let Some(scan) = state.newest(provider) {
                @let detail = details.iter().find(|(of, _)| *of == provider).map(|(_, detail)| detail);
                (notes(scan, detail))
                @if let Some(list) = detail.and_then(findings_of) { (findings(scan, &list)) }
            }
        }
        p class="facts" { "As of " (day(now)) "." }
    };
    layout(skill.name.as_str(), under_way.then_some(REFRESH_SECONDS), &content)
}

/// A bare name that several skills end in.
pub(crate) fn choice(name: &SkillName, candidates: &[SkillRow]) -> Markup {
    let content = html! {
        h1 { (name) }
        p { "Several skills end in this name. Which one is meant?" }
        ul {
            @for skill in candidates {
                li { a href=(skill.name.report_path()) { (skill.name) } " from " (skill.repo_url) }
            }
        }
    };
    layout(name.as_str(), None, &content)
}

fn row(state: &SkillState, provider: Provider) -> Markup {
    let Some(scan) = state.newest(provider) else {
        return html! {
            tr { th scope="row" { (provider) } td colspan="8" { "never asked for" } }
        };
    };
    let counts = scan.counts();
    let current = overall::is_of_published(state, scan);
    html! {
        tr {
            th scope="row" { (provider) }
            td {
                span class={ "chip " (tone(scan.status.for_installer())) } {
                    (scan.status.as_str().replace('_', " "))
                }
            }
            td class="number" { @if let Some(score) = scan.score { (score) } @else { "–" } }
            @for severity in Severity::WORST_FIRST {
                td class="number" {
                    @if scan.score.is_some() { (counts.get(severity)) } @else { "–" }
                }
            }
            td {
                @if let Some(sha) = &scan.commit_sha {
                    (commit_link(&scan.repo_url, sha))
                    @if !current { " " span class="aside" { "(not the published commit)" } }
                } @else { "–" }
            }
            td { @if let Some(at) = scan.completed_at { (day(at)) } @else { "–" } }
        }
    }
}

/// The findings that are listed, where there are some.
fn findings_of(detail: &ScanDetailRow) -> Option<Vec<Finding>> {
    let list: Vec<Finding> = json::parse(detail.findings.as_deref()?)?;
    Some(list).filter(|list| !list.is_empty())
}

/// What a reader has to know of one scan beside its numbers.
fn notes(scan: &ScanRow, detail: Option<&ScanDetailRow>) -> Markup {
    let coverage: Option<Coverage> =
        detail.and_then(|detail| detail.coverage.as_deref()).and_then(json::parse);
    let tool: Option<Tool> = scan.tool.as_deref().and_then(json::parse);
    let unread = coverage.iter().flat_map(|c| &c.unscanned);
    let by_text = coverage.iter().flat_map(|c| &c.text_rules_only);
    html! {
        section class="notes" {
            h2 { (scan.provider) }
            p { (status_in_words(scan)) }
            @if let Some(tool) = &tool {
                p class="facts" {
                    (tool.name) " " (tool.version)
                    @if !tool.rules.is_empty() { ", rules " (tool.rules) }
                    @if let Some(coverage) = &coverage { ", " (coverage.files_scanned) " files read" }
                    @if let Some(ms) = scan.duration_ms { ", " (ms / 1000) "." (ms % 1000 / 100) " s" }
                }
            }
            @if let Some(error) = &scan.error { p class="error" { (error) } }
            ul {
                @for note in unread { li { "Not read: " code { (note.file) } " – " (note.reason) } }
                @for note in by_text {
                    li { "Read by text rules only: " code { (note.file) } " – " (note.reason) }
                }
            }
        }
    }
}

fn findings(scan: &ScanRow, list: &[Finding]) -> Markup {
    let shown = list.len().min(FINDINGS_SHOWN);
    let total = usize::try_from(scan.counts().total()).unwrap_or(usize::MAX);
    html! {
        ol class="findings" {
            @for finding in list.iter().take(FINDINGS_SHOWN) {
                li {
                    p {
                        strong class={ "severity " (finding.severity) } { (finding.severity) } " "
                        code { (finding.rule) } " in "
                        code {
                            (finding.file) @if let Some(line) = finding.line { ":" (line) }
                        }
                    }
                    p { (finding.message) }
                    @if !finding.code.is_empty() { pre tabindex="0" { (finding.code) } }
                }
            }
        }
        @if total > shown {
            p class="facts" {
                "The worst " (shown) " of " (total) ". "
                a href={ "/api/v1/skills/" (scan.skill_name) "/security/" (scan.provider) } {
                    "All that are listed, as JSON"
                }
            }
        }
    }
}

fn status_in_words(scan: &ScanRow) -> &'static str {
    match scan.status {
        ScanStatus::Pending => "Waits for a scanner. This page looks again by itself.",
        ScanStatus::Running => "A scanner works on it. This page looks again by itself.",
        ScanStatus::Pass => "Everything was read, and nothing that fails was found.",
        ScanStatus::Fail => "Something was found that fails the skill.",
        ScanStatus::Incomplete => {
            "Nothing that fails was found, but not everything could be read, so it is no pass."
        }
        ScanStatus::Error => "The scan did not run, so it says nothing about the skill.",
        ScanStatus::TimedOut => {
            "No answer came in time. A late answer still counts; the registry can ask for a new scan."
        }
    }
}

fn explanation(state: &SkillState, verdict: InstallerStatus) -> &'static str {
    match verdict {
        InstallerStatus::Pass => "All three tools read the published commit and passed it.",
        InstallerStatus::Fail => "At least one tool found something that fails this skill.",
        InstallerStatus::Pending => "Not every tool has answered yet.",
        InstallerStatus::TimedOut if !overall::is_current(state) => {
            "Not every tool has a result for the published commit."
        }
        InstallerStatus::TimedOut => "At least one tool could not give a full answer.",
    }
}

const fn tone(status: InstallerStatus) -> &'static str {
    match status {
        InstallerStatus::Pass => "pass",
        InstallerStatus::Fail => "fail",
        InstallerStatus::Pending => "pending",
        InstallerStatus::TimedOut => "unclear",
    }
}

fn commit_link(repo: &RepoUrl, sha: &CommitSha) -> Markup {
    html! {
        a class="commit" href=(repo.commit_url(sha)) rel="nofollow noopener" { (sha.short()) }
    }
}

fn day(at: Millis) -> Markup {
    let text = at.rfc3339();
    let shown = text.get(..16).unwrap_or(&text).replace('T', " ");
    html! { time datetime=(text) { (shown) " UTC" } }
}
