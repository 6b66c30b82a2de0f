//! What a handler returns: the response, and the scans to dispatch after it was sent.

use crate::{http::Response, model::LeasedScan};

/// The outcome of one request.
#[derive(Debug)]
pub struct Handled {
    /// The response for the caller.
    pub response: Response,
    /// Leased scans for the dispatcher, which runs after the response was sent. If it never runs, the
    /// leases expire and the scheduled handler dispatches these scans.
    pub to_send: Vec<LeasedScan>,
}

impl From<Response> for Handled {
    fn from(response: Response) -> Self {
        Self { response, to_send: Vec::new() }
    }
}
