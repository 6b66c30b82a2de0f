//! What all providers together say about a skill.

use crate::store::{ScanRow, SkillState};
use skillgate_contract::{
    CommitSha, InstallerStatus, Provider, ScanStatus,
    api::{ProviderRow, SecurityAnswer},
};

/// FAIL if any provider is FAIL; else PENDING while one may still come; else PASS only if all three
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

/// Whether one scan is of the published commit of the published repository.
#[must_use]
pub fn is_of_published(state: &SkillState, scan: &ScanRow) -> bool {
    state.skill.commit_sha.is_some()
        && state.skill.commit_sha == scan.commit_sha
        && state.skill.repo_url == scan.repo_url
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
        updated_at: state
            .scans
            .iter()
            .map(|scan| scan.updated_at)
            .chain([state.skill.updated_at])
            .max(),
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
    let scan = state.newest(provider);
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
