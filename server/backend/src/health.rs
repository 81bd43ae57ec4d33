//! Whether this server can do its work now.

use crate::Backend;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// The clocks of server and database may differ by this much.
const SKEW_MS: i64 = 2_000;

/// Why a server is not ready.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The database does not answer.
    #[error("the database does not answer: {0}")]
    Database(sea_orm::DbErr),
    /// The database has the schema of another version, or none.
    #[error("the schema is of another version")]
    Schema,
    /// Time limits would not mean the same on two servers.
    #[error("the clocks of server and database differ by {0} ms; at most 2000 are taken")]
    Clock(i64),
}

/// Looks at the database, its schema, and its clock.
pub async fn ready(backend: &Backend) -> Result<(), NotReady> {
    let on = backend.database.read();
    let database = on.get_database_backend();
    let query = |sql: &str| on.query_one_raw(Statement::from_string(database, sql.to_owned()));
    query("SELECT 1").await.map_err(NotReady::Database)?;
    query("SELECT marks FROM audit_entries LIMIT 1").await.map_err(|_| NotReady::Schema)?;
    if database == DbBackend::Postgres {
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now";
        let row = query(sql).await.map_err(NotReady::Database)?;
        let theirs: i64 = row.and_then(|row| row.try_get("", "now").ok()).unwrap_or(i64::MAX);
        let skew = theirs.saturating_sub(backend.now().ms()).saturating_abs();
        if skew > SKEW_MS {
            return Err(NotReady::Clock(skew));
        }
    }
    Ok(())
}
