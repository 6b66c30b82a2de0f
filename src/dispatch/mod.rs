//! Dispatch of leased scans, to scanners or to GitHub Actions.
//!
//! It runs after the response or from the scheduled handler, and may be cut off at any point. A scan
//! whose dispatch was not recorded is due again when its lease expires, under the next attempt number.

mod github;
mod head_commit;
mod scanner;

pub(crate) use head_commit::head_commit;

use crate::{
    app::App,
    config::DispatchMode,
    domain::retry,
    log::{LogEvent, scan_fields},
    model::{LeasedScan, RetryBudget},
    ports::Ports,
    store::SendOutcome,
};
use skillgate_contract::Millis;

/// Dispatches leased scans and records the outcome of each. Returns whether any was accepted.
pub async fn send<P: Ports>(app: &App<P>, scans: Vec<LeasedScan>) -> bool {
    match &app.config.dispatch {
        _ if scans.is_empty() => false,
        DispatchMode::Github(github) => github::start_runs(app, github, scans).await,
        DispatchMode::Scanner { .. } | DispatchMode::Pull => scanner::send_each(app, scans).await,
    }
}

/// Records a dispatch that nobody accepted: the scan is retried at `retry_at`, or ends as ERROR
/// where its retry budget is spent.
fn record_failure<P: Ports>(
    app: &App<P>,
    outcome: &mut SendOutcome,
    scan: &LeasedScan,
    retry_at: Millis,
    why: &str,
    budget: RetryBudget,
) {
    let fields =
        scan_fields(&scan.id, scan.attempt, &scan.provider, &scan.skill_name, &scan.repo_url);
    if budget == RetryBudget::Spend && scan.failures.saturating_add(1) >= retry::MOST_FAILURES {
        app.log(LogEvent::DispatchGivenUp, &fields, &why);
        let why = format!("could not be sent to any scanner: {why}");
        outcome.given_up(scan, &app.write_token(), &why, &app.end_of_scan());
    } else {
        app.log(LogEvent::DispatchFailed, &fields, &why);
        outcome.failed(scan, app.ports.now(), retry_at, why, budget);
    }
}
