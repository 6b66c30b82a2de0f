//! What one tool found in a skill: worst first, file by file, each at its line.

use super::{
    Head, Tab, auto_run, banner, components, layout, links, security, skill::SkillView, words,
};
use crate::{
    domain::overall,
    model::{ScanDetailRow, ScanRow, SkillState},
};
use maud::{Markup, html};
use skillgate_contract::{
    ChainStep, Finding, Provider, Severity,
    callback::{Coverage, FileNote},
    json, rule_page,
};

/// One tool's newest scan, or the older one that is asked for.
pub(crate) fn findings(page: &SkillView<'_>, provider: Provider) -> Markup {
    let state = page.state;
    let newest = Tab::Provider(provider).path(&state.skill.name);
    let path =
        page.older.map_or_else(|| newest.clone(), |scan| format!("{newest}?scan={}", scan.id));
    let scan = page.older.or_else(|| state.newest(provider));
    let detail = page.detail(provider);
    let coverage: Option<Coverage> =
        detail.and_then(|detail| detail.coverage.as_deref()).and_then(json::parse);
    let awaited = scan.filter(|_| page.older.is_none()).map_or(&[][..], std::slice::from_ref);
    let content = html! {
        (components::skill_head(state, Tab::Provider(provider)))
        (components::live(&path, page.refresh, awaited))
        (banner::brief(state, page.entries))
        @if page.older.is_some() {
            p class="banner brief pending" {
                (components::icon("pending")) " "
                strong { "This is an older scan, kept as evidence." } " "
                a href=(newest) { "The newest one" }
            }
        }
        @match scan {
            Some(scan) => {
                (summary(state, scan, coverage.as_ref()))
                @if let Some(why) = scan.removed() { p class="banner brief pending" { (components::icon("pending")) " " (why) "." } }
                @if let Some(detail) = detail { (body(page, &path, scan, detail, coverage.as_ref())) }
            },
            None => p { "The registry has not asked " (provider) " for a scan of this skill." },
        }
    };
    let status = scan.map_or("NOT ASKED", |scan| words::status(scan.status));
    let older = if page.older.is_some() { ", an older scan" } else { "" };
    let title = format!("{provider} {status}{older}: {}", state.skill.name);
    let title = banner::titled(page.entries, &title);
    let about = security::about(page, overall::overall(state));
    layout(Head { title: &title, about: &about, site: page.site, path: &path }, &content)
}

fn summary(state: &SkillState, scan: &ScanRow, coverage: Option<&Coverage>) -> Markup {
    let tone = components::scan_tone(state, scan);
    html! {
        section class={ "verdict " (tone) } aria-labelledby="verdict" {
            span class="sign" { (components::icon(tone)) }
            div {
                h2 id="verdict" {
                    span class="word" { (words::status(scan.status)) } " "
                    (scan.provider)
                    @if let Some(score) = scan.score { ", score " (score) " of 100" }
                }
                p { (words::outcome(scan, coverage)) }
                @if components::is_stale(state, scan) { p { (words::STALE) } }
                @if let Some(error) = &scan.error { p class="error" { (components::untrusted(error)) } }
            }
        }
        dl class="strip" { (security::facts(state, scan)) }
    }
}

fn body(
    page: &SkillView<'_>,
    path: &str,
    scan: &ScanRow,
    detail: &ScanDetailRow,
    coverage: Option<&Coverage>,
) -> Markup {
    let list: Vec<Finding> = detail.findings.as_deref().and_then(json::parse).unwrap_or_default();
    // A name of a skill is of letters, digits, `.`, `_` and `-`, but for its slashes.
    let mut file = format!("{}-{}", page.state.skill.name, scan.provider).replace('/', "-");
    if let Some(sha) = &scan.commit_sha {
        file = format!("{file}-{}", sha.short());
    }
    html! {
        @if scan.score.is_some() { (listed(page, path, scan, &list)) }
        (auto_run::section(scan, detail))
        @if let Some(coverage) = coverage { (covered(scan, coverage)) }
        h2 { "This scan elsewhere" }
        ul class="links" {
            @if page.older.is_none() {
                li { a href={ "/api/v1" (path) "?format=sarif" } download={ (file) ".sarif" } { "SARIF" } ", for code hosts and editors" }
                li { a href={ "/api/v1" (path) } download={ (file) ".json" } { "JSON" } ", with all that is listed" }
            }
            @if let Some((run, host)) = detail.github_run_url.as_deref().and_then(|run| Some((run, links::host(run)?))) {
                li { a href=(run) rel="nofollow noopener" { "The run on " (host) } ", with its log" }
            }
            @if let Some(isolation) = &detail.isolation { li { "Isolation of the scanner: " (components::untrusted(isolation)) } }
        }
    }
}

