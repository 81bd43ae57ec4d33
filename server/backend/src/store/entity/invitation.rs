//! An invitation by address.

use sea_orm::entity::prelude::*;

/// An invitation by address.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub email: String,
    pub email_folded: String,
    pub language: String,
    pub role: String,
    pub invited_by_id: Uuid,
    pub invited_by_name: String,
    pub sent_by_id: Uuid,
    pub key_id: i32,
    pub nonce: Vec<u8>,
    pub token_digest: Vec<u8>,
    pub invited_at: i64,
    pub sent_at: i64,
    pub expires_at: i64,
    pub decided_at: Option<i64>,
    pub decided_as: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
