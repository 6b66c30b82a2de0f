//! Dispatch to scanners by `POST /scan`.

use super::record_failure;
use crate::{
    app::App,
    config::DispatchMode,
    domain::{
        retry,
        scanner::{ScannerResponse, ejected_until, order},
    },
    error::AppError,
    model::{FailingScanner, LeasedScan, Reply, RetryBudget},
    ports::{Call, Outbound, Ports},
    store::SendOutcome,
};
use skillgate_contract::{
    scan_request::{CallbackSecret, ScanRequest},
    text,
};

/// No scanner accepted a scan.
struct NotTaken {
    why: String,
    /// One of them is overloaded. The scan only waits: neither its retry budget nor the hourly dispatch
    /// budget is charged.
    busy: bool,
    /// No scanner can accept another scan either, so the rest of the batch is not offered.
    nobody: bool,
}

pub(super) async fn send_each<P: Ports>(app: &App<P>, scans: Vec<LeasedScan>) -> bool {
    // If the list cannot be read, no scanner is ejected: a request may fail, and no scan is lost.
    let mut failing = app.store().failing_scanners().await.unwrap_or_default();
    let mut nobody = None;
    let mut taken = false;
    for scan in scans {
        // Where no scanner takes one scan, the others need not wait for the same answer or silence.
        let offered = match nobody.take() {
            Some(not_taken) => Err(not_taken),
            None => offer(app, &scan, &mut failing).await,
        };
        let now = app.ports.now();
        let mut outcome = SendOutcome::default();
        match offered {
            Ok(()) => {
                taken = true;
                let deadline = now.plus(app.config.pending_timeout_ms);
                outcome.sent(&scan, now, deadline, None);
            }
            Err(not_taken) => {
                let [jitter, ..] = app.ports.random();
                let retry_at = retry::backoff_until(now, scan.failures.saturating_add(1), jitter);
                if not_taken.busy {
                    outcome.waits(&scan, now, retry_at, &not_taken.why);
                } else {
                    record_failure(
                        app,
                        &mut outcome,
                        &scan,
                        retry_at,
                        &not_taken.why,
                        RetryBudget::Spend,
                    );
                }
                nobody = Some(not_taken).filter(|not_taken| not_taken.nobody);
            }
        }
        app.log_error(app.store().note_send(outcome).await);
    }
    taken
}

/// Offers a scan to the scanners in turn until one accepts it; ejected scanners come last. Records
/// for each scanner whether it is available.
async fn offer<P: Ports>(
    app: &App<P>,
    scan: &LeasedScan,
    failing: &mut Vec<FailingScanner>,
) -> Result<(), NotTaken> {
    let unsent = |why: String| NotTaken { why, busy: false, nobody: false };
    let DispatchMode::Scanner { workers } = &app.config.dispatch else {
        return Err(unsent("scans are pulled, not sent".to_owned()));
    };
    let (body, secret, bearer) = request(app, scan).map_err(unsent)?;
    // A scanner that repeats what it was sent must not write the secrets into our log.
    let shown = |reply: &str| {
        let reply = text::replace(reply, &secret, "[secret]");
        text::line(&text::replace(&reply, bearer, "[secret]"), 200)
    };
    let mut failures = Vec::new();
    let (mut busy, mut nobody) = (false, true);
    for worker in order(workers, scan.turn, failing, app.ports.now()) {
        let url = format!("{worker}/scan");
        let json = Some(body.clone());
        let call = Call { url: &url, bearer: Some(bearer), headers: &[], json };
        let reply = app.ports.outbound().call(call).await;
        let response = ScannerResponse::from_status(reply.as_ref().map(|reply| reply.status).ok());
        busy |= response == ScannerResponse::Overloaded;
        nobody &= matches!(response, ScannerResponse::Unavailable | ScannerResponse::Overloaded);
        app.log_error(record_response(app, worker, response, &reply, failing).await);
        match reply {
            Ok(_) if response == ScannerResponse::Accepted => return Ok(()),
            Ok(reply) => {
                failures.push(format!(
                    "{worker} answered {}: {}",
                    reply.status,
                    shown(&reply.body)
                ));
            }
            Err(why) => failures.push(format!("{worker}: {}", text::line(&why, 200))),
        }
    }
    Err(NotTaken { why: failures.join("; "), busy, nobody })
}

/// The body of the request, the callback secret in it, and the bearer token of the request.
fn request<'a, P: Ports>(
    app: &'a App<P>,
    scan: &LeasedScan,
) -> Result<(String, String, &'a str), String> {
    let (Some(secret), Some(bearer)) = (&app.config.webhook_secret, &app.config.scanner_secret)
    else {
        return Err("WEBHOOK_SECRET or SCANNER_WORKER_SECRET is not configured".to_owned());
    };
    let scan_secret = secret.scan_secret(&scan.id, scan.attempt);
    let callback_secret: CallbackSecret = scan_secret.parse().map_err(|e| format!("{e}"))?;
    let request = ScanRequest {
        repo_url: scan.repo_url.clone(),
        skill_name: scan.skill_name.clone(),
        provider: scan.provider,
        callback_url: app.config.callback_url(),
        callback_secret,
        commit_sha: scan.commit_sha.clone(),
        scan_id: Some(scan.id.clone()),
        attempt: Some(scan.attempt),
        skill_path: scan.skill_path.clone(),
    };
    let body = serde_json::to_string(&request).map_err(|e| e.to_string())?;
    Ok((body, scan_secret, bearer.expose()))
}

/// Records that a scanner is unavailable, or that it is available again.
async fn record_response<P: Ports>(
    app: &App<P>,
    worker: &str,
    response: ScannerResponse,
    reply: &Result<Reply, String>,
    failing: &mut Vec<FailingScanner>,
) -> Result<(), AppError> {
    let known = failing.iter().position(|scanner| scanner.url == worker);
    match (response, known) {
        (ScannerResponse::Unavailable, _) => {
            let now = app.ports.now();
            let before = known.map(|at| failing.swap_remove(at).failures).unwrap_or_default();
            let failures = before.saturating_add(1);
            let error = match reply {
                Ok(reply) => format!("answered {}", reply.status),
                Err(why) => text::line(why, 200),
            };
            let scanner = FailingScanner {
                url: worker.to_owned(),
                failures,
                error,
                failed_at: now,
                ejected_until: ejected_until(now, failures),
            };
            failing.push(scanner.clone());
            app.store().scanner_failed(&scanner).await
        }
        (ScannerResponse::Accepted | ScannerResponse::Overloaded, Some(at)) => {
            failing.swap_remove(at);
            app.store().scanner_works(worker).await
        }
        (
            ScannerResponse::Accepted | ScannerResponse::Overloaded | ScannerResponse::Rejected,
            _,
        ) => Ok(()),
    }
}
