//! The roll-out of MFA: since when a member has a second factor or none, and when they were last reminded.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261124_000017_roll_out"
    }
}

/// As far as it is known: by the oldest factor that is bound, and never before the place began.
const FILL: [&str; 2] = [
    "UPDATE memberships SET mfa_since = created_at",
    "UPDATE memberships SET mfa_since = bound.since FROM (SELECT user_id, MIN(bound_at) AS since \
     FROM authenticators GROUP BY user_id) AS bound \
     WHERE bound.user_id = memberships.user_id AND memberships.factor_kinds <> 0 AND bound.since > memberships.mfa_since",
];

/// Counted and listed from the index alone, whatever the size of the scope; the second as the list of a portfolio.
const INDEXES: [&str; 2] = [
    "CREATE INDEX memberships_by_mfa ON memberships (scope_kind, scope_id, status, factor_kinds, mfa_since, id)",
    "CREATE INDEX memberships_leading_by_mfa ON memberships (portfolio_id, status, factor_kinds, mfa_since, id) \
     WHERE leads",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with = |column: &mut ColumnDef| Table::alter().table("memberships").add_column(column).to_owned();
        manager.alter_table(with(big_integer("mfa_since").default(0))).await?;
        manager.alter_table(with(&mut big_integer_null("reminded_at"))).await?;
        for sql in FILL.iter().chain(&INDEXES) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["memberships_by_mfa", "memberships_leading_by_mfa"] {
            manager.drop_index(Index::drop().name(name).table("memberships").to_owned()).await?;
        }
        for column in ["reminded_at", "mfa_since"] {
            manager.alter_table(Table::alter().table("memberships").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
