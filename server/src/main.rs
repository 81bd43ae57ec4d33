//! The `postern` command.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    server::cli::run().await
}
