//! The scheduled handler: what the worker does once a minute without a request.

use crate::{
    app::App,
    dispatch,
    error::AppError,
    kv::{blocklist, summaries},
    log::{LogEvent, Value},
    ports::Ports,
    timeouts,
};
use skillgate_contract::Millis;

/// Batches of scans that one run dispatches. With six scans in each, more than the default budget of
/// an hour.
const MOST_BATCHES: usize = 20;

/// The age of a scan that waits, to be sent or to begin, beyond which there is an alarm.
const MOST_SECONDS_WAITING: i64 = 15 * 60;

/// Dispatches what is due, expires what is overdue, judges proposed entries again, removes what replaced
/// scans found, and syncs KV. Each step runs whether or not the others fail.
pub async fn run_scheduled<P: Ports>(app: &App<P>) {
    app.log_error(app.store().requeue_for_dispatch_mode(app.scheduling()).await);
    app.log_error(dispatch_due(app).await);
    app.log_error(timeouts::expire_overdue_everywhere(app).await);
    app.log_error(summaries::sync_stale(app).await);
    app.log_error(repeat_alarms(app).await);
    app.log_error(app.store().thin_replaced(app.ports.now(), app.config.retention).await);
    app.log_error(blocklist::sync(app).await);
    alarm_of_size(app);
}

/// Raises an alarm well before D1 takes no more.
fn alarm_of_size<P: Ports>(app: &App<P>) {
    let Some([bytes, percent]) = app.database_size() else { return };
    let event = match percent {
        ..=60 => return,
        61..=80 => LogEvent::DatabaseFilling,
        _ => LogEvent::DatabaseNearlyFull,
    };
    let fields = [("bytes", Value::Number(bytes)), ("percent", Value::Number(percent))];
    app.log(event, &fields, &"the size of the database, and its share of D1_SIZE_LIMIT_BYTES");
}

async fn dispatch_due<P: Ports>(app: &App<P>) -> Result<(), AppError> {
    if !app.config.can_dispatch() {
        return Ok(());
    }
    for _ in 0..MOST_BATCHES {
        let leased = app.store().take_due(&app.write_token(), app.scheduling()).await?;
        if !dispatch::send(app, leased).await {
            break;
        }
    }
    Ok(())
}

/// Repeats the alarms that only an admin can clear, because the log line of the request that raised
/// them may be lost. Those about scans end after 24 hours. Proposed entries that the hourly limit has
/// room for become active first.
async fn repeat_alarms<P: Ports>(app: &App<P>) -> Result<(), AppError> {
    let since = app.ports.now().plus(-24 * Millis::HOUR);
    let [mut proposed, given_up] = app.store().left_to_admin(since).await?;
    if proposed.count > 0 {
        let most = app.config.block_limits;
        if app.store().judge_proposed(&app.write_token(), app.ports.now(), most).await? {
            [proposed, ..] = app.store().left_to_admin(since).await?;
        }
    }
    if proposed.count > 0 {
        let fields = [
            ("entries", Value::Number(proposed.count.into())),
            ("owner", Value::Text(&proposed.owner)),
            ("rule", Value::Text(&proposed.rule)),
            ("puller", Value::Text(&proposed.puller)),
        ];
        app.log(
            LogEvent::BlocklistProposed,
            &fields,
            &"do not block before the hourly limit has room or an admin confirms them; owner, rule and puller are the oldest's",
        );
    }
    let ages = app.store().oldest_waiting().await?.ages(app.ports.now());
    if ages.iter().any(|age| *age > MOST_SECONDS_WAITING) {
        let [unsent, pending] = ages.map(Value::Number);
        let fields = [("unsentSeconds", unsent), ("pendingSeconds", pending)];
        app.log(
            LogEvent::DispatchWaiting,
            &fields,
            &"the oldest scan has waited for over 15 minutes",
        );
    }
    if given_up.count > 0 {
        let fields = [("scans", Value::Number(given_up.count.into()))];
        app.log(LogEvent::ScanGivenUp, &fields, &"timed out three times and are not sent again");
    }
    Ok(())
}
