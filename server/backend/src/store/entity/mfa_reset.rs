//! One MFA reset.

use sea_orm::entity::prelude::*;

/// One MFA reset.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mfa_resets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub epoch: i64,
    pub scope_kind: Option<String>,
    pub scope_id: Option<Uuid>,
    pub asker_id: Option<Uuid>,
    pub asker_name: Option<String>,
    pub asker_role: Option<String>,
    pub via_portfolio_id: Option<Uuid>,
    pub reason: String,
    pub key_id: i32,
    pub nonce: Vec<u8>,
    pub token_digest: Vec<u8>,
    pub requested_at: i64,
    pub opened_at: Option<i64>,
    pub expires_at: i64,
    pub accepted_at: Option<i64>,
    pub effective_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub ended_as: Option<String>,
    pub end_reason: Option<String>,
    pub return_digest: Option<Vec<u8>>,
    pub return_epoch: Option<i64>,
    pub returned_at: Option<i64>,
    /// When a second factor was bound again after it.
    pub enrolled_at: Option<i64>,
    pub asks_number: bool,
    pub wrong_numbers: i32,
    pub approver_id: Option<Uuid>,
    pub approver_name: Option<String>,
    /// How long it waits after “Accept” at least, settled when it was made.
    pub wait_ms: i64,
}

impl ActiveModelBehavior for ActiveModel {}
