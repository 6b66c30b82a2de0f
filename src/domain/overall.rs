//! What all providers together say about a skill.

use crate::model::{EntryState, ScanRow, SkillState};
use skillgate_contract::{
    CommitSha, InstallerStatus, Provider, ScanStatus,
    api::{HistoryScan, ProviderRow, SecurityAnswer},
};

/// FAIL if any provider is FAIL; else PENDING while one may still come; else PASS only if all
/// are PASS at the published commit; else TIMED_OUT.
#[must_use]
pub fn overall(state: &SkillState) -> InstallerStatus {
    let statuses = Provider::ALL.map(|provider| state.newest(provider).map(|scan| scan.status));
    if statuses.contains(&Some(ScanStatus::Fail)) {
        return InstallerStatus::Fail;
    }
    if statuses.iter().any(|status| status.is_none_or(ScanStatus::is_active)) {
        return InstallerStatus::Pending;
    }
    if statuses.iter().all(|status| *status == Some(ScanStatus::Pass)) && is_current(state) {
        return InstallerStatus::Pass;
    }
    InstallerStatus::TimedOut
}

/// Whether every provider's newest scan is of the published commit of the published repository.
#[must_use]
pub fn is_current(state: &SkillState) -> bool {
    Provider::ALL
        .into_iter()
        .all(|provider| state.newest(provider).is_some_and(|scan| is_of_published(state, scan)))
}

/// The word that installers show of a skill. Nobody certifies skills here, and without a word they show one of
/// their own.
#[must_use]
pub fn tier(standing: Option<EntryState>) -> &'static str {
    if standing == Some(EntryState::Active) { "BLOCKED" } else { "UNCERTIFIED" }
}

/// Whether one scan is of the published commit and folder of the published repository.
#[must_use]
pub fn is_of_published(state: &SkillState, scan: &ScanRow) -> bool {
    state.skill.commit_sha.is_some()
        && state.skill.commit_sha == scan.commit_sha
        && state.skill.repo_url == scan.repo_url
        && state.skill.skill_path == scan.skill_path
}

/// The answer that the installer reads.
#[must_use]
pub fn security_answer(state: &SkillState) -> SecurityAnswer {
    SecurityAnswer {
        skill_name: state.skill.name.to_string(),
        overall_verdict: overall(state),
        report_url: state.skill.name.report_path(),
        repo_url: Some(state.skill.repo_url.clone()),
        commit_sha: shared_commit(state),
        published_commit_sha: state.skill.commit_sha.clone(),
        current: is_current(state),
        // Moves with the revision: sends and heartbeats change rows, but nothing that is shown.
        updated_at: Some(state.skill.updated_at),
        providers: Provider::ALL.map(|provider| provider_row(state, provider)).to_vec(),
        ambiguous: false,
        candidates: Vec::new(),
        stale: false,
    }
}

/// The commit that all results share; null where they differ or one has none.
fn shared_commit(state: &SkillState) -> Option<CommitSha> {
    let mut commits =
        state.scans.iter().filter(|scan| scan.score.is_some()).map(|scan| scan.commit_sha.as_ref());
    let first = commits.next()??;
    commits.all(|commit| commit == Some(first)).then(|| first.clone())
}

/// One provider's row of the answer.
#[must_use]
pub fn provider_row(state: &SkillState, provider: Provider) -> ProviderRow {
    row(provider, state.newest(provider))
}

fn row(provider: Provider, scan: Option<&ScanRow>) -> ProviderRow {
    ProviderRow {
        provider,
        status: scan.map_or(InstallerStatus::Pending, |scan| scan.status.for_installer()),
        verdict: scan.and_then(|scan| scan.status.verdict_for_installer()),
        counts: scan.map(ScanRow::counts).unwrap_or_default(),
        score: scan.and_then(|scan| scan.score),
        commit_sha: scan.and_then(|scan| scan.commit_sha.clone()),
        completed_at: scan.and_then(|scan| scan.completed_at),
        phase: scan.map_or("NONE", |scan| scan.status.as_str()),
    }
}

/// One scan among all that a skill ever had.
#[must_use]
pub fn history_scan(state: &SkillState, scan: &ScanRow) -> HistoryScan {
    let newest = state.newest(scan.provider).is_some_and(|newest| newest.id == scan.id);
    HistoryScan {
        row: row(scan.provider, Some(scan)),
        scan_id: scan.id.clone(),
        repo_url: scan.repo_url.clone(),
        created_at: scan.created_at,
        started_at: scan.started_at,
        duration_ms: scan.duration_ms,
        current: newest && is_of_published(state, scan),
        stray: scan.unsolicited == 1,
        error: scan.error.clone(),
        removed: scan.removed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SkillRow;
    use skillgate_contract::{Counts, Millis};

    fn state(statuses: [Option<ScanStatus>; Provider::COUNT]) -> SkillState {
        let scans = Provider::ALL.into_iter().zip(statuses).filter_map(|(provider, status)| {
            let status = status?;
            let has_result = status.is_answered() && status != ScanStatus::Error;
            Some(ScanRow::example(provider, status, has_result.then(Counts::default)))
        });
        SkillState {
            scans: scans.collect(),
            skill: SkillRow {
                name: "owner/tool".parse().unwrap(),
                repo_url: "https://github.com/owner/repo".parse().unwrap(),
                commit_sha: "a".repeat(40).parse().ok(),
                version: None,
                skill_path: None,
                updated_at: Millis(1),
                revision: 1,
                standing: None,
            },
        }
    }

    /// The rule of the product's description, word for word, for all 512 states of three providers; further ones have
    /// the state of the first.
    #[test]
    fn g40_the_overall_verdict_of_every_state() {
        let words: Vec<_> = ScanStatus::ALL.into_iter().map(Some).chain([None]).collect();
        let states = words.iter().flat_map(|a| {
            let words = &words;
            words.iter().flat_map(move |b| {
                words.iter().map(move |c| std::array::from_fn(|at| *[a, b, c][at % 3]))
            })
        });
        for all in states {
            let all: [_; Provider::COUNT] = all;
            let any = |status| all.contains(&Some(status));
            let may_come = any(ScanStatus::Pending) || any(ScanStatus::Running);
            let expected = if any(ScanStatus::Fail) {
                InstallerStatus::Fail
            } else if may_come || all.contains(&None) {
                InstallerStatus::Pending
            } else if all == [Some(ScanStatus::Pass); Provider::COUNT] {
                InstallerStatus::Pass
            } else {
                InstallerStatus::TimedOut
            };
            assert_eq!(overall(&state(all)), expected, "{all:?}");
        }
    }

    #[test]
    fn g39_passes_of_all_are_a_pass_only_at_the_published_commit_of_the_published_repository() {
        let passed = state([Some(ScanStatus::Pass); Provider::COUNT]);
        assert_eq!(overall(&passed), InstallerStatus::Pass);
        let mut other = passed.clone();
        other.scans[1].commit_sha = "b".repeat(40).parse().ok();
        assert_eq!((overall(&other), is_current(&other)), (InstallerStatus::TimedOut, false));
        assert_eq!(security_answer(&other).commit_sha, None);
        let mut moved = passed.clone();
        moved.skill.repo_url = "https://github.com/new/repo".parse().unwrap();
        assert_eq!(overall(&moved), InstallerStatus::TimedOut);
        let mut unknown = passed;
        unknown.skill.commit_sha = None;
        for scan in &mut unknown.scans {
            scan.commit_sha = None;
        }
        assert_eq!(overall(&unknown), InstallerStatus::TimedOut, "none is no common commit");
    }
}
