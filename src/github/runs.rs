//! Starting runs of the scan workflow.
//!
//! One request for the scans of a skill; what GitHub answers says when the next one may be sent.
//! Nothing that it refuses is lost: the scans stay PENDING, with the reason.

use crate::{
    app::App,
    config::{Github, Start},
    domain::runs::{self, Answer},
    error::AppError,
    ports::{Call, Outbound, Ports},
    store::{FailingScanner, LeasedScan, SendFailure},
};
use skillgate_contract::{github::RunDetails, text};

/// The version of GitHub's API that is spoken: the oldest one that is kept, which Enterprise
/// Servers know too. A `workflow_dispatch` names its run there if it is asked to.
const API_VERSION: &str = "2022-11-28";

/// What came of a request.
struct Outcome {
    answer: Answer,
    /// Where one was started, and GitHub named it.
    run: Option<RunDetails>,
    /// The reason of a refusal, for the admin.
    why: String,
}

impl<P: Ports> App<P> {
    /// Starts a run for each skill of the scans that were leased, one after the other, and notes
    /// what came of each. Whether any was started.
    pub(crate) async fn start_runs(&self, github: &Github, scans: Vec<LeasedScan>) -> bool {
        let url = github.url(&self.config.github_api_url);
        let Some(token) = self.config.github_token.as_ref() else { return false };
        let outlet = github.outlet(&self.config.github_api_url, token.expose());
        // Not known, it is taken for open: a request too many, and nothing is lost.
        let mut closed = self.store().closed_outlet(outlet, &url).await.unwrap_or_default();
        let mut stopped: Option<Outcome> = None;
        let mut started = false;
        for run in runs::runs(scans) {
            let outcome = match stopped.take() {
                Some(stopped) => stopped,
                None => {
                    let refused = closed.as_ref().map_or(0, |outlet| outlet.failures);
                    let outcome = self.start_run(github, &url, token.expose(), &run, refused).await;
                    self.note(self.remember_outlet(github, &url, &outcome, &mut closed).await);
                    outcome
                }
            };
            started |= outcome.answer == Answer::Started;
            self.note(self.note_run(&run, &outcome).await);
            // Where GitHub takes nothing, the others need not be told so one by one.
            if !matches!(outcome.answer, Answer::Started | Answer::NotThis(_)) {
                stopped = Some(outcome);
            }
        }
        started
    }

    /// Asks GitHub for one run.
    async fn start_run(
        &self,
        github: &Github,
        url: &str,
        token: &str,
        run: &[LeasedScan],
        refused: u32,
    ) -> Outcome {
        let reply = match self.body(github, run) {
            Ok(json) => {
                let headers = [
                    ("accept", "application/vnd.github+json"),
                    ("x-github-api-version", API_VERSION),
                ];
                let json = Some(json);
                self.ports
                    .outbound()
                    .call(Call { url, bearer: Some(token), headers: &headers, json })
                    .await
            }
            Err(why) => Err(why),
        };
        let [random, ..] = self.ports.random();
        let failures = run.iter().map(|scan| scan.failures).max().unwrap_or_default().max(refused);
        let failures = failures.saturating_add(1);
        let answer = runs::answer(reply.as_ref().ok(), self.ports.now(), failures, random);
        match reply {
            Ok(reply) => {
                // Nobody's answer may put the token into our log.
                let said = text::line(&reply.body.replace(token, "[secret]"), 200);
                let (status, hint) = (reply.status, runs::hint(reply.status));
                let why = match answer {
                    Answer::Limited(_) => format!("GitHub's limit is reached ({status}): {said}"),
                    _ => format!("GitHub answered {status}, {hint}: {said}"),
                };
                Outcome { answer, run: RunDetails::read(&reply.body), why }
            }
            Err(why) => {
                let why = format!("GitHub: {}", text::line(&why.replace(token, "[secret]"), 200));
                Outcome { answer, run: None, why }
            }
        }
    }

    fn body(&self, github: &Github, run: &[LeasedScan]) -> Result<String, String> {
        let payload = runs::payload(run, self.config.callback_url()).ok_or("a run of no scans")?;
        let body = match &github.start {
            Start::Repository => payload.repository_dispatch(),
            Start::Workflow { reference } => payload.workflow_dispatch(reference),
        };
        body.map_err(|error| error.to_string())
    }

    /// Notes until when GitHub takes nothing, or that it does again.
    async fn remember_outlet(
        &self,
        github: &Github,
        url: &str,
        outcome: &Outcome,
        closed: &mut Option<FailingScanner>,
    ) -> Result<(), AppError> {
        let until = match outcome.answer {
            Answer::Limited(until) => until,
            Answer::Closed(until) => {
                let why = &outcome.why;
                self.ports.log(&format!("ALARM dispatch.refused: no scan is started: {why}"));
                until
            }
            Answer::Started | Answer::NotThis(_) if closed.take().is_some() => {
                return self.store().open_outlet().await;
            }
            Answer::Started | Answer::NotThis(_) | Answer::Failed(_) => return Ok(()),
        };
        let failures = closed.as_ref().map_or(0, |before| before.failures).saturating_add(1);
        let row = FailingScanner {
            url: url.to_owned(),
            failures,
            error: outcome.why.clone(),
            failed_at: self.ports.now(),
            skip_until: until,
        };
        *closed = Some(row.clone());
        let token = self.config.github_token.as_ref().map_or("", |token| token.expose());
        let outlet = github.outlet(&self.config.github_api_url, token);
        self.store().close_outlet(outlet, &row).await
    }

    /// Notes for each scan of a run what came of it.
    async fn note_run(&self, run: &[LeasedScan], outcome: &Outcome) -> Result<(), AppError> {
        let now = self.ports.now();
        let why = &outcome.why;
        let (again, counts) = match outcome.answer {
            Answer::Started => {
                let deadline = now.plus(self.config.pending_timeout_ms);
                return self.store().sent(run, now, deadline, outcome.run.as_ref()).await;
            }
            // The outlet holds them up, for as long as these settings stand.
            Answer::Limited(_) | Answer::Closed(_) => (now, false),
            Answer::NotThis(again) => {
                if let Some(scan) = run.first() {
                    let skill = &scan.skill_name;
                    self.ports
                        .log(&format!("ALARM dispatch.refused: {skill} is not started: {why}"));
                }
                (again, true)
            }
            Answer::Failed(again) => (again, true),
        };
        self.keep(run, SendFailure { now, again, why, counts }).await
    }
}
