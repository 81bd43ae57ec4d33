//! A mailed link that lets a password be set.

use sea_orm::entity::prelude::*;

/// A mailed link that lets a password be set.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_resets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub kind: String,
    pub key_id: i32,
    pub nonce: Vec<u8>,
    pub token_digest: Vec<u8>,
    pub requested_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
