//! Parts that several pages share.

use super::{Tab, links, words};
use crate::{
    domain::overall,
    model::{ScanRow, SkillState},
};
use maud::{Markup, PreEscaped, html};
use skillgate_contract::{
    CommitSha, Counts, InstallerStatus, Millis, Provider, RepoUrl, ScanStatus, Severity, SkillName,
};

/// The signs, once a page; [`icon`] points at them.
pub(super) fn sprite() -> Markup {
    PreEscaped(include_str!("icons.svg").to_owned())
}

/// A sign beside a word that says the same.
pub(super) fn icon(name: &str) -> Markup {
    html! { svg class="icon" aria-hidden="true" { use href={ "#i-" (name) } {} } }
}

/// The colour and sign of a verdict; never without its word.
pub(super) const fn tone(status: InstallerStatus) -> &'static str {
    match status {
        InstallerStatus::Pass => "pass",
        InstallerStatus::Fail => "fail",
        InstallerStatus::Pending => "pending",
        InstallerStatus::TimedOut => "unclear",
    }
}

/// A verdict as a chip: sign, word, colour.
pub(super) fn chip(tone: &str, word: &str) -> Markup {
    html! { span class={ "chip " (tone) } { (icon(tone)) (word) } }
}

/// The exact status of a scan as a chip.
pub(super) fn status_chip(status: ScanStatus) -> Markup {
    chip(tone(status.for_installer()), words::status(status))
}

/// Whether a result is of another commit than the published one.
pub(super) fn is_stale(state: &SkillState, scan: &ScanRow) -> bool {
    scan.score.is_some() && !overall::is_of_published(state, scan)
}

/// The colour and sign of one scan: a pass of another commit counts towards nothing, so it is not green.
pub(super) fn scan_tone(state: &SkillState, scan: &ScanRow) -> &'static str {
    if scan.status == ScanStatus::Pass && is_stale(state, scan) {
        "unclear"
    } else {
        tone(scan.status.for_installer())
    }
}

/// The status of one scan as a chip, in its colour.
pub(super) fn scan_chip(state: &SkillState, scan: &ScanRow) -> Markup {
    chip(scan_tone(state, scan), words::status(scan.status))
}

/// The chip of one provider; it says whose scan is not of the published commit.
pub(super) fn provider_chip(state: &SkillState, provider: Provider) -> Markup {
    let Some(scan) = state.newest(provider) else { return chip("unclear", "NOT ASKED") };
    html! {
        (scan_chip(state, scan))
        @if is_stale(state, scan) {
            " " span class="aside" { "other commit" }
        }
    }
}

/// A severity as a tag; shape and word say what its colour says.
pub(super) fn severity_tag(severity: Severity) -> Markup {
    html! { span class={ "tag " (severity) } { (severity) } }
}

/// The counts of a result, worst first; none that is zero but the first.
pub(super) fn counts_line(counts: Counts) -> Markup {
    html! {
        @if counts.total() == 0 { "nothing found" }
        @else {
            span class="counts" {
                @for severity in Severity::WORST_FIRST {
                    @if counts.get(severity) > 0 {
                        span class={ "count " (severity) } {
                            b { (grouped(counts.get(severity).into())) } " " (severity)
                        } " "
                    }
                }
            }
        }
    }
}

/// 12345 as 12,345.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A moment, to the minute.
pub(super) fn time(at: Millis) -> Markup {
    let text = at.rfc3339();
    let shown = text.get(..16).unwrap_or(&text).replace('T', " ");
    html! { time datetime=(text) { (shown) " UTC" } }
}

/// A duration: to a tenth of a second, from two minutes on in minutes.
pub(super) fn duration(ms: u64) -> Markup {
    html! {
        @if ms < 120_000 { (ms / 1000) "." (ms % 1000 / 100) " s" }
        @else { (grouped(ms / 60_000)) " min" }
    }
}

/// The seven digits of a commit, linked to it at its host where its page is known.
pub(super) fn commit(repo: &RepoUrl, sha: &CommitSha) -> Markup {
    html! {
        a class="commit" href=(links::commit(repo, sha)) rel="nofollow noopener" title=(sha) { (sha.short()) }
    }
}

/// Untrusted text inside a line: escaped, and with a text direction of its own.
pub(super) fn untrusted(text: &str) -> Markup {
    html! { bdi { (text) } }
}

/// A skill's name with places to break it.
pub(super) fn name(name: &SkillName) -> Markup {
    html! {
        @for (at, segment) in name.as_str().split('/').enumerate() {
            @if at > 0 { "/" wbr; }
            (segment)
        }
    }
}

/// What all pages of a skill begin with: where one is, the name, the source, the other pages.
pub(super) fn skill_head(state: &SkillState, here: Tab) -> Markup {
    let skill = &state.skill;
    let tab = |tab: Tab, text: &str| {
        html! {
            a href=(tab.path(&skill.name)) aria-current=[(tab == here).then_some("page")] { (text) }
        }
    };
    html! {
        nav class="trail" aria-label="Breadcrumb" {
            a href="/audits" { "Audits" } " / "
            @if here == Tab::Skill { span aria-current="page" { (name(&skill.name)) } }
            @else { a href=(Tab::Skill.path(&skill.name)) { (name(&skill.name)) } }
        }
        h1 { (name(&skill.name)) }
        p class="facts" {
            a href=(skill.repo_url) rel="nofollow noopener" { (skill.repo_url) }
            @if let Some(folder) = &skill.skill_path {
                span { "folder " code { (untrusted(folder.as_str())) } }
            }
            @if let Some(version) = &skill.version { span { "version " (untrusted(version)) } }
            span {
                @match &skill.commit_sha {
                    Some(sha) => { "published commit " (commit(&skill.repo_url, sha)) },
                    None => "published commit not known yet: the first scanner tells it",
                }
            }
        }
        nav class="tabs" aria-label="This skill" {
            (tab(Tab::Skill, "Overview"))
            (tab(Tab::Security, "Security report"))
            @for provider in Provider::ALL { (tab(Tab::Provider(provider), provider.as_str())) }
            (tab(Tab::History, "History"))
        }
    }
}

/// Tells that the page looks again by itself while one of its scans is still to come, and lets the
/// reader stop that.
pub(super) fn live(path: &str, refresh: Option<u32>, scans: &[ScanRow]) -> Markup {
    let active = scans.iter().any(|scan| scan.status.is_active());
    let what = if active { "A scan is under way. " } else { "A scan is to be sent again. " };
    html! {
        @if scans.iter().any(ScanRow::is_awaited) {
            p class="live" role="status" {
                @match refresh {
                    Some(seconds) => {
                        span class="pulse" aria-hidden="true" {}
                        (what) "This page looks again every " (seconds) " seconds until it is done. "
                        a href={ (path) "?refresh=off" } { "Stop that" }
                    },
                    None => {
                        (what) a href=(path) { "Look again by itself" }
                    },
                }
            }
        }
    }
}

/// One scan's tool and rules, as its scanner told them.
pub(super) fn tool_words(scan: &ScanRow) -> Option<Markup> {
    let tool: skillgate_contract::callback::Tool =
        scan.tool.as_deref().and_then(skillgate_contract::json::parse)?;
    Some(html! {
        (untrusted(&tool.name)) " " (untrusted(&tool.version))
        @if !tool.rules.is_empty() { ", rules " (untrusted(&tool.rules)) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (10_000_000, "10,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
    }
}
