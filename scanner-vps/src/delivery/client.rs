//! The HTTP client: one request over one connection.
//!
//! It follows no redirect, uses no proxy, and keeps no connection and no cookie: a request goes to the
//! [`Origin`] that is named or nowhere.
//!
//! A ready-made client (reqwest) was considered and not taken. It drives the connection in a task that
//! outlives a timed-out request, here the connection is dropped with the request; it parses every
//! address once more behind the allow list, here the parts of the [`Origin`] are used as they are; its
//! root certificates are the platform verifier's, here their absence is an error at the start. Each of
//! its proxy, redirect and pool defaults would have to be switched off, and it adds 35 crates.

use crate::{
    callback_target::{CALLBACK_PATH, CallbackTarget},
    origin::Origin,
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use skillgate_contract::{
    ScanId,
    api::{PROBLEM_TYPE, Problem},
    text,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

const USER_AGENT: &str = concat!("skillgate-scanner/", env!("CARGO_PKG_VERSION"));
/// Bytes of the worker's answer to a callback that are read.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// The client cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The system has no certificate authority, so no TLS peer could be trusted.
    #[error("no certificate authorities were found on this system (install ca-certificates)")]
    NoAuthorities,
    /// The TLS settings are refused by rustls.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// The request got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("no connection after {} s", .0.as_secs())]
    ConnectTimeout(Duration),
    #[error("no answer after {} s", .0.as_secs())]
    Timeout(Duration),
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    #[error("TLS is not set up")]
    NoTls,
    #[error("the request cannot be written: {0}")]
    Request(#[from] hyper::http::Error),
}

impl SendError {
    /// Whether the receiver may have got the request.
    pub(crate) const fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Timeout(_) | Self::Broken(_))
    }
}

/// The status and body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// The `Retry-After` header, where it is a number of seconds.
    pub(crate) retry_after: Option<Duration>,
    /// The `Content-Type` header is that of a problem document.
    pub(crate) is_problem: bool,
    /// The whole body; empty where it was not wanted, was longer than wanted, or broke off.
    pub(crate) body: Bytes,
}

impl Reply {
    /// The `detail` of a problem document, for the log; empty where the body is none.
    pub(crate) fn detail(&self) -> String {
        self.problem().map_or_else(String::new, |problem| text::line(&problem.detail, 200))
    }

    fn problem(&self) -> Option<Problem> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the worker itself accepts a report, of this scan where one is named, and not a proxy before it.
    fn is_acceptance(&self, scan: Option<&ScanId>) -> bool {
        let accepts = |answer: Acceptance| {
            answer.ok && scan.is_none_or(|scan| scan.as_str() == answer.scan_id)
        };
        self.status.is_success() && serde_json::from_slice(&self.body).is_ok_and(accepts)
    }

    /// Whether the worker itself refuses, and not a firewall or a proxy before it.
    fn is_refusal(&self) -> bool {
        let refuses = |problem: Problem| problem.refuses(self.status.as_u16());
        self.is_problem && self.problem().is_some_and(refuses)
    }
}

/// What is read of the worker's [`skillgate_contract::api::CallbackAnswer`]. Not its status: that of a newer worker
/// may be unknown here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Acceptance {
    ok: bool,
    scan_id: String,
}

/// The worker's answer to a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// The `Retry-After` header, where it is a number of seconds.
    pub(super) retry_after: Option<Duration>,
    /// The `detail` of a problem, for the log.
    pub(super) detail: String,
    /// The worker itself accepts the callback.
    pub(super) is_acceptance: bool,
    /// The worker itself refuses the callback.
    pub(super) is_refusal: bool,
}

/// Sends requests to an [`Origin`]. Clones share the TLS settings.
#[derive(Clone)]
pub struct Client {
    tls: Option<TlsConnector>,
    connect_timeout: Duration,
    total_timeout: Duration,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client with the default limits: 5 s to connect, 15 s in all. `need_tls` loads the system's
    /// certificate authorities (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others).
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(need_tls: bool) -> Result<Self, ClientError> {
        // Unreadable files among readable ones are common on old systems; no authority at all is not.
        let system = || connector(rustls_native_certs::load_native_certs().certs);
        Ok(Self::with(if need_tls { Some(system()?) } else { None }))
    }

