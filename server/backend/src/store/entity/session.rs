//! A browser signed in.

use sea_orm::entity::prelude::*;

/// A browser signed in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub token_digest: Vec<u8>,
    pub established_at: i64,
    pub last_seen_at: i64,
    pub expires_at: i64,
    pub device: String,
    pub place: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
