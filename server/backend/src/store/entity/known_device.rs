//! A browser that is recognised.

use sea_orm::entity::prelude::*;

/// A browser that is recognised.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "known_devices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub token_digest: Vec<u8>,
    pub device: String,
    pub place: Option<String>,
    pub created_at: i64,
    pub last_used_at: i64,
    pub trusted_at: Option<i64>,
    pub trusted_until: Option<i64>,
    pub countries: String,
}

impl ActiveModelBehavior for ActiveModel {}
