//! Reports of a job that no later process goes on with: sent from memory, within minutes, or the job
//! has failed and says so.

use super::{
    Client, RetrySchedule, actions_token,
    courier::{Next, judge},
};
use crate::{
    callback_target::CallbackTarget,
    clock::Clock,
    credentials::CallbackCredentials,
    log::{self, Level},
    random::jitter,
};
use hyper::StatusCode;
use skillgate_contract::{callback::Callback, oidc, signature::SIGNATURE_HEADER};
use std::time::Duration;
use tokio::time::sleep;

/// Sends reports one by one.
#[derive(Debug, Clone)]
pub struct Direct {
    /// Where to.
    pub target: CallbackTarget,
    /// Sends them.
    pub client: Client,
    /// Stamps them.
    pub clock: Clock,
    /// When to try again, and when to give up.
    pub schedule: RetrySchedule,
    /// Why they are believed.
    pub credentials: CallbackCredentials,
}

/// A report that needs no repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The worker took it.
    Taken,
    /// The worker is further than this report (409), and says why.
    Overtaken(String),
}

/// A report that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The worker refused it for good.
    #[error("the worker refused the report: {0}")]
    Refused(String),
    /// There was no time left for another try.
    #[error("the report did not arrive: {0}")]
    GivenUp(String),
}

impl Direct {
    /// Sends a report until it has arrived, is refused for good, or the schedule's time is up. Each
    /// try has a time and a proof of its own.
    ///
    /// # Errors
    /// [`Undelivered`]; never holds a secret.
    pub async fn deliver(&self, callback: &Callback) -> Result<Delivered, Undelivered> {
        let began = self.clock.now();
        let mut failed = 0;
        loop {
            let (why, retry_after) = match self.attempt(callback).await {
                Next::Done => return Ok(Delivered::Taken),
                Next::Park(rejection)
                    if rejection.status == Some(StatusCode::CONFLICT.as_u16()) =>
                {
                    return Ok(Delivered::Overtaken(rejection.reason));
                }
                Next::Park(rejection) => return Err(Undelivered::Refused(rejection.reason)),
                Next::Again { why, retry_after } => (why, retry_after),
            };
            failed += 1;
            let age = self.clock.now().since(began);
            let age = Duration::from_millis(u64::try_from(age).unwrap_or_default());
            let Some(wait) = self.schedule.wait(failed, age, retry_after, jitter()) else {
                return Err(Undelivered::GivenUp(why));
            };
            let (provider, kind) = (callback.provider, callback.event_name());
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("provider", &provider), ("kind", &kind), ("detail", &why)];
            log::event(Level::Warn, "delivery.failed", &values);
            sleep(wait).await;
        }
    }

    async fn attempt(&self, callback: &Callback) -> Next {
        let body = callback.to_json(self.clock.now());
        let (name, value) = match &self.credentials {
            CallbackCredentials::SigningKey(key) => (SIGNATURE_HEADER, key.sign(&body)),
            CallbackCredentials::ActionsToken(endpoint) => {
                let audience = oidc::audience(&self.target.origin().to_string(), &body);
                match actions_token::fetch(endpoint, &self.client, &audience).await {
                    Ok(token) => (oidc::TOKEN_HEADER, oidc::bearer(&token)),
                    // Also a refusal: GitHub's own are known to pass.
                    Err(e) => return Next::Again { why: e.to_string(), retry_after: None },
                }
            }
        };
        match self.client.post(&self.target, body, (name, &value)).await {
            Ok(answer) => judge(answer),
            Err(e) => Next::Again { why: e.to_string(), retry_after: None },
        }
    }
}
