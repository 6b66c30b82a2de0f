//! `/api/v1/internal/…`: pulling scanners list pending scans, claim, extend and release them.

use super::{body::json_bytes, paging::limit};
use crate::{
    app::App,
    auth::InternalCaller,
    domain::queue::refusal,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    kv::summaries,
    ports::Ports,
};
use skillgate_contract::{
    Millis, ScanStatus,
    api::{
        CLAIM_MS, ClaimAnswer, ClaimRefusal, ClaimRequest, ClaimedScan, HeartbeatAnswer,
        MAX_PENDING, PendingAnswer, PendingScan, ReleaseAnswer,
    },
    object::JsonObject,
};

/// How often a claim is tried while its scan keeps changing.
const MOST_ROUNDS: usize = 4;

const UNKNOWN: AppError = AppError::NotFound("no such scan");

/// Lists the scans that a scanner may claim, in turns of the source owners.
pub(crate) async fn pending<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let _scanner = InternalCaller::check(&app.config, request)?;
    let limit = limit(request, MAX_PENDING, MAX_PENDING)?;
    let offered = app.store().offered(limit, app.scheduling()).await?;
    let callback_url = app.config.callback_url();
    let scans = offered.into_iter().map(|scan| PendingScan {
        id: scan.id,
        skill_name: scan.skill_name,
        repo_url: scan.repo_url,
        skill_path: scan.skill_path,
        provider: scan.provider,
        commit_sha: scan.commit_sha,
        callback_url: callback_url.clone(),
        dispatched_at: scan.dispatched_at,
        attempt: scan.attempt,
    });
    let answer = PendingAnswer { scans: scans.collect() };
    Ok(Response::json(200, &answer, CachePolicy::NoStore).into())
}

/// 1. The caller has the internal key (401), and the report could be verified (503).
/// 2. The body is one JSON object (413, 415, 400) of right fields (422).
/// 3. The scan is there (404).
/// 4. One batch claims it as it was read; should it have changed, it is read again (409 once it is
///    no longer to be had).
/// 5. KV follows. 200, with the key of this one attempt.
pub(crate) async fn claim<P: Ports>(app: &App<P>, request: &Request) -> Result<Handled, AppError> {
    let _scanner = InternalCaller::check(&app.config, request)?; // (1)
    let secret = app.config.webhook_secret.as_ref().ok_or(AppError::Closed("WEBHOOK_SECRET"))?;
    let claim = read(request)?; // (2)
    let mut scan = app.store().scan(&claim.scan_id).await?.ok_or(UNKNOWN)?; // (3)
    for _ in 0..MOST_ROUNDS {
        let (token, scheduling) = (app.write_token(), app.scheduling());
        let now = app
            .store()
            .claim(&scan, &claim.claimed_by, &token, scheduling)
            .await?
            .ok_or(UNKNOWN)?; // (4)
        if now.write_token != *token {
            let refusal = refusal(&now, &scan, scheduling.now);
            if now.status != scan.status {
                // It may have been this call that found it overdue.
                summaries::sync(app, &now.skill_name).await;
            }
            match refusal {
                Some(reason) => return Err(AppError::Claim(reason)),
                None => scan = now,
            }
            continue;
        }
        summaries::sync(app, &now.skill_name).await; // (5)
        let callback_secret = secret
            .scan_secret(&now.id, now.attempt)
            .parse()
            .map_err(|e| AppError::Internal(format!("a scan's key: {e}")))?;
        let scan = PendingScan {
            id: now.id,
            skill_name: now.skill_name,
            repo_url: now.repo_url,
            skill_path: now.skill_path,
            provider: now.provider,
            commit_sha: now.commit_sha,
            callback_url: app.config.callback_url(),
            dispatched_at: Some(scheduling.now),
            attempt: now.attempt,
        };
        let answer = ClaimAnswer { ok: true, scan: ClaimedScan { scan, callback_secret } };
        return Ok(Response::json(200, &answer, CachePolicy::NoStore).into());
    }
    Err(AppError::Claim(ClaimRefusal::AlreadyClaimed))
}

/// Extends a claim (404, 409 `not_yours`).
pub(crate) async fn heartbeat<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let _scanner = InternalCaller::check(&app.config, request)?;
    let claim = read(request)?;
    let scheduling = app.scheduling();
    let extended = app.store().extend_claim(&claim.scan_id, &claim.claimed_by, scheduling).await?;
    let scan = extended.ok_or(UNKNOWN)?;
    let theirs = scan.claimed_by.as_deref() == Some(claim.claimed_by.as_str());
    if scan.status != ScanStatus::Running || !theirs {
        return Err(AppError::Claim(ClaimRefusal::NotYours));
    }
    let expires_at: Millis = scheduling.now.plus(CLAIM_MS);
    let answer = HeartbeatAnswer { ok: true, expires_at };
    Ok(Response::json(200, &answer, CachePolicy::NoStore).into())
}

/// Releases a claim (404, 409 `not_yours`): the scan is claimable at once.
pub(crate) async fn release<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let _scanner = InternalCaller::check(&app.config, request)?;
    let claim = read(request)?;
    let (token, scheduling) = (app.write_token(), app.scheduling());
    let scan = app.store().scan(&claim.scan_id).await?.ok_or(UNKNOWN)?;
    let released = app.store().release_claim(&scan, &claim.claimed_by, &token, scheduling).await?;
    if released.is_none_or(|scan| scan.write_token != *token) {
        return Err(AppError::Claim(ClaimRefusal::NotYours));
    }
    summaries::sync(app, &scan.skill_name).await;
    Ok(Response::json(200, &ReleaseAnswer { ok: true }, CachePolicy::NoStore).into())
}

fn read(request: &Request) -> Result<ClaimRequest, AppError> {
    let object = JsonObject::parse(json_bytes(request)?, ClaimRequest::KNOWN_FIELDS)?;
    ClaimRequest::read(object).map_err(AppError::Fields)
}
