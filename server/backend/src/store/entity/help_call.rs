//! A call for help by somebody who cannot give the second factor.

use sea_orm::entity::prelude::*;

/// A call for help by somebody who cannot give the second factor.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "help_calls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub session_id: Uuid,
    pub device: String,
    pub place: Option<String>,
    pub key_id: i32,
    pub nonce: Vec<u8>,
    pub token_digest: Vec<u8>,
    pub asked_at: i64,
    pub disowned_at: Option<i64>,
    pub called_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
