//! The schema, one file a story. A migration never imports an entity or the domain: it says what was true on its day.
//!
//! The same migrations run on SQLite and PostgreSQL. Identifiers are UUIDs, times are whole milliseconds since the Unix
//! epoch, and whatever a person can hold carries the `epoch` under which it was made. Migrations are additive: expand
//! first, contract in a later release.

mod accounts;
mod audit;
mod audit_actor;
mod authenticators;
mod bulk_change;
mod bulk_reset;
mod closing;
mod coverage;
mod default_method;
mod email_change;
mod email_change_key;
mod erasure;
mod guards;
mod help_called;
mod invitations;
mod knocks;
mod locked_out;
mod mfa_grace;
mod mfa_grace_spent;
mod mfa_policy;
mod mfa_reset;
mod mfa_reset_enrolled;
mod mfa_reset_guards;
mod notice_email;
mod operator;
mod outbox;
mod passkeys;
mod password_reset;
mod places;
mod portfolios;
mod reach;
mod roles;
mod roll_out;
mod search;
mod search_in_order;
mod sessions;
mod signed_out;
mod sms;
mod table;
mod theme;
mod told_of_misses;

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigratorTrait, sea_orm};

/// Brings a database up to this version, or down again.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(accounts::Migration),
            Box::new(sessions::Migration),
            Box::new(authenticators::Migration),
            Box::new(mfa_reset::Migration),
            Box::new(password_reset::Migration),
            Box::new(outbox::Migration),
            Box::new(audit::Migration),
            Box::new(mfa_reset_enrolled::Migration),
            Box::new(knocks::Migration),
            Box::new(reach::Migration),
            Box::new(mfa_reset_guards::Migration),
            Box::new(locked_out::Migration),
            Box::new(guards::Migration),
            Box::new(invitations::Migration),
            Box::new(bulk_reset::Migration),
            Box::new(passkeys::Migration),
            Box::new(roll_out::Migration),
            Box::new(mfa_policy::Migration),
            Box::new(mfa_grace::Migration),
            Box::new(email_change::Migration),
            Box::new(email_change_key::Migration),
            Box::new(mfa_grace_spent::Migration),
            Box::new(sms::Migration),
            Box::new(default_method::Migration),
            Box::new(places::Migration),
            Box::new(audit_actor::Migration),
            Box::new(signed_out::Migration),
            Box::new(notice_email::Migration),
            Box::new(roles::Migration),
            Box::new(told_of_misses::Migration),
            Box::new(help_called::Migration),
            Box::new(search::Migration),
            Box::new(operator::Migration),
            Box::new(erasure::Migration),
            Box::new(theme::Migration),
            Box::new(portfolios::Migration),
            Box::new(coverage::Migration),
            Box::new(bulk_change::Migration),
            Box::new(search_in_order::Migration),
            Box::new(closing::Migration),
        ]
    }
}
