//! MFA resets asked for several people at once.

use sea_orm::entity::prelude::*;

/// MFA resets asked for several people at once.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_resets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub actor_id: Uuid,
    pub actor_name: String,
    pub actor_epoch: i64,
    pub reason: String,
    pub device: String,
    pub place: Option<String>,
    pub asked_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
