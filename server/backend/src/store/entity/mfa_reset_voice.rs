//! A scope that has a say in an MFA reset: to approve it, or to call it off while it waits.

use sea_orm::entity::prelude::*;

/// A scope that has a say in an MFA reset: to approve it, or to call it off while it waits.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mfa_reset_voices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub reset_id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub may: String,
}

impl ActiveModelBehavior for ActiveModel {}
