//! One pending delivery: a callback with its address, key and delivery id, and its form on disk.

use super::spool::Rejection;
use serde::{Deserialize, Serialize};
use skillgate_contract::{
    Millis,
    callback::{Callback, KNOWN_FIELDS},
    object::JsonObject,
    scan_request::CallbackSecret,
    signature::SigningKey,
};

const VERSION: u8 = 1;

/// A callback that is not delivered yet (one message of the outbox).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDelivery {
    /// The idempotency key: the same in every attempt; also the file's name in the outbox.
    pub delivery_id: String,
    /// When it was created. Its age decides when it is given up.
    pub created: Millis,
    /// The callback URL of the request. It is checked against the settings before each attempt.
    pub callback_url: String,
    /// The key that signs each attempt.
    pub secret: CallbackSecret,
    /// The callback; its time is replaced at each attempt.
    pub callback: Callback,
}

/// A file of the outbox cannot be read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a report of this version of the scanner")]
pub struct StoredDeliveryError;

/// The file's content. It holds the scan's own key, because each attempt must be signed again, also by
/// the next process. That key is valid for this one scan only.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    version: u8,
    delivery_id: String,
    created_at: i64,
    callback_url: String,
    callback_secret: String,
    /// The unsigned JSON of the callback; its time is replaced at every try.
    callback: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<Rejection>,
}

impl PendingDelivery {
    /// A delivery of this callback; the delivery id is set in the callback too.
    #[must_use]
    pub fn new(
        delivery_id: String,
        created: Millis,
        callback_url: String,
        secret: CallbackSecret,
        mut callback: Callback,
    ) -> Self {
        callback.delivery_id = Some(delivery_id.clone());
        Self { delivery_id, created, callback_url, secret, callback }
    }

    /// The body of an attempt at `now`, and its signature header. `None` where the key is empty.
    #[must_use]
    pub fn signed(&self, now: Millis) -> Option<(Vec<u8>, String)> {
        let body = self.callback.to_json(now);
        let signature = SigningKey::new(self.secret.expose()).ok()?.sign(&body);
        Some((body, signature))
    }

    pub(super) fn to_file(&self, rejection: Option<&Rejection>) -> Vec<u8> {
        let stored = Stored {
            version: VERSION,
            delivery_id: self.delivery_id.clone(),
            created_at: self.created.0,
            callback_url: self.callback_url.clone(),
            callback_secret: self.secret.expose().to_owned(),
            callback: String::from_utf8_lossy(&self.callback.to_json(self.created)).into_owned(),
            rejection: rejection.cloned(),
        };
        serde_json::to_vec(&stored).unwrap_or_default()
    }

    pub(super) fn from_file(bytes: &[u8]) -> Result<Self, StoredDeliveryError> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| StoredDeliveryError)?;
        let name_ok = stored.delivery_id.len() <= 64
            && stored.delivery_id.bytes().all(|b| b.is_ascii_hexdigit());
        if stored.version != VERSION || !name_ok {
            return Err(StoredDeliveryError);
        }
        let callback = parse_callback(stored.callback.as_bytes()).ok_or(StoredDeliveryError)?;
        let secret = stored.callback_secret.parse().map_err(|_| StoredDeliveryError)?;
        let created = Millis(stored.created_at);
        Ok(Self::new(stored.delivery_id, created, stored.callback_url, secret, callback))
    }
}

/// Reads a callback as the worker will.
pub(crate) fn parse_callback(body: &[u8]) -> Option<Callback> {
    Callback::read(JsonObject::parse(body, KNOWN_FIELDS).ok()?).ok()
}
