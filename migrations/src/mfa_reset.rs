//! MFA resets: each row is one life, its timestamps and how it ended.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000004_mfa_reset"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mfa_resets = table(
            "mfa_resets",
            [
                uuid("user_id"),
                big_integer("epoch"),
                // Nothing of these for the operator, who asks on the host.
                string_null("scope_kind"),
                uuid_null("scope_id"),
                uuid_null("asker_id"),
                string_null("asker_name"),
                string_null("asker_role"),
                uuid_null("via_portfolio_id"),
                string("reason"),
                integer("key_id"),
                binary_len("nonce", 16),
                binary_len_uniq("token_digest", 32),
                big_integer("requested_at"),
                big_integer_null("opened_at"),
                big_integer("expires_at"),
                big_integer_null("accepted_at"),
                big_integer_null("effective_at"),
                big_integer_null("ended_at"),
                string_null("ended_as"),
                string_null("end_reason"),
                // The browser that accepted skips the new-device code once, under the epoch that accepting made.
                binary_len_null("return_digest", 32),
                big_integer_null("return_epoch"),
                big_integer_null("returned_at"),
            ],
        )
        .foreign_key(&mut belongs_to("mfa_resets", "user_id", "users"))
        .to_owned();
        table::create(
            manager,
            [mfa_resets],
            [
                index("mfa_resets_user", "mfa_resets", &["user_id", "requested_at"]),
                index("mfa_resets_due", "mfa_resets", &["ended_at", "expires_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["mfa_resets"]).await
    }
}
