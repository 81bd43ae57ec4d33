//! Mail that waits to leave. A row holds no text, no address and no secret.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000006_outbox"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = table(
            "outbox",
            [
                string("kind"),
                string("language"),
                // To whom; the address is looked up when the mail leaves.
                uuid("user_id"),
                // What it is about: the reset, code or link row.
                uuid_null("subject_id"),
                // Printed in the mail, so that its reader can ask whether it is genuine.
                string_uniq("reference"),
                big_integer("enqueued_at"),
                integer("attempts"),
                big_integer("next_attempt_at"),
                big_integer_null("sent_at"),
                big_integer_null("refused_at"),
                // The last reply code of the mail server; nothing when it was not reached.
                integer_null("reply_code"),
            ],
        )
        .foreign_key(&mut belongs_to("outbox", "user_id", "users"))
        .to_owned();
        table::create(
            manager,
            [outbox],
            [
                index("outbox_due", "outbox", &["sent_at", "refused_at", "next_attempt_at"]),
                index("outbox_subject", "outbox", &["subject_id"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["outbox"]).await
    }
}
