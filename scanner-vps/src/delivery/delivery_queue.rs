//! The delivery queue: sends each callback until it is accepted, rejected for good, or a day old.
//!
//! A callback is written to the outbox ([`Spool`]) before its first attempt, so a crash loses none; the
//! delivery id, the same in every attempt, is its idempotency key. One that is rejected or given up
//! becomes a dead letter in the same folder.

use super::{
    Client, PendingDelivery, Rejection, RetrySchedule, Spool, SpoolError,
    attempt::{AttemptResult, classify},
    metrics::{Attempt, DeliveryMetrics, Outcome},
};
use crate::{
    callback_target::{AllowedCallbacks, CallbackTarget},
    clock::Clock,
    log::delivery_span,
    random::jitter,
};
use prometheus_client::registry::Registry;
use skillgate_contract::signature::SIGNATURE_HEADER;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tracing::{Instrument as _, Span};

/// Attempts at once. After a long outage every callback of the outbox is due at the same time.
const MAX_CONCURRENT_ATTEMPTS: usize = 8;

/// The parts that a [`DeliveryQueue`] is made of.
#[derive(Debug)]
pub struct DeliveryQueueSettings {
    /// The origins that callbacks may be sent to.
    pub allowed: AllowedCallbacks,
    /// The outbox on disk.
    pub spool: Spool,
    /// The HTTP client.
    pub client: Client,
    /// The clock whose time each attempt carries.
    pub clock: Clock,
    /// The backoff between attempts, and when to give up.
    pub schedule: RetrySchedule,
}

/// Counts of deliveries since the start of the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// Callbacks that wait for their next attempt or are being sent.
    pub pending: u64,
    /// Callbacks that the worker accepted.
    pub delivered: u64,
    /// Attempts that failed and are repeated.
    pub retried: u64,
    /// Dead letters: rejected for good, or given up.
    pub rejected: u64,
}

/// The queue of callbacks to deliver. Clones share everything.
#[derive(Debug, Clone)]
pub struct DeliveryQueue(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: DeliveryQueueSettings,
    permits: Semaphore,
    /// Callbacks whose first attempt is not over: a shutdown waits for these.
    untried: watch::Sender<usize>,
    /// Callbacks that are neither delivered nor dead letters.
    pending: watch::Sender<u64>,
    /// Attempts that failed and are repeated.
    retried: AtomicU64,
    metrics: DeliveryMetrics,
}

impl DeliveryQueue {
    /// An empty queue. [`resume`](Self::resume) loads the outbox.
    #[must_use]
    pub fn new(settings: DeliveryQueueSettings) -> Self {
        Self(Arc::new(Inner {
            settings,
            permits: Semaphore::new(MAX_CONCURRENT_ATTEMPTS),
            untried: watch::Sender::new(0),
            pending: watch::Sender::new(0),
            retried: AtomicU64::new(0),
            metrics: DeliveryMetrics::new(),
        }))
    }

    /// The origins that callbacks may be sent to.
    #[must_use]
    pub fn allowed(&self) -> &AllowedCallbacks {
        &self.0.settings.allowed
    }

