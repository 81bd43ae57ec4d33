//! What an MFA reset needs besides “Accept”, settled when it is made: a number that the asker tells.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_000011_mfa_reset_guards"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [boolean("asks_number").default(false).to_owned(), integer("wrong_numbers").default(0).to_owned()]
        {
            manager.alter_table(Table::alter().table("mfa_resets").add_column(column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["wrong_numbers", "asks_number"] {
            manager.alter_table(Table::alter().table("mfa_resets").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
