//! The whole database as text: to see that nothing changed, and that nothing stands in it that must not.

use super::World;
use backend::store;
use sea_orm::{ConnectionTrait, DbBackend, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Every table with its rows; each row as its columns and their values in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dump(BTreeMap<String, Vec<BTreeMap<String, String>>>);

impl World {
    /// Every table, save for the list of migrations.
    pub async fn tables(&self) -> Vec<String> {
        let sql = match self.is_postgres() {
            true => "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
            false => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1",
        };
        let tables = self.texts(sql, []).await;
        // SQLite's index for search is made of tables, which say nothing that memberships do not.
        let is_own = |table: &String| table != "seaql_migrations" && !table.starts_with("memberships_search");
        tables.into_iter().map(|mut row| row.remove(0)).filter(is_own).collect()
    }

    /// The columns of a table.
    pub async fn columns(&self, table: &str) -> Vec<String> {
        let sql = match self.is_postgres() {
            true => "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY 1",
            false => "SELECT name FROM pragma_table_info(?) ORDER BY 1",
        };
        self.texts(sql, [table.into()]).await.into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// The tables to which a row of this one belongs.
    pub async fn owners(&self, table: &str) -> Vec<String> {
        let sql = match self.is_postgres() {
            true => {
                "SELECT DISTINCT confrelid::regclass::text FROM pg_constraint \
                 WHERE contype = 'f' AND conrelid = CAST(? AS text)::regclass ORDER BY 1"
            }
            false => "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?) ORDER BY 1",
        };
        self.texts(sql, [table.into()]).await.into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// Everything.
    pub async fn dump(&self) -> Dump {
        let mut all = BTreeMap::new();
        for table in self.tables().await {
            let columns = self.columns(&table).await;
            let cells: Vec<String> = match self.is_postgres() {
                true => columns.iter().map(|column| format!("COALESCE({column}::text, 'NULL')")).collect(),
                false => columns.iter().map(|column| format!("quote({column})")).collect(),
            };
            let rows = self.texts(&format!("SELECT {} FROM {table}", cells.join(", ")), []).await;
            let mut rows: Vec<BTreeMap<String, String>> =
                rows.into_iter().map(|row| columns.iter().cloned().zip(row).collect()).collect();
            rows.sort();
            all.insert(table, rows);
        }
        Dump(all)
    }

    fn is_postgres(&self) -> bool {
        self.backend.database.read().get_database_backend() == DbBackend::Postgres
    }

    async fn texts(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Vec<Vec<String>> {
        let on = self.backend.database.write();
        let rows = on.query_all_raw(store::statement(on, sql, values)).await.unwrap();
        let columns = |row: &sea_orm::QueryResult| row.column_names().len();
        rows.iter().map(|row| (0..columns(row)).map(|at| row.try_get_by_index(at).unwrap()).collect()).collect()
    }
}

impl Dump {
    /// The same without these columns, told as `table.column`.
    pub fn without(mut self, ignored: &[&str]) -> Self {
        for name in ignored {
            let (table, column) = name.split_once('.').unwrap();
            for row in self.0.get_mut(table).unwrap() {
                row.remove(column).unwrap();
            }
        }
        self
    }

    /// The tables whose rows are not the same.
    pub fn tables_that_differ(&self, other: &Self) -> Vec<String> {
        self.0.keys().filter(|table| self.0.get(*table) != other.0.get(*table)).cloned().collect()
    }

    /// What a table says, row by row.
    pub fn rows(&self, table: &str) -> String {
        format!("{:?}", self.0.get(table))
    }

    /// The tables that have rows.
    pub fn tables_with_rows(&self) -> BTreeSet<String> {
        self.0.iter().filter(|(_, rows)| !rows.is_empty()).map(|(table, _)| table.clone()).collect()
    }

    /// Where `text` stands, as `table.column`: in clear, or as the bytes that it is made of.
    pub fn find(&self, text: &str) -> Vec<String> {
        let plain = text.to_lowercase();
        let bytes = data_encoding::HEXLOWER.encode(text.as_bytes());
        let mut found = Vec::new();
        for (table, rows) in &self.0 {
            for (column, value) in rows.iter().flatten() {
                let value = value.to_lowercase();
                if value.contains(&plain) || value.contains(&bytes) {
                    found.push(format!("{table}.{column}"));
                }
            }
        }
        found
    }

    /// Where these bytes stand.
    pub fn find_bytes(&self, bytes: &[u8]) -> Vec<String> {
        self.find(&data_encoding::HEXLOWER.encode(bytes))
    }
}
