//! Search by any part of a name or address, and filters in the order of a page, at any size.
//!
//! SQLite: an index of the trigrams of what a membership is searched by, kept by triggers in the same transaction. A row of it
//! ends with where the membership is, three characters a scope, so that the matches of one scope are found among those of all.
//! PostgreSQL: the same by its own extension `pg_trgm`.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261203_000032_search"
    }
}

/// Whose names begin alike; who has this role; and by last use of those with or without a second factor.
const INDEXES: [(&str, &str); 4] = [
    ("memberships_by_role", "(scope_kind, scope_id, role, name_folded, id)"),
    ("memberships_reach_by_role", "(portfolio_id, role, user_id)"),
    (
        "memberships_by_mfa_use",
        "(scope_kind, scope_id, (CASE WHEN factor_kinds = 0 THEN 0 ELSE 1 END), last_used_at, id)",
    ),
    (
        "memberships_leading_by_mfa_use",
        "(portfolio_id, (CASE WHEN factor_kinds = 0 THEN 0 ELSE 1 END), last_used_at, id) WHERE leads",
    ),
];

const POSTGRES_INDEX: &str = "CREATE INDEX memberships_search ON memberships USING gin (search_folded gin_trgm_ops)";

pub const ROWS: &str =
    "CREATE TABLE memberships_search_rows (no INTEGER PRIMARY KEY, membership_id BLOB NOT NULL UNIQUE)";

/// What is in the index is read from nowhere else, and compared with the membership itself: no positions, no copy. Numbers of
/// rows are a table of their own, since those that SQLite gives by itself may change.
const SQLITE_TABLES: [&str; 3] = [
    ROWS,
    "CREATE VIRTUAL TABLE memberships_search USING fts5(text, content = '', contentless_delete = 1, detail = none, \
     tokenize = 'trigram case_sensitive 1')",
    "CREATE VIRTUAL TABLE memberships_search_terms USING fts5vocab(memberships_search, row)",
];

/// Where a scope's id ends, as three characters of the private use area.
fn mark(id: &str) -> String {
    let digit = |at: u8| format!("instr('0123456789ABCDEF', substr(hex({id}), {at}, 1)) - 1");
    let character = |at: u8| format!("57344 + 16 * ({}) + {}", digit(at), digit(at + 1));
    format!("char(10, {}, {}, {})", character(27), character(29), character(31))
}

/// What a membership is found by.
pub fn text(of: &str) -> String {
    let (scope, portfolio) = (mark(&format!("{of}.scope_id")), mark(&format!("{of}.portfolio_id")));
    format!("{of}.search_folded || {scope} || CASE WHEN {of}.portfolio_id IS NULL THEN '' ELSE {portfolio} END")
}

pub fn triggers() -> [String; 3] {
    let text = text("new");
    let no = |of: &str| format!("(SELECT no FROM memberships_search_rows WHERE membership_id = {of}.id)");
    [
        format!(
            "CREATE TRIGGER memberships_search_added AFTER INSERT ON memberships BEGIN \
             INSERT INTO memberships_search_rows (membership_id) VALUES (new.id); \
             INSERT INTO memberships_search (rowid, text) VALUES ({}, {text}); END",
            no("new")
        ),
        on_change(&text, &no("new")),
        on_removal("membership_id", &no("old")),
    ]
}

/// The index follows what a membership is found by.
pub fn on_change(text: &str, no: &str) -> String {
    format!(
        "CREATE TRIGGER memberships_search_changed \
         AFTER UPDATE OF search_folded, scope_id, portfolio_id ON memberships \
         WHEN old.search_folded IS NOT new.search_folded OR old.scope_id IS NOT new.scope_id \
         OR old.portfolio_id IS NOT new.portfolio_id BEGIN \
         UPDATE memberships_search SET text = {text} WHERE rowid = {no}; END"
    )
}

/// The index forgets a membership, and its rows, which call it `id`, too.
pub fn on_removal(id: &str, no: &str) -> String {
    format!(
        "CREATE TRIGGER memberships_search_removed AFTER DELETE ON memberships BEGIN \
         DELETE FROM memberships_search WHERE rowid = {no}; \
         DELETE FROM memberships_search_rows WHERE {id} = old.id; END"
    )
}

pub async fn drop_triggers(on: &impl ConnectionTrait, names: &[&str]) -> Result<(), DbErr> {
    for name in names {
        on.execute_unprepared(&format!("DROP TRIGGER memberships_search_{name}")).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let on = manager.get_connection();
        for (name, columns) in INDEXES {
            on.execute_unprepared(&format!("CREATE INDEX {name} ON memberships {columns}")).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            on.execute_unprepared("CREATE EXTENSION IF NOT EXISTS pg_trgm").await.map_err(|problem| {
                DbErr::Migration(format!(
                    "the extension pg_trgm, by which people are searched for, could not be made ({problem}). It comes with \
                     PostgreSQL, on Debian in the package postgresql-contrib or postgresql itself. Run CREATE EXTENSION \
                     pg_trgm in this database as its owner or a superuser, then migrate again"
                ))
            })?;
            return on.execute_unprepared(POSTGRES_INDEX).await.map(drop);
        }
        for sql in SQLITE_TABLES {
            on.execute_unprepared(sql).await?;
        }
        on.execute_unprepared("INSERT INTO memberships_search_rows (membership_id) SELECT id FROM memberships").await?;
        let text = text("memberships");
        let fill = format!(
            "INSERT INTO memberships_search (rowid, text) SELECT no, {text} FROM memberships \
             JOIN memberships_search_rows ON membership_id = memberships.id ORDER BY no"
        );
        on.execute_unprepared(&fill).await?;
        for sql in triggers() {
            on.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let on = manager.get_connection();
        for (name, _) in INDEXES {
            on.execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            // The extension may serve others in this database.
            return on.execute_unprepared("DROP INDEX memberships_search").await.map(drop);
        }
        drop_triggers(on, &["added", "changed", "removed"]).await?;
        for table in ["memberships_search_terms", "memberships_search", "memberships_search_rows"] {
            on.execute_unprepared(&format!("DROP TABLE {table}")).await?;
        }
        Ok(())
    }
}
