//! Replies to the requests of this worker.

/// The headers of a reply that the platform passes on: they tell when GitHub may be asked again.
pub const REPLY_HEADERS: [&str; 3] = ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset"];

/// The reply of a scanner or of GitHub.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status code.
    pub status: u16,
    /// The body, cut at the limit of the platform adapter.
    pub body: String,
    /// Those of [`REPLY_HEADERS`] that came.
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// A header's value, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str())
    }
}
