//! Passkeys and security keys (WebAuthn).

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_000016_passkeys"
    }
}

/// One key, one person: what is registered once is nobody else's.
const ONE_OWNER: &str = "CREATE UNIQUE INDEX authenticators_credential ON authenticators (credential_id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = |column: &mut ColumnDef| Table::alter().table("authenticators").add_column(column).to_owned();
        // Of a passkey; `sealed_secret` is its public key, and `last_step` its signature counter, which only grows too.
        manager.alter_table(add(&mut binary_null("credential_id"))).await?;
        // Whether it signs in without the password.
        manager.alter_table(add(boolean("signs_in").default(false))).await?;
        manager.get_connection().execute_unprepared(ONE_OWNER).await?;
        // A challenge that was handed out and has not been answered. Who signs in by passkey alone is nobody yet.
        let ceremonies = table(
            "passkey_ceremonies",
            [
                uuid_null("user_id"),
                uuid_null("session_id"),
                big_integer_null("epoch"),
                text("state"),
                big_integer("expires_at"),
            ],
        )
        .foreign_key(&mut belongs_to("passkey_ceremonies", "user_id", "users"))
        .to_owned();
        let indexes = [
            index("passkey_ceremonies_user", "passkey_ceremonies", &["user_id"]),
            index("passkey_ceremonies_expiry", "passkey_ceremonies", &["expires_at"]),
        ];
        table::create(manager, [ceremonies], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["passkey_ceremonies"]).await?;
        manager.get_connection().execute_unprepared("DROP INDEX authenticators_credential").await?;
        // What an older version cannot read is no factor there.
        manager.get_connection().execute_unprepared("DELETE FROM authenticators WHERE kind = 'passkey'").await?;
        for column in ["signs_in", "credential_id"] {
            manager.alter_table(Table::alter().table("authenticators").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
