//! Dispatch to GitHub Actions: starts runs of the scan workflow.
//!
//! One request carries the scans of a skill that share commit and attempt. GitHub's reply tells when the
//! next request may be sent. Refused scans stay PENDING, with the reason.

use super::record_failure;
use crate::{
    app::App,
    config::{Github, Start},
    domain::github_run::{self, Answer},
    log::LogEvent,
    model::{FailingScanner, LeasedScan, Reply, RetryBudget},
    ports::{Call, Outbound, Ports},
    store::SendOutcome,
};
use skillgate_contract::{github::RunDetails, text};

/// The headers of each request. The API version is the oldest one that GitHub supports, because
/// Enterprise Servers support it too.
const HEADERS: [(&str, &str); 2] =
    [("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")];

/// The outcome of one request.
struct Outcome {
    answer: Answer,
    /// The started run, where GitHub named it.
    run: Option<RunDetails>,
    /// The reason of a failure, for the admin.
    why: String,
}

/// Starts one run for each group of leased scans, one after the other, and records the outcome of
/// each. Returns whether any was started.
pub(super) async fn start_runs<P: Ports>(
    app: &App<P>,
    github: &Github,
    scans: Vec<LeasedScan>,
) -> bool {
    let url = github.url(&app.config.github_api_url);
    let Some(token) = app.config.github_token.as_ref() else { return false };
    let circuit_key = github.circuit_key(&app.config.github_api_url, token.expose());
    // If the circuit cannot be read, the request is sent: one too many does no harm.
    let mut tripped = app.store().open_circuit(circuit_key, &url).await.unwrap_or_default();
    let mut stopped: Option<Outcome> = None;
    let mut started = false;
    for run in github_run::runs(scans) {
        let mut notes = SendOutcome::default();
        // After a refusal that concerns all runs, the others are not requested.
        let outcome = match stopped.take() {
            Some(stopped) => stopped,
            None => {
                let refused = tripped.as_ref().map_or(0, |circuit| circuit.failures);
                let call = request_of(app, github, &url, token.expose(), &run);
                let reply = app.ports.outbound().call(call).await;
                let outcome = read_reply(app, reply, token.expose(), &run, refused);
                match outcome.answer {
                    Answer::Limited(until) | Answer::Closed(until) => {
                        let row = FailingScanner {
                            url: url.clone(),
                            failures: refused.saturating_add(1),
                            error: outcome.why.clone(),
                            failed_at: app.ports.now(),
                            ejected_until: until,
                        };
                        notes.trip_circuit(circuit_key, &row);
                    }
                    Answer::Started | Answer::NotThis(_) if tripped.take().is_some() => {
                        notes.reset_circuit();
                    }
                    Answer::Started | Answer::NotThis(_) | Answer::Failed(_) => {}
                }
                outcome
            }
        };
        record_run(app, &mut notes, &run, &outcome);
        app.log_error(app.store().note_send(notes).await);
        match outcome.answer {
            Answer::Started => started = true,
            Answer::NotThis(_) => {}
            Answer::Limited(_) | Answer::Closed(_) | Answer::Failed(_) => {
                stopped = Some(outcome);
            }
        }
    }
    started
}

/// The request that starts one run.
fn request_of<'a, P: Ports>(
    app: &App<P>,
    github: &Github,
    url: &'a str,
    token: &'a str,
    run: &[LeasedScan],
) -> Call<'a> {
    let payload = github_run::payload(run, app.config.callback_url());
    let json = payload.map(|payload| match &github.start {
        Start::Repository => payload.repository_dispatch(),
        Start::Workflow { reference } => payload.workflow_dispatch(reference),
    });
    Call { url, bearer: Some(token), headers: &HEADERS, json }
}

/// Reads GitHub's reply: what it means for the scans, and the reason for the admin.
fn read_reply<P: Ports>(
    app: &App<P>,
    reply: Result<Reply, String>,
    token: &str,
    run: &[LeasedScan],
    refused: u32,
) -> Outcome {
    let [jitter, ..] = app.ports.random();
    let mut failures = refused;
    for scan in run {
        failures = failures.max(scan.failures);
    }
    let failures = failures.saturating_add(1);
    let answer = github_run::answer(reply.as_ref().ok(), app.ports.now(), failures, jitter);
    let (mut why, said) = match &reply {
        Ok(reply) => {
            let status = reply.status;
            let hint = github_run::hint(status, answer);
            (format!("GitHub answered {status}, {hint}: "), &reply.body)
        }
        Err(why) => ("GitHub: ".to_owned(), why),
    };
    // Nobody's answer may put the token into our log.
    why.push_str(&text::line(&text::replace(said, token, "[secret]"), 200));
    if matches!(answer, Answer::Closed(_) | Answer::NotThis(_)) {
        app.log(LogEvent::DispatchRefused, &[], &why);
    }
    let run = reply.ok().and_then(|reply| RunDetails::read(&reply.body));
    Outcome { answer, run, why }
}

/// Records the outcome of a request for each scan of its run.
fn record_run<P: Ports>(
    app: &App<P>,
    notes: &mut SendOutcome,
    run: &[LeasedScan],
    outcome: &Outcome,
) {
    let now = app.ports.now();
    let why = &outcome.why;
    let (retry_at, budget) = match outcome.answer {
        Answer::Started => {
            let deadline = now.plus(app.config.pending_timeout_ms);
            for scan in run {
                notes.sent(scan, now, deadline, outcome.run.as_ref());
            }
            return;
        }
        // The circuit breaker holds them up while these settings stand.
        Answer::Limited(_) | Answer::Closed(_) => (now, RetryBudget::Keep),
        Answer::NotThis(at) | Answer::Failed(at) => (at, RetryBudget::Spend),
    };
    for scan in run {
        record_failure(app, notes, scan, retry_at, why, budget);
    }
}
