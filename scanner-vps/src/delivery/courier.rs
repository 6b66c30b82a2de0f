//! Sends reports until they have arrived, are refused for good, or are a day old.

use super::{Client, Parcel, Rejection, RetrySchedule, Spool, SpoolError, client::Answer};
use crate::{
    callback_target::{AllowedCallbacks, CallbackTarget},
    clock::Clock,
    log::{self, Level},
    random::jitter,
};
use hyper::StatusCode;
use skillgate_contract::signature::SIGNATURE_HEADER;
use std::{
    fmt::Display,
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

/// Reports on the wire at once; after a long outage the whole spool wants to go.
const MAX_SENDING: usize = 8;

/// What a courier works with.
#[derive(Debug)]
pub struct CourierSettings {
    /// Where reports may go.
    pub allowed: AllowedCallbacks,
    /// Where reports wait.
    pub spool: Spool,
    /// Sends them.
    pub client: Client,
    /// Stamps them.
    pub clock: Clock,
    /// When to try again.
    pub schedule: RetrySchedule,
}

/// How deliveries went, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// On their way, or waiting for the next try.
    pub pending: u64,
    /// Taken by the receiver.
    pub delivered: u64,
    /// Tries that will be repeated.
    pub retried: u64,
    /// Refused for good, or given up.
    pub rejected: u64,
}

/// Sends reports. Clones share everything.
#[derive(Debug, Clone)]
pub struct Courier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: CourierSettings,
    sending: Semaphore,
    /// Reports whose first try is not over: what a shutdown waits for.
    untried: watch::Sender<usize>,
    /// Reports that have neither arrived nor been put aside.
    pending: watch::Sender<u64>,
    delivered: AtomicU64,
    retried: AtomicU64,
    rejected: AtomicU64,
}

/// What follows from one try.
pub(super) enum Next {
    Done,
    Park(Rejection),
    Again { why: String, retry_after: Option<Duration> },
}

impl Courier {
    /// A courier that has nothing to do yet.
    #[must_use]
    pub fn new(settings: CourierSettings) -> Self {
        Self(Arc::new(Inner {
            settings,
            sending: Semaphore::new(MAX_SENDING),
            untried: watch::Sender::new(0),
            pending: watch::Sender::new(0),
            delivered: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
        }))
    }

    /// Where reports may go.
    #[must_use]
    pub fn allowed(&self) -> &AllowedCallbacks {
        &self.0.settings.allowed
    }

