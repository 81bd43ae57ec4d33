//! A person's place in a scope.

use sea_orm::entity::prelude::*;

/// A person's place in a scope.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "memberships")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub role: String,
    pub status: String,
    pub name: String,
    pub name_folded: String,
    pub search_folded: String,
    pub factor_kinds: i16,
    pub last_used_at: i64,
    pub created_at: i64,
    pub portfolio_id: Option<Uuid>,
    pub leads: bool,
    pub invited_by: Option<Uuid>,
    pub mfa_since: i64,
    pub reminded_at: Option<i64>,
    pub signed_out_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
