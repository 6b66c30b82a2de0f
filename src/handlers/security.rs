//! `GET /api/v1/skills/{name}/security`: what the installer asks before it installs; and what each
//! provider found.

use super::from_copy;
use crate::{
    app::App,
    domain::overall,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    model::{MOST_CANDIDATES, ScanRow, SkillRow, SkillState},
    ports::Ports,
    store::Resolved,
    timeouts,
};
use skillgate_contract::{
    InstallerStatus, Provider, SkillName,
    api::{Candidate, ScanDetail, SecurityAnswer},
    json::{self, FromJson},
    rule_page, sarif,
};

/// An unknown skill is a 404, never a PASS. A bare name that several skills end in is PENDING with
/// its candidates: a wrong FAIL would block somebody else's skill. Where D1 fails, the copy may still tell
/// of a FAIL.
pub(crate) async fn security<P: Ports>(
    app: &App<P>,
    name: &SkillName,
) -> Result<Handled, AppError> {
    let answer = match known(app, name).await {
        Ok(answer) => answer,
        Err(error) => return from_copy::or_else(app, error, from_copy::failed(app, name)).await,
    };
    let cache = CachePolicy::of(answer.overall_verdict);
    Ok(Response::json(200, &answer, cache).into())
}

async fn known<P: Ports>(app: &App<P>, name: &SkillName) -> Result<SecurityAnswer, AppError> {
    Ok(match app.store().resolve(name).await? {
        Resolved::Nobody => return Err(AppError::NO_SKILL),
        Resolved::Several(candidates) => ambiguous(name, candidates),
        Resolved::One(state) => {
            overall::security_answer(&timeouts::expire_overdue(app, *state).await?)
        }
    })
}

/// One provider's newest scan, with what it found and read: as our own JSON, or as SARIF.
pub(crate) async fn security_of<P: Ports>(
    app: &App<P>,
    request: &Request,
    name: &SkillName,
    provider: Provider,
) -> Result<Handled, AppError> {
    let as_sarif = match request.query_value("format")?.as_deref() {
        None => request.prefers(sarif::MEDIA_TYPE, "application/json"),
        Some("json") => false,
        Some("sarif") => true,
        Some(_) => return Err(AppError::query("format must be json or sarif".to_owned())),
    };
    let state = timeouts::expire_overdue_by_name(app, name).await?;
    let scan_id = state.newest(provider).map(|scan| scan.id.clone());
    let detail = match &scan_id {
        Some(id) => app.store().scan_detail(id).await?,
        None => None,
    };
    let row = overall::provider_row(&state, provider);
    let cache = CachePolicy::of(row.status);
    let answer = ScanDetail {
        row,
        scan_id,
        findings: detail.as_ref().and_then(|d| stored(&d.findings)),
        findings_truncated: detail.as_ref().is_some_and(|d| d.findings_truncated == 1),
        coverage: detail.as_ref().and_then(|d| stored(&d.coverage)),
        tool: detail.as_ref().and_then(|d| stored(&d.tool)),
        worker_host: detail.as_ref().and_then(|d| d.worker_host.clone()),
        duration_ms: detail.as_ref().and_then(|d| d.duration_ms),
        isolation: detail.as_ref().and_then(|d| d.isolation.clone()),
        github_run_url: detail.as_ref().and_then(|d| d.github_run_url.clone()),
        auto_run: detail.as_ref().and_then(|d| stored(&d.auto_run)),
        auto_run_truncated: detail.as_ref().is_some_and(|d| d.auto_run_truncated == 1),
        error: detail.and_then(|d| d.error),
        removed: state.newest(provider).and_then(ScanRow::removed),
    };
    let response = if as_sarif {
        let body =
            serde_json::to_string(&as_log(app, &state, provider, &answer)).unwrap_or_default();
        Response::text(200, sarif::MEDIA_TYPE, body, cache)
    } else {
        Response::json(200, &answer, cache)
    };
    Ok(response.with("vary", "accept").into())
}

fn as_log<P: Ports>(
    app: &App<P>,
    state: &SkillState,
    provider: Provider,
    answer: &ScanDetail,
) -> sarif::v1::Log {
    let scan = state.newest(provider);
    let page = |provider, rule: &str| {
        format!("{}{}", app.config.platform_url, rule_page::address(provider, rule))
    };
    let scan = sarif::Scan {
        provider,
        skill_name: Some(&state.skill.name),
        repo_url: Some(scan.map_or(&state.skill.repo_url, |scan| &scan.repo_url)),
        commit_sha: answer.row.commit_sha.as_ref(),
        status: scan.map(|scan| scan.status),
        tool: answer.tool.as_ref(),
        findings: answer.findings.as_deref().unwrap_or_default(),
        findings_truncated: answer.findings_truncated,
        coverage: answer.coverage.as_ref(),
        error: answer.error.as_deref(),
    };
    sarif::log(&[scan], &page)
}

fn stored<T: FromJson>(text: &Option<String>) -> Option<T> {
    text.as_deref().and_then(json::parse)
}

fn ambiguous(name: &SkillName, candidates: Vec<SkillRow>) -> SecurityAnswer {
    SecurityAnswer {
        skill_name: name.to_string(),
        overall_verdict: InstallerStatus::Pending,
        report_url: name.report_path(),
        repo_url: None,
        commit_sha: None,
        published_commit_sha: None,
        current: false,
        updated_at: None,
        providers: Vec::new(),
        ambiguous: true,
        candidates: candidates
            .into_iter()
            .take(MOST_CANDIDATES)
            .map(|skill| Candidate { skill_name: skill.name.to_string(), repo_url: skill.repo_url })
            .collect(),
        stale: false,
    }
}