    /// A client that trusts these authorities only.
    #[cfg(test)]
    pub(super) fn trusting(authorities: Vec<CertificateDer<'static>>) -> Result<Self, ClientError> {
        Ok(Self::with(Some(connector(authorities)?)))
    }

    const fn with(tls: Option<TlsConnector>) -> Self {
        let (connect_timeout, total_timeout) = (Duration::from_secs(5), Duration::from_secs(15));
        Self { tls, connect_timeout, total_timeout }
    }

    /// The same client with other time limits.
    #[must_use]
    pub fn with_timeouts(self, connect_timeout: Duration, total_timeout: Duration) -> Self {
        Self { connect_timeout, total_timeout, ..self }
    }

    /// Sends a callback, about the scan of this id where it has one; `auth` is the name and value of the header that
    /// authenticates it.
    pub(super) async fn post(
        &self,
        target: &CallbackTarget,
        scan: Option<&ScanId>,
        body: Vec<u8>,
        auth: (&str, &str),
    ) -> Result<Answer, SendError> {
        let (name, value) = auth;
        let request = Request::post(CALLBACK_PATH)
            .header(header::CONTENT_TYPE, "application/json")
            .header(name, value)
            .body(Full::new(Bytes::from(body)))?;
        let reply = self.send(target.origin(), request, answers_only).await?;
        Ok(Answer {
            status: reply.status,
            retry_after: reply.retry_after,
            detail: reply.detail(),
            is_acceptance: reply.is_acceptance(scan),
            is_refusal: reply.is_refusal(),
        })
    }

    /// Sends one request to this origin; `wanted` says how many bytes an answer's body may have,
    /// where 0 leaves it unread.
    pub(crate) async fn send(
        &self,
        origin: &Origin,
        request: Request<Full<Bytes>>,
        wanted: fn(StatusCode) -> usize,
    ) -> Result<Reply, SendError> {
        timeout(self.total_timeout, self.exchange(origin, request, wanted))
            .await
            .map_err(|_| SendError::Timeout(self.total_timeout))?
    }

    async fn exchange(
        &self,
        origin: &Origin,
        mut request: Request<Full<Bytes>>,
        wanted: fn(StatusCode) -> usize,
    ) -> Result<Reply, SendError> {
        let host = HeaderValue::try_from(origin.authority()).map_err(hyper::http::Error::from)?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, host);
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        let stream = timeout(self.connect_timeout, self.connect(origin))
            .await
            .map_err(|_| SendError::ConnectTimeout(self.connect_timeout))??;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let talk = async {
            let response = sender.send_request(request).await?;
            drop(sender);
            Ok(read(response, wanted).await)
        };
        // The connection is driven here and dropped here: nothing of it outlives the exchange.
        tokio::pin!(talk);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            biased;
            answer = &mut talk => answer,
            ended = connection.as_mut() => {
                // What was received before the end still waits in the channel.
                ended?;
                talk.await
            }
        }
    }

    async fn connect(&self, origin: &Origin) -> Result<Box<dyn Stream>, SendError> {
        let tcp =
            TcpStream::connect((origin.host(), origin.port())).await.map_err(SendError::Connect)?;
        if !origin.is_tls() {
            return Ok(Box::new(tcp));
        }
        let name = ServerName::try_from(origin.host().to_owned())
            .map_err(|e| SendError::Connect(std::io::Error::other(e)))?;
        let tls = self.tls.as_ref().ok_or(SendError::NoTls)?;
        Ok(Box::new(tls.connect(name, tcp).await.map_err(SendError::Connect)?))
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

fn connector(authorities: Vec<CertificateDer<'static>>) -> Result<TlsConnector, ClientError> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(authorities);
    if added == 0 {
        return Err(ClientError::NoAuthorities);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn answers_only(status: StatusCode) -> usize {
    if status.is_informational() || status.is_redirection() { 0 } else { MAX_ANSWER_BYTES }
}

async fn read(response: Response<Incoming>, wanted: fn(StatusCode) -> usize) -> Reply {
    let (head, body) = response.into_parts();
    let retry_after = head
        .headers
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let media_type = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok()?.split(';').next());
    let is_problem = media_type.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(PROBLEM_TYPE));
    let body = match wanted(head.status) {
        0 => Bytes::new(),
        most => {
            let whole = Limited::new(body, most).collect().await;
            whole.map(http_body_util::Collected::to_bytes).unwrap_or_default()
        }
    };
    Reply { status: head.status, retry_after, is_problem, body }
}
