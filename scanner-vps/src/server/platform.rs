//! The client of the worker's queue: it lists pending scans, and claims, renews and releases them.

use crate::{
    delivery::{Client, Reply, SendError},
    origin::Origin,
};
use http_body_util::Full;
use hyper::{
    Method, Request, StatusCode,
    body::Bytes,
    header::{self, HeaderValue},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use skillgate_contract::{
    ScanId, Secret,
    api::{
        ClaimAnswer, ClaimRefusal, ClaimRequest, Claimant, ClaimedScan, HeartbeatAnswer,
        MAX_PENDING, PendingScan,
    },
};
use std::{fmt, sync::Arc, time::Duration};

const PENDING: &str = "/api/v1/internal/pending-sast-scans";
const CLAIM: &str = "/api/v1/internal/claim-sast-scan";
const HEARTBEAT: &str = "/api/v1/internal/heartbeat-sast-scan";
const RELEASE: &str = "/api/v1/internal/release-sast-scan";
const KEY_HEADER: &str = "x-internal-key";
/// Bytes of an answer's body. A scan with the longest texts has a few KiB; a list has at most 50.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// The worker's queue, asked under one name. Clones share everything.
#[derive(Debug, Clone)]
pub struct Platform(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    client: Client,
    origin: Origin,
    /// Marked as sensitive, so that nothing shows it.
    key: HeaderValue,
    claimant: Claimant,
}

/// The key has characters that a header cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the internal key cannot stand in a header")]
pub struct KeyError;

/// The worker could not be reached, or its answer breaks the contract.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlatformError {
    #[error(transparent)]
    NoAnswer(#[from] SendError),
    #[error("answered {}{}", .status.as_u16(), Said(.detail))]
    Answered { status: StatusCode, retry_after: Option<Duration>, detail: String },
    /// Says where it broke, never what stood there: it may be a secret.
    #[error("answered 200, with a body that is not as agreed (line {line}, column {column})")]
    Unreadable { line: usize, column: usize },
}

struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

impl PlatformError {
    /// The `Retry-After` of the answer.
    pub(super) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answered { retry_after, .. } => *retry_after,
            Self::NoAnswer(_) | Self::Unreadable { .. } => None,
        }
    }

    /// Whether the worker may have done what it was asked: the answer was lost, or tells nothing.
    pub(super) fn may_have_worked(&self) -> bool {
        match self {
            Self::NoAnswer(e) => e.may_have_arrived(),
            Self::Answered { status, .. } => status.is_server_error(),
            Self::Unreadable { .. } => true,
        }
    }

    /// Whether a later try may succeed. A wrong key, or a worker without these endpoints, is permanent.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::NoAnswer(_) => true,
            Self::Answered { status, .. } => {
                !status.is_client_error()
                    || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(status)
            }
            Self::Unreadable { .. } => false,
        }
    }
}

/// The worker's answer to a claim.
#[derive(Debug)]
pub(super) enum ClaimResult {
    /// This scanner has the lease on the scan now.
    Granted(Box<ClaimedScan>),
    /// Another scanner has it, or it is over; the reason is for the log.
    Refused(String),
}

/// Whether this scanner still has the lease on a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeaseState {
    /// For another 15 minutes.
    Held,
    /// Another scanner has it, or the scan is over.
    Lost(ClaimRefusal),
}

