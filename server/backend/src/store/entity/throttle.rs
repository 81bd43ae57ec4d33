//! Counted misses.

use sea_orm::entity::prelude::*;

/// Counted misses.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: Vec<u8>,
    pub misses: i32,
    pub blocked_until: i64,
    pub last_miss_at: i64,
    pub told_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
