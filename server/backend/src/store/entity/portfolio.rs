//! A group of accounts.

use sea_orm::entity::prelude::*;

/// A group of accounts.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "portfolios")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub require_mfa: bool,
    pub created_at: i64,
    pub guard_approver: String,
    pub guard_wait: i16,
    pub guard_owner_wait: i16,
    pub guard_number: bool,
    pub mfa_trust_days: i16,
    pub mfa_phishing_resistant: bool,
    pub mfa_grace_days: i16,
    pub mfa_sms: bool,
    pub mfa_floor: bool,
    pub closed_at: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
