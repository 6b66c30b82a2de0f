//! Dispatch to scanners by `POST /scan`.

use super::keep;
use crate::{
    app::App,
    config::DispatchMode,
    domain::sending::{self, Took},
    error::AppError,
    ports::{Call, Outbound, Ports},
    store::{FailingScanner, LeasedScan, SendOutcome},
};
use skillgate_contract::{
    scan_request::{CallbackSecret, ScanRequest},
    text,
};

/// No scanner took a scan.
struct NotTaken {
    why: String,
    /// One of them has no room now: it is a matter of time, and neither the scan nor the hour's budget
    /// pays for it.
    busy: bool,
    /// None of them would take another one.
    nobody: bool,
}

pub(super) async fn send_each<P: Ports>(app: &App<P>, scans: Vec<LeasedScan>) -> bool {
    // Without the list nobody is skipped: a send is tried in vain, and nothing is lost.
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
                let [random, ..] = app.ports.random();
                let again = sending::retry_at(now, scan.failures.saturating_add(1), random);
                if not_taken.busy {
                    outcome.waits(&scan, now, again, &not_taken.why);
                } else {
                    keep(app, &mut outcome, &scan, again, &not_taken.why, true);
                }
                nobody = Some(not_taken).filter(|not_taken| not_taken.nobody);
            }
        }
        app.log_error(app.store().note_send(outcome).await);
    }
    taken
}

/// Offers a scan to the scanners in turn until one takes it; those that failed of late come
/// last. What each did is noted.
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
        let reply = reply.replace(&secret, "[secret]").replace(bearer, "[secret]");
        text::line(&reply, 200)
    };
    let mut failures = Vec::new();
    let (mut busy, mut nobody) = (false, true);
    for worker in sending::order(workers, scan.turn, failing, app.ports.now()) {
        let url = format!("{worker}/scan");
        let json = Some(body.clone());
        let call = Call { url: &url, bearer: Some(bearer), headers: &[], json };
        let reply = app.ports.outbound().call(call).await;
        let took = Took::of(reply.as_ref().map(|reply| reply.status).ok());
        busy |= took == Took::Busy;
        nobody &= matches!(took, Took::Failed | Took::Busy);
        app.log_error(remember(app, worker, took, &reply, failing).await);
        match reply {
            Ok(_) if took == Took::It => return Ok(()),
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

/// The body of the request, the scan's own key in it, and the token that it goes out with.
fn request<'a, P: Ports>(
    app: &'a App<P>,
    scan: &LeasedScan,
) -> Result<(String, String, &'a str), String> {
    let (Some(secret), Some(bearer)) = (&app.config.webhook_secret, &app.config.scanner_secret)
    else {
        return Err("WEBHOOK_SECRET or SCANNER_WORKER_SECRET is not configured".to_owned());
    };
    let scan_secret = secret.scan_secret(&scan.id);
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

/// Notes that a scanner fails, or that it no longer does.
async fn remember<P: Ports>(
    app: &App<P>,
    worker: &str,
    took: Took,
    reply: &Result<crate::ports::Reply, String>,
    failing: &mut Vec<FailingScanner>,
) -> Result<(), AppError> {
    let known = failing.iter().position(|scanner| scanner.url == worker);
    match (took, known) {
        (Took::Failed, _) => {
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
                skip_until: sending::skip_until(now, failures),
            };
            failing.push(scanner.clone());
            app.store().scanner_failed(&scanner).await
        }
        (Took::It | Took::Busy, Some(at)) => {
            failing.swap_remove(at);
            app.store().scanner_works(worker).await
        }
        (Took::It | Took::Busy | Took::Refused, _) => Ok(()),
    }
}
