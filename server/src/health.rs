//! What a watchdog asks: `/healthz`, whether the process answers, and `/readyz`, whether it can do its work.

use axum::response::IntoResponse;
use backend::{Backend, health};
use http::StatusCode;

/// Always, while the process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether database, schema and clocks are as they must be; why not is in the log, not in the answer.
pub async fn readyz(backend: Backend) -> impl IntoResponse {
    match health::ready(&backend).await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(problem) => {
            tracing::warn!(%problem, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}
