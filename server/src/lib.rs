//! HTTP and process around Postern: configuration, routes, headers, command line. Holds no rule; what may be done is
//! decided in `domain` and done in `backend`.

pub mod assets;
pub mod cli;
pub mod config;
pub mod connections;
pub mod csrf;
mod demo;
mod exports;
pub mod headers;
pub mod health;
mod imports;
pub mod network;
pub mod router;
pub mod server_functions;
pub mod telemetry;
