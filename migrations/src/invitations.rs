//! Invitations by address. Nobody is referred to by them but who invites: whose address it is, is found out when it is
//! accepted.

use crate::table::{self, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261124_000014_invitations"
    }
}

const ONE_PENDING: &str = "CREATE UNIQUE INDEX invitations_pending ON invitations \
    (scope_kind, scope_id, email_folded) WHERE decided_at IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let invitations = table(
            "invitations",
            [
                string("scope_kind"),
                uuid("scope_id"),
                string("email"),
                string("email_folded"),
                string("language"),
                string("role"),
                uuid("invited_by_id"),
                string("invited_by_name"),
                // Who had it sent last: it dies with the right of this one.
                uuid("sent_by_id"),
                integer("key_id"),
                binary_len("nonce", 16),
                binary_len_uniq("token_digest", 32),
                big_integer("invited_at"),
                big_integer("sent_at"),
                big_integer("expires_at"),
                big_integer_null("decided_at"),
                string_null("decided_as"),
            ],
        );
        table::create(manager, [invitations], [index("invitations_decided", "invitations", &["decided_at"])]).await?;
        manager.get_connection().execute_unprepared(ONE_PENDING).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["invitations"]).await
    }
}
