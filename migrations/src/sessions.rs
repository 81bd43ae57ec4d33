//! Browsers signed in, what was proven in them, browsers that are recognised, mailed codes, and counted misses.

use crate::table::{self, belongs_to, index, table, unique};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000002_sessions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sessions = table(
            "sessions",
            [
                uuid("user_id"),
                big_integer("epoch"),
                binary_len_uniq("token_digest", 32),
                big_integer("established_at"),
                big_integer("last_seen_at"),
                big_integer("expires_at"),
                string("device"),
                string_null("place"),
            ],
        )
        .foreign_key(&mut belongs_to("sessions", "user_id", "users"))
        .to_owned();
        let session_proofs = table(
            "session_proofs",
            [
                uuid("session_id"),
                string("kind"),
                // Of an authenticator: its kind.
                string_null("factor"),
                // Of single sign-on: the connection.
                uuid_null("connection_id"),
                big_integer("proven_at"),
            ],
        )
        .foreign_key(&mut belongs_to("session_proofs", "session_id", "sessions"))
        .to_owned();
        let known_devices = table(
            "known_devices",
            [
                uuid("user_id"),
                big_integer("epoch"),
                binary_len("token_digest", 32),
                string("device"),
                string_null("place"),
                big_integer("created_at"),
                big_integer("last_used_at"),
            ],
        )
        .foreign_key(&mut belongs_to("known_devices", "user_id", "users"))
        .to_owned();
        let device_codes = table(
            "device_codes",
            [
                uuid("session_id"),
                uuid("user_id"),
                big_integer("epoch"),
                integer("key_id"),
                binary_len("nonce", 16),
                integer("tries"),
                big_integer("created_at"),
                big_integer("expires_at"),
                big_integer_null("used_at"),
            ],
        )
        .foreign_key(&mut belongs_to("device_codes", "session_id", "sessions"))
        .foreign_key(&mut belongs_to("device_codes", "user_id", "users"))
        .to_owned();
        let throttles = Table::create()
            .table("throttles")
            .col(string("kind"))
            .col(binary_len("subject", 32))
            .col(integer("misses"))
            .col(big_integer("blocked_until"))
            .col(big_integer("last_miss_at"))
            .primary_key(Index::create().col("kind").col("subject"))
            .to_owned();
        table::create(
            manager,
            [sessions, session_proofs, known_devices, device_codes, throttles],
            [
                index("sessions_user", "sessions", &["user_id"]),
                index("session_proofs_session", "session_proofs", &["session_id"]),
                unique("known_devices_token", "known_devices", &["user_id", "token_digest"]),
                index("device_codes_session", "device_codes", &["session_id", "created_at"]),
                index("throttles_age", "throttles", &["last_miss_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["throttles", "device_codes", "known_devices", "session_proofs", "sessions"]).await
    }
}
