//! How many are in a scope, kept in the same transaction as what it counts.

use sea_orm::entity::prelude::*;

/// How many are in a scope, kept in the same transaction as what it counts.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "headcounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope_kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope_id: Uuid,
    pub members: i64,
    pub with_mfa: i64,
    pub by_sms: i64,
    pub by_totp: i64,
    pub by_passkey: i64,
}

impl ActiveModelBehavior for ActiveModel {}
