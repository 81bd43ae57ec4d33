//! What a stranger did with an address, one row whether or not somebody has it, until it is seen to.

use crate::table::{self, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_000009_knocks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let knocks = table(
            "knocks",
            [
                // `forgotten_password` or `sign_in_failed`.
                string("kind"),
                string("email_folded"),
                string_null("place"),
                string("device"),
                big_integer("at"),
            ],
        );
        table::create(manager, [knocks], [index("knocks_by_kind", "knocks", &["kind", "id"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["knocks"]).await
    }
}
