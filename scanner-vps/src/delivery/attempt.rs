//! The result of one attempt to send a callback.

use super::{Rejection, client::Answer};
use std::time::Duration;

/// The result of one attempt.
pub(super) enum AttemptResult {
    Delivered,
    /// No later attempt can succeed.
    Rejected(Rejection),
    /// A later attempt may succeed.
    Retry {
        why: String,
        retry_after: Option<Duration>,
    },
}

/// The worker's own word is final: its acceptance and its refusal. Everything else is retried: 5xx, a redirect,
/// which is never followed, and any 2xx and 4xx that the worker did not write. Neither a sign-in page's 200 nor a
/// firewall's 403 must lose a FAIL.
pub(super) fn classify(answer: Answer) -> AttemptResult {
    let Answer { status, retry_after, detail, is_acceptance, is_refusal } = answer;
    let said = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    if is_acceptance {
        AttemptResult::Delivered
    } else if is_refusal {
        let reason = format!("answered {}{said}", status.as_u16());
        AttemptResult::Rejected(Rejection { status: Some(status.as_u16()), reason })
    } else if status.is_success() {
        let why = format!("answered {}, but not as the worker does", status.as_u16());
        AttemptResult::Retry { why, retry_after }
    } else {
        AttemptResult::Retry { why: format!("answered {}{said}", status.as_u16()), retry_after }
    }
}
