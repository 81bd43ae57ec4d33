//! A span in which somebody was an administrator of a scope, or could reset MFA there.

use sea_orm::entity::prelude::*;

/// A span in which somebody was an administrator of a scope, or could reset MFA there.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenures")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub role_rank: i16,
    pub resets_mfa: bool,
    pub since: i64,
    pub until: Option<i64>,
    pub given_by: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
