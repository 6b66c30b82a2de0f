//! `/api/v1/internal/…`: scanners that pull ask what waits, claim it, keep it, hand it back.

use super::{body::json_bytes, paging::limit};
use crate::{
    app::App,
    auth::InternalCaller,
    domain::queue::refusal,
    error::AppError,
    http::{CachePolicy, Request, Response},
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

/// How often a scan that changes under a claim's hands is looked at again.
const MOST_ROUNDS: usize = 4;

const UNKNOWN: AppError = AppError::NotFound("no such scan");

/// What waits for a scanner, oldest first.
pub(crate) async fn pending<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Response, AppError> {
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
    Ok(Response::json(200, &PendingAnswer { scans: scans.collect() }, CachePolicy::NoStore))
}

/// 1. The caller has the internal key (401), and the report could be verified (503).
/// 2. The body is one JSON object (413, 415, 400) of right fields (422).
/// 3. The scan is there (404).
/// 4. One batch claims it as it was read; should it have changed, it is read again (409 once it is
///    no longer to be had).
/// 5. KV follows. 200, with the key of this one scan.
pub(crate) async fn claim<P: Ports>(app: &App<P>, request: &Request) -> Result<Response, AppError> {
    let _scanner = InternalCaller::check(&app.config, request)?; // (1)
    let secret = app.config.webhook_secret.as_ref().ok_or(AppError::Closed("WEBHOOK_SECRET"))?;
    let claim = read(request)?; // (2)
    let mut scan = app.store().scan(&claim.scan_id).await?.ok_or(UNKNOWN)?; // (3)
    for _ in 0..MOST_ROUNDS {
        let (token, scheduling) = (app.token(), app.scheduling());
        let now = app
            .store()
            .claim(&scan, &claim.claimed_by, &token, scheduling)
            .await?
            .ok_or(UNKNOWN)?; // (4)
        if now.last_write != token {
            let refusal = refusal(&now, &scan, scheduling.now);
            if now.status != scan.status {
                // It may have been this call that found it overdue.
                app.drain_quietly(&now.skill_name).await;
            }
            match refusal {
                Some(reason) => return Err(AppError::Claim(reason)),
                None => scan = now,
            }
            continue;
        }
        app.drain_quietly(&now.skill_name).await; // (5)
        let callback_secret = secret
            .scan_secret(&now.id)
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
        return Ok(Response::json(200, &answer, CachePolicy::NoStore));
    }
    Err(AppError::Claim(ClaimRefusal::AlreadyClaimed))
}

/// A claimant is alive (404, 409 `not_yours`).
pub(crate) async fn heartbeat<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Response, AppError> {
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
    Ok(Response::json(200, &HeartbeatAnswer { ok: true, expires_at }, CachePolicy::NoStore))
}

/// A claimant hands a scan back (404, 409 `not_yours`): it is free at once.
pub(crate) async fn release<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Response, AppError> {
    let _scanner = InternalCaller::check(&app.config, request)?;
    let claim = read(request)?;
    let (token, scheduling) = (app.token(), app.scheduling());
    let scan = app.store().scan(&claim.scan_id).await?.ok_or(UNKNOWN)?;
    let released = app.store().release_claim(&scan, &claim.claimed_by, &token, scheduling).await?;
    if released.is_none_or(|scan| scan.last_write != token) {
        return Err(AppError::Claim(ClaimRefusal::NotYours));
    }
    app.drain_quietly(&scan.skill_name).await;
    Ok(Response::json(200, &ReleaseAnswer { ok: true }, CachePolicy::NoStore))
}

fn read(request: &Request) -> Result<ClaimRequest, AppError> {
    let object = JsonObject::parse(json_bytes(request)?, ClaimRequest::KNOWN_FIELDS)?;
    ClaimRequest::read(object).map_err(AppError::Fields)
}
