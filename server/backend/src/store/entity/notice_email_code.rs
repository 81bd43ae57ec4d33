//! A code mailed to an address that is to be the second one for notices.

use sea_orm::entity::prelude::*;

/// A code mailed to an address that is to be the second one for notices.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice_email_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub session_id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub email: String,
    pub key_id: i32,
    pub nonce: Vec<u8>,
    pub tries: i32,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
