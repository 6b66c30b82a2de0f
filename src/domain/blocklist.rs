//! What an entry says, whom it stops, and what merely taints.

use crate::store::{CriticalScan, EntryRow, EntryState, Evidence};
use skillgate_contract::{
    Provider, RepoUrl, SkillName,
    api::{BlocklistEntry, CheckAnswer, Rejection},
};
use std::collections::BTreeMap;

/// An entry as the public sees it. `platform_url` makes its evidence absolute.
#[must_use]
pub fn shown(entry: &EntryRow, platform_url: &str) -> BlocklistEntry {
    let report = entry.skill_name.report_path();
    let mut evidence_urls: Vec<String> =
        serde_json::from_str(&entry.evidence_urls).unwrap_or_default();
    let worst = worst_evidence(entry);
    if worst.is_some() {
        evidence_urls.insert(0, format!("{platform_url}{report}"));
    }
    BlocklistEntry {
        id: entry.id.clone(),
        skill_name: entry.skill_name.bare().to_owned(),
        skill: entry.skill_name.to_string(),
        source_url: entry.source_url.clone(),
        threat_type: entry.threat_type.clone(),
        severity: entry.severity,
        reason: worst
            .map_or_else(|| entry.reason.clone(), |(provider, count)| sentence(provider, count)),
        evidence_urls,
        discovered_at: entry.discovered_at,
        commit_sha: entry.commit_sha.clone(),
        report_url: Some(report),
    }
}

fn sentence(provider: Provider, count: u32) -> String {
    format!("{provider} found {count} critical findings")
}

/// The provider that found most, with its count; the first of the list where several did.
fn worst_evidence(entry: &EntryRow) -> Option<(Provider, u32)> {
    let evidence: BTreeMap<Provider, Evidence> =
        serde_json::from_str(&entry.evidence).unwrap_or_default();
    evidence
        .into_iter()
        .map(|(provider, evidence)| (provider, evidence.critical_count))
        .max_by_key(|(provider, count)| (*count, std::cmp::Reverse(*provider)))
}

/// Whether an entry is about a source: its own, or any where it names none. A question without a
/// source means every one.
fn is_about(source: Option<&RepoUrl>, asked: Option<&RepoUrl>) -> bool {
    match (source, asked) {
        (Some(source), Some(asked)) => source == asked,
        (None, _) | (_, None) => true,
    }
}

/// Answers `check` for a name and, where the caller knows it, a source.
#[must_use]
pub fn check(
    name: &SkillName,
    asked: Option<&RepoUrl>,
    entries: &[EntryRow],
    criticals: &[CriticalScan],
    platform_url: &str,
) -> CheckAnswer {
    let standing = |state: EntryState| {
        entries
            .iter()
            .filter(|entry| entry.state == state && is_about(entry.source_url.as_ref(), asked))
            .max_by_key(|entry| entry.severity)
    };
    let active = standing(EntryState::Active);
    let proposed = standing(EntryState::Proposed);
    let entry = active.or(proposed);
    // Criticals that no entry stands for: found at a commit that was not the published one.
    let tainting = criticals.iter().find(|scan| {
        is_about(Some(&scan.repo_url), asked)
            && !entries.iter().any(|entry| {
                entry.skill_name == scan.skill_name
                    && entry.source_url.as_ref() == Some(&scan.repo_url)
            })
    });
    let taint_reason = match (active, proposed, tainting) {
        (None, Some(entry), _) => Some(shown(entry, platform_url).reason),
        (_, _, Some(scan)) => Some(taint(scan)),
        _ => None,
    };
    CheckAnswer {
        blocked: active.is_some(),
        entry: active.map(|entry| shown(entry, platform_url)),
        rejected: active.is_none() && proposed.is_some(),
        rejection: proposed.filter(|_| active.is_none()).map(|entry| Rejection {
            skill_name: name.bare().to_owned(),
            reason: shown(entry, platform_url).reason,
            score: None,
            repo_url: entry.source_url.clone(),
            state: "proposed".to_owned(),
            rejected_at: entry.discovered_at,
        }),
        tainted: taint_reason.is_some(),
        findings: entry
            .and_then(worst_evidence)
            .map(|(_, count)| count)
            .or(tainting.map(|scan| scan.critical_count)),
        taint_reason,
        commit_sha: entry
            .and_then(|entry| entry.commit_sha.clone())
            .or_else(|| tainting.and_then(|scan| scan.commit_sha.clone())),
        report_url: entry
            .map(|entry| entry.skill_name.report_path())
            .or_else(|| tainting.map(|scan| scan.skill_name.report_path())),
    }
}

fn taint(scan: &CriticalScan) -> String {
    let commit = scan.commit_sha.as_ref().map_or("an unknown commit", |sha| sha.short());
    format!(
        "{} at commit {commit}, which was not the published one",
        sentence(scan.provider, scan.critical_count)
    )
}
