//! The use cases, each against a fresh database: SQLite always, PostgreSQL where one can be started.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[macro_use]
mod support;
mod folder;
mod harness;
mod mail;
mod outbox;
mod smtp;
