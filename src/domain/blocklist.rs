//! What an entry says, whom it stops, and what merely taints.

use crate::model::{AdminEntryRow, Charges, CriticalScan, EntryRow, EntryState, Evidence};
use skillgate_contract::{
    Provider, RepoUrl, SkillName,
    api::{AdminEntry, BlocklistEntry, CheckAnswer, Rejection},
    json::{self, FromJson, JsonMembers, StoredJson},
};

/// An entry as the public sees it. `platform_url` makes its evidence absolute.
#[must_use]
pub fn shown(entry: &EntryRow, platform_url: &str) -> BlocklistEntry {
    let report = entry.skill_name.report_path();
    let mut evidence_urls: Vec<String> = json::parse(&entry.evidence_urls).unwrap_or_default();
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

/// An entry in a list that is very long: without what only `check` is asked for.
#[must_use]
pub fn shown_in_brief(entry: &EntryRow) -> BlocklistEntry {
    let evidence_urls = json::parse(&entry.evidence_urls).unwrap_or_default();
    BlocklistEntry { evidence_urls, commit_sha: None, report_url: None, ..shown(entry, "") }
}

/// An entry as admins see it.
#[must_use]
pub fn shown_to_admins(row: AdminEntryRow, platform_url: &str) -> AdminEntry {
    let public = shown(&row.entry, platform_url);
    let entry = row.entry;
    AdminEntry {
        id: public.id,
        state: entry.state.as_str(),
        skill_name: entry.skill_name,
        source_url: public.source_url,
        threat_type: public.threat_type,
        severity: public.severity,
        reason: public.reason,
        stated_reason: Some(entry.reason).filter(|reason| !reason.is_empty()),
        evidence: StoredJson::parse(&entry.evidence),
        evidence_urls: public.evidence_urls,
        discovered_by: row.discovered_by,
        discovered_at: public.discovered_at,
        updated_at: entry.updated_at,
        commit_sha: public.commit_sha,
        report_url: public.report_url,
        review: row.clean_commit.is_some(),
        clean_commit_sha: row.clean_commit,
        withdrawn_at: row.withdrawn_at,
        withdrawn_reason: row.withdrawn_reason,
        version: row.write_token,
    }
}

fn sentence(provider: Provider, count: u32) -> String {
    format!("{provider} found {count} critical findings")
}

/// The provider that found most, with its count; the first of the list where several did.
fn worst_evidence(entry: &EntryRow) -> Option<(Provider, u32)> {
    let evidence: JsonMembers = json::parse(&entry.evidence)?;
    let counts: Option<Vec<(Provider, u32)>> = evidence
        .into_iter()
        .map(|(provider, evidence)| {
            let evidence = Evidence::from_json(evidence)?;
            Some((provider.parse().ok()?, evidence.critical_count))
        })
        .collect();
    counts?.into_iter().max_by_key(|(provider, count)| (*count, std::cmp::Reverse(*provider)))
}

/// Whether an entry is about a source: its own, or any where it names none. A question without a
/// source means every one.
fn is_about(source: Option<&RepoUrl>, asked: Option<&RepoUrl>) -> bool {
    match (source, asked) {
        (Some(source), Some(asked)) => source == asked,
        (None, _) | (_, None) => true,
    }
}

/// Whether an entry of one name is about a skill of another: case does not count, nor what stands before the
/// last segment where the entry has no more.
fn is_named(entry: &SkillName, skill: &SkillName) -> bool {
    let skill = if entry.is_bare() { skill.bare() } else { skill.as_str() };
    entry.as_str().eq_ignore_ascii_case(skill)
}

/// Answers `check` by what stands against a name and, where the caller knows it, a source. Where only some skills of a
/// bare name are blocked and no source is named, an entry of one source taints: which skill is meant is not known.
#[must_use]
pub fn check(asked: Option<&RepoUrl>, charges: &Charges, platform_url: &str) -> CheckAnswer {
    let entries = &charges.entries;
    let blocks = |entry: &&EntryRow| !charges.not_of_all || entry.source_url.is_none();
    let standing = |state: EntryState| {
        entries
            .iter()
            .filter(|entry| entry.state == state && is_about(entry.source_url.as_ref(), asked))
            .max_by_key(|entry| (blocks(entry), entry.severity))
    };
    let entry = standing(EntryState::Active);
    let active = entry.filter(blocks);
    let is_of_namesake = entry.is_some();
    let proposed = standing(EntryState::Proposed);
    let entry = entry.or(proposed);
    // Criticals that no entry stands for: not of what was published since.
    let tainting = charges.criticals.iter().find(|scan| {
        is_about(Some(&scan.repo_url), asked)
            && !entries.iter().any(|entry| {
                is_named(&entry.skill_name, &scan.skill_name)
                    && is_about(entry.source_url.as_ref(), Some(&scan.repo_url))
            })
    });
    let taint_reason = match (active, entry, tainting) {
        (None, Some(entry), _) => {
            let mut reason = shown(entry, platform_url).reason;
            if is_of_namesake {
                reason = format!("{reason} in {}, one of several skills", entry.skill_name);
            }
            Some(reason)
        }
        (_, _, Some(scan)) => Some(taint(scan)),
        _ => None,
    };
    CheckAnswer {
        blocked: active.is_some(),
        entry: active.map(|entry| shown(entry, platform_url)),
        rejected: active.is_none() && proposed.is_some(),
        rejection: proposed.filter(|_| active.is_none()).map(|entry| Rejection {
            skill_name: entry.skill_name.bare().to_owned(),
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
        stale: false,
    }
}

fn taint(scan: &CriticalScan) -> String {
    let commit = scan.commit_sha.as_ref().map_or("an unknown commit", |sha| sha.short());
    let which = if scan.published {
        "which is the published one"
    } else {
        "which was not the published one"
    };
    format!("{} at commit {commit}, {which}", sentence(scan.provider, scan.critical_count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use skillgate_contract::{Millis, api::ThreatSeverity};
    use std::collections::BTreeMap;

    const SITE: &str = "https://s.example";
    const HERE: &str = "https://github.com/owner/repo";
    const THERE: &str = "https://github.com/else/repo";

    fn entry(state: EntryState, source: Option<&str>, evidence: &str) -> EntryRow {
        EntryRow {
            id: "e1".to_owned(),
            skill_name: "owner/tool".parse().unwrap(),
            source_url: source.map(|url| url.parse().unwrap()),
            state,
            threat_type: "external-sast".to_owned(),
            severity: ThreatSeverity::High,
            reason: "by hand".to_owned(),
            evidence: evidence.to_owned(),
            evidence_urls: r#"["https://proof.example/1"]"#.to_owned(),
            commit_sha: None,
            discovered_at: Millis(0),
            updated_at: Millis(0),
        }
    }

    fn evidence(counts: &[(Provider, u32)]) -> String {
        let each = counts.iter().map(|(provider, count)| {
            let evidence = Evidence {
                scan_id: "s".parse().unwrap(),
                commit_sha: "a".repeat(40).parse().unwrap(),
                critical_count: *count,
            };
            (*provider, evidence)
        });
        serde_json::to_string(&each.collect::<BTreeMap<_, _>>()).unwrap()
    }

    fn ask(repo: Option<&str>, entries: &[EntryRow], criticals: &[CriticalScan]) -> CheckAnswer {
        let repo = repo.map(|url| url.parse().unwrap());
        let charges =
            Charges { entries: entries.to_vec(), criticals: criticals.to_vec(), not_of_all: false };
        check(repo.as_ref(), &charges, SITE)
    }

    #[test]
    fn an_automatic_entry_shows_its_worst_providers_sentence_and_one_by_hand_its_own() {
        let by_hand = shown(&entry(EntryState::Active, None, "{}"), SITE);
        assert_eq!((by_hand.reason.as_str(), by_hand.evidence_urls.len()), ("by hand", 1));
        let all = [(Provider::Semgrep, 2), (Provider::Njsscan, 9), (Provider::Trufflehog, 9)];
        let automatic = shown(&entry(EntryState::Active, None, &evidence(&all)), SITE);
        assert_eq!(automatic.reason, "njsscan found 9 critical findings", "the first of equals");
        assert_eq!(automatic.evidence_urls[0], "https://s.example/skills/owner/tool/security");
        assert_eq!((&*automatic.skill_name, &*automatic.skill), ("tool", "owner/tool"));
    }

    #[test]
    fn g28_an_entry_is_about_its_own_source_or_about_any_where_it_names_none() {
        for (source, asked, blocked) in [
            (Some(HERE), Some(HERE), true),
            (Some(HERE), Some(THERE), false),
            (Some(HERE), None, true),
            (None, Some(THERE), true),
            (None, None, true),
        ] {
            let answer = ask(asked, &[entry(EntryState::Active, source, "{}")], &[]);
            assert_eq!(answer.blocked, blocked, "{source:?} {asked:?}");
            assert_eq!(answer.entry.is_some(), blocked);
        }
    }

    #[test]
    fn a_proposed_entry_rejects_and_taints_and_an_active_one_beside_it_blocks() {
        let proposed = entry(EntryState::Proposed, None, "{}");
        let answer = ask(None, std::slice::from_ref(&proposed), &[]);
        assert_eq!((answer.blocked, answer.rejected, answer.tainted), (false, true, true));
        assert_eq!(answer.rejection.unwrap().state, "proposed");
        let answer = ask(None, &[proposed, entry(EntryState::Active, None, "{}")], &[]);
        assert_eq!((answer.blocked, answer.rejected, answer.tainted), (true, false, false));
        let answer = ask(None, &[entry(EntryState::Withdrawn, None, "{}")], &[]);
        assert_eq!((answer.blocked, answer.rejected), (false, false));
    }

    #[test]
    fn g29_criticals_that_no_entry_stands_for_taint() {
        let scan = CriticalScan {
            skill_name: "owner/tool".parse().unwrap(),
            repo_url: HERE.parse().unwrap(),
            provider: Provider::Semgrep,
            commit_sha: None,
            critical_count: 3,
            published: false,
        };
        let scans = std::slice::from_ref(&scan);
        let answer = ask(None, &[], scans);
        assert_eq!((answer.blocked, answer.tainted, answer.findings), (false, true, Some(3)));
        assert!(!ask(Some(THERE), &[], scans).tainted);
        for (name, source, tainted) in [
            ("owner/tool", Some(HERE), false),
            ("OWNER/Tool", Some(HERE), false),
            ("Tool", Some(HERE), false),
            ("tool", None, false),
            ("other/tool", Some(HERE), true),
            ("owner/tool", Some(THERE), true),
        ] {
            let mut entry = entry(EntryState::Active, source, "{}");
            entry.skill_name = name.parse().unwrap();
            let answer = ask(None, &[entry], scans);
            assert_eq!((answer.blocked, answer.tainted), (true, tainted), "{name} {source:?}");
        }
        let published =
            CriticalScan { published: true, commit_sha: "a".repeat(40).parse().ok(), ..scan };
        let reason = ask(None, &[], &[published]).taint_reason.unwrap();
        assert_eq!(
            reason,
            "semgrep found 3 critical findings at commit aaaaaaa, which is the published one"
        );
    }
}