    /// The clock whose time each attempt carries.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.settings.clock
    }

    /// Counts of deliveries since the start of the process.
    #[must_use]
    pub fn counts(&self) -> DeliveryCounts {
        DeliveryCounts {
            pending: *self.0.pending.borrow(),
            delivered: self.0.metrics.count(Outcome::Delivered),
            retried: self.0.retried.load(Ordering::Relaxed),
            rejected: self.0.metrics.count(Outcome::Rejected),
        }
    }

    /// Adds the metrics of deliveries to a registry.
    pub(crate) fn register_metrics(&self, registry: &mut Registry) {
        self.0.metrics.register(registry);
    }

    /// Delivers what an earlier process left in the outbox; returns how many callbacks that is.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub async fn resume(&self) -> Result<usize, SpoolError> {
        let (pending, damaged) = self.on_disk(Spool::pending).await?;
        if damaged > 0 {
            tracing::error!(event = "spool.damaged", files = damaged);
        }
        let count = pending.len();
        for delivery in pending {
            self.deliver(delivery, async {});
        }
        Ok(count)
    }

    /// Writes a callback to the outbox. A failure (a full disk) is logged and does not stop its delivery.
    pub async fn persist(&self, delivery: &PendingDelivery) {
        let copy = delivery.clone();
        if let Err(e) = self.on_disk(move |spool| spool.put(&copy)).await {
            span(delivery).in_scope(|| tracing::error!(event = "spool.failed", "{e}"));
        }
    }

    /// Delivers a persisted callback in the background, once `first` is over, with retries.
    pub fn deliver(
        &self,
        delivery: PendingDelivery,
        first: impl Future<Output = ()> + Send + 'static,
    ) {
        self.add_pending(1);
        self.0.untried.send_modify(|n| *n += 1);
        let queue = self.clone();
        let span = span(&delivery);
        let run = async move {
            first.await;
            queue.attempt_until_final(&delivery).await;
            queue.add_pending(-1);
        };
        tokio::spawn(run.instrument(span));
    }

    fn add_pending(&self, more: i64) {
        self.0.pending.send_modify(|n| {
            *n = n.saturating_add_signed(more);
            self.0.metrics.set_pending(*n);
        });
    }

    /// Sends a heartbeat once, without outbox or retries; whether it was accepted.
    pub async fn try_once(&self, delivery: &PendingDelivery) -> bool {
        match self.attempt(delivery).await {
            AttemptResult::Delivered => true,
            AttemptResult::Rejected(Rejection { reason: why, .. })
            | AttemptResult::Retry { why, .. } => {
                span(delivery).in_scope(|| tracing::warn!(event = "delivery.failed", "{why}"));
                false
            }
        }
    }

    /// Waits until each callback has had its first attempt, at most this long. What is not delivered
    /// by then stays in the outbox for the next start.
    pub async fn flush(&self, at_most: Duration) {
        let mut untried = self.0.untried.subscribe();
        let _ = timeout(at_most, untried.wait_for(|n| *n == 0)).await;
    }

    /// Waits until each callback is delivered or a dead letter, at most this long; whether it is so.
    pub async fn drained(&self, at_most: Duration) -> bool {
        let mut pending = self.0.pending.subscribe();
        timeout(at_most, pending.wait_for(|n| *n == 0)).await.is_ok()
    }

    async fn attempt_until_final(&self, delivery: &PendingDelivery) {
        let (mut failed, mut tried) = (0, false);
        loop {
            let next = match self.attempt(delivery).await {
                AttemptResult::Retry { why, retry_after } => {
                    failed += 1;
                    self.wait_or_dead_letter(delivery, failed, &why, retry_after).await
                }
                AttemptResult::Delivered => {
                    self.0.metrics.ended(Outcome::Delivered, self.age(delivery));
                    tracing::info!(event = "delivery.succeeded");
                    self.forget(delivery).await;
                    None
                }
                AttemptResult::Rejected(rejection) => {
                    self.dead_letter(delivery, rejection).await;
                    None
                }
            };
            if !std::mem::replace(&mut tried, true) {
                self.0.untried.send_modify(|n| *n = n.saturating_sub(1));
            }
            match next {
                Some(wait) => sleep(wait).await,
                None => return,
            }
        }
    }

    /// The backoff before the next attempt; `None` when the callback is too old and is a dead letter now.
    async fn wait_or_dead_letter(
        &self,
        delivery: &PendingDelivery,
        failed: u32,
        why: &str,
        retry_after: Option<Duration>,
    ) -> Option<Duration> {
        let age = self.age(delivery);
        let wait = self.0.settings.schedule.wait(failed, age, retry_after, jitter());
        if wait.is_some() {
            self.0.retried.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(event = "delivery.failed", "{why}");
        } else {
            let reason = format!("given up: {why}");
            self.dead_letter(delivery, Rejection { status: None, reason }).await;
        }
        wait
    }

    fn age(&self, delivery: &PendingDelivery) -> Duration {
        let age = self.clock().now().since(delivery.created);
        Duration::from_millis(u64::try_from(age).unwrap_or_default())
    }

    async fn attempt(&self, delivery: &PendingDelivery) -> AttemptResult {
        let result = self.send_once(delivery).await;
        self.0.metrics.attempted(match &result {
            AttemptResult::Delivered => Attempt::Succeeded,
            AttemptResult::Rejected(_) => Attempt::Rejected,
            AttemptResult::Retry { .. } => Attempt::Failed,
        });
        result
    }

    async fn send_once(&self, delivery: &PendingDelivery) -> AttemptResult {
        let Ok(target) = CallbackTarget::parse(&delivery.callback_url, self.allowed()) else {
            let reason = "the settings do not allow this callback URL".to_owned();
            return AttemptResult::Rejected(Rejection { status: None, reason });
        };
        let _permit = self.0.permits.acquire().await;
        let Some((body, signature)) = delivery.signed(self.clock().now()) else {
            let reason = "the scan's key is empty".to_owned();
            return AttemptResult::Rejected(Rejection { status: None, reason });
        };
        let scan = delivery.callback.scan_id.as_ref();
        let client = &self.0.settings.client;
        match client.post(&target, scan, body, (SIGNATURE_HEADER, &signature)).await {
            Ok(answer) => classify(answer),
            Err(e) => AttemptResult::Retry { why: e.to_string(), retry_after: None },
        }
    }

    async fn dead_letter(&self, delivery: &PendingDelivery, rejection: Rejection) {
        self.0.metrics.ended(Outcome::Rejected, self.age(delivery));
        tracing::error!(event = "delivery.rejected", "{}", rejection.reason);
        let copy = delivery.clone();
        if let Err(e) = self.on_disk(move |spool| spool.dead_letter(&copy, &rejection)).await {
            tracing::error!(event = "spool.failed", "{e}");
        }
    }

    async fn forget(&self, delivery: &PendingDelivery) {
        let copy = delivery.clone();
        if let Err(e) = self.on_disk(move |spool| spool.remove(&copy)).await {
            tracing::error!(event = "spool.failed", "{e}");
        }
    }

    /// Runs disk work on the blocking thread pool.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Spool) -> Result<T, SpoolError> + Send + 'static,
    ) -> Result<T, SpoolError> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner.settings.spool)).await.unwrap_or_else(|e| {
            Err(SpoolError::Io { path: "spool".into(), source: std::io::Error::other(e) })
        })
    }
}

/// The span that gives the events of a delivery their ids.
fn span(delivery: &PendingDelivery) -> Span {
    delivery_span(&delivery.callback, &delivery.delivery_id)
}
