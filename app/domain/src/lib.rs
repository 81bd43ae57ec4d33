//! The rules of Postern, and the words they are written in.
//!
//! Everything here is a pure function of its arguments: no async, no clock, no randomness, no database, no HTTP, no
//! texts. It is compiled twice, for the server, which enforces with it, and for the browser, which merely shows by it;
//! so a button and its enforcement cannot disagree. Nothing here can hold a secret.

// Before those that parse texts of their own.
#[macro_use]
pub mod person;

pub mod accounts;
pub mod audit;
pub mod authenticators;
pub mod bulk_change;
pub mod bulk_reset;
pub mod check_up;
pub mod email_change;
pub mod erasure;
pub mod errors;
pub mod guards;
pub mod ids;
pub mod invitations;
pub mod locked_out;
pub mod loosening;
pub mod mfa_policy;
pub mod mfa_reset;
pub mod notice_email;
pub mod passwords;
pub mod policy;
pub mod portfolios;
pub mod roles;
pub mod roll_out;
pub mod scope;
pub mod sessions;
pub mod sms;
pub mod theme;
pub mod time;
pub mod users;
