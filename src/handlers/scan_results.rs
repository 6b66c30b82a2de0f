//! `POST /api/v1/webhooks/scan-results`: a scanner reports.

use super::{alarm, body::json_bytes};
use crate::{
    app::App,
    auth::VerifiedCallback,
    domain::ingest::{Decision, Refusal, decide},
    error::AppError,
    handled::Handled,
    http::{CachePolicy, Request, Response},
    kv::summaries,
    log::{Field, LogEvent, scan_fields},
    model::ScanRow,
    ports::{DatabaseError, Ports},
    store::{Stored, Target},
};
use skillgate_contract::{
    ScanId, ScanStatus,
    api::CallbackAnswer,
    callback::{Callback, Event, ScanResult},
    object::FieldError,
};

/// How often a callback is decided while its scan keeps changing.
const MOST_ROUNDS: usize = 4;

/// 1. The body is at most 1 MiB of JSON (413, 415).
/// 2. Signature, or GitHub's token, and time hold (401, 503); the body is an object (400) of right fields (422).
/// 3. The scan that it is about is there (404), and was sent with such a key (401).
/// 4. The rules say what it does to that scan (409, 422), and one batch does it. Should the scan
///    have changed meanwhile, the rules are asked again.
/// 5. KV follows; if it cannot, it follows later. 200.
pub(crate) async fn receive<P: Ports>(
    app: &App<P>,
    request: &Request,
) -> Result<Handled, AppError> {
    let body = json_bytes(request)?; // (1)
    let VerifiedCallback { callback, by_old_key } =
        VerifiedCallback::check(app, request, body).await?; // (2)

    for _ in 0..MOST_ROUNDS {
        let scan = find(app, &callback).await?; // (3)
        if by_old_key && scan.has_key_of_its_attempt() {
            app.log(LogEvent::CallbackRefused, &fields(&scan), &"the key is of no attempt");
            return Err(AppError::Signature);
        }
        let Some(outcome) = act(app, &scan, &callback).await? else { continue }; // (4)
        let Outcome { scan_id, status, applied } = outcome;
        let to_send = if applied && !status.is_active() && app.config.can_dispatch() {
            app.store().take_due(&app.write_token(), app.scheduling()).await.unwrap_or_default()
        } else {
            Vec::new()
        };
        summaries::sync(app, &scan.skill_name).await; // (5)
        let answer = CallbackAnswer { ok: true, scan_id, status, applied };
        return Ok(Handled {
            response: Response::json(200, &answer, CachePolicy::NoStore),
            to_send,
        });
    }
    // A 409 would be the end of it for the sender.
    Err(DatabaseError("the scan changes faster than a report can be stored".to_owned()).into())
}

async fn find<P: Ports>(app: &App<P>, callback: &Callback) -> Result<ScanRow, AppError> {
    let scan = match (&callback.scan_id, &callback.skill_name) {
        (Some(id), _) => app.store().scan(id).await?,
        (None, Some(skill)) => app.store().scan_of(skill, callback.provider).await?,
        (None, None) => None,
    };
    scan.ok_or(AppError::NotFound("no such skill or scan"))
}

/// What a callback changed.
struct Outcome {
    /// The scan that holds the result: its own, or the one made for an unsolicited result.
    scan_id: ScanId,
    /// The status of that scan.
    status: ScanStatus,
    /// `false` for a repeat, which changed nothing.
    applied: bool,
}

/// Applies the decision of the rules. `None`: the scan changed in between, so the rules are asked again.
async fn act<P: Ports>(
    app: &App<P>,
    scan: &ScanRow,
    callback: &Callback,
) -> Result<Option<Outcome>, AppError> {
    let token = app.write_token();
    let target = Target { scan, token: &token, now: app.ports.now() };
    let end = app.end_of_scan();
    let decision =
        decide(scan, callback).map_err(|refusal| refused(app, scan, callback, refusal))?;
    let store = app.store();
    let (status, applied) = match decision {
        Decision::Repeat => return Ok(Some(unchanged(scan))),
        Decision::Start => {
            // No sign of life prolongs an attempt for ever.
            let started = scan.started_at.unwrap_or(target.now);
            let Some(deadline) = end.scheduling.deadline_of(started) else {
                return Ok(Some(unchanged(scan)));
            };
            (ScanStatus::Running, store.mark_started(target, deadline).await?)
        }
        Decision::Fail(error) => {
            (ScanStatus::Error, store.mark_failed(target, callback, error, &end).await?)
        }
        Decision::Store(result) => {
            let status = conclude(app, scan, result);
            let stored = store.store_result(target, callback, result, status, &end).await?;
            alarm(app, scan, &stored);
            (status, stored.applied)
        }
        Decision::StoreUnsolicited(result) => {
            let status = conclude(app, scan, result);
            let (id, stored) =
                store.store_unsolicited_result(target, callback, result, status, &end).await?;
            alarm(app, scan, &stored);
            return Ok(Some(Outcome { scan_id: id, status, applied: stored.applied }));
        }
    };
    Ok(applied.then(|| Outcome { scan_id: scan.id.clone(), status, applied: true }))
}

fn unchanged(scan: &ScanRow) -> Outcome {
    Outcome { scan_id: scan.id.clone(), status: scan.status, applied: false }
}

/// Raises the alarm where the hourly rate limit kept an automatic entry from blocking.
fn alarm<P: Ports>(app: &App<P>, scan: &ScanRow, stored: &Stored) {
    if let Some(entry) = &stored.rate_limited {
        alarm::entry_only_proposed(app, &fields(scan), entry);
    }
}

fn fields(scan: &ScanRow) -> [Field<'_>; 5] {
    scan_fields(&scan.id, scan.attempt, &scan.provider, &scan.skill_name, &scan.repo_url)
}

fn conclude<P: Ports>(app: &App<P>, scan: &ScanRow, result: &ScanResult) -> ScanStatus {
    if let Some(difference) = result.disagreement() {
        app.log(LogEvent::CallbackDisagreement, &fields(scan), &difference);
    }
    result.conclude(app.config.allow_pass_without_coverage)
}

fn refused<P: Ports>(
    app: &App<P>,
    scan: &ScanRow,
    callback: &Callback,
    refusal: Refusal,
) -> AppError {
    // Who holds a key says what its scan cannot have found, or two results of one scan differ. A
    // report that is only late is no alarm.
    let second = matches!(callback.event, Event::Result(_)) && scan.status != ScanStatus::Error;
    let conflict = match refusal {
        Refusal::OtherSubject(_) | Refusal::OtherCommit => true,
        Refusal::Finished => second,
        Refusal::Overtaken | Refusal::UnknownAttempt => false,
    };
    let event = if conflict { LogEvent::CallbackConflict } else { LogEvent::CallbackNotApplied };
    app.log(event, &fields(scan), &format_args!("not applied: {refusal}"));
    match refusal {
        Refusal::UnknownAttempt => {
            AppError::Fields(vec![FieldError::new("/attempt", "was never given out")])
        }
        other => AppError::Conflict(other.to_string()),
    }
}
