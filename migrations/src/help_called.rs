//! When those who may help were told of a call for help: not by who calls, but afterwards. Those of before were told at once.

use crate::table::index;
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261203_000031_help_called"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = big_integer_null("called_at");
        manager.alter_table(Table::alter().table("help_calls").add_column(column).to_owned()).await?;
        manager.get_connection().execute_unprepared("UPDATE help_calls SET called_at = asked_at").await?;
        manager.create_index(index("help_calls_called", "help_calls", &["called_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("help_calls_called").table("help_calls").to_owned()).await?;
        manager.alter_table(Table::alter().table("help_calls").drop_column("called_at").to_owned()).await
    }
}
