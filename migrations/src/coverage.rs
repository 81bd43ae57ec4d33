//! How far MFA got, as counters: by the strongest method that a member has, so that the roll-out page counts nobody.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261203_000037_coverage"
    }
}

/// Whose strongest method is of a kind, by the sets of kinds that are so.
const KINDS: [(&str, &str); 3] = [("by_sms", "= 1"), ("by_totp", "IN (2, 3)"), ("by_passkey", "IN (4, 5, 6, 7)")];

/// Whom a scope counts: its own, or of a portfolio all within its reach.
const COUNTED: [(&str, &str); 2] = [
    ("account", "memberships.scope_kind = 'account' AND memberships.scope_id = headcounts.scope_id"),
    ("portfolio", "portfolio_id = headcounts.scope_id AND leads"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (column, sets) in KINDS {
            let add = Table::alter().table("headcounts").add_column(big_integer(column).default(0)).to_owned();
            manager.alter_table(add).await?;
            for (kind, counted) in COUNTED {
                let sql = format!(
                    "UPDATE headcounts SET {column} = (SELECT COUNT(*) FROM memberships WHERE {counted} \
                     AND status = 'active' AND factor_kinds {sets}) WHERE scope_kind = '{kind}'"
                );
                manager.get_connection().execute_unprepared(&sql).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (column, _) in KINDS {
            manager.alter_table(Table::alter().table("headcounts").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
