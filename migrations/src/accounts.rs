//! People, accounts, portfolios and who belongs where, with the counters of each scope.

use crate::table::{self, belongs_to, index, table, unique};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000001_accounts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = table(
            "users",
            [
                string("email"),
                // The normalised address: trimmed, NFKC, lower case.
                string_uniq("email_folded"),
                string("name"),
                string_null("password_hash"),
                big_integer_null("password_set_at"),
                // `self`, `mailed_link` or `operator`.
                string_null("password_set_by"),
                // Raised by one routine; whatever was made under an older one is void.
                big_integer("epoch"),
                string("language"),
                string("time_zone"),
                string_null("last_scope_kind"),
                uuid_null("last_scope_id"),
                big_integer("created_at"),
                big_integer_null("deactivated_at"),
            ],
        );
        let portfolios = table("portfolios", [string("name"), boolean("require_mfa"), big_integer("created_at")]);
        let accounts = table(
            "accounts",
            [
                string("name"),
                string("plan"),
                boolean("require_mfa"),
                uuid_null("portfolio_id"),
                big_integer("created_at"),
            ],
        )
        .foreign_key(
            ForeignKey::create()
                .from("accounts", "portfolio_id")
                .to("portfolios", "id")
                .on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned();
        let memberships = table(
            "memberships",
            [
                uuid("user_id"),
                string("scope_kind"),
                uuid("scope_id"),
                string("role"),
                string("status"),
                // A scope owns the membership, not the person: the name is the scope's own.
                string("name"),
                string("name_folded"),
                // Folded name and address, for search by any part.
                string("search_folded"),
                // The kinds of second factor the person has, as bits, so that a scope lists and counts without a join.
                small_integer("factor_kinds"),
                // 0 for never, so that keys of a page compare.
                big_integer("last_used_at"),
                big_integer("created_at"),
            ],
        )
        .foreign_key(&mut belongs_to("memberships", "user_id", "users"))
        .to_owned();
        let headcounts = Table::create()
            .table("headcounts")
            .col(string("scope_kind"))
            .col(uuid("scope_id"))
            .col(big_integer("members"))
            .col(big_integer("with_mfa"))
            .primary_key(Index::create().col("scope_kind").col("scope_id"))
            .to_owned();
        let installation =
            Table::create().table("installation").col(string("key").primary_key()).col(string("value")).to_owned();
        let scope = ["scope_kind", "scope_id"];
        table::create(
            manager,
            [users, portfolios, accounts, memberships, headcounts, installation],
            [
                index("accounts_portfolio", "accounts", &["portfolio_id"]),
                unique("memberships_place", "memberships", &["user_id", scope[0], scope[1]]),
                index("memberships_by_name", "memberships", &[scope[0], scope[1], "name_folded", "id"]),
                index("memberships_by_use", "memberships", &[scope[0], scope[1], "last_used_at", "id"]),
            ],
        )
        .await?;
        // Exactly one Owner a scope: the database refuses a second.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE UNIQUE INDEX memberships_one_owner ON memberships (scope_kind, scope_id) \
                 WHERE role IN ('owner', 'portfolio_owner')",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        table::drop(manager, &["installation", "headcounts", "memberships", "accounts", "portfolios", "users"]).await
    }
}
