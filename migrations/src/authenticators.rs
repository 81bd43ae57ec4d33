//! Second factors and the backup codes that stand in for them.

use crate::table::{self, belongs_to, index, table, unique};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000003_authenticators"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let authenticators = table(
            "authenticators",
            [
                uuid("user_id"),
                string("kind"),
                string("name"),
                // The seed, sealed under the master key `key_id` and bound to this row.
                integer("key_id"),
                binary("sealed_secret"),
                // The last accepted time step (RFC 6238); a code is accepted once, because this only grows.
                big_integer("last_step"),
                big_integer("bound_at"),
                big_integer_null("last_used_at"),
            ],
        )
        .foreign_key(&mut belongs_to("authenticators", "user_id", "users"))
        .to_owned();
        let recovery_code_sets = table(
            "recovery_code_sets",
            [
                uuid("user_id"),
                big_integer("epoch"),
                // The session that made it may look at it until it says so.
                uuid("session_id"),
                integer("key_id"),
                binary_len("nonce", 16),
                big_integer("made_at"),
                big_integer_null("acknowledged_at"),
            ],
        )
        .foreign_key(&mut belongs_to("recovery_code_sets", "user_id", "users"))
        .to_owned();
        let recovery_codes = table(
            "recovery_codes",
            [uuid("user_id"), uuid("set_id"), binary_len("code_digest", 32), big_integer_null("used_at")],
        )
        .foreign_key(&mut belongs_to("recovery_codes", "user_id", "users"))
        .foreign_key(&mut belongs_to("recovery_codes", "set_id", "recovery_code_sets"))
        .to_owned();
        table::create(
            manager,
            [authenticators, recovery_code_sets, recovery_codes],
            [
                index("authenticators_user", "authenticators", &["user_id"]),
                unique("recovery_code_sets_user", "recovery_code_sets", &["user_id"]),
                unique("recovery_codes_code", "recovery_codes", &["user_id", "code_digest"]),
                index("recovery_codes_set", "recovery_codes", &["set_id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["recovery_codes", "recovery_code_sets", "authenticators"]).await
    }
}
