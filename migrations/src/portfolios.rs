//! How an account comes into a portfolio, and out of it: who asks it, since when it is linked, and until when its Owner has
//! to confirm that.

use crate::table::{self, belongs_to, index, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261203_000036_portfolios"
    }
}

const INDEXES: [&str; 2] = [
    "CREATE UNIQUE INDEX link_requests_open ON link_requests (portfolio_id, account_id) WHERE ended_at IS NULL",
    "CREATE INDEX accounts_link_to_confirm ON accounts (link_confirm_until) WHERE link_confirm_until IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            // Nothing for what was linked before there were agreements: nobody is asked to confirm that.
            big_integer_null("linked_at"),
            big_integer_null("link_confirm_until"),
            // The Portfolio Owner for whom the account's Owner said that the link stays.
            uuid_null("link_confirmed_for"),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("accounts").add_column(column).to_owned()).await?;
        }
        let requests = table(
            "link_requests",
            [
                uuid("portfolio_id"),
                uuid("account_id"),
                uuid("asked_by_id"),
                string("asked_by_name"),
                big_integer("asked_at"),
                big_integer("expires_at"),
                big_integer_null("ended_at"),
                string_null("ended_as"),
            ],
        )
        .foreign_key(&mut belongs_to("link_requests", "portfolio_id", "portfolios"))
        .foreign_key(&mut belongs_to("link_requests", "account_id", "accounts"))
        .to_owned();
        let indexes = [
            index("link_requests_account", "link_requests", &["account_id", "asked_at"]),
            index("link_requests_asked", "link_requests", &["asked_at"]),
        ];
        table::create(manager, [requests], indexes).await?;
        for sql in INDEXES {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["link_requests"]).await?;
        manager.drop_index(Index::drop().name("accounts_link_to_confirm").table("accounts").to_owned()).await?;
        for column in ["link_confirmed_for", "link_confirm_until", "linked_at"] {
            manager.alter_table(Table::alter().table("accounts").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
