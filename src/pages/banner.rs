//! What an author sees first whose skill is blocked: what, where, at which commit, what to do.

use super::{components, findings, links, words};
use crate::{
    domain::{blocklist, overall},
    model::{EntryRow, EntryState, Evidence, ScanDetailRow, SkillState},
};
use maud::{Markup, html};
use skillgate_contract::{
    Finding, Provider, Severity,
    json::{self, FromJson, JsonMembers},
};

/// How many of a tool's findings the banner names.
const NAMED: usize = 3;

/// The newest scans with what they found, as far as the page has read it.
pub(crate) type Details = [(Provider, ScanDetailRow)];

/// The entry that stops the skill's installation, else the one that an admin has to judge.
pub(super) fn standing(entries: &[EntryRow]) -> Option<&EntryRow> {
    let about = |wanted: EntryState| {
        entries.iter().filter(|entry| entry.state == wanted).max_by_key(|entry| entry.severity)
    };
    about(EntryState::Active).or_else(|| about(EntryState::Proposed))
}

/// What a page of a skill is called: blocked first, where it is, since a preview has no banner.
pub(super) fn titled(entries: &[EntryRow], title: &str) -> String {
    let blocked = entries.iter().any(|entry| entry.state == EntryState::Active);
    if blocked { format!("BLOCKED: {title}") } else { title.to_owned() }
}

/// The banner of a skill that is blocked, or about to be.
pub(super) fn banner(state: &SkillState, entries: &[EntryRow], details: &Details) -> Markup {
    let Some(entry) = standing(entries) else { return html! {} };
    let active = entry.state == EntryState::Active;
    let shown = blocklist::shown(entry, "");
    let evidence = evidence(entry);
    let urls: Vec<String> = json::parse(&entry.evidence_urls).unwrap_or_default();
    let urls: Vec<_> = urls.iter().filter(|url| links::host(url).is_some()).collect();
    let clean = overall::overall(state) == skillgate_contract::InstallerStatus::Pass;
    html! {
        section class={ "banner " (if active { "fail" } else { "pending" }) } aria-labelledby="blocked" {
            h2 id="blocked" {
                (components::icon(if active { "fail" } else { "pending" }))
                @if active { "Installation is blocked" } @else { "A block is proposed" }
            }
            @if !active {
                p { "Whoever asks before installing is warned. An admin of the registry confirms or drops the block." }
            }
            dl {
                dt { "What" }
                dd {
                    strong { (components::untrusted(&shown.reason)) }
                    ", since " (components::time(entry.discovered_at))
                }
                @if evidence.is_empty() {
                    dt { "Threat" }
                    dd { (components::untrusted(&entry.threat_type)) ", severity " (entry.severity.as_str()) }
                }
                @if !urls.is_empty() {
                    dt { "Evidence" }
                    dd {
                        @for url in urls {
                            p { a href=(url) rel="nofollow noopener" { (components::untrusted(url)) } }
                        }
                    }
                }
                @if !evidence.is_empty() {
                    dt { "Where" }
                    dd { @for (provider, part) in &evidence { (place(state, *provider, part, details)) } }
                }
                @if let Some(sha) = evidence.first().map(|(_, part)| &part.commit_sha).or(entry.commit_sha.as_ref()) {
                    dt { "Commit" }
                    dd {
                        (components::commit(entry.source_url.as_ref().unwrap_or(&state.skill.repo_url), sha))
                        @if state.skill.commit_sha.as_ref() == Some(sha) { ", the published one" }
                        @else { ", which is no longer the published one" }
                    }
                }
                dt { "What to do" }
                dd {
                    @if clean {
                        p { "The published commit passes all " (words::tool_count()) " tools. The block stays until an admin of the registry lifts or drops it: ask for that, with a link to this page." }
                    } @else if evidence.is_empty() {
                        p { "An admin of the registry set it by hand, so no scan ends it. Ask an admin what has to change, or say why it is wrong, with a link to this page: only an admin can " @if active { "lift" } @else { "drop" } " the block." }
                    } @else {
                        ol {
                            li { "Repair what was found and push it." }
                            li { "Publish the new commit; all " (words::tool_count()) " tools scan it." }
                            li { "Ask an admin of the registry to " @if active { "lift" } @else { "drop" } " the block. A clean scan alone does not end it. If a finding is wrong, say so there." }
                        }
                    }
                }
            }
        }
    }
}

/// The banner in one line, on the pages of single tools.
pub(super) fn brief(state: &SkillState, entries: &[EntryRow]) -> Markup {
    let Some(entry) = standing(entries) else { return html! {} };
    let active = entry.state == EntryState::Active;
    let tone = if active { "fail" } else { "pending" };
    html! {
        p class={ "banner brief " (tone) } {
            (components::icon(tone)) " "
            strong { @if active { "Installation is blocked: " } @else { "A block is proposed: " } }
            (components::untrusted(&blocklist::shown(entry, "").reason)) ". "
            a href={ (state.skill.name.report_path()) "#blocked" } { "What to do" }
        }
    }
}

/// What an automatic entry rests on, provider by provider; nothing for one made by hand.
fn evidence(entry: &EntryRow) -> Vec<(Provider, Evidence)> {
    let members: Option<JsonMembers> = json::parse(&entry.evidence);
    let parts = members
        .into_iter()
        .flatten()
        .filter_map(|(provider, part)| Some((provider.parse().ok()?, Evidence::from_json(part)?)));
    parts.collect()
}

/// The places of one provider's worst findings, where its newest scan is the one of the entry.
fn place(state: &SkillState, provider: Provider, part: &Evidence, details: &Details) -> Markup {
    let report = format!("/skills/{}/security/{provider}", state.skill.name);
    let newest = state.newest(provider);
    let scan = newest.filter(|scan| scan.id == part.scan_id);
    let listed = details.iter().find(|(of, _)| *of == provider && scan.is_some());
    let findings: Vec<Finding> =
        listed.and_then(|(_, detail)| json::parse(detail.findings.as_deref()?)).unwrap_or_default();
    let criticals = || findings.iter().filter(|finding| finding.severity == Severity::Critical);
    let named = criticals().count().min(NAMED);
    html! {
        p {
            a href={ (report) "?scan=" (part.scan_id) "&severity=critical" } {
                (provider) ": " (components::grouped(part.critical_count.into())) " critical"
            }
            @match (scan, newest) {
                (None, Some(newest)) => {
                    " at " code { (part.commit_sha.short()) } ". A newer scan "
                    @if newest.status.is_active() { "is under way" }
                    @else { "says " (words::status(newest.status)) }
                },
                _ => {},
            }
        }
        @if let Some(scan) = scan {
            @if named > 0 {
                ul class="places" {
                    @for finding in criticals().take(NAMED) {
                        li {
                            (findings::place(scan, finding)) " " code { (components::untrusted(&finding.rule)) }
                            @if !finding.message.is_empty() { p class="clamp" dir="auto" { (finding.message) } }
                        }
                    }
                }
            }
        }
    }
}
