//! Portfolios that are closed; of accounts that was known.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261206_000040_closing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let closed = &mut big_integer_null("closed_at");
        manager.alter_table(Table::alter().table("portfolios").add_column(closed).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("portfolios").drop_column("closed_at").to_owned()).await
    }
}
