//! `POST /api/v1/admin/scan-external`: an admin wants a skill scanned again.

use super::{body::json_bytes, publish::answer};
use crate::{
    app::App,
    auth::AdminCaller,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    kv::summaries,
    ports::Ports,
    store::NewScan,
};
use skillgate_contract::{api::ScanAgainRequest, object::JsonObject};

/// 1. The caller is an admin (401), and the scans could be signed (503).
/// 2. The body is one JSON object (413, 415, 400) of right fields (422).
/// 3. The skill is published (404).
/// 4. In one atomic step: with `force` the end of what is active, one scan for each provider that
///    has none active, the hour's budget, the audit line.
/// 5. 202; what was leased is sent once the answer is on its way.
pub(crate) async fn scan_again<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let _admin = AdminCaller::check(&app.config, request)?; // (1)
    app.config.require_scan_secrets()?;
    let object = JsonObject::parse(json_bytes(request)?, ScanAgainRequest::KNOWN_FIELDS)?; // (2)
    let asked = ScanAgainRequest::read(object).map_err(AppError::Fields)?;

    let known = app.store().skill_state(&asked.name).await?; // (3)
    let skill = known.ok_or(AppError::NO_SKILL)?.skill;
    let new_scans: Vec<_> = asked
        .providers
        .iter()
        .map(|provider| NewScan { id: app.new_id(), provider: *provider })
        .collect();
    let (state, leased) = app
        .store()
        .scan_again(&skill, &new_scans, asked.force, &app.write_token(), app.scheduling())
        .await?; // (4)
    summaries::sync(app, &skill.name).await;

    let answer = answer(&state, &asked.providers, &new_scans, &leased);
    Ok(Handled { response: Response::json(202, &answer, CachePolicy::NoStore), to_send: leased }) // (5)
}
