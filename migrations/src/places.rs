//! In which countries a recognised browser was seen, where the operator has a database of that.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261129_000025_places"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // ISO 3166-1 alpha-2, with spaces between.
        let column = string("countries").default("").to_owned();
        manager.alter_table(Table::alter().table("known_devices").add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("known_devices").drop_column("countries").to_owned()).await
    }
}
