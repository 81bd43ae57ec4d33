//! Many people changed at once.

use sea_orm::entity::prelude::*;

/// Many people changed at once.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub actor_id: Uuid,
    pub actor_name: String,
    pub actor_epoch: i64,
    pub language: String,
    pub device: String,
    pub place: Option<String>,
    pub proposed_at: i64,
    pub applied_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
