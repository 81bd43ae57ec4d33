//! Calls for help by people who cannot give their second factor, each with the link by which its person disowns it.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_000012_locked_out"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let help_calls = table(
            "help_calls",
            [
                uuid("user_id"),
                big_integer("epoch"),
                // The session that stopped at the second factor: what “This wasn't me” ends. It may be gone before.
                uuid("session_id"),
                string("device"),
                string_null("place"),
                integer("key_id"),
                binary_len("nonce", 16),
                binary_len_uniq("token_digest", 32),
                big_integer("asked_at"),
                big_integer_null("disowned_at"),
            ],
        )
        .foreign_key(&mut belongs_to("help_calls", "user_id", "users"))
        .to_owned();
        table::create(manager, [help_calls], [index("help_calls_user", "help_calls", &["user_id"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["help_calls"]).await
    }
}
