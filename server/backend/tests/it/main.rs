//! The use cases, each against a fresh database: SQLite always, PostgreSQL where one can be started.

#[macro_use]
mod support;
mod harness;
mod outbox;
