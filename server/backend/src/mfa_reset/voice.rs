//! Which scopes have a say in a request besides the one in which it was made: to approve it, or to call it off while it waits.

use crate::{
    Result,
    store::entity::{mfa_reset, mfa_reset_voice},
};
use domain::{
    mfa_reset::State,
    scope::{Scope, ScopeKind},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Query, SelectStatement},
};
use std::collections::HashMap;
use uuid::Uuid;

/// What the administrators of a scope may do with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Voice {
    /// Agree to it, or not.
    Approve,
    /// Call it off while it waits, asked for elsewhere.
    CallOff,
}

impl Voice {
    const fn key(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::CallOff => "call_off",
        }
    }

    /// Whether it can be used on a request in this state.
    const fn counts_in(self, state: State) -> bool {
        match self {
            Self::Approve => matches!(state, State::AwaitingApproval),
            Self::CallOff => matches!(state, State::Waiting),
        }
    }
}

/// Gives the administrators of `scope` a say in a request. `id` is the voice's own.
pub(super) async fn give(on: &impl ConnectionTrait, id: Uuid, reset: Uuid, scope: Scope, voice: Voice) -> Result<()> {
    let row = mfa_reset_voice::Model {
        id,
        reset_id: reset,
        scope_kind: scope.kind().key().to_owned(),
        scope_id: scope.uuid(),
        may: voice.key().to_owned(),
    };
    mfa_reset_voice::Entity::insert(row.into_active_model()).exec_without_returning(on).await?;
    Ok(())
}

/// The requests in which a scope has a say, and which.
pub(super) async fn of_scope(on: &impl ConnectionTrait, scope: Scope, of: &[Uuid]) -> Result<HashMap<Uuid, Voice>> {
    let rows = mfa_reset_voice::Entity::find()
        .filter(mfa_reset_voice::Column::ScopeKind.eq(scope.kind().key()))
        .filter(mfa_reset_voice::Column::ScopeId.eq(scope.uuid()))
        .filter(mfa_reset_voice::Column::ResetId.is_in(of.iter().copied()))
        .all(on)
        .await?;
    let voice = |row: &mfa_reset_voice::Model| {
        [Voice::Approve, Voice::CallOff].into_iter().find(|voice| voice.key() == row.may)
    };
    Ok(rows.iter().filter_map(|row| Some((row.reset_id, voice(row)?))).collect())
}

/// The requests in which a scope has this say.
pub(super) fn with_voice(scope: Scope, voice: Voice) -> SelectStatement {
    use mfa_reset_voice::Column;
    Query::select()
        .column(Column::ResetId)
        .from(mfa_reset_voice::Entity)
        .and_where(Column::ScopeKind.eq(scope.kind().key()))
        .and_where(Column::ScopeId.eq(scope.uuid()))
        .and_where(Column::May.eq(voice.key()))
        .to_owned()
}

/// Every scope that has a say in a request.
pub(crate) async fn scopes_of(on: &impl ConnectionTrait, reset: Uuid) -> Result<Vec<Scope>> {
    let rows = mfa_reset_voice::Entity::find().filter(mfa_reset_voice::Column::ResetId.eq(reset)).all(on).await?;
    Ok(rows.iter().filter_map(|row| Some(ScopeKind::of_key(&row.scope_kind)?.with(row.scope_id))).collect())
}

/// Whether a scope may act on a request in this state by the say it has in it.
pub(super) fn has_say(voices: &HashMap<Uuid, Voice>, row: &mfa_reset::Model, state: State) -> Option<Voice> {
    voices.get(&row.id).copied().filter(|voice| voice.counts_in(state))
}
