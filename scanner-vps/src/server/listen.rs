//! The accept loop with limits on time and connections, which axum's own does not have.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

/// The time limits of one connection, and how many there may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// For receiving the head of a request; also the limit of an idle connection.
    pub head: Duration,
    /// For receiving the body of a request.
    pub body: Duration,
    /// For a whole connection, however busy it is.
    pub connection: Duration,
    /// The number of connections at once; further ones wait to be accepted.
    pub connections: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            connection: Duration::from_secs(300),
            connections: 256,
        }
    }
}

/// The largest head of a request.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// The wait after a failed accept (no free descriptors).
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Serves connections until `stop` is over, then waits for requests in progress, at most
/// [`HttpLimits::body`] long.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: HttpLimits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let (shutdown, shutting_down) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let (place, stream) = tokio::select! {
            biased;
            () = &mut stop => break,
            (place, stream) = accept(&listener, &places) => match (place, stream) {
                (Ok(place), Ok((stream, _))) => (place, stream),
                _ => {
                    sleep(ACCEPT_RETRY_DELAY).await;
                    continue;
                }
            },
        };
        let (router, limits, shutting_down) =
            (router.clone(), limits.clone(), shutting_down.clone());
        tokio::spawn(async move {
            serve_connection(stream, router, &limits, shutting_down).await;
            drop(place);
        });
    }
    drop(listener);
    shutdown.send_replace(true);
    // Each connection holds a receiver until it has ended.
    drop(shutting_down);
    let _ = timeout(limits.body, shutdown.closed()).await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (
    Result<tokio::sync::OwnedSemaphorePermit, tokio::sync::AcquireError>,
    std::io::Result<(TcpStream, std::net::SocketAddr)>,
) {
    let place = Arc::clone(places).acquire_owned().await;
    (place, listener.accept().await)
}

async fn serve_connection(
    stream: TcpStream,
    router: Router,
    limits: &HttpLimits,
    mut shutting_down: watch::Receiver<bool>,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let stop = async {
        let _ = shutting_down.wait_for(|over| *over).await;
    };
    // An error here is the peer's broken connection, which the peer sees too.
    let _ = timeout(limits.connection, async {
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    })
    .await;
}
