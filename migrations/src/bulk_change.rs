//! Many people changed at once: what was proposed, what would become of each line, and what did.

use crate::table::{self, belongs_to, index, table, unique};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261204_000038_bulk_change"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let changes = table(
            "bulk_changes",
            [
                string("scope_kind"),
                uuid("scope_id"),
                uuid("actor_id"),
                string("actor_name"),
                // What was applied with a session that became void since is not done any more.
                big_integer("actor_epoch"),
                // Of the invitations.
                string("language"),
                string("device"),
                string_null("place"),
                big_integer("proposed_at"),
                big_integer_null("applied_at"),
            ],
        );
        let lines = table(
            "bulk_change_lines",
            [
                uuid("bulk_id"),
                integer("position"),
                // As in the file, for who looks it up there.
                integer("line"),
                string("address"),
                string("address_folded"),
                string("account"),
                string_null("scope_kind"),
                uuid_null("scope_id"),
                // As it was written; the key, once it is known.
                string("written"),
                string_null("role"),
                // What they were when it was proposed: who is something else by then is left alone.
                string_null("had"),
                // What would become of it, and what did.
                string("expected"),
                string_null("outcome"),
                big_integer_null("done_at"),
            ],
        )
        .foreign_key(&mut belongs_to("bulk_change_lines", "bulk_id", "bulk_changes"))
        .to_owned();
        let indexes = [
            index("bulk_changes_proposed", "bulk_changes", &["proposed_at"]),
            index("bulk_changes_applied", "bulk_changes", &["applied_at"]),
            unique("bulk_change_lines_order", "bulk_change_lines", &["bulk_id", "position"]),
            index("bulk_change_lines_open", "bulk_change_lines", &["outcome", "bulk_id"]),
            index("bulk_change_lines_address", "bulk_change_lines", &["address_folded"]),
        ];
        table::create(manager, [changes, lines], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["bulk_change_lines", "bulk_changes"]).await
    }
}
