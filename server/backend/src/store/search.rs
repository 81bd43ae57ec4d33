//! How SQLite's index of trigrams is asked for memberships by any part of a name or address. PostgreSQL's serves `LIKE` by
//! itself.
//!
//! What the index finds are candidates: they have every three characters of what is sought, and where many do, in a scope whose
//! id ends alike. Whoever asks compares with [`super::contains`] and the scope as well. Nothing that is typed here is an operator: each three characters
//! are quoted.

use super::{ConnectionTrait, entity::membership::Entity, statement};
use crate::Result;
use domain::scope::Scope;
use sea_orm::{
    DbBackend,
    sea_query::{Condition, Expr, ExprTrait, JoinType, Query, SelectStatement},
};
use std::collections::BTreeSet;

/// So many of the trigrams of what is sought narrow it down enough.
const ASKED: usize = 24;
/// Of all there are, so many more than the scope's own are looked at sooner than the index is asked where each is.
const ANYWHERE: u64 = 5_000;
/// How many characters make what the index has.
const GRAM: usize = 3;

/// SQLite's index, by the trigrams of what a membership is searched by.
const INDEX: &str = "memberships_search";
/// Which membership a row of the index is, and what it is compared and sorted by.
const ROWS: &str = "memberships_search_rows";

/// What the index is asked.
pub struct Asked(String);

/// Whether so short a text is found by what begins with it alone, which may be much.
pub fn is_short(sought: &str) -> bool {
    sought.chars().nth(GRAM - 1).is_none()
}

/// What to ask SQLite's index for memberships of a scope with `sought` in their name or address. `None` on PostgreSQL.
pub async fn asked(on: &impl ConnectionTrait, scope: Scope, sought: &str) -> Result<Option<Asked>> {
    if on.get_database_backend() != DbBackend::Sqlite {
        return Ok(None);
    }
    let grams = match is_short(sought) {
        true => either(&beginning_with(on, sought).await?),
        false => {
            let characters: Vec<char> = sought.chars().collect();
            let grams: BTreeSet<String> = characters.windows(GRAM).map(|gram| gram.iter().collect()).collect();
            grams.iter().take(ASKED).map(|gram| quoted(gram)).collect::<Vec<_>>().join(" AND ")
        }
    };
    let anywhere = Asked(grams);
    if !is_more_than(on, &anywhere, ANYWHERE).await? {
        return Ok(Some(anywhere));
    }
    Ok(Some(Asked(format!("({}) AND {}", anywhere.0, quoted(&mark(scope))))))
}

/// The memberships that the index has of what is asked: SQLite goes through them in this order. They are called as the table is
/// and know of its columns those that `memberships_search_rows` takes over.
pub fn candidates(asked: &Asked) -> SelectStatement {
    Query::select()
        .from(INDEX)
        .join_as(JoinType::CrossJoin, ROWS, Entity, Condition::all())
        .and_where(Expr::cust_with_values("memberships_search MATCH ?", [asked.0.clone()]))
        .and_where(Expr::col((Entity, "no")).equals((INDEX, "rowid")))
        .to_owned()
}

/// How many these [`candidates`] are, counted to `most`, and among how many memberships of all scopes they were met.
pub async fn counted(on: &impl ConnectionTrait, mut candidates: SelectStatement, most: u32) -> Result<(u32, u64)> {
    candidates.clear_selects().column((Entity, "no")).limit(u64::from(most));
    let counted = Query::select()
        .expr(Expr::cust("COUNT(*), COALESCE(MAX(no) - MIN(no), 0)"))
        .from_subquery(candidates, "matching")
        .to_owned();
    let Some(row) = on.query_one(&counted).await? else { return Ok((0, 0)) };
    let (count, among): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok((u32::try_from(count).unwrap_or(0), u64::try_from(among).unwrap_or(0)))
}

/// Whether more rows of the index than `most` are asked for.
pub async fn is_more_than(on: &impl ConnectionTrait, asked: &Asked, most: u64) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM (SELECT rowid FROM memberships_search WHERE memberships_search MATCH ? LIMIT ?)";
    let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
    let row = on.query_one_raw(statement(on, sql, [asked.0.clone().into(), limit.into()])).await?;
    let found: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(found == limit)
}

/// The trigrams that begin so.
async fn beginning_with(on: &impl ConnectionTrait, sought: &str) -> Result<Vec<String>> {
    let sql = "SELECT term FROM memberships_search_terms WHERE term >= ? AND term < ?";
    let values = [sought.into(), format!("{sought}{}", char::MAX).into()];
    let rows = on.query_all_raw(statement(on, sql, values)).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?)
}

fn either(grams: &[String]) -> String {
    match grams {
        // No text has it.
        [] => quoted("\u{f8ff}\u{f8ff}\u{f8ff}"),
        grams => grams.iter().map(|gram| quoted(gram)).collect::<Vec<_>>().join(" OR "),
    }
}

fn quoted(gram: &str) -> String {
    format!("\"{}\"", gram.replace('"', "\"\""))
}

/// The end of a scope's id, as the triggers write it.
fn mark(scope: Scope) -> String {
    let bytes = scope.uuid().into_bytes();
    bytes[13..].iter().filter_map(|byte| char::from_u32(0xe000 + u32::from(*byte))).collect()
}
