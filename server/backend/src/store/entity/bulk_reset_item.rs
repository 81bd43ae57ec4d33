//! One of the people for whom a reset is asked, with what became of it.

use sea_orm::entity::prelude::*;

/// One of the people for whom a reset is asked, with what became of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_reset_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub bulk_id: Uuid,
    pub position: i32,
    pub user_id: Uuid,
    pub name: String,
    pub outcome: Option<String>,
    pub done_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
