//! What the operator asked for and takes effect later, and accounts that are closed.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261203_000033_operator"
    }
}

/// Of a scope one Owner waits at a time, and of a person one address.
const ONE_AT_A_TIME: [&str; 2] = [
    "CREATE UNIQUE INDEX operator_changes_owner ON operator_changes (scope_kind, scope_id) \
     WHERE ended_at IS NULL AND scope_id IS NOT NULL",
    "CREATE UNIQUE INDEX operator_changes_email ON operator_changes (user_id) \
     WHERE ended_at IS NULL AND scope_id IS NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let closed = &mut big_integer_null("closed_at");
        manager.alter_table(Table::alter().table("accounts").add_column(closed).to_owned()).await?;
        let changes = table(
            "operator_changes",
            [
                // Who is to be the Owner, or whose address is to be another.
                uuid("user_id"),
                // Of an Owner: where. Nothing of an address.
                string_null("scope_kind"),
                uuid_null("scope_id"),
                // Of an Owner: who was it when this was asked, by the name there.
                string_null("former_name"),
                // Of an address.
                string_null("present_email"),
                string_null("new_email"),
                string("reason"),
                big_integer("asked_at"),
                big_integer("due_at"),
                big_integer_null("ended_at"),
                // `applied`, `called_off` or `lapsed`.
                string_null("ended_as"),
            ],
        )
        .foreign_key(&mut belongs_to("operator_changes", "user_id", "users"))
        .to_owned();
        let due = index("operator_changes_due", "operator_changes", &["ended_at", "due_at"]);
        table::create(manager, [changes], [due]).await?;
        for sql in ONE_AT_A_TIME {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["operator_changes"]).await?;
        manager.alter_table(Table::alter().table("accounts").drop_column("closed_at").to_owned()).await
    }
}
