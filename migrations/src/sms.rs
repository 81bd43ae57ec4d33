//! Codes by text message: where they are accepted, and the codes themselves.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261129_000023_sms"
    }
}

const SCOPES: [&str; 2] = ["accounts", "portfolios"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with = |table, column: &mut ColumnDef| Table::alter().table(table).add_column(column).to_owned();
        for table in SCOPES {
            manager.alter_table(with(table, boolean("mfa_sms").default(false))).await?;
        }
        manager.alter_table(with("loosenings", &mut boolean_null("sms"))).await?;
        let codes = table(
            "sms_codes",
            [
                uuid("session_id"),
                uuid("user_id"),
                big_integer("epoch"),
                // The method it proves; nothing of one that binds a number.
                uuid_null("authenticator_id"),
                integer("key_id"),
                binary("sealed_number"),
                binary_len("nonce", 16),
                // By which the gateway knows it, where it says so.
                string_null("message_id"),
                integer("tries"),
                big_integer("created_at"),
                big_integer("expires_at"),
                big_integer_null("used_at"),
            ],
        )
        .foreign_key(&mut belongs_to("sms_codes", "session_id", "sessions"))
        .foreign_key(&mut belongs_to("sms_codes", "user_id", "users"))
        .to_owned();
        let indexes = [
            index("sms_codes_session", "sms_codes", &["session_id"]),
            index("sms_codes_user", "sms_codes", &["user_id"]),
        ];
        table::create(manager, [codes], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["sms_codes"]).await?;
        // What an older version cannot ask for is no factor there.
        manager.get_connection().execute_unprepared("DELETE FROM authenticators WHERE kind = 'sms'").await?;
        let without = |table, column| Table::alter().table(table).drop_column(column).to_owned();
        manager.alter_table(without("loosenings", "sms")).await?;
        for table in SCOPES {
            manager.alter_table(without(table, "mfa_sms")).await?;
        }
        Ok(())
    }
}
