//! Search of what many share, in the order of names: SQLite's index of trigrams knows of each membership what it is compared
//! and sorted by, so that those who are found and are not on the page are never looked at themselves.
//!
//! PostgreSQL looks at many at a time and needs nothing of the kind.

use crate::search;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261206_000039_search_in_order"
    }
}

/// What a row takes over, called as there: the same conditions are asked of both.
const TAKEN: &str = "id, scope_kind, scope_id, portfolio_id, leads, name_folded, search_folded";

const TABLE: &str = "CREATE TABLE memberships_search_rows (no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, \
                     scope_kind TEXT NOT NULL, scope_id BLOB NOT NULL, portfolio_id BLOB, leads BOOLEAN NOT NULL, \
                     name_folded TEXT NOT NULL, search_folded TEXT NOT NULL)";

fn triggers() -> [String; 4] {
    let text = search::text("new");
    let no = |of: &str| format!("(SELECT no FROM memberships_search_rows WHERE id = {of}.id)");
    let taken = |of: &str| TAKEN.split(", ").map(|column| format!("{of}.{column}")).collect::<Vec<_>>().join(", ");
    let columns: Vec<&str> = TAKEN.split(", ").skip(1).collect();
    let differs = columns.iter().map(|column| format!("old.{column} IS NOT new.{column}")).collect::<Vec<_>>();
    [
        format!(
            "CREATE TRIGGER memberships_search_added AFTER INSERT ON memberships BEGIN \
             INSERT INTO memberships_search_rows ({TAKEN}) VALUES ({}); \
             INSERT INTO memberships_search (rowid, text) VALUES ({}, {text}); END",
            taken("new"),
            no("new")
        ),
        format!(
            "CREATE TRIGGER memberships_search_taken AFTER UPDATE OF {} ON memberships WHEN {} BEGIN \
             UPDATE memberships_search_rows SET ({TAKEN}) = ({}) WHERE id = new.id; END",
            columns.join(", "),
            differs.join(" OR "),
            taken("new")
        ),
        search::on_change(&text, &no("new")),
        search::on_removal("id", &no("old")),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            return Ok(());
        }
        let on = manager.get_connection();
        search::drop_triggers(on, &["added", "changed", "removed"]).await?;
        on.execute_unprepared("ALTER TABLE memberships_search_rows RENAME TO memberships_search_before").await?;
        on.execute_unprepared(TABLE).await?;
        // By the same numbers, which the index has.
        let fill = format!(
            "INSERT INTO memberships_search_rows (no, {TAKEN}) SELECT no, {TAKEN} FROM memberships_search_before \
             JOIN memberships ON id = membership_id ORDER BY no"
        );
        on.execute_unprepared(&fill).await?;
        on.execute_unprepared("DROP TABLE memberships_search_before").await?;
        for sql in triggers() {
            on.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            return Ok(());
        }
        let on = manager.get_connection();
        search::drop_triggers(on, &["added", "taken", "changed", "removed"]).await?;
        on.execute_unprepared("ALTER TABLE memberships_search_rows RENAME TO memberships_search_after").await?;
        on.execute_unprepared(search::ROWS).await?;
        let fill = "INSERT INTO memberships_search_rows (no, membership_id) \
                    SELECT no, id FROM memberships_search_after ORDER BY no";
        on.execute_unprepared(fill).await?;
        on.execute_unprepared("DROP TABLE memberships_search_after").await?;
        for sql in search::triggers() {
            on.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