fn listed(page: &SkillView<'_>, path: &str, scan: &ScanRow, list: &[Finding]) -> Markup {
    let counts = scan.counts();
    let more = if page.older.is_some() { "&" } else { "?" };
    let shown: Vec<&Finding> =
        list.iter().filter(|f| page.only.is_none_or(|only| f.severity == only)).collect();
    let filter = |severity: Option<Severity>, number: u32| {
        html! {
            li {
                a href={ (path) @if let Some(severity) = severity { (more) "severity=" (severity) } "#findings" }
                    aria-current=[(severity == page.only).then_some("true")] {
                    @match severity {
                        Some(severity) => (components::severity_tag(severity)),
                        None => "all",
                    }
                    " " b { (components::grouped(number.into())) }
                }
            }
        }
    };
    let total = page.only.map_or(counts.total(), |only| counts.get(only));
    html! {
        h2 id="findings" { "Findings" }
        ul class="filter" aria-label="Filter by severity" {
            (filter(None, counts.total()))
            @for severity in Severity::WORST_FIRST { (filter(Some(severity), counts.get(severity))) }
        }
        @if shown.is_empty() {
            p {
                @if total > 0 { "None of these is listed" @if scan.thinned_at.is_none() { ": only the worst of a scan travel with it" } "." }
                @else if page.only.is_some() { "None of this severity." }
                @else { "Nothing was found. That is no certificate." }
            }
        }
        @if !shown.is_empty() && u32::try_from(shown.len()).is_ok_and(|listed| listed < total) {
            p { "Listed are the worst " (shown.len()) " of " (components::grouped(total.into())) "." }
        }
        @for (at, file) in files(&shown).into_iter().enumerate() {
            section class="file" aria-labelledby={ "file-" (at + 1) } {
                h3 id={ "file-" (at + 1) } {
                    @if file.trim().is_empty() { "No file named" } @else { code dir="auto" { (file) } }
                }
                ol {
                    @for finding in shown.iter().filter(|finding| finding.file == file) {
                        (one(scan, finding))
                    }
                }
            }
        }
    }
}

/// Each file once, in the order of its worst finding.
fn files<'a>(list: &[&'a Finding]) -> Vec<&'a str> {
    let mut files = Vec::new();
    for finding in list {
        if !files.contains(&finding.file.as_str()) {
            files.push(finding.file.as_str());
        }
    }
    files
}

fn one(scan: &ScanRow, finding: &Finding) -> Markup {
    html! {
        li class={ "finding " (finding.severity) } {
            p class="rule" {
                (components::severity_tag(finding.severity)) " "
                a href=(rule_page::address(scan.provider, &finding.rule)) {
                    @if finding.rule.trim().is_empty() { "No rule named" } @else { code { (components::untrusted(&finding.rule)) } }
                }
                " " (line(scan, finding))
            }
            @if !finding.message.is_empty() { p class="message" dir="auto" { (finding.message) } }
            @if !finding.chain.is_empty() { (chain(scan, &finding.chain)) }
            @if !finding.code.is_empty() && finding.chain.iter().all(|step| step.code.is_empty()) {
                (excerpt(finding.line, &finding.code))
            }
        }
    }
}

