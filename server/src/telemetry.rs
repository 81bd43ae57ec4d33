//! Logs: structured, with request ids, and never a secret, an address or a token.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging to stderr: JSON where it is not a terminal. `RUST_LOG` chooses what.
pub fn start() {
    use std::io::IsTerminal as _;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm=warn"));
    let registry = tracing_subscriber::registry().with(filter);
    // A second start changes nothing: tests start many servers in one process.
    let _ = if std::io::stderr().is_terminal() {
        registry.with(fmt::layer().with_writer(std::io::stderr).compact()).try_init()
    } else {
        registry.with(fmt::layer().with_writer(std::io::stderr).json()).try_init()
    };
}
