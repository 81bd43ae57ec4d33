//! What was proven in a session.

use sea_orm::entity::prelude::*;

/// What was proven in a session.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_proofs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub session_id: Uuid,
    pub kind: String,
    pub factor: Option<String>,
    pub connection_id: Option<Uuid>,
    pub proven_at: i64,
}

impl ActiveModelBehavior for ActiveModel {}
