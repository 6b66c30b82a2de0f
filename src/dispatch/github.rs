//! Dispatch to GitHub Actions: starts runs of the scan workflow.
//!
//! One request for the scans of a skill; what GitHub answers says when the next one may be sent.
//! Nothing that it refuses is lost: the scans stay PENDING, with the reason.

use super::keep;
use crate::{
    app::App,
    config::{Github, Start},
    domain::runs::{self, Answer},
    ports::{Call, Outbound, Ports, Reply},
    store::{FailingScanner, LeasedScan, SendOutcome},
};
use skillgate_contract::{github::RunDetails, text};

/// The version of GitHub's API that is spoken: the oldest one that is kept, which Enterprise
/// Servers know too. A `workflow_dispatch` names its run there if it is asked to.
const HEADERS: [(&str, &str); 2] =
    [("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")];

/// What came of a request.
struct Outcome {
    answer: Answer,
    /// Where one was started, and GitHub named it.
    run: Option<RunDetails>,
    /// The reason of a refusal, for the admin.
    why: String,
}

/// Starts a run for each skill of the scans that were leased, one after the other, and notes
/// what came of each. Whether any was started.
pub(super) async fn start_runs<P: Ports>(
    app: &App<P>,
    github: &Github,
    scans: Vec<LeasedScan>,
) -> bool {
    let url = github.url(&app.config.github_api_url);
    let Some(token) = app.config.github_token.as_ref() else { return false };
    let outlet = github.circuit_key(&app.config.github_api_url, token.expose());
    // Not known, it is taken for open: a request too many, and nothing is lost.
    let mut closed = app.store().closed_outlet(outlet, &url).await.unwrap_or_default();
    let mut stopped: Option<Outcome> = None;
    let mut started = false;
    for run in runs::runs(scans) {
        let mut notes = SendOutcome::default();
        // Where GitHub takes nothing, the others need not be told so one by one.
        let outcome = match stopped.take() {
            Some(stopped) => stopped,
            None => {
                let refused = closed.as_ref().map_or(0, |outlet| outlet.failures);
                let call = request_of(app, github, &url, token.expose(), &run);
                let reply = app.ports.outbound().call(call).await;
                let outcome = judge(app, reply, token.expose(), &run, refused);
                match outcome.answer {
                    Answer::Limited(until) | Answer::Closed(until) => {
                        let row = FailingScanner {
                            url: url.clone(),
                            failures: refused.saturating_add(1),
                            error: outcome.why.clone(),
                            failed_at: app.ports.now(),
                            skip_until: until,
                        };
                        notes.close(outlet, &row);
                    }
                    Answer::Started | Answer::NotThis(_) if closed.take().is_some() => {
                        notes.open();
                    }
                    Answer::Started | Answer::NotThis(_) | Answer::Failed(_) => {}
                }
                outcome
            }
        };
        note_run(app, &mut notes, &run, &outcome);
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

/// What GitHub is asked for one run.
fn request_of<'a, P: Ports>(
    app: &App<P>,
    github: &Github,
    url: &'a str,
    token: &'a str,
    run: &[LeasedScan],
) -> Call<'a> {
    let payload = runs::payload(run, app.config.callback_url());
    let json = payload.map(|payload| match &github.start {
        Start::Repository => payload.repository_dispatch(),
        Start::Workflow { reference } => payload.workflow_dispatch(reference),
    });
    Call { url, bearer: Some(token), headers: &HEADERS, json }
}

/// What GitHub's answer means, in its own words too.
fn judge<P: Ports>(
    app: &App<P>,
    reply: Result<Reply, String>,
    token: &str,
    run: &[LeasedScan],
    refused: u32,
) -> Outcome {
    let [random, ..] = app.ports.random();
    let mut failures = refused;
    for scan in run {
        failures = failures.max(scan.failures);
    }
    let failures = failures.saturating_add(1);
    let answer = runs::answer(reply.as_ref().ok(), app.ports.now(), failures, random);
    let (mut why, said) = match &reply {
        Ok(reply) => {
            let status = reply.status;
            let hint = runs::hint(status, answer);
            (format!("GitHub answered {status}, {hint}: "), &reply.body)
        }
        Err(why) => ("GitHub: ".to_owned(), why),
    };
    // Nobody's answer may put the token into our log.
    why.push_str(&text::line(&said.replace(token, "[secret]"), 200));
    if matches!(answer, Answer::Closed(_) | Answer::NotThis(_)) {
        app.ports.log(&format!("ALARM dispatch.refused: no retry mends this: {why}"));
    }
    let run = reply.ok().and_then(|reply| RunDetails::read(&reply.body));
    Outcome { answer, run, why }
}

/// Notes for each scan of a run what came of it.
fn note_run<P: Ports>(
    app: &App<P>,
    notes: &mut SendOutcome,
    run: &[LeasedScan],
    outcome: &Outcome,
) {
    let now = app.ports.now();
    let why = &outcome.why;
    let (again, counts) = match outcome.answer {
        Answer::Started => {
            let deadline = now.plus(app.config.pending_timeout_ms);
            for scan in run {
                notes.sent(scan, now, deadline, outcome.run.as_ref());
            }
            return;
        }
        // The outlet holds them up, for as long as these settings stand.
        Answer::Limited(_) | Answer::Closed(_) => (now, false),
        Answer::NotThis(again) | Answer::Failed(again) => (again, true),
    };
    for scan in run {
        keep(app, notes, scan, again, why, counts);
    }
}