/// The facts of a finding, step by step. Code is shown once where steps share their place.
fn chain(scan: &ScanRow, steps: &[ChainStep]) -> Markup {
    let before = std::iter::once(None).chain(steps.iter().map(Some));
    let shown = |step: &ChainStep| (step.line, step.file.clone(), step.code.clone());
    html! {
        ol class="chain" aria-label="Chain of evidence" {
            @for (step, before) in steps.iter().zip(before) {
                li {
                    b { (components::untrusted(&step.words())) } " " (at(scan, &step.file, Some(step.line)))
                    @if !step.code.is_empty() && before.is_none_or(|before| shown(before) != shown(step)) {
                        (excerpt(Some(step.line), &step.code))
                    }
                }
            }
        }
    }
}

/// Where a finding is, linked to its line at the scanned commit where the host's form is known.
pub(super) fn place(scan: &ScanRow, finding: &Finding) -> Markup {
    linked(link(scan, finding), &finding.file, finding.line)
}

/// A line of a file, linked in the same way.
pub(super) fn at(scan: &ScanRow, file: &str, line: Option<u32>) -> Markup {
    let sha = scan.commit_sha.as_ref();
    linked(sha.and_then(|sha| links::source(&scan.repo_url, sha, file, line)), file, line)
}

fn linked(link: Option<String>, file: &str, line: Option<u32>) -> Markup {
    let place = html! {
        (components::untrusted(file))
        @if let Some(line) = line { ":" (line) }
    };
    match link {
        Some(link) => html! { a class="place" href=(link) rel="nofollow noopener" { (place) } },
        None => html! { span class="place" { (place) } },
    }
}

/// The same below the file's name: only the line, and whose page the link opens.
fn line(scan: &ScanRow, finding: &Finding) -> Markup {
    let words = html! {
        @match finding.line { Some(line) => { "line " (line) }, None => "the file" }
    };
    match link(scan, finding) {
        Some(link) => html! {
            a class="source" href=(link) rel="nofollow noopener" { (words) " on " (scan.repo_url.host()) }
        },
        None => html! { span class="source" { (words) } },
    }
}

fn link(scan: &ScanRow, finding: &Finding) -> Option<String> {
    let sha = scan.commit_sha.as_ref()?;
    let message = finding.message.as_bytes();
    if message.windows(ONLY_IN_HISTORY.len()).any(|part| part == ONLY_IN_HISTORY) {
        return None;
    }
    links::source(&scan.repo_url, sha, &finding.file, finding.line)
}

/// What the scanner says of a secret that no published file holds: there is no line to link to.
const ONLY_IN_HISTORY: &[u8] = b"only in the git history, in object ";

/// The code at the place, with the numbers of its lines; they are no part of what is copied.
fn excerpt(first: Option<u32>, code: &str) -> Markup {
    html! {
        pre class={ "code" @if first.is_none() { " plain" } } tabindex="0" role="group" aria-label="Code" {
            @for (line, number) in code.lines().zip(first.unwrap_or(1)..) {
                span data-n=(number) { (line) "\n" }
            }
        }
    }
}

fn covered(scan: &ScanRow, coverage: &Coverage) -> Markup {
    let notes = |title: &str, list: &[FileNote]| {
        html! {
            @if !list.is_empty() {
                details open[list.len() <= 10] {
                    summary { (title) " (" (components::grouped(FileNote::in_all(list))) ")" }
                    ul class="notes" {
                        @for note in list {
                            li { code { (components::untrusted(&note.file)) } " " (components::untrusted(&note.reason)) }
                        }
                    }
                }
            }
        }
    };
    html! {
        h2 { "Coverage" }
        p {
            (scan.provider) " read " b { (components::grouped(coverage.files_scanned)) } " files. "
            @if coverage.complete { "Everything that can hold code was read." }
            @else { "Not everything could be read, so this scan proves no pass." }
        }
        (notes("Not read", &coverage.unscanned))
        (notes("Read by text rules only, because no parser could take it whole", &coverage.text_rules_only))
    }
}
