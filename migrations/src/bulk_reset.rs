//! MFA resets asked for several people at once, worked off one by one: what was asked, and what became of each.

use crate::table::{self, belongs_to, index, table, unique};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261124_000015_bulk_reset"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bulk_resets = table(
            "bulk_resets",
            [
                string("scope_kind"),
                uuid("scope_id"),
                uuid("actor_id"),
                string("actor_name"),
                // What is asked for with a session that became void since is not asked any more.
                big_integer("actor_epoch"),
                string("reason"),
                string("device"),
                string_null("place"),
                big_integer("asked_at"),
            ],
        );
        let items = table(
            "bulk_reset_items",
            [
                uuid("bulk_id"),
                integer("position"),
                uuid("user_id"),
                string("name"),
                string_null("outcome"),
                big_integer_null("done_at"),
            ],
        )
        .foreign_key(&mut belongs_to("bulk_reset_items", "bulk_id", "bulk_resets"))
        .foreign_key(&mut belongs_to("bulk_reset_items", "user_id", "users"))
        .to_owned();
        let indexes = [
            unique("bulk_reset_items_order", "bulk_reset_items", &["bulk_id", "position"]),
            index("bulk_reset_items_open", "bulk_reset_items", &["outcome", "bulk_id"]),
        ];
        table::create(manager, [bulk_resets, items], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["bulk_reset_items", "bulk_resets"]).await
    }
}
