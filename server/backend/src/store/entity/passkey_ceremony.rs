//! A challenge that was handed to a browser and waits for a passkey's answer.

use sea_orm::entity::prelude::*;

/// A challenge that was handed to a browser and waits for a passkey's answer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkey_ceremonies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    pub epoch: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub expires_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
