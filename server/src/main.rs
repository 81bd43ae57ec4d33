//! The `postern` command.

use leptos::config::LeptosOptions;
use server::router::{Parts, router};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let leptos = LeptosOptions::builder().output_name("postern").build();
    let address = std::env::var("POSTERN_LISTEN").unwrap_or("127.0.0.1:3000".into());
    let listener = tokio::net::TcpListener::bind(&address).await?;
    axum::serve(listener, router(&Parts { leptos, https: false })).await
}