    /// The clock that stamps reports.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.settings.clock
    }

    /// How deliveries went so far.
    #[must_use]
    pub fn counts(&self) -> DeliveryCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DeliveryCounts {
            pending: *self.0.pending.borrow(),
            delivered: of(&self.0.delivered),
            retried: of(&self.0.retried),
            rejected: of(&self.0.rejected),
        }
    }

    /// Takes up what an earlier process left in the spool; returns how many reports that is.
    ///
    /// # Errors
    /// [`SpoolError`].
    pub async fn resume(&self) -> Result<usize, SpoolError> {
        let (parcels, damaged) = self.on_disk(Spool::waiting).await?;
        if damaged > 0 {
            log::event(Level::Error, "spool.damaged", &[("files", &damaged)]);
        }
        let count = parcels.len();
        for parcel in parcels {
            self.send(parcel, async {});
        }
        Ok(count)
    }

    /// Writes a report to the spool. A full disk does not stop it from being sent.
    pub async fn keep(&self, parcel: &Parcel) {
        let copy = parcel.clone();
        if let Err(e) = self.on_disk(move |spool| spool.put(&copy)).await {
            note(Level::Error, "spool.failed", parcel, &e);
        }
    }

    /// Sends a kept report in the background, once `first` is over, as often as it takes.
    pub fn send(&self, parcel: Parcel, first: impl Future<Output = ()> + Send + 'static) {
        self.0.pending.send_modify(|n| *n += 1);
        self.0.untried.send_modify(|n| *n += 1);
        let courier = self.clone();
        tokio::spawn(async move {
            first.await;
            courier.deliver(&parcel).await;
            courier.0.pending.send_modify(|n| *n = n.saturating_sub(1));
        });
    }

    /// Sends a sign of life once; whether it arrived.
    pub async fn send_once(&self, parcel: &Parcel) -> bool {
        match self.attempt(parcel).await {
            Next::Done => true,
            Next::Park(Rejection { reason: why, .. }) | Next::Again { why, .. } => {
                note(Level::Warn, "delivery.failed", parcel, &why);
                false
            }
        }
    }

    /// Waits until every report has been tried at least once, at most this long. What has not
    /// arrived by then stays in the spool for the next start.
    pub async fn settle(&self, at_most: Duration) {
        let mut untried = self.0.untried.subscribe();
        let _ = timeout(at_most, untried.wait_for(|n| *n == 0)).await;
    }

    /// Waits until every report has arrived or been put aside, at most this long; whether it is so.
    pub async fn arrived(&self, at_most: Duration) -> bool {
        let mut pending = self.0.pending.subscribe();
        timeout(at_most, pending.wait_for(|n| *n == 0)).await.is_ok()
    }

    async fn deliver(&self, parcel: &Parcel) {
        let (mut failed, mut tried) = (0, false);
        loop {
            let next = match self.attempt(parcel).await {
                Next::Again { why, retry_after } => {
                    failed += 1;
                    self.wait_or_park(parcel, failed, &why, retry_after).await
                }
                Next::Done => {
                    self.0.delivered.fetch_add(1, Ordering::Relaxed);
                    note(Level::Info, "delivery.done", parcel, &"taken");
                    self.forget(parcel).await;
                    None
                }
                Next::Park(rejection) => {
                    self.park(parcel, rejection).await;
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

    /// How long to wait for the next try; `None` when the report is too old and has been parked.
    async fn wait_or_park(
        &self,
        parcel: &Parcel,
        failed: u32,
        why: &str,
        retry_after: Option<Duration>,
    ) -> Option<Duration> {
        let age = self.clock().now().since(parcel.created);
        let age = Duration::from_millis(u64::try_from(age).unwrap_or_default());
        let wait = self.0.settings.schedule.wait(failed, age, retry_after, jitter());
        if wait.is_some() {
            self.0.retried.fetch_add(1, Ordering::Relaxed);
            note(Level::Warn, "delivery.failed", parcel, &why);
        } else {
            let reason = format!("given up: {why}");
            self.park(parcel, Rejection { status: None, reason }).await;
        }
        wait
    }

    async fn attempt(&self, parcel: &Parcel) -> Next {
        let Ok(target) = CallbackTarget::parse(&parcel.callback_url, self.allowed()) else {
            let reason = "the settings do not allow this callback URL".to_owned();
            return Next::Park(Rejection { status: None, reason });
        };
        let _permit = self.0.sending.acquire().await;
        let Some((body, signature)) = parcel.signed(self.clock().now()) else {
            let reason = "the scan's key is empty".to_owned();
            return Next::Park(Rejection { status: None, reason });
        };
        match self.0.settings.client.post(&target, body, (SIGNATURE_HEADER, &signature)).await {
            Ok(answer) => judge(answer),
            Err(e) => Next::Again { why: e.to_string(), retry_after: None },
        }
    }

    async fn park(&self, parcel: &Parcel, rejection: Rejection) {
        self.0.rejected.fetch_add(1, Ordering::Relaxed);
        note(Level::Error, "delivery.rejected", parcel, &rejection.reason);
        let copy = parcel.clone();
        if let Err(e) = self.on_disk(move |spool| spool.park(&copy, &rejection)).await {
            note(Level::Error, "spool.failed", parcel, &e);
        }
    }

    async fn forget(&self, parcel: &Parcel) {
        let copy = parcel.clone();
        if let Err(e) = self.on_disk(move |spool| spool.remove(&copy)).await {
            note(Level::Error, "spool.failed", parcel, &e);
        }
    }

    /// Does disk work where it holds nobody up.
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

/// 2xx is done. Of the refusals only those that time can heal are repeated; everything else that
/// is no success (a redirect too, which is never followed) may be a passing fault of the receiver.
pub(super) fn judge(answer: Answer) -> Next {
    let Answer { status, retry_after, detail } = answer;
    let passing = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
    );
    let said = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    if status.is_success() {
        Next::Done
    } else if status.is_client_error() && !passing {
        let reason = format!("answered {}{said}", status.as_u16());
        Next::Park(Rejection { status: Some(status.as_u16()), reason })
    } else {
        Next::Again { why: format!("answered {}{said}", status.as_u16()), retry_after }
    }
}

fn note(level: Level, name: &str, parcel: &Parcel, why: &dyn Display) {
    let scan = parcel.callback.scan_id.as_ref().map_or("-", |id| id.as_str());
    let (delivery, kind) = (&parcel.delivery_id, parcel.callback.event_name());
    let provider = parcel.callback.provider;
    log::event(
        level,
        name,
        &[
            ("scanId", &scan),
            ("provider", &provider),
            ("kind", &kind),
            ("deliveryId", delivery),
            ("detail", why),
        ],
    );
}
