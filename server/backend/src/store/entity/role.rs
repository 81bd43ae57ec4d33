//! A role that a scope made itself.

use sea_orm::entity::prelude::*;

/// A role that a scope made itself.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub name: String,
    pub name_folded: String,
    pub description: String,
    pub created_at: i64,
    pub changed_at: i64,
    pub deleted_at: Option<i64>,
    pub user_management: i16,
    pub account_settings: i16,
    pub security_settings: i16,
    pub mfa_reset: i16,
    pub activity_log: i16,
    pub api_keys_integrations: i16,
    pub billing: i16,
    pub content: i16,
    pub profiles_lists_segments: i16,
    pub data_platform: i16,
}

impl ActiveModelBehavior for ActiveModel {}
