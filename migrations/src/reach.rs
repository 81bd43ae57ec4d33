//! The reach of a portfolio: which places are in it, and which of a person's places there stands for them in its list, so
//! that one person with five accounts is one row by the same keys as in an account.

use crate::table::index;
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_000010_reach"
    }
}

const FILL: [&str; 4] = [
    "UPDATE memberships SET portfolio_id = CASE WHEN scope_kind = 'portfolio' THEN scope_id \
     ELSE (SELECT portfolio_id FROM accounts WHERE accounts.id = memberships.scope_id) END",
    "UPDATE memberships SET leads = TRUE WHERE id IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (\
     PARTITION BY user_id, portfolio_id ORDER BY CASE status WHEN 'active' THEN 0 ELSE 1 END, last_used_at DESC, id\
     ) AS n FROM memberships WHERE portfolio_id IS NOT NULL) AS ordered WHERE n = 1)",
    "DELETE FROM headcounts WHERE scope_kind = 'portfolio'",
    "INSERT INTO headcounts (scope_kind, scope_id, members, with_mfa) SELECT 'portfolio', portfolio_id, \
     SUM(CASE WHEN status = 'active' THEN 1 ELSE 0 END), \
     SUM(CASE WHEN status = 'active' AND factor_kinds <> 0 THEN 1 ELSE 0 END) \
     FROM memberships WHERE leads GROUP BY portfolio_id",
];

const INDEXES: [&str; 3] = [
    "CREATE UNIQUE INDEX memberships_leading ON memberships (portfolio_id, user_id) WHERE leads",
    "CREATE INDEX memberships_leading_by_name ON memberships (portfolio_id, name_folded, id) WHERE leads",
    "CREATE INDEX memberships_leading_by_use ON memberships (portfolio_id, last_used_at, id) WHERE leads",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let with = |column: ColumnDef| Table::alter().table("memberships").add_column(column).to_owned();
        manager.alter_table(with(uuid_null("portfolio_id"))).await?;
        manager.alter_table(with(boolean("leads").default(false).to_owned())).await?;
        for sql in FILL.iter().chain(&INDEXES) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        manager.create_index(index("memberships_reach", "memberships", &["portfolio_id", "user_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in
            ["memberships_leading", "memberships_leading_by_name", "memberships_leading_by_use", "memberships_reach"]
        {
            manager.drop_index(Index::drop().name(name).table("memberships").to_owned()).await?;
        }
        for column in ["leads", "portfolio_id"] {
            manager.alter_table(Table::alter().table("memberships").drop_column(column).to_owned()).await?;
        }
        // Whom a portfolio counted before were its own members alone.
        let sql = "DELETE FROM headcounts WHERE scope_kind = 'portfolio'";
        manager.get_connection().execute_unprepared(sql).await?;
        let sql = "INSERT INTO headcounts (scope_kind, scope_id, members, with_mfa) SELECT scope_kind, scope_id, \
                   SUM(CASE WHEN status = 'active' THEN 1 ELSE 0 END), \
                   SUM(CASE WHEN status = 'active' AND factor_kinds <> 0 THEN 1 ELSE 0 END) \
                   FROM memberships WHERE scope_kind = 'portfolio' GROUP BY scope_kind, scope_id";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}
