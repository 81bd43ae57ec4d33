//! What the operator asked for and takes effect later.

use sea_orm::entity::prelude::*;

/// What the operator asked for and takes effect later.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operator_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub scope_kind: Option<String>,
    pub scope_id: Option<Uuid>,
    pub former_name: Option<String>,
    pub present_email: Option<String>,
    pub new_email: Option<String>,
    pub reason: String,
    pub asked_at: i64,
    pub due_at: i64,
    pub ended_at: Option<i64>,
    pub ended_as: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
