//! A code sent by text message.

use sea_orm::entity::prelude::*;

/// A code sent by text message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sms_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub session_id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub authenticator_id: Option<Uuid>,
    pub key_id: i32,
    pub sealed_number: Vec<u8>,
    pub nonce: Vec<u8>,
    pub message_id: Option<String>,
    pub tries: i32,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
