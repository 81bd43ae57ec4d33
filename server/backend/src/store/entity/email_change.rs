//! A change of address.

use sea_orm::entity::prelude::*;

/// A change of address.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "email_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub present_email: String,
    pub new_email: String,
    pub new_email_folded: String,
    pub device: String,
    pub place: Option<String>,
    pub key_id: i32,
    pub nonce: Vec<u8>,
    pub present_digest: Vec<u8>,
    pub new_digest: Vec<u8>,
    pub requested_at: i64,
    pub expires_at: i64,
    pub present_confirmed_at: Option<i64>,
    pub new_confirmed_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub ended_as: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
