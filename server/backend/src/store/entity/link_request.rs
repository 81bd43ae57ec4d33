//! That a portfolio asks an account to join.

use sea_orm::entity::prelude::*;

/// That a portfolio asks an account to join.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub portfolio_id: Uuid,
    pub account_id: Uuid,
    pub asked_by_id: Uuid,
    pub asked_by_name: String,
    pub asked_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    pub ended_as: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
