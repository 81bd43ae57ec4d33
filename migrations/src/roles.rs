//! Custom roles: what a scope calls a set of permissions that it made itself. A membership and an invitation name a role in
//! one column, by the key of a built-in one or the id of a custom one. One that is done away with stays for the log.

use crate::table::{self, table};
use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261203_000029_roles"
    }
}

/// How far the role goes: 0 none, 1 view, 2 view and export, 3 edit, 4 publish.
const AREAS: [&str; 10] = [
    "user_management",
    "account_settings",
    "security_settings",
    "mfa_reset",
    "activity_log",
    "api_keys_integrations",
    "billing",
    "content",
    "profiles_lists_segments",
    "data_platform",
];

/// Of two who give the same name at once, one is refused.
const NAME: &str =
    "CREATE UNIQUE INDEX roles_name ON roles (scope_kind, scope_id, name_folded) WHERE deleted_at IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut columns = vec![
            string("scope_kind"),
            uuid("scope_id"),
            string("name"),
            string("name_folded"),
            string("description"),
            big_integer("created_at"),
            // Grows with each edit, which says which one it was made of.
            big_integer("changed_at"),
            big_integer_null("deleted_at"),
        ];
        columns.extend(AREAS.map(small_integer));
        table::create(manager, [table("roles", columns)], []).await?;
        manager.get_connection().execute_unprepared(NAME).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Who has a custom role is left with the least of the built-in ones.
        for table in ["memberships", "invitations"] {
            let sql = format!(
                "UPDATE {table} SET role = CASE scope_kind WHEN 'account' THEN 'support' ELSE 'portfolio_analyst' END \
                 WHERE role LIKE '%-%-%-%-%'"
            );
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        table::drop(manager, &["roles"]).await
    }
}
