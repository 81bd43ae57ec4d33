//! The use cases, each against a fresh database: SQLite always, PostgreSQL where one can be started.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[macro_use]
mod support;
mod audit;
mod authenticators;
mod epoch;
mod folder;
mod harness;
mod knock;
mod locked_out;
mod mail;
mod mfa_reset;
mod operator;
mod outbox;
mod password_reset;
mod portfolio;
mod requirement;
mod schema;
mod secrets;
mod sessions;
mod sign_in;
mod smtp;
mod throttle;
mod users;
