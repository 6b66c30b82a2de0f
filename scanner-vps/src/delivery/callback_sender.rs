//! Sends the callbacks of one job from memory, without an outbox: no later process exists that could
//! send them. A callback that does not arrive within minutes makes the job fail.

use super::{
    Client, RetrySchedule, actions_token,
    attempt::{AttemptResult, classify},
};
use crate::{
    callback_target::CallbackTarget, clock::Clock, credentials::CallbackCredentials,
    log::delivery_span, random::jitter,
};
use hyper::StatusCode;
use skillgate_contract::{callback::Callback, oidc, signature::SIGNATURE_HEADER};
use std::time::Duration;
use tokio::time::sleep;

/// Sends callbacks one by one, each with retries until the schedule ends.
#[derive(Debug, Clone)]
pub struct CallbackSender {
    /// The callback URL.
    pub target: CallbackTarget,
    /// The HTTP client.
    pub client: Client,
    /// The clock whose time each attempt carries.
    pub clock: Clock,
    /// The waits between attempts, and when to give up.
    pub schedule: RetrySchedule,
    /// What authenticates each attempt.
    pub credentials: CallbackCredentials,
}

/// The end of a delivery that needs no repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The worker accepted the callback.
    Accepted,
    /// The worker already knows something later about the scan (409); its reason.
    Superseded(String),
}

/// The callback was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The worker itself rejected it for good.
    #[error("the worker refused the report: {0}")]
    Rejected(String),
    /// Every attempt failed and the schedule has ended; the last reason.
    #[error("the report did not arrive: {0}")]
    GivenUp(String),
}

impl CallbackSender {
    /// Sends a callback until it is accepted, rejected for good, or the schedule ends. Each attempt has
    /// a fresh time and fresh credentials.
    ///
    /// # Errors
    /// [`Undelivered`]; never holds a secret.
    pub async fn send(&self, callback: &Callback) -> Result<Delivered, Undelivered> {
        let began = self.clock.now();
        let mut failed = 0;
        loop {
            let (why, retry_after) = match self.attempt(callback).await {
                AttemptResult::Delivered => return Ok(Delivered::Accepted),
                AttemptResult::Rejected(rejection)
                    if rejection.status == Some(StatusCode::CONFLICT.as_u16()) =>
                {
                    return Ok(Delivered::Superseded(rejection.reason));
                }
                AttemptResult::Rejected(rejection) => {
                    return Err(Undelivered::Rejected(rejection.reason));
                }
                AttemptResult::Retry { why, retry_after } => (why, retry_after),
            };
            failed += 1;
            let age = self.clock.now().since(began);
            let age = Duration::from_millis(u64::try_from(age).unwrap_or_default());
            let Some(wait) = self.schedule.wait(failed, age, retry_after, jitter()) else {
                return Err(Undelivered::GivenUp(why));
            };
            let id = callback.delivery_id.as_deref().unwrap_or("-");
            delivery_span(callback, id)
                .in_scope(|| tracing::warn!(event = "delivery.failed", "{why}"));
            sleep(wait).await;
        }
    }

    async fn attempt(&self, callback: &Callback) -> AttemptResult {
        let body = callback.to_json(self.clock.now());
        let (name, value) = match &self.credentials {
            CallbackCredentials::SigningKey(key) => (SIGNATURE_HEADER, key.sign(&body)),
            CallbackCredentials::ActionsToken(endpoint) => {
                let audience = oidc::audience(&self.target.origin().to_string(), &body);
                match actions_token::fetch(endpoint, &self.client, &audience).await {
                    Ok(token) => (oidc::TOKEN_HEADER, oidc::bearer(&token)),
                    // Also a refusal: GitHub's own are known to pass.
                    Err(e) => {
                        return AttemptResult::Retry { why: e.to_string(), retry_after: None };
                    }
                }
            }
        };
        match self.client.post(&self.target, callback.scan_id.as_ref(), body, (name, &value)).await
        {
            Ok(answer) => classify(answer),
            Err(e) => AttemptResult::Retry { why: e.to_string(), retry_after: None },
        }
    }
}
