//! The result of one attempt to send a callback.

use super::{Rejection, client::Answer};
use hyper::StatusCode;
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

/// 2xx is delivered. 4xx is final, except 408, 425 and 429. Everything else is retried: 5xx, and also a
/// redirect, which is never followed and may be a passing fault of the receiver.
pub(super) fn classify(answer: Answer) -> AttemptResult {
    let Answer { status, retry_after, detail } = answer;
    let transient = matches!(
        status,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
    );
    let said = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    if status.is_success() {
        AttemptResult::Delivered
    } else if status.is_client_error() && !transient {
        let reason = format!("answered {}{said}", status.as_u16());
        AttemptResult::Rejected(Rejection { status: Some(status.as_u16()), reason })
    } else {
        AttemptResult::Retry { why: format!("answered {}{said}", status.as_u16()), retry_after }
    }
}
