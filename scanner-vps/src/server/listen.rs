//! The accept loop: axum's own has no time limits.

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

/// How long one connection and its requests may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpLimits {
    /// For the head of a request, also while the connection is idle.
    pub head: Duration,
    /// For its body.
    pub body: Duration,
    /// For a connection, however busy.
    pub connection: Duration,
    /// Connections at once; more wait to be accepted.
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

/// Bytes of a request's head.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// After a failed accept (no free descriptors), before the next.
const BREATH: Duration = Duration::from_millis(100);

/// Serves connections until `stop` is over, then lets requests that are being answered end.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: HttpLimits,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let (over, is_over) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let (place, stream) = tokio::select! {
            biased;
            () = &mut stop => break,
            (place, stream) = accept(&listener, &places) => match (place, stream) {
                (Ok(place), Ok((stream, _))) => (place, stream),
                _ => {
                    sleep(BREATH).await;
                    continue;
                }
            },
        };
        let (router, limits, is_over) = (router.clone(), limits.clone(), is_over.clone());
        tokio::spawn(async move {
            talk(stream, router, &limits, is_over).await;
            drop(place);
        });
    }
    drop(listener);
    over.send_replace(true);
    // Each connection holds a receiver until it has ended.
    drop(is_over);
    let _ = timeout(limits.body, over.closed()).await;
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

async fn talk(
    stream: TcpStream,
    router: Router,
    limits: &HttpLimits,
    mut is_over: watch::Receiver<bool>,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let stop = async {
        let _ = is_over.wait_for(|over| *over).await;
    };
    // What breaks here is the peer's connection; the peer knows.
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
