//! The sockets, from the first connection to the last. What `axum::serve` leaves open is closed here: a browser that
//! never finishes its request is sent away, and when the process is asked to stop, no request is cut. Connections that
//! the system has taken already are taken over, answers say that they are the last on theirs, and only then are idle
//! connections closed.

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderValue, Request, Response, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt;

/// A browser has this long for the head of a request.
const HEAD_TTL: Duration = Duration::from_secs(15);
/// Busy browsers learn within this that an answer was the last on their connection.
const FAREWELL: Duration = Duration::from_millis(250);
/// What is under way then may go on for this long.
const LAST_CALL: Duration = Duration::from_millis(600);

/// Connections at a time: fewer than the descriptors that a process usually has, so that a crowd waits in the system's queue
/// and the database stays reachable.
const AT_A_TIME: usize = 800;

/// Answers until `stop`, and then until the last answer is out, within a second.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let closing = Arc::new(AtomicBool::new(false));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < AT_A_TIME => match accepted {
                Ok((stream, peer)) => take(&mut connections, &graceful, stream, peer, &router, &closing),
                // No more descriptors, or a peer that went away at once: the next one may be luckier.
                Err(problem) => {
                    tracing::warn!(%problem, "a connection could not be taken");
                    sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    closing.store(true, Ordering::Relaxed);
    while let Some((stream, peer)) = waiting(&listener).await {
        take(&mut connections, &graceful, stream, peer, &router, &closing);
    }
    drop(listener);
    // Every connection that is in use ends by itself after its next answer.
    let all_gone = timeout(FAREWELL, async { while connections.join_next().await.is_some() {} }).await.is_ok();
    if !all_gone {
        // What still streams after the last call is cut by the end of the process.
        let _ = timeout(LAST_CALL, graceful.shutdown()).await;
    }
}

/// A connection that the system has taken and nobody has asked for yet.
async fn waiting(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    std::future::poll_fn(|context| {
        Poll::Ready(match listener.poll_accept(context) {
            Poll::Ready(accepted) => accepted.ok(),
            Poll::Pending => None,
        })
    })
    .await
}

fn take(
    connections: &mut JoinSet<()>,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    closing: &Arc<AtomicBool>,
) {
    // A page is many small writes; none is to wait for the one before.
    let _ = stream.set_nodelay(true);
    let (router, closing) = (router.clone(), closing.clone());
    let service = service_fn(move |request: Request<Incoming>| answer(router.clone(), request, peer, closing.clone()));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TTL);
    let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
    connections.spawn(async move {
        // Peers break connections off all the time; that is no news.
        let _ = connection.await;
    });
}

async fn answer(
    router: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    closing: Arc<AtomicBool>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.oneshot(request).await?;
    if closing.load(Ordering::Relaxed) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
