//! A mail that waits to leave, or left.

use sea_orm::entity::prelude::*;

/// A mail that waits to leave, or left.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub language: String,
    pub user_id: Uuid,
    pub subject_id: Option<Uuid>,
    pub reference: String,
    pub enqueued_at: i64,
    pub attempts: i32,
    pub next_attempt_at: i64,
    pub sent_at: Option<i64>,
    pub refused_at: Option<i64>,
    pub reply_code: Option<i32>,
    pub copy_to: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
