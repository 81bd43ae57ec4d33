//! Memberships are added, changed and taken away here alone: with each, the counters, the reach of portfolios and the memory
//! of who was an administrator when follow in the same transaction.

use super::{
    ConnectionTrait, Tally, count_in,
    entity::{account, membership, user},
    is_account, lock_scope, lock_user_and_places, reach, refresh_factor_kinds, roles, statement, tenure,
};
use crate::{Result, crypto::Random, fold};
use domain::{
    errors::Conflict,
    ids::{PortfolioId, UserId},
    policy,
    roles::RoleKey,
    scope::Scope,
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use std::cmp::Reverse;
use uuid::Uuid;

/// An active one that begins now, of a person by the name that they go by.
pub fn new(
    id: Uuid,
    person: &user::Model,
    scope: Scope,
    role: impl Into<RoleKey>,
    now: Timestamp,
) -> membership::Model {
    membership::Model {
        id,
        user_id: person.id,
        scope_kind: scope.kind().key().to_owned(),
        scope_id: scope.uuid(),
        role: role.into().to_string(),
        status: MembershipStatus::Active.key().to_owned(),
        name: person.name.clone(),
        name_folded: fold::text(&person.name),
        search_folded: searched(&person.name, &person.email),
        factor_kinds: 0,
        last_used_at: 0,
        created_at: now.ms(),
        portfolio_id: None,
        leads: false,
        invited_by: None,
        mfa_since: now.ms(),
        reminded_at: None,
        signed_out_at: None,
    }
}

/// What a search among the members of a place looks into.
fn searched(name: &str, email: &str) -> String {
    fold::text(&format!("{name} {email}"))
}

/// Takes another address of a person over, in every place they are.
pub async fn follow_address(on: &impl ConnectionTrait, user: UserId, email: &str) -> Result<()> {
    let places = membership::Entity::find().filter(membership::Column::UserId.eq(user.0)).all(on).await?;
    for place in places {
        let sql = "UPDATE memberships SET search_folded = ? WHERE id = ?";
        let values = [searched(&place.name, email).into(), place.id.into()];
        on.execute_raw(statement(on, sql, values)).await?;
    }
    Ok(())
}

/// Takes another name of a person over, in every place they are.
pub async fn follow_name(on: &impl ConnectionTrait, user: UserId, name: &str, email: &str) -> Result<()> {
    let sql = "UPDATE memberships SET name = ?, name_folded = ?, search_folded = ? WHERE user_id = ?";
    let values = [name.into(), fold::text(name).into(), searched(name, email).into(), user.0.into()];
    on.execute_raw(statement(on, sql, values)).await?;
    Ok(())
}

/// Adds one. The person's address and factors, and in whose reach it is, are looked up and not taken from the caller.
pub async fn insert(on: &impl ConnectionTrait, mut row: membership::Model) -> Result<()> {
    let user = UserId(row.user_id);
    let person = lock_user_and_places(on, user).await?;
    if person.erased_at.is_some() {
        return Err(Conflict::ChangedMeanwhile.into());
    }
    row.search_folded = searched(&row.name, &person.email);
    let before = reach::standing(on, user).await?;
    let place = row.scope();
    row.factor_kinds = 0;
    row.portfolio_id = reach::of_scope(on, place).await?.map(|portfolio| portfolio.0);
    row.leads = false;
    membership::Entity::insert(row.clone().into_active_model()).exec_without_returning(on).await?;
    count(on, &row, row.status() == MembershipStatus::Active).await?;
    // Its first tenure goes by its own id.
    tenure::follow(on, row.id, &row, row.invited_by.map(UserId), Timestamp::from_ms(row.created_at)).await?;
    reach::follow(on, user, before).await?;
    refresh_factor_kinds(on, user, Timestamp::from_ms(row.created_at)).await
}

/// The members of a scope who may ask there for resets, without `except`: those of the highest rank and latest use first.
pub async fn who_resets_mfa(on: &impl ConnectionTrait, scope: Scope, except: UserId) -> Result<Vec<membership::Model>> {
    let roles = roles::keys_where(on, scope, policy::resets_mfa).await?;
    let mut found = membership::Entity::find()
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .filter(membership::Column::Role.is_in(roles))
        .filter(membership::Column::UserId.ne(except.0))
        .order_by_desc(membership::Column::LastUsedAt)
        .all(on)
        .await?;
    found.sort_by_key(|place| Reverse(place.rank()));
    Ok(found)
}

/// Gives one another role or status, by `by`, or by the operator.
pub async fn change(
    on: &impl ConnectionTrait,
    random: &Random,
    place: &membership::Model,
    role: impl Into<RoleKey>,
    status: MembershipStatus,
    by: Option<UserId>,
    now: Timestamp,
) -> Result<()> {
    let user = UserId(place.user_id);
    lock_user_and_places(on, user).await?;
    let before = reach::standing(on, user).await?;
    count(on, place, false).await?;
    let after = membership::Model { role: role.into().to_string(), status: status.key().to_owned(), ..place.clone() };
    let sql = "UPDATE memberships SET role = ?, status = ? WHERE id = ?";
    on.execute_raw(statement(on, sql, [after.role.as_str().into(), status.key().into(), place.id.into()])).await?;
    count(on, &after, status == MembershipStatus::Active).await?;
    tenure::follow(on, random.uuid(now), &after, by, now).await?;
    reach::follow(on, user, before).await
}

/// Closes the scope to every session that is there: who comes in again signed in after `now`.
pub async fn sign_out(on: &impl ConnectionTrait, place: &membership::Model, now: Timestamp) -> Result<()> {
    let sql = "UPDATE memberships SET signed_out_at = ? WHERE id = ?";
    on.execute_raw(statement(on, sql, [now.ms().into(), place.id.into()])).await?;
    Ok(())
}

/// Closes a scope to everybody in it, all at once: an account is taken out of its portfolio's reach, and nobody is active in it
/// any more. Who was there stays to be read of. Answers which portfolio that was.
pub async fn close(on: &DatabaseTransaction, scope: Scope, now: Timestamp) -> Result<Option<PortfolioId>> {
    // Every place of everybody here, in one order, before the scope itself.
    reach::hold(on, scope, None).await?;
    lock_scope(on, scope).await?;
    let mut portfolio = None;
    if let Scope::Account(id) = scope {
        let row = account::Entity::find_by_id(id.0).one(on).await?;
        portfolio = row.and_then(|row| row.portfolio_id).map(PortfolioId);
        if portfolio.is_some() {
            reach::link(on, id, portfolio, None).await?;
        }
    }
    let of_scope: [sea_orm::Value; 2] = [scope.kind().key().into(), scope.uuid().into()];
    for (sql, first) in [
        (
            "UPDATE memberships SET signed_out_at = ?, status = 'deactivated' \
             WHERE status = 'active' AND scope_kind = ? AND scope_id = ?",
            now.ms(),
        ),
        ("UPDATE tenures SET until = ? WHERE until IS NULL AND scope_kind = ? AND scope_id = ?", now.ms()),
        (
            "UPDATE headcounts SET members = ?, with_mfa = 0, by_sms = 0, by_totp = 0, by_passkey = 0 \
             WHERE scope_kind = ? AND scope_id = ?",
            0,
        ),
    ] {
        let values = std::iter::once(first.into()).chain(of_scope.clone());
        on.execute_raw(statement(on, sql, values)).await?;
    }
    Ok(portfolio)
}

/// Takes one away.
pub async fn remove(
    on: &impl ConnectionTrait,
    random: &Random,
    place: &membership::Model,
    now: Timestamp,
) -> Result<()> {
    let gone = MembershipStatus::Deactivated;
    change(on, random, place, place.role_key(), gone, None, now).await?;
    let before = reach::standing(on, UserId(place.user_id)).await?;
    membership::Entity::delete_by_id(place.id).exec(on).await?;
    reach::follow(on, UserId(place.user_id), before).await
}

/// Counts a place in or, if it was, out of its account. A portfolio's counters are [`reach::follow`]'s.
async fn count(on: &impl ConnectionTrait, place: &membership::Model, is_in: bool) -> Result<()> {
    let was_in = place.status() == MembershipStatus::Active;
    if !is_account(place) || !was_in {
        return Ok(());
    }
    let one = Tally::one(place.factors());
    count_in(on, place.scope(), if is_in { one } else { Tally::default() - one }).await
}
