//! A tenant.

use sea_orm::entity::prelude::*;

/// A tenant.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub plan: String,
    pub require_mfa: bool,
    pub portfolio_id: Option<Uuid>,
    pub created_at: i64,
    pub guard_approver: String,
    pub guard_wait: i16,
    pub guard_owner_wait: i16,
    pub guard_number: bool,
    pub mfa_trust_days: i16,
    pub mfa_phishing_resistant: bool,
    pub mfa_grace_days: i16,
    pub mfa_sms: bool,
    pub closed_at: Option<i64>,
    pub linked_at: Option<i64>,
    pub link_confirm_until: Option<i64>,
    pub link_confirmed_for: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
