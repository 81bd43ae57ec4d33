//! Something that is loosened later.

use sea_orm::entity::prelude::*;

/// Something that is loosened later.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loosenings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub scope_kind: String,
    pub scope_id: Uuid,
    pub setting: String,
    pub approver: Option<String>,
    pub wait: Option<i16>,
    pub owner_wait: Option<i16>,
    pub number: Option<bool>,
    pub asked_by_id: Uuid,
    pub asked_by_name: String,
    pub asked_at: i64,
    pub due_at: i64,
    pub ended_at: Option<i64>,
    pub ended_as: Option<String>,
    pub trust_days: Option<i16>,
    pub phishing_resistant: Option<bool>,
    pub grace_days: Option<i16>,
    pub floor: Option<bool>,
    pub sms: Option<bool>,
}

impl ActiveModelBehavior for ActiveModel {}
