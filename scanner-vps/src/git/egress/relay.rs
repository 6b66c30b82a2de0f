//! Bytes of one connection to and fro, within limits that all connections of a proxy share.

use super::{EgressFailure, Shared};
use std::{
    io,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

const BUFFER: usize = 32 * 1024;

/// What ends a pump before the end of what it reads.
enum Ended {
    Broken,
    TooMuch,
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Broken
    }
}

/// Relays until both sides have ended, or one is broken.
///
/// # Errors
/// A limit was reached.
pub(super) async fn relay(
    mut git: TcpStream,
    mut host: TcpStream,
    shared: &Shared,
) -> Result<(), EgressFailure> {
    let (limits, moved) = (&shared.limits, AtomicU64::new(0));
    // What came last came from the host: git may have all that it asked for.
    let answered = AtomicBool::new(false);
    let (mut from_git, mut to_git) = git.split();
    let (mut from_host, mut to_host) = host.split();
    let both = async {
        tokio::try_join!(
            pump(&mut from_git, &mut to_host, (&shared.sent, limits.sent), &moved, || {
                answered.store(false, Ordering::Relaxed);
            }),
            pump(&mut from_host, &mut to_git, (&shared.received, limits.received), &moved, || {
                answered.store(true, Ordering::Relaxed);
            }),
        )
    };
    let too_slow = async {
        loop {
            let before = moved.load(Ordering::Relaxed);
            sleep(limits.window).await;
            let now = moved.load(Ordering::Relaxed);
            if now - before < limits.window_bytes {
                return now == before && answered.load(Ordering::Relaxed);
            }
        }
    };
    tokio::select! {
        ended = both => match ended {
            Err(Ended::TooMuch) => Err(EgressFailure::TooMuch),
            Ok(_) | Err(Ended::Broken) => Ok(()),
        },
        // A connection that git keeps while it checks what it has: closed, and no reason for a failure. Where a host
        // falls silent within an answer, git itself says so.
        is_idle = too_slow => if is_idle { Ok(()) } else { Err(EgressFailure::TooSlow) },
    }
}

/// Passes on what comes, up to `limit` bytes of all connections together.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    (total, limit): (&AtomicU64, u64),
    moved: &AtomicU64,
    came: impl Fn(),
) -> Result<(), Ended> {
    let mut buffer = Vec::with_capacity(BUFFER);
    loop {
        buffer.clear();
        let count = from.read_buf(&mut buffer).await? as u64;
        if count == 0 {
            // The other direction may go on.
            return Ok(to.shutdown().await?);
        }
        if total.fetch_add(count, Ordering::Relaxed).saturating_add(count) > limit {
            return Err(Ended::TooMuch);
        }
        to.write_all(&buffer).await?;
        came();
        moved.fetch_add(count, Ordering::Relaxed);
    }
}
