//! The row of an invitation: where it stands, and the one conditional update that decides it.

use crate::{
    Backend, Error, Result,
    audit::Entry,
    crypto::{LinkToken, Nonce, Purpose},
    principal,
    store::{
        self,
        entity::{
            invitation::{Column, Entity, Model},
            membership, user,
        },
        roles,
    },
    users::written,
};
use domain::{
    ids::{InvitationId, UserId},
    invitations::{InvitationState, OUTCOME_TTL},
    policy,
    roles::{NamedRole, RoleKey},
    scope::{Scope, ScopeKind},
    time::Timestamp,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};
use uuid::Uuid;

/// Decides it, on condition that nobody did before, and in time where that counts. Answers whether it was.
pub(super) async fn decide(
    on: &impl ConnectionTrait,
    row: &Model,
    how: InvitationState,
    now: Timestamp,
) -> Result<bool> {
    let mut sql =
        String::from("UPDATE invitations SET decided_at = ?, decided_as = ? WHERE id = ? AND decided_at IS NULL");
    let mut values: Vec<sea_orm::Value> = vec![now.ms().into(), how.key().into(), row.id.into()];
    if matches!(how, InvitationState::Accepted | InvitationState::Declined) {
        sql.push_str(" AND expires_at > ?");
        values.push(now.ms().into());
    }
    Ok(on.execute_raw(store::statement(on, &sql, values)).await?.rows_affected() == 1)
}

/// Where it stands, also when who had it sent may not invite any more and nobody wrote that down.
pub(super) async fn stands(on: &impl ConnectionTrait, row: &Model, now: Timestamp) -> Result<InvitationState> {
    let state = state(row, now);
    if state != InvitationState::Open {
        return Ok(state);
    }
    let senders = principal::absent_within_reach(on, scope_of(row), UserId(row.sent_by_id), now).await?;
    let role = role(on, row).await?.role;
    let may = senders.iter().any(|who| policy::invite(who, scope_of(row), role).is_ok());
    Ok(if may { InvitationState::Open } else { InvitationState::Cancelled })
}

pub(super) fn state(row: &Model, now: Timestamp) -> InvitationState {
    let decided = row
        .decided_at
        .map(|_| row.decided_as.as_deref().and_then(InvitationState::of_key).unwrap_or(InvitationState::Cancelled));
    InvitationState::at(decided, Timestamp::from_ms(row.expires_at), now)
}

pub(super) fn scope_of(row: &Model) -> Scope {
    ScopeKind::of_key(&row.scope_kind).unwrap_or(ScopeKind::Account).with(row.scope_id)
}

pub(super) fn role_key(row: &Model) -> RoleKey {
    roles::key_of(&row.role, scope_of(row).kind())
}

/// As what, and what that allows now.
pub(super) async fn role(on: &impl ConnectionTrait, row: &Model) -> Result<NamedRole> {
    roles::named(on, role_key(row), scope_of(row).kind()).await
}

/// The scope is closed: nobody comes in any more.
pub(crate) async fn end_all(on: &impl ConnectionTrait, scope: Scope, now: Timestamp) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::DecidedAt, now.ms().into())
        .col_expr(Column::DecidedAs, InvitationState::Cancelled.key().into());
    update.filter(pending_in(scope)).exec(on).await?;
    Ok(())
}

/// What nobody decided yet in a scope.
pub(crate) fn pending_in(scope: Scope) -> Condition {
    Condition::all()
        .add(Column::ScopeKind.eq(scope.kind().key()))
        .add(Column::ScopeId.eq(scope.uuid()))
        .add(Column::DecidedAt.is_null())
}

pub(super) async fn of_scope(on: &impl ConnectionTrait, scope: Scope, id: InvitationId) -> Result<Model> {
    Entity::find_by_id(id.0)
        .filter(Column::ScopeKind.eq(scope.kind().key()))
        .filter(Column::ScopeId.eq(scope.uuid()))
        .one(on)
        .await?
        .ok_or(Error::NotFound)
}

pub(super) async fn by_token(on: &impl ConnectionTrait, token: &LinkToken) -> Result<Model> {
    Entity::find().filter(Column::TokenDigest.eq(token.digest().to_vec())).one(on).await?.ok_or(Error::NotFound)
}

pub(super) async fn person(on: &impl ConnectionTrait, row: &Model) -> Result<Option<user::Model>> {
    Ok(user::Entity::find().filter(user::Column::EmailFolded.eq(&row.email_folded)).one(on).await?)
}

/// The member of a scope with this address, whatever their status.
pub(crate) async fn member(on: &impl ConnectionTrait, scope: Scope, folded: &str) -> Result<Option<membership::Model>> {
    let person =
        user::Entity::find().select_only().column(user::Column::Id).filter(user::Column::EmailFolded.eq(folded));
    let found = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::UserId.in_subquery(person.into_query()))
        .one(on);
    Ok(found.await?)
}

pub(super) async fn record(
    on: &DatabaseTransaction,
    backend: &Backend,
    entry: Entry,
    row: &Model,
    now: Timestamp,
) -> Result<()> {
    let detail = format!("{}, {}", row.email, written(&role(on, row).await?));
    entry.about(row.id).because(Some(&detail)).write(on, backend, now).await
}

/// The link of one, for its mail; nothing when there is no use in it any more.
pub(crate) async fn mailed(backend: &Backend, id: Uuid) -> Result<Option<(Model, Scope, NamedRole, LinkToken)>> {
    let on = backend.database.read();
    let Some(row) = Entity::find_by_id(id).one(on).await? else { return Ok(None) };
    if stands(on, &row, backend.now()).await? != InvitationState::Open {
        return Ok(None);
    }
    let token = backend.keys.link_token(Purpose::Invitation, row.id, Nonce::from_slice(&row.nonce));
    let (scope, role) = (scope_of(&row), role(on, &row).await?);
    Ok(Some((row, scope, role, token)))
}

/// Removes those whose outcome nobody is shown any more.
pub(crate) async fn sweep(backend: &Backend, now: Timestamp) -> Result<()> {
    let before = (now - OUTCOME_TTL).ms();
    let old = Condition::any()
        .add(Column::DecidedAt.lte(before))
        .add(Condition::all().add(Column::DecidedAt.is_null()).add(Column::ExpiresAt.lte(before)));
    Entity::delete_many().filter(old).exec(backend.database.write()).await?;
    Ok(())
}
