//! An address can change: on PostgreSQL, without waiting for whoever is adding a row that refers to its person.
//!
//! There a column of a unique constraint may be referred to by other tables, so changing it takes the lock that a sign-in of
//! the same person, which adds a session, holds against; and while that waits for the person in turn, neither gets on. An
//! index over some of the rows cannot be referred to. All rows are in this one.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261128_000021_email_change_key"
    }
}

const UP: [&str; 2] = [
    "CREATE UNIQUE INDEX users_email ON users (email_folded) WHERE email_folded IS NOT NULL",
    "ALTER TABLE users DROP CONSTRAINT users_email_folded_key",
];
const DOWN: [&str; 2] =
    ["ALTER TABLE users ADD CONSTRAINT users_email_folded_key UNIQUE (email_folded)", "DROP INDEX users_email"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// What ends halfway is begun anew.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, DOWN).await
    }
}

async fn on_postgres(manager: &SchemaManager<'_>, statements: [&str; 2]) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        for sql in statements {
            manager.get_connection().execute_unprepared(sql).await?;
        }
    }
    Ok(())
}
