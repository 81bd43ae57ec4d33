//! For how long somebody who never had a second factor may go on without, since when they do, and whether a portfolio's
//! policy holds in its accounts too.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261126_000019_mfa_grace"
    }
}

const SCOPES: [&str; 2] = ["accounts", "portfolios"];

/// Who has or had a factor has had the time to set it up: it is granted once, and not by a reset.
const SPEND: &str = "UPDATE users SET mfa_grace_from = 0 WHERE id IN (SELECT user_id FROM authenticators) \
                     OR id IN (SELECT user_id FROM mfa_resets)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with = |table, column: &mut ColumnDef| Table::alter().table(table).add_column(column).to_owned();
        for table in SCOPES {
            manager.alter_table(with(table, small_integer("mfa_grace_days").default(0))).await?;
        }
        manager.alter_table(with("portfolios", boolean("mfa_floor").default(false))).await?;
        manager.alter_table(with("loosenings", &mut small_integer_null("grace_days"))).await?;
        manager.alter_table(with("loosenings", &mut boolean_null("floor"))).await?;
        manager.alter_table(with("users", &mut big_integer_null("mfa_grace_from"))).await?;
        manager.get_connection().execute_unprepared(SPEND).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let without = |table, column| Table::alter().table(table).drop_column(column).to_owned();
        manager.alter_table(without("users", "mfa_grace_from")).await?;
        manager.alter_table(without("loosenings", "floor")).await?;
        manager.alter_table(without("loosenings", "grace_days")).await?;
        manager.alter_table(without("portfolios", "mfa_floor")).await?;
        for table in SCOPES {
            manager.alter_table(without(table, "mfa_grace_days")).await?;
        }
        Ok(())
    }
}
