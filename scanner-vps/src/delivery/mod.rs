//! Reliable delivery of signed callbacks to the worker.
//!
//! A [`PendingDelivery`] is written to the outbox ([`Spool`]) before its first attempt and removed once the
//! worker itself has accepted it: delivery is at least once. Each attempt has a fresh time and signature and
//! the same delivery id, which makes it idempotent. Callbacks are sent only to a
//! [`CallbackTarget`](crate::callback_target::CallbackTarget), which can be made only from a URL that the
//! settings allow.

mod actions_token;
mod attempt;
mod callback_sender;
mod client;
mod delivery_queue;
mod metrics;
mod pending_delivery;
mod retry_schedule;
mod spool;

#[cfg(test)]
pub(crate) mod tests;

pub use callback_sender::{CallbackSender, Delivered, Undelivered};
pub use client::{Client, ClientError};
pub(crate) use client::{Reply, SendError};
pub use delivery_queue::{DeliveryCounts, DeliveryQueue, DeliveryQueueSettings};
pub(crate) use pending_delivery::parse_callback;
pub use pending_delivery::{PendingDelivery, StoredDeliveryError};
pub use retry_schedule::{MAX_RETRY_AFTER, RetrySchedule};
pub use spool::{Rejection, Spool, SpoolError};
