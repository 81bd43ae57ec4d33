//! The database: the only place that says `sea_orm`, save for the connection that a use case hands on.
//!
//! Two pools on SQLite. Reads share one; writes go through another of a single connection, and every writing transaction
//! begins with `BEGIN IMMEDIATE`: a deferred one that reads first and writes later fails at once when somebody wrote
//! in between, however long it is willing to wait. On PostgreSQL both are the same pool, and use cases lock the rows
//! they decide about, the acting membership before the target user.

pub mod entity;

use crate::{Error, Result};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use std::time::Duration;

/// A database, opened.
#[derive(Clone)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
}

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is of no kind that Postern knows.
    #[error("the database URL must begin with sqlite: or postgres:")]
    UnknownKind,
    /// It could not be reached or opened.
    #[error("the database cannot be opened: {0}")]
    Connect(#[from] sea_orm::DbErr),
}

impl Database {
    /// Opens the database at `url`: `sqlite:PATH`, made when it is not there, or `postgres://…`.
    pub async fn open(url: &str) -> std::result::Result<Self, OpenError> {
        if url.starts_with("sqlite:") {
            let write = sea_orm::Database::connect(sqlite(url, 1)).await?;
            let read = sea_orm::Database::connect(sqlite(url, 4)).await?;
            Ok(Self { read, write })
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let mut options = ConnectOptions::new(url);
            options.max_connections(16).acquire_timeout(Duration::from_secs(10)).sqlx_logging(false);
            let pool = sea_orm::Database::connect(options).await?;
            Ok(Self { read: pool.clone(), write: pool })
        } else {
            Err(OpenError::UnknownKind)
        }
    }

    /// For reading outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For single statements that write, and for migrations.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Closes it, waiting for what is under way.
    pub async fn close(self) -> Result<()> {
        self.read.close().await.map_err(Error::from)?;
        self.write.close().await.map_err(Error::from)
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).sqlx_logging(false).acquire_timeout(Duration::from_secs(30));
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(sea_orm::sqlx::sqlite::SqliteJournalMode::Wal)
            .synchronous(sea_orm::sqlx::sqlite::SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
    });
    options
}

/// A statement in the words of whichever database it is for: `?` stands for an argument.
pub fn statement(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Statement {
    let backend = connection.get_database_backend();
    if backend == DbBackend::Postgres {
        let mut numbered = String::with_capacity(sql.len() + 8);
        let mut count = 0;
        for part in sql.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(text) => {
                    count += 1;
                    numbered.push_str(text);
                    numbered.push_str(&format!("${count}"));
                }
                None => numbered.push_str(part),
            }
        }
        Statement::from_sql_and_values(backend, numbered, values)
    } else {
        Statement::from_sql_and_values(backend, sql, values)
    }
}
