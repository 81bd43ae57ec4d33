//! Who is acting, in one scope: where a session becomes a [`Principal`]. Every use case of a scope begins here.

use crate::{
    Caller, Error, Result,
    store::{
        entity::{membership, user},
        roles,
    },
};
use domain::{
    ids::UserId,
    policy::{Denied, Principal},
    scope::Scope,
    sessions::{Standing, StepUp},
    time::Timestamp,
    users::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

/// Lets the caller into `scope`.
///
/// Inside a transaction that writes, the acting membership stays as it is until the transaction ends, and the caller's
/// epoch is looked at again: between the request's first glance and now, somebody may have made the session void.
///
/// # Errors
/// [`Error::Unfinished`] when a step of the sign-in is missing, [`Denied::Unseen`] when the caller is not in there,
/// [`Denied::SignedOutHere`] when an administrator of the scope ended that of this session.
pub async fn enter(on: &impl ConnectionTrait, caller: &Caller, scope: Scope, now: Timestamp) -> Result<Principal> {
    needs_standing(caller, &[Standing::Enter])?;
    let place = membership::Entity::find()
        .filter(membership::Column::UserId.eq(caller.user_id.0))
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .lock_shared()
        .one(on)
        .await?
        .ok_or(Denied::Unseen)?;
    if place.signed_out_at.is_some_and(|at| caller.established_at.ms() <= at) {
        return Err(Denied::SignedOutHere.into());
    }
    let person = user::Entity::find_by_id(caller.user_id.0).one(on).await?.ok_or(Error::NotSignedIn)?;
    if person.epoch != caller.epoch || person.deactivated_at.is_some() {
        return Err(Error::NotSignedIn);
    }
    Ok(Principal {
        user_id: caller.user_id,
        role: roles::held(on, &place).await?.role,
        name: place.name,
        scope,
        via: None,
        step_up: caller.step_up(now),
    })
}

/// Somebody for whom something is done without their being there, as policy sees them: with what they proved when they
/// began. Nothing when they may not enter any more.
pub async fn absent(on: &impl ConnectionTrait, scope: Scope, user: UserId) -> Result<Option<Principal>> {
    let person = user::Entity::find_by_id(user.0).one(on).await?.filter(|person| person.deactivated_at.is_none());
    let place = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user.0))
        .filter(membership::Column::ScopeKind.eq(scope.kind().key()))
        .filter(membership::Column::ScopeId.eq(scope.uuid()))
        .filter(membership::Column::Status.eq(MembershipStatus::Active.key()))
        .one(on)
        .await?;
    let Some(place) = person.and(place) else { return Ok(None) };
    Ok(Some(Principal {
        user_id: user,
        role: roles::held(on, &place).await?.role,
        name: place.name,
        scope,
        via: None,
        step_up: StepUp::FreshByAuthenticator,
    }))
}

/// Lets the caller go on only where the session has come exactly this far.
pub fn needs_standing(caller: &Caller, allowed: &[Standing]) -> Result<()> {
    let standing = caller.standing();
    if allowed.contains(&standing) { Ok(()) } else { Err(Error::Unfinished(standing)) }
}