impl Platform {
    /// The queue of the worker at `origin`, opened by `key`, under the name of `claimant`. The
    /// client must know TLS where the origin is.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn new(
        client: Client,
        origin: Origin,
        key: &Secret,
        claimant: Claimant,
    ) -> Result<Self, KeyError> {
        let mut key = HeaderValue::from_str(key.expose()).map_err(|_| KeyError)?;
        key.set_sensitive(true);
        Ok(Self(Arc::new(Inner { client, origin, key, claimant })))
    }

    /// Lists pending scans, in turns of the source owners, at most 50. A row that cannot be read is left out: a newer
    /// worker may offer what this scanner does not know.
    pub(super) async fn pending(&self) -> Result<Vec<PendingScan>, PlatformError> {
        #[derive(Deserialize)]
        struct Rows {
            scans: Vec<Value>,
        }
        let path = format!("{PENDING}?limit={MAX_PENDING}");
        let rows: Rows = read(&success(self.ask(Method::GET, &path, Bytes::new()).await?)?)?;
        let most = usize::try_from(MAX_PENDING).unwrap_or(usize::MAX);
        let all = rows.scans.len().min(most);
        let scans: Vec<PendingScan> = rows
            .scans
            .into_iter()
            .take(most)
            .filter_map(|row| serde_json::from_value(row).ok())
            .collect();
        let unreadable = all - scans.len();
        if unreadable > 0 {
            tracing::warn!(event = "queue.unreadable", scans = unreadable);
        }
        Ok(scans)
    }

    /// Claims a scan: asks for the lease on it, which lasts 15 minutes.
    pub(super) async fn claim(&self, id: &ScanId) -> Result<ClaimResult, PlatformError> {
        let reply = self.tell(CLAIM, id).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(ClaimResult::Refused("there is no such scan".to_owned()));
        }
        if let Some(refusal) = refusal(&reply) {
            return Ok(ClaimResult::Refused(refusal.to_string()));
        }
        let answer: ClaimAnswer = read(&success(reply)?)?;
        let scan = &answer.scan.scan;
        // Attempts are counted from 1, and another scan than the one that was asked for is nobody's.
        if scan.id == *id && scan.attempt > 0 {
            Ok(ClaimResult::Granted(Box::new(answer.scan)))
        } else {
            Err(PlatformError::Unreadable { line: 1, column: 0 })
        }
    }

    /// The lease on a scan that was claimed.
    pub(super) fn claim_on(&self, id: ScanId) -> Claim {
        Claim { platform: self.clone(), id }
    }

    async fn tell(&self, path: &str, id: &ScanId) -> Result<Reply, PlatformError> {
        let request = ClaimRequest { scan_id: id.clone(), claimed_by: self.0.claimant.clone() };
        let body = serde_json::to_vec(&request).unwrap_or_default();
        self.ask(Method::POST, path, body.into()).await
    }

    async fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Reply, PlatformError> {
        let mut request =
            Request::builder().method(method).uri(path).header(KEY_HEADER, self.0.key.clone());
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body)).map_err(SendError::from)?;
        Ok(self.0.client.send(&self.0.origin, request, |_| MAX_ANSWER_BYTES).await?)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}", self.0.origin, self.0.claimant)
    }
}

/// The lease on one scan of the worker's queue. Dropping it does not release the scan.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    platform: Platform,
    id: ScanId,
}

impl Claim {
    /// Renews the lease for another 15 minutes.
    pub(super) async fn renew(&self) -> Result<LeaseState, PlatformError> {
        let reply = self.platform.tell(HEARTBEAT, &self.id).await?;
        if let Some(refusal) = refusal(&reply) {
            return Ok(LeaseState::Lost(refusal));
        }
        read::<HeartbeatAnswer>(&success(reply)?)?;
        Ok(LeaseState::Held)
    }

    /// Releases the scan for other scanners. A lease that is already lost is not an error.
    pub(super) async fn release(&self) -> Result<(), PlatformError> {
        let reply = self.platform.tell(RELEASE, &self.id).await?;
        if refusal(&reply).is_some() || reply.status == StatusCode::NOT_FOUND {
            return Ok(());
        }
        success(reply).map(drop)
    }
}

/// The reason of a 409, where it is one that the contract names.
fn refusal(reply: &Reply) -> Option<ClaimRefusal> {
    #[derive(Deserialize)]
    struct Refused {
        reason: ClaimRefusal,
    }
    let conflict = reply.status == StatusCode::CONFLICT;
    conflict.then(|| serde_json::from_slice::<Refused>(&reply.body).ok())?.map(|r| r.reason)
}

fn success(reply: Reply) -> Result<Bytes, PlatformError> {
    if reply.status == StatusCode::OK {
        return Ok(reply.body);
    }
    let (status, retry_after, detail) = (reply.status, reply.retry_after, reply.detail());
    Err(PlatformError::Answered { status, retry_after, detail })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, PlatformError> {
    serde_json::from_slice(body)
        .map_err(|e| PlatformError::Unreadable { line: e.line(), column: e.column() })
}
