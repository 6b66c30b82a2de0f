//! `GET /api/v1/health`.

use crate::{
    app::App,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Response},
    ports::{Cache, Ports},
};
use skillgate_contract::api::{Health, HealthChecks};

/// 503 when D1 does not answer; without KV the service is slower, not down, and without limits open.
pub(crate) async fn health<P: Ports>(app: &App<P>) -> Result<Handled, AppError> {
    let word = |ok: bool| if ok { "ok" } else { "failing" }.to_owned();
    // A real table: a database that was never migrated answers too.
    let oldest = app.store().oldest_waiting().await.ok();
    let d1 = oldest.is_some();
    let ages = oldest.map(|oldest| oldest.ages(app.ports.now()));
    let kv = app.ports.cache().get("health").await.is_ok();
    let size = app.database_size();
    let limits = if app.ports.has_limits() { "ok" } else { "missing" };
    let health = Health {
        status: if d1 && kv { "ok" } else { "degraded" }.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        checks: HealthChecks { d1: word(d1), kv: word(kv), limits: limits.to_owned() },
        oldest_unsent_seconds: ages.map(|[unsent, _]| unsent),
        oldest_pending_seconds: ages.map(|[_, pending]| pending),
        database_bytes: size.map(|[bytes, _]| bytes),
        database_percent: size.map(|[_, percent]| percent),
    };
    Ok(Response::json(if d1 { 200 } else { 503 }, &health, CachePolicy::NoStore).into())
}
