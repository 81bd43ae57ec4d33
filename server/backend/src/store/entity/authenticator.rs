//! A second factor.

use sea_orm::entity::prelude::*;

/// A second factor.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authenticators")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub kind: String,
    pub name: String,
    pub key_id: i32,
    pub sealed_secret: Vec<u8>,
    pub last_step: i64,
    pub bound_at: i64,
    pub last_used_at: Option<i64>,
    pub credential_id: Option<Vec<u8>>,
    pub signs_in: bool,
    pub is_default: bool,
}

impl ActiveModelBehavior for ActiveModel {}
