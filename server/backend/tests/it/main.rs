//! The use cases, each against a fresh database: SQLite always, PostgreSQL where one can be started.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[macro_use]
mod support;
mod attacks;
mod audit;
mod authenticators;
mod bulk_changes;
mod clock;
mod email_change;
mod epoch;
mod equal_time;
mod erasure;
mod folder;
mod harness;
mod invitations;
mod knock;
mod locked_out;
mod mail;
mod managing;
mod mfa_grace;
mod mfa_policy;
mod mfa_reset;
mod notice_email;
mod notices;
mod operator;
mod outbox;
mod passkeys;
mod password_reset;
mod passwords;
mod personal;
mod places;
mod portfolio;
mod portfolios;
mod requirement;
mod roles;
mod roll_out;
mod schema;
mod secrets;
mod sessions;
mod sign_in;
mod size;
mod sms;
mod smtp;
mod throttle;
mod two_at_once;
mod users;
