//! A line of the activity log.

use sea_orm::entity::prelude::*;

/// A line of the activity log.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scope_kind: Option<String>,
    pub scope_id: Option<Uuid>,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: Option<String>,
    pub via_portfolio_id: Option<Uuid>,
    pub action: String,
    pub target_id: Option<Uuid>,
    pub target_name: Option<String>,
    pub subject_id: Option<Uuid>,
    pub detail: Option<String>,
    pub place: Option<String>,
    pub device: Option<String>,
    pub marks: i16,
}

impl ActiveModelBehavior for ActiveModel {}
