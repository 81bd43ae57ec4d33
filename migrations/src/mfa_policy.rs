//! What a scope accepts as a second factor, how long a browser is trusted, and from when to when one is.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261125_000018_mfa_policy"
    }
}

const SCOPES: [&str; 2] = ["accounts", "portfolios"];
const DEVICE: [&str; 2] = ["trusted_at", "trusted_until"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with = |table, column: &mut ColumnDef| Table::alter().table(table).add_column(column).to_owned();
        for table in SCOPES {
            manager.alter_table(with(table, small_integer("mfa_trust_days").default(0))).await?;
            manager.alter_table(with(table, boolean("mfa_phishing_resistant").default(false))).await?;
        }
        for column in DEVICE {
            manager.alter_table(with("known_devices", &mut big_integer_null(column))).await?;
        }
        manager.alter_table(with("loosenings", &mut small_integer_null("trust_days"))).await?;
        manager.alter_table(with("loosenings", &mut boolean_null("phishing_resistant"))).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let without = |table, column| Table::alter().table(table).drop_column(column).to_owned();
        manager.alter_table(without("loosenings", "phishing_resistant")).await?;
        manager.alter_table(without("loosenings", "trust_days")).await?;
        for column in DEVICE {
            manager.alter_table(without("known_devices", column)).await?;
        }
        for table in SCOPES {
            manager.alter_table(without(table, "mfa_phishing_resistant")).await?;
            manager.alter_table(without(table, "mfa_trust_days")).await?;
        }
        Ok(())
    }
}
