//! Ten backup codes, made together.

use sea_orm::entity::prelude::*;

/// Ten backup codes, made together.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_code_sets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub session_id: Uuid,
    pub key_id: i32,
    pub nonce: Vec<u8>,
    pub made_at: i64,
    pub acknowledged_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
