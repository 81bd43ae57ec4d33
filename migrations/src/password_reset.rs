//! Mailed links that let a password be set: forgotten, or the first one.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000005_password_reset"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let password_resets = table(
            "password_resets",
            [
                uuid("user_id"),
                big_integer("epoch"),
                // `forgotten` or `first`.
                string("kind"),
                integer("key_id"),
                binary_len("nonce", 16),
                binary_len_uniq("token_digest", 32),
                big_integer("requested_at"),
                big_integer("expires_at"),
                big_integer_null("used_at"),
            ],
        )
        .foreign_key(&mut belongs_to("password_resets", "user_id", "users"))
        .to_owned();
        table::create(manager, [password_resets], [index("password_resets_user", "password_resets", &["user_id"])])
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["password_resets"]).await
    }
}
