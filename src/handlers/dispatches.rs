//! `GET /api/v1/admin/dispatches`: the scans that wait for a dispatch, with the last error of each.

use crate::{
    app::App,
    auth::AdminCaller,
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    ports::Ports,
};
use skillgate_contract::api::{DispatchesAnswer, FailingScannerRow, WaitingScan};

/// The scans that are to be sent, the oldest first, and the scanners that take nothing.
pub(crate) async fn dispatches<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let _admin = AdminCaller::check(&app.config, request)?;
    let (scans, scanners) = app.store().unsent(app.config.dispatch_target()).await?;
    let waiting = scans.into_iter().map(|scan| WaitingScan {
        scan_id: scan.id,
        skill_name: scan.skill_name,
        provider: scan.provider,
        status: scan.status,
        attempt: scan.attempt,
        failures: scan.failures,
        error: scan.error,
        due_at: scan.due_at,
        dispatched_at: scan.dispatched_at,
        created_at: scan.created_at,
    });
    let failing = scanners.into_iter().map(|scanner| FailingScannerRow {
        url: scanner.url,
        failures: scanner.failures,
        error: scanner.error,
        failed_at: scanner.failed_at,
        ejected_until: scanner.ejected_until,
    });
    let answer =
        DispatchesAnswer { waiting: waiting.collect(), failing_scanners: failing.collect() };
    Ok(Response::json(200, &answer, CachePolicy::NoStore).into())
}
