//! Getting a signed report to the worker, whatever happens to either side in between.
//!
//! A [`Parcel`] is written to the [`Spool`] before it is first sent and removed when the receiver
//! has answered 2xx. Each try has a fresh time and signature under the same delivery id. The
//! [`Courier`] sends to a [`CallbackTarget`] only, and a target can be made only from a URL that
//! the settings allow.

mod actions_token;
mod client;
mod courier;
mod direct;
mod parcel;
mod schedule;
mod spool;

#[cfg(test)]
pub(crate) mod tests;

pub use client::{Client, ClientError};
pub(crate) use client::{Reply, SendError};
pub use courier::{Courier, CourierSettings, DeliveryCounts};
pub use direct::{Delivered, Direct, Undelivered};
pub(crate) use parcel::parse_callback;
pub use parcel::{Parcel, StoredParcelError};
pub use schedule::{MAX_RETRY_AFTER, RetrySchedule};
pub use spool::{Rejection, Spool, SpoolError};
