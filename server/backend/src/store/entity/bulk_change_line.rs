//! One line of many changes, with what became of it.

use sea_orm::entity::prelude::*;

/// One line of many changes, with what became of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_change_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub bulk_id: Uuid,
    pub position: i32,
    pub line: i32,
    pub address: String,
    pub address_folded: String,
    pub account: String,
    pub scope_kind: Option<String>,
    pub scope_id: Option<Uuid>,
    pub written: String,
    pub role: Option<String>,
    pub had: Option<String>,
    pub expected: String,
    pub outcome: Option<String>,
    pub done_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
