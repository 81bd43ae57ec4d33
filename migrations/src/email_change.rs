//! Changes of address: each with two mailed links, one to either mailbox.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261127_000020_email_change"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let email_changes = table(
            "email_changes",
            [
                uuid("user_id"),
                big_integer("epoch"),
                string("present_email"),
                string("new_email"),
                string("new_email_folded"),
                string("device"),
                string_null("place"),
                integer("key_id"),
                // Of both links, which are told apart by their purpose.
                binary_len("nonce", 16),
                binary_len_uniq("present_digest", 32),
                binary_len_uniq("new_digest", 32),
                big_integer("requested_at"),
                big_integer("expires_at"),
                big_integer_null("present_confirmed_at"),
                big_integer_null("new_confirmed_at"),
                big_integer_null("ended_at"),
                // `done`, `declined`, `cancelled` or `taken`.
                string_null("ended_as"),
            ],
        )
        .foreign_key(&mut belongs_to("email_changes", "user_id", "users"))
        .to_owned();
        table::create(manager, [email_changes], [index("email_changes_user", "email_changes", &["user_id"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["email_changes"]).await
    }
}
