//! A second address for notices: of a person, to be proven by a code that is typed in the session that asked, and of a mail
//! that is a copy.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261202_000028_notice_email"
    }
}

/// Where an address is kept, and as what.
const ADDRESSES: [(&str, &str); 2] = [("users", "notice_email"), ("outbox", "copy_to")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in ADDRESSES {
            manager.alter_table(Table::alter().table(table).add_column(string_null(column)).to_owned()).await?;
        }
        let codes = table(
            "notice_email_codes",
            [
                uuid("session_id"),
                uuid("user_id"),
                big_integer("epoch"),
                string("email"),
                integer("key_id"),
                binary_len("nonce", 16),
                integer("tries"),
                big_integer("created_at"),
                big_integer("expires_at"),
                big_integer_null("used_at"),
            ],
        )
        .foreign_key(&mut belongs_to("notice_email_codes", "session_id", "sessions"))
        .foreign_key(&mut belongs_to("notice_email_codes", "user_id", "users"))
        .to_owned();
        let indexes = [
            index("notice_email_codes_session", "notice_email_codes", &["session_id"]),
            index("notice_email_codes_user", "notice_email_codes", &["user_id"]),
        ];
        table::create(manager, [codes], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["notice_email_codes"]).await?;
        for (table, column) in ADDRESSES {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
