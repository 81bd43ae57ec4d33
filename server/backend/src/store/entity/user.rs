//! A person.

use sea_orm::entity::prelude::*;

/// A person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub email: String,
    pub email_folded: String,
    pub name: String,
    pub password_hash: Option<String>,
    pub password_set_at: Option<i64>,
    pub password_set_by: Option<String>,
    pub epoch: i64,
    pub language: String,
    pub time_zone: String,
    pub last_scope_kind: Option<String>,
    pub last_scope_id: Option<Uuid>,
    pub created_at: i64,
    pub deactivated_at: Option<i64>,
    pub mfa_grace_from: Option<i64>,
    pub notice_email: Option<String>,
    pub erased_at: Option<i64>,
    pub theme: String,
}

impl ActiveModelBehavior for ActiveModel {}
