//! What a stranger did with an address.

use sea_orm::entity::prelude::*;

/// What a stranger did with an address.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "knocks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub email_folded: String,
    pub place: Option<String>,
    pub device: String,
    pub at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
