//! The proxy's side of its connections: who comes in, what they ask for, and where that leads.

use super::{
    EgressFailure, Shared, USER, relay,
    socks::{self, Fault, MAX_MESSAGE, Reply, Request},
};
use skillgate_contract::signature::secrets_match;
use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};

/// How long a client may take to say who it is and what it wants.
const HANDSHAKE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until it is dropped, its connections with it.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < shared.limits.open => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, Arc::clone(&shared)));
                    }
                    // Too many open files, perhaps: no reason to ask again without a pause.
                    Err(_) => sleep(PAUSE).await,
                }
            }
        }
    }
}

async fn serve(mut git: TcpStream, shared: Arc<Shared>) {
    let Ok(Ok(request)) = timeout(HANDSHAKE, handshake(&mut git, &shared)).await else {
        shared.refused.fetch_add(1, Ordering::Relaxed);
        return;
    };
    let failure = match open(&request, &shared).await {
        Ok(host) => {
            shared.note(None);
            if git.write_all(&socks::reply(Reply::Connected)).await.is_err() {
                return;
            }
            match relay::relay(git, host, &shared).await {
                Ok(()) => return,
                Err(failure) => failure,
            }
        }
        Err((reply, failure)) => {
            if reply != Reply::HostUnreachable {
                shared.refused.fetch_add(1, Ordering::Relaxed);
            }
            let _ = git.write_all(&socks::reply(reply)).await;
            match failure {
                Some(failure) => failure,
                None => return,
            }
        }
    };
    shared.note(Some(failure));
}

/// Lets a client in that has the password, and reads what it asks for.
async fn handshake(git: &mut TcpStream, shared: &Shared) -> io::Result<Request> {
    let mut bytes = Vec::new();
    if !message(git, &mut bytes, socks::greeting).await? {
        git.write_all(&socks::method(socks::NO_METHOD)).await?;
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    git.write_all(&socks::method(socks::BY_PASSWORD)).await?;
    let known = |bytes: &[u8]| {
        socks::login(bytes).map(|(user, password)| {
            let given = std::str::from_utf8(password);
            user == USER.as_bytes()
                && given.is_ok_and(|given| secrets_match(shared.password.expose(), given))
        })
    };
    let welcome = message(git, &mut bytes, known).await?;
    git.write_all(&socks::login_answer(welcome)).await?;
    if !welcome {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    message(git, &mut bytes, socks::request).await
}

/// Reads one message, and no byte beyond it.
async fn message<T>(
    git: &mut TcpStream,
    bytes: &mut Vec<u8>,
    parse: impl Fn(&[u8]) -> Result<T, Fault>,
) -> io::Result<T> {
    bytes.clear();
    loop {
        match parse(bytes) {
            Ok(message) => return Ok(message),
            Err(Fault::Incomplete(needed)) if (bytes.len()..=MAX_MESSAGE).contains(&needed) => {
                let missing = needed - bytes.len();
                if git.take(missing as u64).read_to_end(bytes).await? < missing {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(_) => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Connects to the host where it is the one that may be asked for.
async fn open(
    request: &Request,
    shared: &Shared,
) -> Result<TcpStream, (Reply, Option<EgressFailure>)> {
    if request.command != socks::CONNECT {
        return Err((Reply::CommandNotSupported, None));
    }
    if !shared.destination.is(request) {
        let asked = EgressFailure::OtherDestination(request.to_string());
        return Err((Reply::NotAllowed, Some(asked)));
    }
    if shared.connections.fetch_add(1, Ordering::Relaxed) >= shared.limits.connections {
        return Err((Reply::NotAllowed, Some(EgressFailure::TooManyConnections)));
    }
    shared.destination.connect().await.map_err(|failure| {
        let reply = match failure {
            EgressFailure::Unreachable(_) => Reply::HostUnreachable,
            _ => Reply::NotAllowed,
        };
        (reply, Some(failure))
    })
}
