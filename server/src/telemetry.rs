//! Logs: structured, a line a request, with its id, and never a secret, an address or a token. A path is named by its
//! pattern, `/mfa-reset/{token}`, because what stands in its place may be a secret.

use app::caller::RequestId;
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use backend::crypto::Random;
use http::{HeaderName, HeaderValue, Method};
use std::fmt::Write;
use tokio::time::Instant;
use tracing::Instrument;
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What is logged unless `RUST_LOG` says otherwise. The passkey library writes as an error whatever a stranger sends it.
const QUIET: &str = "info,sqlx=warn,sea_orm=warn,webauthn_rs=off,webauthn_rs_core=off";

/// The answer names the line in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Starts logging to stderr: JSON where it is not a terminal. `RUST_LOG` chooses what.
pub fn start() {
    use std::io::IsTerminal as _;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(QUIET));
    let registry = tracing_subscriber::registry().with(filter);
    // A second start changes nothing: tests start many servers in one process.
    let _ = if std::io::stderr().is_terminal() {
        registry.with(fmt::layer().with_writer(std::io::stderr).compact()).try_init()
    } else {
        registry.with(fmt::layer().with_writer(std::io::stderr).json()).try_init()
    };
}

/// Gives a request its id, and writes its line when it is answered.
pub async fn record(State(random): State<Random>, mut request: Request, next: Next) -> Response {
    let id = random.bytes::<8>().iter().fold(String::with_capacity(16), |mut id, byte| {
        _ = write!(id, "{byte:02x}");
        id
    });
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let (method, began) = (request.method().clone(), Instant::now());
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id);
    let mut response = next.run(request).instrument(span).await;
    line(&id, &method, route.as_deref().unwrap_or("none"), response.status().as_u16(), began);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

fn line(request_id: &str, method: &Method, route: &str, status: u16, began: Instant) {
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let quiet = route.starts_with("/pkg/") || matches!(route, "/healthz" | "/readyz");
    match (status, quiet) {
        (500.., _) => tracing::error!(request_id, %method, route, status, ms, "answered"),
        (_, true) => tracing::debug!(request_id, %method, route, status, ms, "answered"),
        _ => tracing::info!(request_id, %method, route, status, ms, "answered"),
    }
}
