//! The activity log. Rows are only ever added.

use crate::table::{self, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000007_audit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let audit_entries = table(
            "audit_entries",
            [
                // Nothing for what concerns a person and no scope.
                string_null("scope_kind"),
                uuid_null("scope_id"),
                big_integer("at"),
                string("actor_kind"),
                uuid_null("actor_id"),
                string_null("actor_name"),
                uuid_null("via_portfolio_id"),
                string("action"),
                uuid_null("target_id"),
                string_null("target_name"),
                // What it is about: a reset, a session, an authenticator.
                uuid_null("subject_id"),
                string_null("detail"),
                string_null("place"),
                string_null("device"),
                // Bits: 1 is for attention.
                small_integer("marks"),
            ],
        );
        table::create(
            manager,
            [audit_entries],
            [
                index("audit_entries_scope", "audit_entries", &["scope_kind", "scope_id", "id"]),
                index("audit_entries_target", "audit_entries", &["target_id", "id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["audit_entries"]).await
    }
}
